"""Cases generated from a rule alone: every rule proves its own translation. See docs/generator.md."""

from converter.events.generate.cases import AtomCoverage, Coverage, Generated, generate_cases

__all__ = ["AtomCoverage", "Coverage", "Generated", "generate_cases"]
