"""Jinja is not loaded with pySigma's backends: a rule would wait for it. Who makes a template has it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import converter.backends.emit
assert "sigma.processing.pipeline" in sys.modules and "jinja2" not in sys.modules
from sigma.processing.finalization import TemplateFinalizer
print(TemplateFinalizer("{{ queries[0] }}").j2template.render(queries=["found"]))
"""


def test_a_template_works_though_jinja_is_loaded_for_it_alone() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout == "found\n"
