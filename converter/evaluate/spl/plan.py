"""Compiled commands, and how they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Protocol, TypeAlias

from converter.evaluate.result import Choice, all_of, any_of
from converter.evaluate.spl.rows import Results, Row, Run, Stage
from converter.evaluate.spl.split import Command
from converter.frozen import dataclass
from converter.source import Position, SourceError


@dataclass(frozen=True)
class Step:
    """One compiled command.

    `computes`: its rows no longer stem from single events. `generates`: it needs no rows before it.
    `orders`: the order of its rows is what the query asks for. `position`: where the command stands.
    `keeps`: of a filter, which rows it keeps, where their fields say that. `reads_events`: it looks at all
    events, whatever the rows before it.
    """

    stage: Stage
    computes: bool = False
    generates: bool = False
    orders: bool = False
    position: Position | None = None
    keeps: Choice | None = None
    reads_events: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps of a search or subsearch."""

    steps: tuple[Step, ...]
    from_events: bool

    @property
    def looked_at(self) -> Choice | None:
        """Of which events it looks at more than that it does not want them; None where that may be all."""
        if any(step.reads_events for step in self.steps):
            return None
        if not self.from_events:
            return any_of(())
        keeps = [step.keeps for step in takewhile(lambda step: step.keeps is not None, self.steps)]
        return all_of([one for one in keeps if one is not None]) if keeps else None

    @cached_property
    def computes(self) -> bool:
        """Whether what comes out are computed rows."""
        return any(step.computes for step in self.steps)

    @cached_property
    def orders(self) -> bool:
        """Whether the query asks for an order of its rows."""
        return any(step.orders for step in self.steps)

    def run(self, run: Run, before: Results | None = None) -> Results:
        """The rows that come out, from all events or from the rows `before`."""
        results = before if before is not None else Results(list(run.base) if self.from_events else [])
        for step in self.steps:
            try:
                results = step.stage(results, run)
            except SourceError as error:
                error.position = error.position or step.position
                raise
        return results


class Planner(Protocol):
    """What a command asks of the compiler: a plan for one of its subsearches."""

    def plan(self, commands: Sequence[Command], on_rows: bool = False) -> Plan:
        """`on_rows`: the commands work on the rows of the outer search."""
        ...


Compile: TypeAlias = Callable[[Command, Planner], Step]
"""Reads a command's arguments. Raises QuerySyntaxError and NotSupportedError."""


def filtering(keep: Callable[[Row, Run], bool]) -> Step:
    """A step that keeps some rows."""
    return Step(lambda results, run: results.with_rows([row for row in results.rows if keep(row, run)]))


def annotating(annotate: Callable[[Row, Run], Row], columns: Sequence[str] = ()) -> Step:
    """A step that gives each row other fields; `columns` are those that it adds."""

    def stage(results: Results, run: Run) -> Results:
        rows = [annotate(row, run) for row in results.rows]
        return results.with_rows(rows).with_columns(columns)

    return Step(stage)
