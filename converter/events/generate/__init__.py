"""Cases generated from a rule alone: every rule proves its own translation. See docs/generator.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from converter.events.case import MOST_CASES, Timeline
from converter.events.generate.coverage import AtomCoverage, Coverage, Generated, all_cases
from converter.events.generate.fixture_files import write_fixtures

if TYPE_CHECKING:
    from converter.elastic.rule import Rule
    from converter.evaluate.result import CompiledQuery
    from converter.ir import Detection
    from converter.taxonomy.model import Taxonomy

__all__ = ["AtomCoverage", "Coverage", "Generated", "all_cases", "generate_cases", "write_fixtures"]


def generate_cases(
    rule: Rule,
    detection: Detection,
    taxonomy: Taxonomy,
    max_cases: int = MOST_CASES,
    original: CompiledQuery | None = None,
    tell: Callable[[Timeline], None] = lambda _: None,
) -> Generated:
    """Cases for the rule, at most `max_cases`, always the same ones, and what they cover. `original`: the
    detection compiled, where it has been; `tell` is called with each timeline as soon as it is made.

    Nothing is raised for what is in the rule.
    """
    from converter.events.generate.cases import generate  # eighty modules, which most commands do without

    return generate(rule, detection, taxonomy, max_cases, original, tell)
