"""What each station of the road costs over a corpus: `python benchmarks/corpus.py [--each N] [RULES...]`.

    load, parse                    the TOML, and the rule's query into the ir
    lower, write PROFILE           the ir in a profile's fields, and its text
    generate                       the cases, from the ir alone
    original                       all cases through the original's evaluator
    PROFILE                        and through the translation's, with what its log makes of the events

One process; the seconds are the processor's. Default: the bundled rules; with RULE_CORPUS set, the corpus.
`--each N` takes every Nth rule. The whole road with as many processes as cores: `make coverage` prints it.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from converter.backends.emit import emit
from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.elastic.types import field_type
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case
from converter.events.generate import generate_cases
from converter.events.projection import Projector
from converter.harness.asked import asked_fields
from converter.harness.parity import Translated
from converter.harness.queries import compile_translation
from converter.harness.runs import recorded, run
from converter.ir import Detection
from converter.lowering.fidelity import Refused, directions
from converter.lowering.given import Given
from converter.lowering.lower import lower
from converter.sigma.plan import draft
from converter.sigma.write import write_sigma
from converter.source import SourceError
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Profile, Taxonomy

ROOT = Path(__file__).parents[1]


class Stations:
    """Seconds of the processor by station, and how many items each had."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        self._items: dict[str, int] = defaultdict(int)

    @contextmanager
    def timed(self, station: str, items: int = 1) -> Iterator[None]:
        """Counts what is done inside to the station, also where it is refused."""
        start = time.process_time()
        try:
            yield
        finally:
            self._seconds[station] += time.process_time() - start
            self._items[station] += items

    def __str__(self) -> str:
        total = sum(self._seconds.values())
        lines = []
        for station, seconds in self._seconds.items():
            each, share = 1000 * seconds / self._items[station], 100 * seconds / total
            number = f"{station:24} {self._items[station]:8} items"
            lines.append(f"{number} {seconds:8.2f} s {each:8.2f} ms each {share:5.1f} %")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return "\n".join([*lines, f"{'all':24} {'':14} {total:8.2f} s; {memory} MiB"])


def main() -> None:
    """Takes every rule down the road."""
    arguments = sys.argv[1:]
    each = int(arguments[arguments.index("--each") + 1]) if "--each" in arguments else 1
    given = [Path(one) for one in arguments if not one.startswith("--") and not one.isdigit()]
    corpus = os.environ.get("RULE_CORPUS")
    default = [Path(corpus) / "elastic-rules"] if corpus else [ROOT / "fixtures" / "rules"]
    stations, taxonomy = Stations(), load_taxonomy()
    with stations.timed("load"):
        rules = load_paths(given or default).rules[::each]
    for rule in rules:
        try:
            down_the_road(rule, stations, taxonomy)
        except SourceError:
            continue
    print(f"{len(rules)} rules")
    print(stations)


def down_the_road(rule: Rule, stations: Stations, taxonomy: Taxonomy) -> None:
    """One rule through all stations. Raises SourceError where it can't be read or is refused as a whole."""
    with stations.timed("parse"):
        detection = parse_rule(rule)
    translations = [
        made
        for profile in taxonomy.profiles.values()
        if (made := translated(rule, detection, profile, stations, taxonomy)) is not None
    ]
    with stations.timed("generate"):
        cases = generate_cases(rule, detection, taxonomy).cases
    with stations.timed("original", len(cases)):
        original = compile_detection(detection, index=rule.index)
        for case in cases:
            original.run(case.timeline)
    for made in translations:
        proved(detection, cases, made, stations, taxonomy)


def translated(
    rule: Rule, detection: Detection, profile: Profile, stations: Stations, taxonomy: Taxonomy
) -> Translated | None:
    """The rule in the profile; None where it is refused."""
    try:
        with stations.timed("lower"):
            lowered = lower(detection, Given(profile, taxonomy, field_type, rule.index, rule.look_back))
        with stations.timed(f"write {profile.name}"):
            if profile.target == "sigma":
                sigma, lost = draft(lowered.plan)
                text = "---\n".join(write_sigma(rule, sigma).values())
                return Translated(profile, text, directions((*lowered.reasons, *lost)))
            text = emit(lowered.plan, profile, schemas_of(profile))
            return Translated(profile, text, directions(lowered.reasons))
    except (Refused, SourceError):
        return None


def proved(
    detection: Detection, cases: Sequence[Case], made: Translated, stations: Stations, taxonomy: Taxonomy
) -> None:
    """The cases through the translation's evaluator, as its log has the events."""
    profile, projector = made.profile, Projector(taxonomy, asked_fields(detection))
    with stations.timed(profile.name, len(cases)):
        query = compile_translation(made, {profile.name: schemas_of(profile)})
        for case in cases:
            run(query, recorded(case, profile, projector))


if __name__ == "__main__":
    main()
