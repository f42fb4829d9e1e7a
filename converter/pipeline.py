"""The road end to end for one rule: parse -> lower -> emit -> verify; and for many, in parallel.

Nothing here knows a language: each station is called in turn, and what it refuses becomes a reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from converter.copies import in_copies
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_deciding
from converter.evaluate.remembered import Remembered
from converter.evaluate.result import CompiledQuery
from converter.events.case import Case, Timeline
from converter.events.generate import Generated, all_cases, generate_cases
from converter.frozen import dataclass
from converter.garbage import collect_rarely, keep_what_is_there
from converter.harness.entries import Entry, entries_of
from converter.harness.outcome import Outcome
from converter.ir import Detection
from converter.source import NotSupportedError, SourceError
from converter.streams import Stream, streamed
from converter.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from converter.harness.parity import Translated
    from converter.harness.queries import Queries
    from converter.harness.verification import Each, Verification

POOL_FROM = 3
"""From this many rules on, processes cost less than they save."""
_CHUNK = 8
"""Rules that a process takes at a time, at most."""
_Told = TypeVar("_Told")


@dataclass(frozen=True)
class Settings:
    """What a run converts: the profiles, hand-written cases by rule id, a user's own taxonomy.

    `max_cases`: how many cases a rule, at most, are generated beside the hand-written ones; None: none are.
    """

    profiles: tuple[str, ...]
    fixtures: Mapping[str, Sequence[Case]] = field(default_factory=dict)
    taxonomy: Path | None = None
    max_cases: int | None = None


def convert_rule(rule: Rule, settings: Settings, jobs: int = 1) -> Outcome:
    """Everything about one rule, proved by so many processes. Never raises for what is in the rule: the
    outcome says it.

    That a query is wrong may be found late (a column that no stage gives). A fault of our own costs this rule
    and no other: it is the rule's error, and the run's exit status.
    """
    return _guarded(rule, lambda: _convert_rule(rule, settings, jobs))


def _guarded(rule: Rule, work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except SourceError as error:
        return _unreadable(rule, error)
    except Exception as fault:
        message = f"a fault of the converter, please report it: {type(fault).__name__}: {fault}"
        return Outcome(rule, error=SourceError(message, None, rule.source))


def _convert_rule(rule: Rule, settings: Settings, jobs: int) -> Outcome:
    taxonomy = load_taxonomy(settings.taxonomy)
    profiles = [taxonomy.profiles[name] for name in settings.profiles]
    try:
        detection = parse_rule(rule)
    except NotSupportedError as refusal:
        from converter.translate import reason_of, refused

        return Outcome(rule, tuple(refused(rule, profile, reason_of(refusal)) for profile in profiles))
    except SourceError as error:
        return _unreadable(rule, error)
    most = settings.max_cases
    original = _original(rule, detection)

    def generate(tell: Callable[[Timeline], None]) -> Generated | None:
        return None if most is None else generate_cases(rule, detection, taxonomy, most, original, tell)

    _load_for_both()
    generating = streamed(generate, 1 if most is None else jobs)
    # What takes long to load, and the copy does without.
    from converter.harness.parity import emitted
    from converter.harness.queries import Queries
    from converter.translate import translate

    translations = tuple(translate(rule, detection, profile, taxonomy) for profile in profiles)
    queries = Queries(emitted(translations))
    verification = None
    if original is not None:
        verification = begin_verification(original, detection, queries, taxonomy, generating)
    generated = generating.result()
    cases = all_cases(settings.fixtures.get(rule.rule_id, ()), generated)
    parity = None
    if verification is not None and cases:
        parity = verification.parity(cases, _each(jobs, queries.is_loaded))
    coverage = None if generated is None else generated.coverage
    return Outcome(rule, translations, parity, cases, coverage=coverage)


def _load_for_both() -> None:
    """Loads what generator and translation need, before there is a copy, which would load it for itself."""
    import converter.events.belonging
    import converter.events.row
    import converter.lowering.pattern_scripts
    import converter.lowering.unrecorded
    import converter.taxonomy.columns  # noqa: F401


def _original(rule: Rule, detection: Detection) -> CompiledQuery | None:
    """The rule by its own language's evaluator; None where that does not do the query. Raises
    QuerySyntaxError for what is found when the query is put together."""
    try:
        return Remembered(compile_deciding(detection, index=rule.index))
    except NotSupportedError:
        return None


def _unreadable(rule: Rule, error: SourceError) -> Outcome:
    """The error with its path; without a place of its own, where the query begins."""
    position = error.position or rule.query_position
    return Outcome(rule, error=SourceError(error.message, position, error.path or rule.source))


def begin_verification(
    original: CompiledQuery,
    detection: Detection,
    queries: Queries,
    taxonomy: Taxonomy,
    generating: Stream[Timeline, Any],
) -> Verification:
    """The verification of the translations that there are, ahead of the cases: of each timeline that is made
    in the meantime."""
    from converter.harness.verification import verification_of

    verification = verification_of(original, detection, queries, taxonomy)
    for one in queries.translations:
        if generating.is_working:
            queries.prepare(one)
    for timeline in generating.parts():
        verification.ahead(timeline)
    return verification


def _each(jobs: int, is_loaded: Callable[[Translated], bool] = lambda _: False) -> Each:
    """Translations of one language by one process, which loads its grammar, if this one has not."""

    def kind(one: Translated) -> tuple[str, str]:
        return one.profile.target, one.profile.name if is_loaded(one) else ""

    return partial(in_copies, jobs=jobs, kind=kind)


def run(
    rules: Sequence[Rule], settings: Settings, jobs: int | None = None, done: Callable[[], None] | None = None
) -> list[Outcome]:
    """All rules in the order given; `done` is called after each. `jobs` None: as many as there are cores."""
    return run_for(rules, settings, Outcome.brief, jobs, done)


def run_for(
    rules: Sequence[Rule],
    settings: Settings,
    tell: Callable[[Outcome], _Told],
    jobs: int | None = None,
    done: Callable[[], None] | None = None,
) -> list[_Told]:
    """As `run`, but of each outcome only what `tell` makes of it, which is made where the outcome is: to send
    all its cases from one process to another costs more than to tell of them."""
    converter = partial(convert_rule, settings=settings)
    return _all(partial(_tell, convert=converter, tell=tell), rules, jobs, done)


def validate(
    folder: Path,
    rules: Sequence[Rule],
    settings: Settings,
    tell: Callable[[Outcome], _Told],
    jobs: int | None = None,
    done: Callable[[], None] | None = None,
) -> list[_Told]:
    """As `run_for`, for the files that lie in the folder. Raises SourceError where its report is none."""
    reader = _Reader(folder, entries_of(folder), settings)
    return _all(partial(_tell, convert=reader, tell=tell), rules, jobs, done)


@dataclass(frozen=True)
class _Reader:
    folder: Path
    entries: Mapping[str, Entry]
    settings: Settings

    def __call__(self, rule: Rule, *, jobs: int = 1) -> Outcome:
        from converter.harness.readback import read_back

        written = self.settings.fixtures.get(rule.rule_id, ())
        taxonomy = load_taxonomy(self.settings.taxonomy)
        most = self.settings.max_cases
        entry = self.entries.get(rule.rule_id)
        each = _each(jobs)
        return _guarded(rule, lambda: read_back(self.folder, rule, entry, written, taxonomy, most, each))


def _tell(
    rule: Rule, jobs: int = 1, *, convert: Callable[..., Outcome], tell: Callable[[Outcome], _Told]
) -> _Told:
    return tell(convert(rule, jobs=jobs))


def _all(
    work: Callable[..., _Told], rules: Sequence[Rule], jobs: int | None, done: Callable[[], None] | None
) -> list[_Told]:
    workers = jobs or os.cpu_count() or 1
    all_told: list[_Told] = []
    for told in _told(work, rules, workers):
        all_told.append(told)
        if done is not None:
            done()
    return all_told


def _told(work: Callable[..., _Told], rules: Sequence[Rule], workers: int) -> Iterator[_Told]:
    if workers == 1 or len(rules) < POOL_FROM:
        yield from (work(rule, workers) for rule in rules)
        return
    from concurrent.futures import ProcessPoolExecutor  # one rule needs none

    _load()
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(work,)) as pool:
        yield from pool.map(_work, rules, chunksize=min(_CHUNK, 1 + len(rules) // (4 * workers)))


def _load() -> None:
    """Loads here what each process would load for itself."""
    import converter.backends.emit
    import converter.elastic.eql.parse
    import converter.elastic.esql.parse
    import converter.elastic.filters
    import converter.elastic.kuery
    import converter.elastic.lucene
    import converter.evaluate.kusto.aggregates
    import converter.evaluate.kusto.functions.calls
    import converter.events.generate.cases
    import converter.events.generate.pipelines
    import converter.lowering.pipelines
    import converter.translate  # noqa: F401
    from converter.harness.verification import load_evaluators

    load_evaluators()


_shared: list[Callable[..., Any]] = []


def _start(work: Callable[..., Any]) -> None:
    collect_rarely()
    keep_what_is_there()
    _shared[:] = [work]


def _work(rule: Rule) -> Any:
    return _shared[0](rule)
