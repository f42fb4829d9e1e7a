"""What became of each rule, kept between runs: only what changed is converted again.

An entry's name is the hash of all that its outcome depends on: the rule as it was read, with its places; its
hand-written cases; the settings; the user's own taxonomy; the package's own files, and the versions of every
library beside it. An upgrade therefore finds no entry. Entries are JSON behind a checksum: a damaged one is
no entry, and is written again. The folder may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from typing import Any

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.events.generate import AtomCoverage, Coverage
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Parity, Verdict
from converter.kept import store
from converter.lowering.fidelity import Assumption, Fidelity, Reason
from converter.pipeline import Settings, run
from converter.source import Position
from converter.taxonomy import Profile, load_taxonomy

_GOT = (False, True, None)


def run_cached(
    rules: Sequence[Rule],
    settings: Settings,
    folder: Path | None,
    jobs: int | None = None,
    done: Callable[[], None] | None = None,
) -> tuple[list[Outcome], int]:
    """As `run`, with outcomes out of the folder where it has them, and how many rules were converted.

    `folder` None: no cache. A folder that cannot be written costs nothing but the time.
    """
    if folder is None:
        return run(rules, settings, jobs, done), len(rules)
    kept = Cache(folder, settings)
    found = [kept.load(rule) for rule in rules]
    for outcome in found:
        if outcome is not None and done is not None:
            done()
    missing = [rule for rule, outcome in zip(rules, found, strict=True) if outcome is None]
    made = iter(run(missing, settings, jobs, done))
    outcomes: list[Outcome] = []
    for outcome in found:
        if outcome is None:
            outcome = next(made)
            kept.store(outcome)
        outcomes.append(outcome)
    return outcomes, len(missing)


@dataclass(frozen=True)
class Cache:
    """The entries of one folder for runs with these settings."""

    folder: Path
    settings: Settings

    def load(self, rule: Rule) -> Outcome | None:
        """The rule's outcome, if there is a sound entry."""
        body = store.read(self._place(rule))
        if body is None:
            return None
        try:
            return self._outcome(rule, json.loads(body))
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def store(self, outcome: Outcome) -> None:
        """Keeps the outcome; not that of a rule that could not be read, which costs little to read again."""
        if outcome.error is not None:
            return
        try:
            body = json.dumps(_entry(outcome.brief()), ensure_ascii=False, separators=(",", ":")).encode()
            store.write(self._place(outcome.rule), body)
        except (OSError, TypeError, ValueError):
            return

    def _place(self, rule: Rule) -> Path:
        cases = self.settings.fixtures.get(rule.rule_id, ())
        parts = (self._common, repr(rule), repr(sorted(rule.places.items(), key=itemgetter(0))), repr(cases))
        name = sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
        return self.folder / name[:2] / f"{name}.json"

    @cached_property
    def _common(self) -> str:
        """What all rules' outcomes depend on."""
        own = self.settings.taxonomy
        settings = replace(self.settings, fixtures={}, taxonomy=None)
        return "\0".join((_package(), repr(settings), "" if own is None else _folder_hash(own)))

    def _outcome(self, rule: Rule, entry: Mapping[str, Any]) -> Outcome:
        written = {case.name: case for case in self.settings.fixtures.get(rule.rule_id, ())}
        cases = tuple(_case(rule, item, written) for item in entry["cases"])
        profiles = load_taxonomy(self.settings.taxonomy).profiles
        translations = tuple(_translation(item, profiles) for item in entry["translations"])
        parity = None if entry["parity"] is None else _parity(entry["parity"], cases)
        coverage = None if entry["coverage"] is None else _coverage(entry["coverage"])
        return Outcome(rule, translations, parity, cases, coverage=coverage)


@cache
def _package() -> str:
    """The hash of the package's files, and of the versions of Python and of all libraries."""
    return "\n".join((sys.version, _folder_hash(Path(__file__).parent), *sorted(_libraries())))


def _libraries() -> Iterator[str]:
    """The installed libraries with their versions, `click-8.1.7.dist-info`: as installers name their folders
    (the specification of recorded installs), which costs a tenth of reading what lies in them."""
    for place in sys.path:
        with suppress(OSError):
            yield from (name for name in os.listdir(place) if name.endswith((".dist-info", ".egg-info")))


def _folder_hash(folder: Path) -> str:
    """The hash of all files below the folder, but for what Python compiled and what npm installed, which a
    lock file among them names."""
    digest = sha256()
    for path in sorted(_files(folder)):
        content = sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", "node_modules")]
        yield from (Path(place) / name for name in names)


# ---- to and from JSON


def _entry(outcome: Outcome) -> dict[str, Any]:
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
    for verdict in parity.verdicts:
        row = rows.setdefault(verdict.profile, [])
        if places[id(verdict.case)] != len(row):
            raise ValueError("verdicts in another order than the cases")
        code = _GOT.index(verdict.got) * 4 + verdict.expected * 2 + verdict.allowed
        if verdict.error:
            errors.append([verdict.profile, len(row), verdict.error])
        row.append(f"{code:x}")
    mislabelled = [places[id(case)] for case in parity.mislabelled]
    return {"rows": {name: "".join(row) for name, row in rows.items()}, "errors": errors, "bad": mislabelled}


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
    errors = {(profile, place): error for profile, place, error in entry["errors"]}
    verdicts = tuple(_verdicts(entry["rows"], errors, cases))
    return Parity(verdicts, tuple(cases[place] for place in entry["bad"]))


def _verdicts(
    rows: Mapping[str, str], errors: Mapping[tuple[str, int], str], cases: Sequence[Case]
) -> Iterator[Verdict]:
    for profile, row in rows.items():
        for place, (case, digit) in enumerate(zip(cases, row, strict=True)):
            code = int(digit, 16)
            error = errors.get((profile, place), "") if errors else ""
            yield Verdict(case, profile, _GOT[code >> 2], bool(code & 2), bool(code & 1), error)


def _coverage(item: Sequence[Any]) -> Coverage:
    atoms, left_out, unsatisfiable, digest = item
    return Coverage(tuple(AtomCoverage(*atom) for atom in atoms), left_out, tuple(unsatisfiable), digest)
