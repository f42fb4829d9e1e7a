"""What is loaded before the first rule is begun: all else costs each conversion its time."""

from __future__ import annotations

import subprocess
import sys

_LOADED = "import sys, converter.commands.convert; print(*sys.modules)"
_LATER = ("rich", "yaml", "sigma", "converter.translate", "converter.harness.parity", "converter.sigma.write")


def test_a_conversion_begins_without_what_comes_later() -> None:
    run = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert not set(_LATER) & set(run.stdout.split())
