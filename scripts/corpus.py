"""What becomes of a whole corpus of rules: `make corpus` (reads RULE_CORPUS).

Prints coverage by language, rule type and data source, fidelity by profile, the reasons ranked, and what
Microsoft's parser says of every KQL query. With --generate each rule's generated cases are run through every
evaluator as well. Exits with 1 where a translation does what it does not declare.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from converter.backends.kusto_check import check_queries
from converter.elastic.load import load_paths
from converter.harness.outcome import Outcome, Translation
from converter.lowering.fidelity import Fidelity, directions
from converter.pipeline import Settings, run
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of

QUERY_LANGUAGES = ("eql", "kuery", "lucene")


def main() -> int:
    """Converts the corpus and prints the tables; 2 without RULE_CORPUS."""
    place = os.environ.get("RULE_CORPUS")
    if not place:
        print("RULE_CORPUS is not set: there is nothing to convert", file=sys.stderr)
        return 2
    start = time.perf_counter()
    loaded = load_paths([Path(place) / "elastic-rules"])
    profiles = tuple(load_taxonomy().profiles)
    outcomes = run(loaded.rules, Settings(profiles, generate="--generate" in sys.argv))
    seconds = time.perf_counter() - start
    _targets(outcomes, len(loaded.errors))
    _fidelity(outcomes, profiles)
    _groups("language", outcomes, lambda outcome: outcome.rule.language or "none")
    _groups("rule type", outcomes, lambda outcome: outcome.rule.type)
    _groups("data source", outcomes, _data_source)
    _reasons(outcomes)
    _coverage(outcomes)
    wrong = _diagnostics(outcomes)
    failed = _failures(outcomes)
    own, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"\n{seconds:.1f} s ({own.ru_utime + workers.ru_utime:.0f} s of processor time); "
        f"{own.ru_maxrss // 1024} MiB in the main process, {workers.ru_maxrss // 1024} in the largest other"
    )
    return 1 if failed or wrong or loaded.errors else 0


def _translations(outcome: Outcome, target: str) -> list[Translation]:
    """What there is for a target: translations that are not none."""
    return [item for item in outcome.translations if item.profile.target == target and item.text is not None]


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _targets(outcomes: Sequence[Outcome], errors: int) -> None:
    queries = [outcome for outcome in outcomes if outcome.rule.language in QUERY_LANGUAGES]
    esql = [outcome for outcome in outcomes if outcome.rule.language == "esql"]
    read = len([outcome for outcome in outcomes if outcome.error is None])
    print(f"rules read without an error: {_share(read, len(outcomes) + errors)}")
    for target in ("sigma", "splunk", "kql"):
        found = sum(bool(_translations(outcome, target)) for outcome in queries)
        print(f"EQL, kuery, lucene rules with a {target} translation: {_share(found, len(queries))}")
    everything = [item for outcome in queries for item in outcome.translations if item.text is not None]
    exact = sum(item.fidelity.value == "exact" for item in everything)
    print(f"translations that are exact: {_share(exact, len(everything))}")
    both = sum(bool(_translations(item, "splunk") and _translations(item, "kql")) for item in esql)
    print(f"ES|QL rules with a Splunk and a KQL translation: {_share(both, len(esql))}")
    silent = sum(
        not item.reasons for outcome in outcomes for item in outcome.translations if item.text is None
    )
    print(f"refusals without a reason: {silent}")


def _fidelity(outcomes: Sequence[Outcome], profiles: Sequence[str]) -> None:
    """Fidelity by profile; of the declared differences, how many a case shows."""
    kinds = ("exact", "wider", "narrower", "none")
    titles = (*kinds, "failed", "wider seen", "narrower seen")
    print("\n" + f"{'profile':16}" + "".join(f"{title:>15}" for title in titles))
    for profile in profiles:
        items = [
            (outcome, item)
            for outcome in outcomes
            for item in outcome.translations
            if item.profile.name == profile
        ]
        counts = Counter(item.fidelity.value for _, item in items)
        row = [str(counts[kind]) for kind in kinds]
        row.append(str(sum(_failed(outcome, profile) for outcome, _ in items)))
        row.extend(_witnessed(items, direction) for direction in (Fidelity.WIDER, Fidelity.NARROWER))
        print(f"{profile:16}" + "".join(f"{text:>15}" for text in row))


def _witnessed(items: Sequence[tuple[Outcome, Translation]], direction: Fidelity) -> str:
    """Of the translations that declare the direction, how many have a case that shows it."""
    declared = [
        outcome.parity.witness(item.profile.name, direction) is not None
        for outcome, item in items
        if outcome.parity is not None and item.text is not None and direction in directions(item.reasons)
    ]
    return f"{sum(declared)} of {len(declared)}"


def _coverage(outcomes: Sequence[Outcome]) -> None:
    """What the generated cases show, over the rules that have any in a language with a query."""
    found = [
        (outcome, outcome.coverage)
        for outcome in outcomes
        if outcome.coverage is not None and outcome.rule.language in QUERY_LANGUAGES
    ]
    if not found:
        return
    atoms = [atom for _, coverage in found for atom in coverage.atoms]
    positive = sum(any(case.expect == "match" for case in outcome.generated) for outcome, _ in found)
    print(f"\ngenerated cases: {sum(len(outcome.generated) for outcome, _ in found)}")
    print(f"rules with a positive case: {_share(positive, len(found))}")
    covered = sum(atom.covered for atom in atoms)
    print(f"predicates that a pair of cases shows to decide: {_share(covered, len(atoms))}")
    for why, count in Counter(atom.why for atom in atoms if not atom.covered).most_common():
        print(f"{count:7}  {why}")
    print(f"cases left out: {sum(coverage.left_out for _, coverage in found)}")
    print(f"rules that no event satisfies: {sum(bool(coverage.unsatisfiable) for _, coverage in found)}")


def _failed(outcome: Outcome, profile: str) -> bool:
    return outcome.parity is not None and any(
        verdict.failed for verdict in outcome.parity.verdicts if verdict.profile == profile
    )


def _groups(title: str, outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> None:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    print(f"\n{title:34}{'rules':>7}{'sigma':>8}{'splunk':>8}{'kql':>8}")
    for name, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        found = [
            sum(bool(_translations(outcome, target)) for outcome in members)
            for target in ("sigma", "splunk", "kql")
        ]
        print(f"{name[:33]:34}{len(members):7}" + "".join(f"{number:8}" for number in found))


def _data_source(outcome: Outcome) -> str:
    tags = [tag.partition(": ")[2] for tag in outcome.rule.tags if tag.startswith(("Data Source:", "OS:"))]
    return tags[0] if tags else "no tag"


def _reasons(outcomes: Iterable[Outcome]) -> None:
    refused: Counter[str] = Counter()
    lossy: Counter[str] = Counter()
    for outcome in outcomes:
        for item in outcome.translations:
            names = {f"{reason.code} {reason.field or ''}".strip() for reason in item.reasons}
            (refused if item.text is None else lossy).update(names)
    for title, counts in (("refused for", refused), ("wider or narrower for", lossy)):
        print(f"\n{title} (translations)")
        for name, count in counts.most_common(25):
            print(f"{count:7}  {name}")


def _diagnostics(outcomes: Iterable[Outcome]) -> int:
    """How many KQL queries Microsoft's parser objects to."""
    wrong = total = 0
    for profile in load_taxonomy().profiles.values():
        if profile.target != "kql":
            continue
        queries = [
            item.text
            for outcome in outcomes
            for item in outcome.translations
            if item.profile.name == profile.name and item.text is not None
        ]
        found = check_queries(queries, schemas_of(profile))
        total += len(queries)
        for query, diagnostics in zip(queries, found, strict=True):
            if diagnostics:
                wrong += 1
                print(f"{diagnostics[0]} in:\n{query[:300]}")
    print(f"\nKQL queries with zero diagnostics from Microsoft's parser: {_share(total - wrong, total)}")
    return wrong


def _failures(outcomes: Iterable[Outcome]) -> int:
    """Translations whose cases contradict their fidelity, and cases that the original contradicts."""
    failed = mislabelled = 0
    for outcome in outcomes:
        if outcome.parity is None:
            continue
        mislabelled += len(outcome.parity.mislabelled)
        for profile in {verdict.profile for verdict in outcome.parity.verdicts if verdict.failed}:
            failed += 1
            first = next(v for v in outcome.parity.verdicts if v.failed and v.profile == profile)
            if failed <= int(os.environ.get("SHOW", "20")):
                got = first.error or first.got
                place = f"{outcome.rule.source} {profile}"
                print(f"FAILED {place}: {first.case.name}: got {got}, not {first.expected}")
    print(f"failed translations: {failed}; cases whose label the original contradicts: {mislabelled}")
    return failed + mislabelled


if __name__ == "__main__":
    sys.exit(main())
