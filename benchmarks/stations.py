"""Rules per second for each station of the road: `python benchmarks/stations.py RULES...`.

Default: the bundled rules, repeated; with RULE_CORPUS set, the corpus. One process.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from converter.backends.emit import emit
from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.types import field_type
from converter.lowering.fidelity import Refused
from converter.lowering.given import Given
from converter.lowering.lower import lower
from converter.sigma.plan import draft
from converter.sigma.write import write_sigma
from converter.source import SourceError
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of

ROOT = Path(__file__).parents[1]


def timed(name: str, work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Runs `work` on each item and prints items a second; what is refused gives None."""
    start = time.perf_counter()
    results = []
    for item in items:
        try:
            results.append(work(item))
        except (Refused, SourceError):
            results.append(None)
    seconds = time.perf_counter() - start
    rate, each = len(items) / seconds, 1000 * seconds / len(items)
    print(f"{name:28} {len(items):6} items {rate:10.0f} /s {each:8.2f} ms each")
    return results


def main() -> None:
    """Loads, parses, lowers and emits into every profile."""
    corpus = os.environ.get("RULE_CORPUS")
    default = [Path(corpus) / "elastic-rules"] if corpus else [ROOT / "fixtures" / "rules"]
    paths = [Path(argument) for argument in sys.argv[1:]] or default
    start = time.perf_counter()
    rules = load_paths(paths).rules
    seconds = time.perf_counter() - start
    print(f"{'load':28} {len(rules):6} items {len(rules) / seconds:10.0f} /s")
    taxonomy = load_taxonomy()
    detections = timed("parse", parse_rule, rules)
    pairs = [(rule, found) for rule, found in zip(rules, detections, strict=True) if found is not None]
    for profile in taxonomy.profiles.values():

        def lowered(pair: Any) -> Any:
            rule, detection = pair
            given = Given(profile, taxonomy, field_type, rule.index, rule.look_back)  # noqa: B023
            return rule, lower(detection, given).plan

        def write(item: Any) -> Any:
            rule, plan = item
            if profile.target == "sigma":  # noqa: B023
                return write_sigma(rule, draft(plan)[0])
            return emit(plan, profile, schemas_of(profile))  # noqa: B023

        plans = [item for item in timed(f"lower into {profile.name}", lowered, pairs) if item is not None]
        if plans:
            timed(f"write {profile.name}", write, plans)


if __name__ == "__main__":
    main()
