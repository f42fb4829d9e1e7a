"""An outcome as plain data, and back: what is kept of it between runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.events.generate import AtomCoverage, Coverage
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Parity, Verdict
from converter.lowering.fidelity import Assumption, Fidelity, Reason
from converter.source import Position
from converter.taxonomy import Profile

_GOT = (False, True, None)


def entry_of(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON takes it. Raises ValueError where its verdicts are not in the cases' order."""
    coverage = outcome.coverage
    return {
        "translations": [
            [
                item.profile.name,
                item.fidelity.value,
                [_reason_entry(reason) for reason in item.reasons],
                dict(item.files),
                [[one.code, one.message, one.field] for one in item.assumed],
            ]
            for item in outcome.translations
        ],
        "cases": [_case_entry(case) for case in outcome.cases],
        "parity": None if outcome.parity is None else _parity_entry(outcome.parity, outcome.cases),
        "coverage": None if coverage is None else _coverage_entry(coverage),
    }


def outcome_of(
    rule: Rule, entry: Mapping[str, Any], written: Sequence[Case], profiles: Mapping[str, Profile]
) -> Outcome:
    """The rule's outcome by its entry; `written` are the rule's hand-written cases, which it names.

    Raises ValueError, KeyError, TypeError or IndexError for an entry that is none.
    """
    named = {case.name: case for case in written}
    cases = tuple(_case(rule, item, named) for item in entry["cases"])
    translations = tuple(_translation(item, profiles) for item in entry["translations"])
    parity = None if entry["parity"] is None else _parity(entry["parity"], cases)
    coverage = None if entry["coverage"] is None else _coverage(entry["coverage"])
    return Outcome(rule, translations, parity, cases, coverage=coverage)


def _reason_entry(reason: Reason) -> list[Any]:
    place = None if reason.position is None else [reason.position.line, reason.position.column]
    return [reason.code, reason.message, reason.direction.value, reason.field, place]


def _case_entry(case: Case) -> Any:
    """A hand-written case by its name: it is part of the key."""
    if not case.generated:
        return case.name
    timeline = list(map(dict, case.timeline))
    return [case.name, case.expect, timeline, case.targets, list(case.tags), case.group]


def _parity_entry(parity: Parity, cases: Sequence[Case]) -> dict[str, Any]:
    """For each profile a digit a case: what it says, what the original says, whether that is allowed."""
    places = {id(case): place for place, case in enumerate(cases)}
    rows: dict[str, list[str]] = {}
    errors: list[list[Any]] = []
    more: list[list[Any]] = []
    for verdict in parity.verdicts:
        row = rows.setdefault(verdict.profile, [])
        if places[id(verdict.case)] != len(row):
            raise ValueError("verdicts in another order than the cases")
        code = _GOT.index(verdict.got) * 4 + verdict.expected * 2 + verdict.allowed
        if verdict.error:
            errors.append([verdict.profile, len(row), verdict.error])
        if verdict.more:
            more.append([verdict.profile, len(row), verdict.more])
        row.append(f"{code:x}")
    mislabelled = [places[id(case)] for case in parity.mislabelled]
    digits = {name: "".join(row) for name, row in rows.items()}
    return {"rows": digits, "errors": errors, "more": more, "bad": mislabelled}


def _coverage_entry(coverage: Coverage) -> list[Any]:
    atoms = [[atom.text, atom.covered, atom.why] for atom in coverage.atoms]
    return [atoms, coverage.left_out, list(coverage.unsatisfiable), coverage.digest]


def _translation(item: Sequence[Any], profiles: Mapping[str, Profile]) -> Translation:
    name, fidelity, reasons, files, assumed = item
    reasons = tuple(map(_reason, reasons))
    return Translation(
        profiles[name], Fidelity(fidelity), reasons, files, tuple(starmap(Assumption, assumed))
    )


def _reason(item: Sequence[Any]) -> Reason:
    code, message, direction, field, place = item
    return Reason(code, message, Fidelity(direction), field, None if place is None else Position(*place))


def _case(rule: Rule, item: Any, written: Mapping[str, Case]) -> Case:
    if isinstance(item, str):
        return written[item]
    name, expect, timeline, targets, tags, group = item
    return Case(
        rule.rule_id,
        name,
        expect,
        tuple(timeline),
        "",
        None if targets is None else tuple(targets),
        tuple(tags),
        group,
    )


def _parity(entry: Mapping[str, Any], cases: Sequence[Case]) -> Parity:
    verdicts = tuple(_verdicts(entry["rows"], _told(entry["errors"]), _told(entry["more"]), cases))
    return Parity(verdicts, tuple(cases[place] for place in entry["bad"]))


def _told(items: Iterable[tuple[str, int, Any]]) -> dict[tuple[str, int], Any]:
    """What is told of few of the verdicts, by the profile and the case's place."""
    return {(profile, place): told for profile, place, told in items}


def _verdicts(
    rows: Mapping[str, str],
    errors: Mapping[tuple[str, int], str],
    more: Mapping[tuple[str, int], int],
    cases: Sequence[Case],
) -> Iterator[Verdict]:
    for profile, row in rows.items():
        for place, (case, digit) in enumerate(zip(cases, row, strict=True)):
            code = int(digit, 16)
            error = errors.get((profile, place), "") if errors else ""
            rows_more = more.get((profile, place), 0) if more else 0
            yield Verdict(case, profile, _GOT[code >> 2], bool(code & 2), bool(code & 1), error, rows_more)


def _coverage(item: Sequence[Any]) -> Coverage:
    atoms, left_out, unsatisfiable, digest = item
    return Coverage(tuple(AtomCoverage(*atom) for atom in atoms), left_out, tuple(unsatisfiable), digest)
