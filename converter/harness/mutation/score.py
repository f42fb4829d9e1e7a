"""Mutants of a rule's translations, run over its cases: caught, survived, or no query at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from converter.elastic.parse import parse_rule
from converter.evaluate.result import CompiledQuery
from converter.events.projection import Projector
from converter.frozen import dataclass
from converter.harness.asked import asked_fields, idle_fields
from converter.harness.mutation.edit import Mutant
from converter.harness.mutation.known import Known, known_of
from converter.harness.mutation.kusto import kusto_mutants
from converter.harness.mutation.sigma import sigma_mutants
from converter.harness.mutation.spl import spl_mutants
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Translated
from converter.harness.queries import compile_translation
from converter.harness.runs import Recorded, recorded, run
from converter.sigma.documents import join
from converter.source import SourceError
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Profile, Taxonomy

MUTANTS: Mapping[str, Callable[[str, int | None, Known], Iterator[Mutant]]] = {
    "sigma": sigma_mutants,
    "splunk": spl_mutants,
    "kql": kusto_mutants,
}


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no case tells from the emitted text: the rule's file, the emitted file, the change."""

    rule: str
    file: str
    profile: str
    mutant: Mutant


@dataclass
class Score:
    """Counts by (target, kind of mutant). `invalid`: the evaluator reads no query in it, or can't run it."""

    caught: Counter[tuple[str, str]] = field(default_factory=Counter)
    survived: Counter[tuple[str, str]] = field(default_factory=Counter)
    invalid: Counter[tuple[str, str]] = field(default_factory=Counter)
    survivors: list[Survivor] = field(default_factory=list)
    files: int = 0

    def add(self, other: Score) -> None:
        """The other's counts and survivors, behind one's own."""
        self.caught.update(other.caught)
        self.survived.update(other.survived)
        self.invalid.update(other.invalid)
        self.survivors.extend(other.survivors)
        self.files += other.files


def score_outcome(outcome: Outcome, taxonomy: Taxonomy, per_kind: int) -> Score:
    """The mutants of a rule's files, at most `per_kind` of each kind and file, over the outcome's cases."""
    score = Score()
    if not outcome.cases or outcome.error is not None:
        return score
    detection = parse_rule(outcome.rule)
    projector = Projector(taxonomy, asked_fields(detection), partial(idle_fields, detection))
    for translation in outcome.translations:
        if translation.files:
            score.add(_translation(outcome, translation, taxonomy, projector, per_kind))
    return score


def _translation(
    outcome: Outcome,
    translation: Translation,
    taxonomy: Taxonomy,
    projector: Projector,
    per_kind: int,
) -> Score:
    score = Score()
    profile = translation.profile
    found = [recorded(case, profile, projector) for case in outcome.cases]
    assert translation.text is not None
    try:
        emitted = _compiled(translation.text, profile)
        verdicts = [bool(run(emitted, rows)) for rows in found]
    except SourceError:
        return score  # that is for parity to say
    # Where the emitted text itself differs from the original, it declares so: such a case catches nothing.
    agreed = [
        (rows, verdict)
        for case, rows, verdict in zip(outcome.cases, found, verdicts, strict=True)
        if verdict is (case.expect == "match")
    ]
    for name, text, mutant in _mutants(translation, per_kind, known_of(profile, taxonomy)):
        key = profile.target, mutant.kind
        verdict = _caught(text, profile, agreed)
        if verdict is None:
            score.invalid[key] += 1
        elif verdict:
            score.caught[key] += 1
        else:
            score.survived[key] += 1
            score.survivors.append(Survivor(outcome.rule.source, name, profile.name, mutant))
    score.files += len(translation.files)
    return score


def _mutants(translation: Translation, per_kind: int, known: Known) -> Iterator[tuple[str, str, Mutant]]:
    """(file, all files' text with the mutant in it, the mutant)."""
    for name, text in translation.files.items():
        for mutant in MUTANTS[translation.profile.target](text, per_kind, known):
            yield name, join({**translation.files, name: mutant.text}.values()), mutant


def _compiled(text: str, profile: Profile) -> CompiledQuery:
    schemas = {profile.name: schemas_of(profile)}
    return compile_translation(Translated(profile, text, frozenset()), schemas)


def _caught(text: str, profile: Profile, agreed: Sequence[tuple[Recorded, bool]]) -> bool | None:
    """Whether a case tells the text from the emitted one; None where it is no query, or can't be run."""
    try:
        query = _compiled(text, profile)
    except SourceError:
        return None
    fails = False
    for rows, verdict in agreed:
        try:
            if bool(run(query, rows)) is not verdict:
                return True
        except SourceError:
            fails = True
    return None if fails else False
