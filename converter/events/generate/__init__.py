"""Cases generated from a rule alone: every rule proves its own translation. See docs/generator.md."""

from converter.events.generate.cases import all_cases, generate_cases
from converter.events.generate.coverage import AtomCoverage, Coverage, Generated
from converter.events.generate.fixture_files import write_fixtures

__all__ = ["AtomCoverage", "Coverage", "Generated", "all_cases", "generate_cases", "write_fixtures"]
