"""One rule's cases through every evaluator: what the original says, what each translation says.

A translation may differ from the original only in a direction that it declares. The evaluators read
the emitted text; the original is evaluated from its own parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from converter.evaluate.elastic.indices import Reading
from converter.evaluate.remembered import Remembered
from converter.evaluate.result import CompiledQuery, Matches, Table
from converter.events.case import Case
from converter.events.indicators import lookup_of
from converter.events.projection import Idle, Projector
from converter.frozen import dataclass
from converter.harness.outcome import Translation
from converter.lowering.fidelity import Fidelity, directions
from converter.source import SourceError
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Profile, Taxonomy

Schemas = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Translated:
    """One emitted translation: its text as it lies on disk, and the directions in which it may differ.

    `differs` names the cases in which it was seen to differ when it was emitted: then no other may. None
    where that is not known. `generated_too`: the generated cases are those of then, so that `differs` speaks
    of them as well.
    """

    profile: Profile
    text: str
    directions: frozenset[Fidelity]
    differs: frozenset[str] | None = None
    generated_too: bool = False

    def allows(self, case: Case, got: bool | None, more: int = 0) -> bool:
        """Whether the translation may say `got` of the case where the original says the opposite, or have so
        many more rows."""
        told = self.differs if self.generated_too or not case.generated else None
        if got is None or (told is not None and case.name not in told):
            return False
        return self.allows_rows(more or (1 if got else -1))

    def allows_rows(self, more: int) -> bool:
        """Whether it may have so many more rows, whatever the case."""
        return (Fidelity.WIDER if more > 0 else Fidelity.NARROWER) in self.directions


def emitted(translations: Iterable[Translation]) -> list[Translated]:
    """The translations that there are, to be run."""
    return [
        Translated(one.profile, one.text, directions(one.reasons))
        for one in translations
        if one.text is not None
    ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one evaluator says of one case: an alert or not, or that it could not be run (`error`).

    Where both give rows (ES|QL), `more` is how many more of them the translation has than the original; a
    number that no declared direction allows is an error.
    """

    case: Case
    profile: str
    got: bool | None
    expected: bool
    allowed: bool
    error: str = ""
    more: int = 0

    @property
    def differs(self) -> bool:
        """The translation says other than the original."""
        return self.got is not self.expected or self.more != 0

    @property
    def direction(self) -> Fidelity | None:
        """In which direction it differs; None where it does not, or could not be run."""
        if self.got is None or not self.differs:
            return None
        return Fidelity.WIDER if self.more > 0 or not self.expected else Fidelity.NARROWER

    @property
    def failed(self) -> bool:
        """The difference is not one that the translation declares."""
        return self.differs and not self.allowed


@dataclass(frozen=True)
class Parity:
    """All verdicts of one rule. `mislabelled`: cases whose expectation the original itself contradicts."""

    verdicts: tuple[Verdict, ...]
    mislabelled: tuple[Case, ...]

    @property
    def holds(self) -> bool:
        """Every evaluator agrees, but for declared differences."""
        return not self.mislabelled and not any(verdict.failed for verdict in self.verdicts)

    def differing(self, profile: str) -> list[str]:
        """The cases in which the profile's translation differs from the original."""
        return [
            verdict.case.name for verdict in self.verdicts if verdict.profile == profile and verdict.differs
        ]

    def positives(self, profile: str) -> list[Verdict]:
        """What the profile's translation says of the cases in which the original alerts."""
        return [one for one in self.verdicts if one.profile == profile and one.expected]

    def witness(self, profile: str, direction: Fidelity) -> Case | None:
        """A case in which the translation alerts and the original does not (wider), or vice versa; else one
        in which both do, and the translation on more rows, or fewer."""
        mine = [one for one in self.verdicts if one.profile == profile and one.direction is direction]
        return next((one.case for one in mine if not one.more), mine[0].case if mine else None)

    def telling(self) -> Iterator[Case]:
        """The cases that a reader wants to see: each one that fails, each profile's witnesses."""
        yield from self.mislabelled
        yield from (verdict.case for verdict in self.verdicts if verdict.failed)
        for profile in {verdict.profile for verdict in self.verdicts}:
            for direction in (Fidelity.WIDER, Fidelity.NARROWER):
                found = self.witness(profile, direction)
                if found is not None:
                    yield found


class Queries:
    """The evaluators of one rule's translations, each compiled once: when its cases are run, or before
    (`prepare`), while another process makes them."""

    def __init__(self, translations: Sequence[Translated]) -> None:
        self._schemas = {one.profile.name: schemas_of(one.profile) for one in translations}
        self._found: dict[str, CompiledQuery | SourceError] = {}
        self._loaded: set[str] = set()

    def of(self, translated: Translated) -> CompiledQuery:
        """Raises SourceError for a text that its language's evaluator can't run."""
        self.prepare(translated)
        found = self._found[translated.profile.name]
        if isinstance(found, SourceError):
            raise found
        return found

    def is_loaded(self, translated: Translated) -> bool:
        """Whether one of the same language is compiled, and with it the language's grammar loaded."""
        return translated.profile.target in self._loaded

    def prepare(self, translated: Translated) -> None:
        """Compiles it, if it is not."""
        name = translated.profile.name
        if name not in self._found:
            self._loaded.add(translated.profile.target)
            try:
                self._found[name] = compile_translation(translated, self._schemas)
            except SourceError as problem:
                self._found[name] = problem


class Said(NamedTuple):
    """What a translation says of one case: an alert or not; None where it could not be run (`error`). `more`:
    rows than the original has."""

    got: bool | None
    error: str = ""
    more: int = 0


SHARED_FROM = 500
"""Events of all the cases, once for each translation, from which on further processes cost less than they
save."""
Each: TypeAlias = Callable[[Callable[[Translated], list[Said]], Sequence[Translated]], Iterable[list[Said]]]


def check(
    original: CompiledQuery,
    cases: Sequence[Case],
    translations: Sequence[Translated],
    taxonomy: Taxonomy,
    queries: Queries,
    asked: Mapping[str, bool],
    each: Each = map,
    idle: Idle = lambda _: frozenset(),
) -> Parity:
    """Runs every case through the original and each translation. `queries`: the translations' evaluators;
    `asked`: the fields that the rule asks; `each`: calls a function for every translation, as `map` does,
    where there is much to do; `idle`: those asked that it asks of a record's events to no avail."""
    expected = [original.run(case.timeline) for case in cases]
    mislabelled = tuple(
        case
        for case, alerts in zip(cases, expected, strict=True)
        if bool(alerts) is not (case.expect == "match")
    )
    projector = Projector(taxonomy, asked, idle)
    if translations:
        load_evaluators()
    events = sum(len(case.timeline) for case in cases)
    shared = each if events * len(translations) >= SHARED_FROM else map
    counted = _is_counted(original)
    said = shared(
        lambda translated: _said(translated, cases, expected, counted, projector, queries), translations
    )
    verdicts = tuple(
        Verdict(
            case, translated.profile.name, got, bool(alerts), translated.allows(case, got, more), error, more
        )
        for translated, answers in zip(translations, said, strict=True)
        for case, alerts, (got, error, more) in zip(cases, expected, answers, strict=True)
    )
    return Parity(verdicts, mislabelled)


def load_evaluators() -> None:
    """Loads the evaluators of the targets' languages: a rule that is refused waits for none; where the
    work is shared out they are loaded before, or each process does."""
    import converter.evaluate.sigma
    import converter.harness.runs  # noqa: F401


def _is_counted(query: CompiledQuery) -> bool:
    """Whether it has an alert for each row, also where rows are events."""
    match query:
        case Remembered(query=inner):
            return _is_counted(inner)
        case Reading(rows=rows):
            return rows
    return False


def _said(
    translated: Translated,
    cases: Sequence[Case],
    expected: Sequence[Matches | Table],
    counted: bool,
    projector: Projector,
    queries: Queries,
) -> list[Said]:
    """What the translation says of each case. `counted`: it has an alert for each row, of events too."""
    from converter.harness.runs import Answers

    try:
        query = queries.of(translated)
    except SourceError as problem:
        return [Said(None, str(problem))] * len(cases)
    answers = Answers(query, translated.profile, projector)

    def of(case: Case, alerts: Matches | Table) -> Said:
        try:
            found = answers.of(case)
        except SourceError as problem:
            return Said(None, str(problem))
        more = _more_rows(found, alerts, counted)
        if more and not translated.allows_rows(more):
            return Said(None, f"{_rows(found)} rows instead of {_rows(alerts)}")
        return Said(bool(found), more=more)

    return list(map(of, cases, expected))


def _more_rows(found: Matches | Table, expected: Matches | Table, counted: bool) -> int:
    """How many more rows there are, where both have some: a wrong group is a difference too. Events are rows
    where they are `counted`; what a correlation finds are none."""
    if not counted and not isinstance(found, Table):
        return 0
    if type(found) is not type(expected) or not found or not expected:
        return 0
    return _rows(found) - _rows(expected)


def _rows(found: Matches | Table) -> int:
    return len(found.alerts if isinstance(found, Matches) else found.rows)


def compile_translation(translated: Translated, schemas: Mapping[str, Schemas]) -> CompiledQuery:
    """The evaluator of the translation's language.

    Raises SourceError for text that it can't run.
    """
    profile, text = translated.profile, translated.text
    if profile.target == "sigma":
        from converter.evaluate.sigma import compile_sigma

        return compile_sigma(text)
    if profile.target == "splunk":
        from converter.evaluate.spl import compile_spl, precedence_sensitive

        if precedence_sensitive(text):
            raise SourceError("the search means different things by Splunk's two orders of OR and AND")
        return compile_spl(text, lookups=lookup_of((), profile))
    from converter.evaluate.kusto import compile_kusto

    return compile_kusto(text, schemas=schemas[profile.name])
