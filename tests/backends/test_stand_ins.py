"""What no rule asks pySigma's backends for is not loaded: each would wait for it. Who asks has it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import converter.backends.emit
assert "sigma.processing.pipeline" in sys.modules
for name in ("jinja2", "unittest", "importlib.resources", "typing_extensions"):
    assert name not in sys.modules, name
from sigma.processing.finalization import TemplateFinalizer
print(TemplateFinalizer("{{ queries[0] }}").j2template.render(queries=["found"]))
import pyparsing
assert "pyparsing" in pyparsing.show_best_practices(None)
import importlib.resources, pyparsing.testing, typing_extensions
for module in (importlib.resources, pyparsing.testing, typing_extensions):
    print(module.__name__, type(module).__name__)
"""


def test_each_is_loaded_for_who_asks_for_it_alone() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "found",
        "importlib.resources module",
        "pyparsing.testing module",
        "typing_extensions module",
    ]
