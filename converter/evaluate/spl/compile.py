"""SPL text to a query that runs over events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from converter.evaluate.result import Choice, Event, Matches, Table, any_of
from converter.evaluate.spl.commands import COMMANDS
from converter.evaluate.spl.plan import Plan, Step
from converter.evaluate.spl.rows import Lookups, Results, Run
from converter.evaluate.spl.split import Command, split
from converter.evaluate.spl.text import prepare
from converter.evaluate.spl.values import Value, text
from converter.source import NotSupportedError, Position, QuerySyntaxError


class CompiledSearch:
    """A search; `run` may be called any number of times."""

    def __init__(self, plan: Plan, lookups: Lookups, now: float | None, looked_at: Choice | None) -> None:
        self._plan = plan
        self._lookups = lookups
        self._now = now
        self.looked_at = looked_at

    def run(
        self, events: Sequence[Event], *, now: float | None = None, lookups: Lookups | None = None
    ) -> Matches | Table:
        """Evaluate over `events`. `now`, `lookups`: those of this run, else those of the compilation.

        Raises NotSupportedError where the data meet a case whose outcome Splunk does not document.
        """
        results = self._plan.run(
            Run(
                events,
                self._now if now is None else now,
                self._lookups if lookups is None else lookups,
            )
        )
        return _table(results) if self._plan.computes else _matches(results, self._plan.orders)


def compile_spl(
    query: str,
    *,
    lookups: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    macros: Mapping[str, str] | None = None,
    now: float | None = None,
) -> CompiledSearch:
    """Compile a Splunk search.

    `lookups` are tables by name, `macros` texts by name (with argument names: `name(a, b)`, used as `$a$`),
    `now` the time of the search in seconds; without it, the time of the latest event.
    Rows that stem from events give `Matches`, in the order of the events unless the search sorts;
    computed rows give a `Table`.
    Raises QuerySyntaxError and NotSupportedError, both with line and column.
    """
    try:
        planner = Planner()
        plan = planner.plan(split(prepare(query, macros)), first=True)
    except RecursionError:
        raise NotSupportedError("a search nested this deep", Position(1, 1), code="spl-depth") from None
    return CompiledSearch(plan, lookups or {}, now, planner.looked_at())


class Planner:
    """Compiles commands one after the other."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []

    def looked_at(self) -> Choice | None:
        """At which events the search and its subsearches look, each by itself."""
        choices = [plan.looked_at for plan in self._plans]
        known = [choice for choice in choices if choice is not None]
        return any_of(known) if len(known) == len(choices) else None

    def plan(self, commands: Sequence[Command], on_rows: bool = False, first: bool = False) -> Plan:
        """See `converter.evaluate.spl.plan.Planner`."""
        if not commands:
            raise QuerySyntaxError("an empty search")
        steps = tuple(self._step(command) for command in commands)
        if not on_rows and commands[0].name != "search" and not steps[0].generates:
            message = f"{commands[0].name} can't be the first command"
            raise QuerySyntaxError(message, commands[0].position)
        plan = Plan(steps, from_events=commands[0].name == "search")
        self._plans.append(plan)
        return plan

    def _step(self, command: Command) -> Step:
        compile_command = COMMANDS.get(command.name)
        if compile_command is None:
            raise NotSupportedError(f"command {command.name}", command.position, code="spl-command")
        return replace(compile_command(command, self), position=command.position)


def _matches(results: Results, ordered: bool) -> Matches:
    alerts = [row.events for row in results.rows if row.events is not None]
    return Matches(tuple(alerts if ordered else sorted(alerts)))


def _table(results: Results) -> Table:
    names = dict.fromkeys(results.columns)
    for row in results.rows:
        names.update(dict.fromkeys(row.fields))
    columns = tuple(name for name in names if name == "_time" or not name.startswith(("_", "$")))
    rows = tuple(tuple(_cell(row.fields.get(name)) for name in columns) for row in results.rows)
    return Table(columns, rows)


def _cell(value: Value) -> Any:
    return text(value) if isinstance(value, bool) else value
