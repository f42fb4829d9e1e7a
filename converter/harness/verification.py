"""One rule's cases through every evaluator: the original from its parse, each translation from its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from converter.evaluate.elastic.indices import Reading
from converter.evaluate.remembered import Remembered
from converter.evaluate.result import CompiledQuery, Matches, Table
from converter.events.case import Case, Timeline
from converter.events.projection import Projector
from converter.harness.asked import asked_fields, idle_fields
from converter.harness.parity import Parity, Translated, Verdict
from converter.harness.queries import Queries
from converter.harness.runs import Answers
from converter.ir import Detection
from converter.source import SourceError
from converter.taxonomy.model import Taxonomy


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
_Found: TypeAlias = Matches | Table | SourceError


class Verification:
    """The original and the translations of one rule, each run over its cases; over some of the timelines
    already `ahead` of them, while others are still made."""

    def __init__(self, original: CompiledQuery, queries: Queries, projector: Projector) -> None:
        self._original = original
        self._translations = queries.translations
        self._queries = queries
        self._projector = projector
        self._answers: dict[str, Answers | SourceError] = {}
        self._ahead: dict[tuple[str, int], tuple[Timeline, _Found]] = {}

    def ahead(self, timeline: Timeline) -> None:
        """Runs it through all of them. Of a case with this very timeline `parity` knows the answer then."""
        self._original.run(timeline)
        for translated in self._translations:
            found = self._run(translated, timeline)
            self._ahead[translated.profile.name, id(timeline)] = timeline, found

    def parity(self, cases: Sequence[Case], each: Each = map) -> Parity:
        """Runs every case through the original and each translation. `each` calls a function for every
        translation, as `map` does, where there is much to do."""
        expected = [self._original.run(case.timeline) for case in cases]
        mislabelled = tuple(
            case
            for case, alerts in zip(cases, expected, strict=True)
            if bool(alerts) is not (case.expect == "match")
        )
        if self._translations:
            load_evaluators()
        events = sum(len(case.timeline) for case in cases)
        shared = each if events * len(self._translations) >= SHARED_FROM else map
        counted = _is_counted(self._original)
        said = shared(partial(self._said, cases, expected, counted), self._translations)
        verdicts = (
            Verdict(
                case,
                translated.profile.name,
                got,
                bool(alerts),
                translated.allows(case, got, more),
                error,
                more,
            )
            for translated, answers in zip(self._translations, said, strict=True)
            for case, alerts, (got, error, more) in zip(cases, expected, answers, strict=True)
        )
        return Parity(tuple(verdicts), mislabelled)

    def _said(
        self,
        cases: Sequence[Case],
        expected: Sequence[Matches | Table],
        counted: bool,
        translated: Translated,
    ) -> list[Said]:
        """What the translation says of each case. `counted`: it has an alert for each row, of events too."""

        def of(case: Case, alerts: Matches | Table) -> Said:
            known = self._ahead.get((translated.profile.name, id(case.timeline)))
            found = self._run(translated, case.timeline) if known is None else known[1]
            if isinstance(found, SourceError):
                return Said(None, str(found))
            more = _more_rows(found, alerts, counted)
            if more and not translated.allows_rows(more):
                return Said(None, f"{_rows(found)} rows instead of {_rows(alerts)}")
            return Said(bool(found), more=more)

        return list(map(of, cases, expected))

    def _run(self, translated: Translated, timeline: Timeline) -> _Found:
        """What the translation finds in the timeline, or why it can't be run."""
        answers = self._answers.get(translated.profile.name) or self._answers_of(translated)
        if isinstance(answers, SourceError):
            return answers
        try:
            return answers.of(timeline)
        except SourceError as problem:
            return problem

    def _answers_of(self, translated: Translated) -> Answers | SourceError:
        found: Answers | SourceError
        try:
            found = Answers(self._queries.of(translated), translated.profile, self._projector)
        except SourceError as problem:
            found = problem
        self._answers[translated.profile.name] = found
        return found


def verification_of(
    original: CompiledQuery, detection: Detection, queries: Queries, taxonomy: Taxonomy
) -> Verification:
    """The verification of a rule's translations, by their evaluators."""
    projector = Projector(taxonomy, asked_fields(detection), partial(idle_fields, detection))
    return Verification(original, queries, projector)


def load_evaluators() -> None:
    """Loads the evaluators of the targets' languages: a rule that is refused waits for none; where the
    work is shared out they are loaded before, or each process does."""
    import converter.evaluate.sigma  # noqa: F401


def _is_counted(query: CompiledQuery) -> bool:
    """Whether it has an alert for each row, also where rows are events."""
    match query:
        case Remembered(query=inner):
            return _is_counted(inner)
        case Reading(rows=rows):
            return rows
    return False


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
