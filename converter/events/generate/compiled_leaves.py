"""The leaves of one rule as tests of an event, by the original's own evaluator, each compiled once.

Apart from what keeps their answers (`literals.Tests`, `forbidden`) and refers to them: were they one, each
rule would leave behind a cycle of all that was found, which only Python's search for cycles frees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.elastic.types import field_type
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.fields import field_getter
from converter.evaluate.elastic.predicates import compile_predicate
from converter.events.generate.forbidden import Holds
from converter.events.generate.moments import START
from converter.events.generate.script_tests import script_holds
from converter.ir import And, Not, Or, Predicate, Regex, Script
from converter.ir.rewrite import leaves


class CompiledLeaves:
    """`now` in the leaves is the moment of a case's first event."""

    def __init__(self) -> None:
        self._context = Context(field_type, now=int(START.timestamp() * 1000))
        self._compiled: dict[int, tuple[Predicate, Holds]] = {}

    def test(self, leaf: Predicate) -> Holds:
        """The leaf's test, compiled once."""
        found = self._compiled.get(id(leaf))
        if found is None:
            found = self._compiled[id(leaf)] = (leaf, self.compile(leaf))
        return found[1]

    def compile(self, leaf: Predicate) -> Holds:
        """Scripts of ES|QL have an evaluator of their own, wherever in a predicate they stand."""
        if isinstance(leaf, And | Or) and any(isinstance(one, Script) for one in leaves(leaf)):
            tests = tuple(map(self.compile, leaf.items))
            join = all if isinstance(leaf, And) else any
            return lambda event: join(test(event) for test in tests)
        if isinstance(leaf, Not) and isinstance(leaf.item, And | Or | Script):
            inner = self.compile(leaf.item)
            return lambda event: not inner(event)
        if isinstance(leaf, Script):
            return script_holds(leaf)
        test = compile_predicate(leaf, self._context)
        return _kept(leaf.field, test) if isinstance(leaf, Regex) else test


def _kept(field: str, test: Holds) -> Holds:
    """The test of an expression, which takes long: what it says of a text is kept."""
    get, known = field_getter(field), dict[str, bool]()

    def holds(event: Mapping[str, Any]) -> bool:
        text = get(event)
        if text.__class__ is not str:
            return test(event)
        found = known.get(text)
        if found is None:
            found = known[text] = test(event)
        return found

    return holds
