"""The tables of `scripts/corpus.py`, from the outcomes of a run, as text and as Markdown."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.elastic.parse import parse_rule
from converter.elastic.types import field_type
from converter.events.case import count_cases
from converter.harness.outcome import Outcome, Translation
from converter.lowering.fidelity import Fidelity, Refused, directions
from converter.lowering.given import Given
from converter.lowering.lower import lower
from converter.lowering.plan import Part
from converter.source import SourceError
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Record

QUERY_LANGUAGES = ("eql", "kuery", "lucene")
TARGETS = ("sigma", "splunk", "kql")
FIDELITIES = ("exact", "wider", "narrower", "none")
MOST_REASONS = 30


@dataclass(frozen=True)
class Run:
    """What a run gave. `unread`: files that could not be loaded; `invalid`: what the checks say of Sigma
    files, by rule; `diagnostics`: what Microsoft's parser says of KQL queries."""

    outcomes: Sequence[Outcome]
    profiles: Sequence[str]
    unread: int
    invalid: Mapping[str, Sequence[str]]
    diagnostics: Sequence[str]

    @property
    def queries(self) -> list[Outcome]:
        """The rules in a language of predicates."""
        return [outcome for outcome in self.outcomes if outcome.rule.language in QUERY_LANGUAGES]


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a sentence on how to read it, the names of the columns, and rows of as many cells."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(run: Run) -> list[Table]:
    """All tables, those that only generated cases fill included where there are some."""
    every = run.outcomes
    found = [
        _reached(run),
        _profiles(run),
        _groups("Language", every, lambda outcome: [outcome.rule.language or "none"]),
        _groups("Rule type", every, lambda outcome: [outcome.rule.type]),
        _groups("Family of log sources", every, families, "A rule counts in each family that it speaks of."),
        _reasons("Refused for", every, True),
        _reasons("Wider or narrower for", every, False),
    ]
    return [*found, *_generated(run)]


def families(outcome: Outcome) -> list[str]:
    """The taxonomy's families that the rule speaks of, as it is lowered for Sigma; "none" where it is not."""
    return sorted({record.family for record in records(outcome)}) or ["none"]


def records(outcome: Outcome) -> list[Record]:
    """The records that the rule speaks of, as it is lowered for Sigma; none where it is not."""
    taxonomy = load_taxonomy()
    rule = outcome.rule
    given = Given(taxonomy.profiles["sigma"], taxonomy, field_type, rule.index, rule.since or 0)
    try:
        plan = lower(parse_rule(rule), given).plan
    except (SourceError, Refused):
        return []
    return [part.record for part in _parts(plan)]


def of_windows(outcome: Outcome) -> bool:
    """Whether the rule speaks of Windows endpoints alone: every record that it is about is one of theirs."""
    systems = {record.os for record in records(outcome)}
    return systems == {"windows"}


def _parts(value: object) -> Iterator[Part]:
    if isinstance(value, Part):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name))


def _translations(outcome: Outcome, target: str) -> list[Translation]:
    """What there is for a target: translations that are not none."""
    return [item for item in outcome.translations if item.profile.target == target and item.text is not None]


def _best(outcome: Outcome, target: str) -> str:
    """The best fidelity of a rule in the profiles of a target."""
    found = {item.fidelity.value for item in _translations(outcome, target)}
    return next((name for name in FIDELITIES if name in found), "none")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _reached(run: Run) -> Table:
    """The table of what must be reached."""
    queries, whole = run.queries, len(run.outcomes) + run.unread
    valid = [item for item in queries if _translations(item, "sigma") and item.rule.source not in run.invalid]
    best = Counter(_best(outcome, target) for outcome in queries for target in TARGETS)
    windows = Counter(_best(item, target) for item in queries if of_windows(item) for target in TARGETS)
    every = [item for outcome in queries for item in outcome.translations if item.text is not None]
    exact = sum(item.fidelity is Fidelity.EXACT for item in every)
    esql = [outcome for outcome in run.outcomes if outcome.rule.language == "esql"]
    both = sum(bool(_translations(item, "splunk") and _translations(item, "kql")) for item in esql)
    kql = sum(len(_translations(outcome, "kql")) for outcome in run.outcomes)
    read = sum(outcome.error is None for outcome in run.outcomes)
    refused = [item for outcome in run.outcomes for item in outcome.translations if item.text is None]
    silent = sum(
        not item.reasons or any(not reason.message or reason.position is None for reason in item.reasons)
        for item in refused
    )
    rows = [
        ("rules read without an error", _share(read, whole), "100 %"),
        ("EQL, kuery, lucene rules with a valid Sigma translation", _share(len(valid), len(queries)), "98 %"),
        *(
            (
                f"those with a translation for {name} in some profile",
                _share(sum(bool(_translations(outcome, target)) for outcome in queries), len(queries)),
                least,
            )
            for target, name, least in (("splunk", "Splunk", "85 %"), ("kql", "KQL", "80 %"))
        ),
        (
            "of those (a rule in a target, its best profile), exact",
            _share(best["exact"], best.total() - best["none"]),
            "60 %",
        ),
        (
            "of those, rules of Windows endpoints (all records that they speak of), exact",
            _share(windows["exact"], windows.total() - windows["none"]),
            "70 %",
        ),
        ("of the translations in each of the profiles, exact", _share(exact, len(every)), ""),
        ("ES|QL rules with a Splunk and a KQL translation", _share(both, len(esql)), "40 %"),
        (
            "KQL queries with zero diagnostics from Microsoft's parser",
            _share(kql - len(run.diagnostics), kql),
            "100 %",
        ),
        ("outcomes `none` without a code, what it is about, or a place", str(silent), "0"),
    ]
    return Table("What must be reached", "", ("what", "reached", "at least"), rows)


def _profiles(run: Run) -> Table:
    """Fidelity by profile; of the declared differences, how many a case shows."""
    rows = []
    for profile in run.profiles:
        items = [
            (outcome, item)
            for outcome in run.outcomes
            for item in outcome.translations
            if item.profile.name == profile
        ]
        counts = Counter(item.fidelity.value for _, item in items)
        witnessed = [_witnessed(items, direction) for direction in (Fidelity.WIDER, Fidelity.NARROWER)]
        failed = sum(_failed(outcome, profile) for outcome, _ in items)
        target = items[0][1].profile.target if items else ""
        rows.append(
            (
                target,
                profile,
                *(str(counts[name]) for name in FIDELITIES),
                str(failed),
                *witnessed,
                _seeing(items),
            )
        )
    witnessed_so = ("wider with witness", "narrower with witness")
    header = ("target", "profile", *FIDELITIES, "failed", *witnessed_so, "takes a positive")
    note = (
        "A difference is declared with its direction; a witness is a generated case that shows it. A "
        "translation that takes none of its rule's positives is blind, whatever it declares."
    )
    return Table("Fidelity by target and profile", note, header, rows)


def _witnessed(items: Sequence[tuple[Outcome, Translation]], direction: Fidelity) -> str:
    """Of the translations that declare the direction, how many have a case that shows it."""
    declared = [
        outcome.parity.witness(item.profile.name, direction) is not None
        for outcome, item in items
        if outcome.parity is not None and item.text is not None and direction in directions(item.reasons)
    ]
    return f"{sum(declared)} of {len(declared)}"


def _seeing(items: Sequence[tuple[Outcome, Translation]]) -> str:
    """Of the translations of rules that have positives, how many take one at least."""
    takes = [
        any(verdict.got for verdict in positives)
        for outcome, item in items
        if outcome.parity is not None and (positives := outcome.parity.positives(item.profile.name))
    ]
    return f"{sum(takes)} of {len(takes)}"


def _failed(outcome: Outcome, profile: str) -> bool:
    return outcome.parity is not None and any(
        verdict.failed for verdict in outcome.parity.verdicts if verdict.profile == profile
    )


def _groups(
    title: str, outcomes: Sequence[Outcome], key: Callable[[Outcome], Iterable[str]], note: str = ""
) -> Table:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for name in key(outcome):
            groups.setdefault(name, []).append(outcome)
    rows = []
    for name, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        best = {target: Counter(_best(outcome, target) for outcome in members) for target in TARGETS}
        cells = (f"{len(members) - best[target]['none']} ({best[target]['exact']})" for target in TARGETS)
        rows.append((name, str(len(members)), *cells))
    explained = "Rules with a translation in some profile of the target; in parentheses: with an exact one."
    return Table(title, f"{explained} {note}".strip(), (title.lower(), "rules", *TARGETS), rows)


def _reasons(title: str, outcomes: Iterable[Outcome], refused: bool) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        named = [
            {(reason.code, reason.field or "") for reason in item.reasons}
            for item in outcome.translations
            if (item.text is None) == refused
        ]
        counts.update(name for names in named for name in names)
        rules.update({name for names in named for name in names})
    rows = [(code, field, str(count), str(rules[code, field])) for (code, field), count in _ranked(counts)]
    note = f"The {MOST_REASONS} that most translations have; a rule has one translation a profile."
    return Table(title, note, ("code", "field", "translations", "rules"), rows)


def _ranked(counts: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]


def _generated(run: Run) -> list[Table]:
    """What the generated cases show, over the rules that have any in a language of predicates."""
    found = [(outcome, outcome.coverage) for outcome in run.queries if outcome.coverage is not None]
    if not found:
        return []
    atoms = [atom for _, coverage in found for atom in coverage.atoms]
    positive = sum(any(case.expect == "match" for case in outcome.generated) for outcome, _ in found)
    mislabelled = sum(len(outcome.parity.mislabelled) for outcome in run.outcomes if outcome.parity)
    rows = [
        ("generated cases", str(sum(count_cases(outcome.generated) for outcome, _ in found))),
        ("their timelines", str(sum(len(outcome.generated) for outcome, _ in found))),
        ("rules with a positive case", _share(positive, len(found))),
        (
            "predicates that a pair of cases shows to decide",
            _share(sum(a.covered for a in atoms), len(atoms)),
        ),
        ("timelines left out for their number", str(sum(coverage.left_out for _, coverage in found))),
        ("rules that no event satisfies", str(sum(bool(coverage.unsatisfiable) for _, coverage in found))),
        ("cases whose label the original contradicts", str(mislabelled)),
        ("translations that fail a case", str(len(failures(run.outcomes)) - mislabelled)),
        *(
            (f"predicates not shown to decide: {why}", str(count))
            for why, count in Counter(atom.why for atom in atoms if not atom.covered).most_common()
        ),
    ]
    return [Table("Generated cases", "", ("what", "number"), rows)]


def failures(outcomes: Iterable[Outcome]) -> list[str]:
    """A line for each translation whose cases contradict its fidelity, and each case mislabelled."""
    lines: list[str] = []
    for outcome in outcomes:
        if outcome.parity is None:
            continue
        lines += [f"{outcome.rule.source}: mislabelled: {case}" for case in outcome.parity.mislabelled]
        first = {verdict.profile: verdict for verdict in reversed(outcome.parity.verdicts) if verdict.failed}
        lines += [
            f"{outcome.rule.source} {profile}: {verdict.case.name}: "
            f"got {verdict.error or verdict.got}, not {verdict.expected}"
            for profile, verdict in first.items()
        ]
    return lines


def as_text(shown: Sequence[Table]) -> str:
    """Columns under one another, for a terminal."""
    return "\n\n".join(map(_text, shown))


def _text(table: Table) -> str:
    lines = [table.header, *table.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.header))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join([table.title, *(line.rstrip() for line in padded)])


def as_markdown(shown: Sequence[Table]) -> str:
    """The whole of docs/coverage.md."""
    parts = [
        "# Coverage",
        "What becomes of the 1,557 public Elastic rules of the reference corpus: written by `make coverage`\n"
        "(`scripts/corpus.py`), which converts them all and runs their generated cases through every\n"
        "evaluator. What the codes mean: docs/report.md.",
    ]
    for table in shown:
        head = [f"| {' | '.join(table.header)} |", f"|{' --- |' * len(table.header)}"]
        rows = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in table.rows]
        parts += [f"## {table.title}", *([table.note] if table.note else []), "\n".join(head + rows)]
    return "\n\n".join(parts) + "\n"
