"""pySigma's unmodified backends over our Sigma rules and their generated cases: `python scripts/upstream.py`.

Reads RULE_CORPUS; options: how many rules (default: all) and cases a rule (default 60). Prints for each stock
pipeline how many translations are right, wrong or refused, and the wrong ones by fault; see
docs/upstream-faults.md.

Only what is the stock backend's own doing counts: rules whose Sigma translation and whose translation of ours
into that profile are both exact, and cases in which both say what the original says.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.harness.asked import asked_fields
from converter.harness.outcome import Outcome, Translation
from converter.harness.upstream import STOCK, StockResult, stock_result
from converter.lowering.fidelity import Fidelity
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

SEED = 1
REFUSALS: Mapping[str, str] = {
    "case of a value": "Case-sensitive string matching",
    "correlation": "orrelation",
    "reference to another field": "Field reference",
    "missing user": "has no attribute 'split'",
    "log source or field that the pipeline lacks": "SigmaTransformationError",
    "field that the pipeline lacks": "nvalid SigmaDetectionItem",
}
"""Why it refuses: by a part of what it raises, first come first served."""


@dataclass(frozen=True)
class Fault:
    """A fault, and what shows it: expressions for the query, the rule's detection and a case that differs."""

    name: str
    query: str = ""
    asked: str = ""
    case: str = ""
    profiles: Collection[str] = tuple(STOCK)


_SPLUNK = ("sysmon", "cim")
_KUSTO = ("defender_xdr", "sentinel_asim")
_DETECTION = re.compile(r"(?ms)^detection:\n(?:[ #-].*?\n|\n)*")
FAULTS = (
    Fault("expression asked for in tstats before it is computed", "tstats.*Condition="),
    Fault("expression taken out of its NOT or OR", r"\| (?:regex|rex)\b"),
    Fault("`?` becomes `*`", asked=r"(?<!\\)\?", profiles=_SPLUNK),
    Fault("a missing text is looked for as null", r"isnull\("),
    Fault("direction of a connection dropped", r"\A(?!.*Initiated)", "Initiated"),
    Fault("IPv6 in a function for IPv4", "ipv4_is_in_range.*::"),
    Fault("an expression keeps the case, or has lost its ends", "matches regex"),
    Fault("a wildcard behind a backslash becomes a star", r'"[^"]*\*[^"]*"', profiles=_KUSTO),
    Fault("a number in the registry asked in Sysmon's words", r'"[DQ]WORD \(', profiles=("cim", *_KUSTO)),
    Fault("a registry value's name looked for in its key", "RegistryKey|registry_key_name", "TargetObject"),
    Fault("a logon id asked in Sysmon's words", "UserSessionId", "LogonId"),
    Fault("the case of a list's values dropped", asked=r"\|cased", case="in another case"),
    Fault("the system of a machine not asked", case=r"paths of Windows|as (.*) on \w+, not as \1 on "),
    Fault("the action of a record not asked", case="a row of another kind|, not as "),
)
"""By what the rule asks, the query has, and the case is that differs; first come, first served."""


def main() -> int:
    """Runs the comparison; 2 without RULE_CORPUS."""
    place = os.environ.get("RULE_CORPUS")
    if not place:
        print("RULE_CORPUS is not set: there is nothing to compare", file=sys.stderr)
        return 2
    rules = sorted(load_paths([Path(place) / "elastic-rules"]).rules, key=lambda rule: rule.rule_id)
    sample = int(sys.argv[1]) if len(sys.argv) > 1 else len(rules)
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    chosen = random.Random(SEED).sample(rules, min(sample, len(rules)))
    verdicts: Counter[tuple[str, str]] = Counter()
    faults: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor() as pool:
        for found in pool.map(partial(compare, most), chosen, chunksize=4):
            for profile, verdict, fault in found:
                verdicts[profile, verdict] += 1
                if fault:
                    faults[profile, fault] += 1
    print(f"{len(chosen)} rules (seed {SEED}), at most {most} cases each")
    names = ("right", "wrong", "refused", "does not run")
    print(f"{'pipeline':16}{'compared':>10}" + "".join(f"{name:>14}" for name in names))
    for profile in STOCK:
        counts = [verdicts[profile, name] for name in names]
        print(f"{profile:16}{sum(counts):10}" + "".join(f"{count:14}" for count in counts))
    for (profile, fault), count in sorted(faults.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"{count:6}  {profile:16}{fault}")
    return 0


def compare(most: int, rule: Rule) -> list[tuple[str, str, str]]:
    """(profile, verdict, fault) for each stock pipeline that can be held to account for the rule."""
    taxonomy = load_taxonomy()
    outcome = convert_rule(rule, Settings(("sigma", *STOCK), max_cases=most))
    if outcome.error is not None or outcome.parity is None:
        return []
    made = {item.profile.name: item for item in outcome.translations if item.fidelity is Fidelity.EXACT}
    sigma = made.get("sigma")
    if sigma is None or sigma.text is None or len(sigma.files) != 1:
        return []
    asked = asked_fields(parse_rule(rule))
    found: list[tuple[str, str, str]] = []
    for name in STOCK:
        if name not in made:
            continue
        cases = agreed(outcome, name)
        if any(case.expect == "match" for case in cases):
            result = stock_result(sigma.text, taxonomy.profiles[name], cases, taxonomy, asked)
            found.append((name, *told(result, sigma)))
    return found


def agreed(outcome: Outcome, profile: str) -> list[Case]:
    """The cases in which the Sigma rule and our translation into the profile say what the original says."""
    assert outcome.parity is not None
    differing = {
        id(item.case)
        for item in outcome.parity.verdicts
        if item.differs and item.profile in ("sigma", profile)
    }
    return [case for case in outcome.cases if id(case) not in differing]


def told(result: StockResult, sigma: Translation) -> tuple[str, str]:
    """The verdict, and for what is not right the fault, as far as rule and query show it."""
    if result.refusal.startswith("its query does not run"):
        return "does not run", re.sub(r"\d+:\d+|'[^']*'", "", result.refusal)[:80]
    if result.refusal:
        known = (name for name, part in REFUSALS.items() if part in result.refusal)
        return "refused", next(known, result.refusal[:60])
    if result.right:
        return "right", ""
    return "wrong", fault_of(result, sigma.text or "")


def fault_of(result: StockResult, sigma: str) -> str:
    """The first fault of the table that fits."""
    detection = _DETECTION.search(sigma)
    asked = detection[0] if detection else ""
    differing = [case.name for case in (*result.missed, *result.false_alarms)]
    for fault in FAULTS:
        if (
            result.profile in fault.profiles
            and re.search(fault.query, result.query, re.DOTALL)
            and re.search(fault.asked, asked)
            and any(re.search(fault.case, name) for name in differing)
        ):
            return fault.name
    return f"other ({'misses' if result.missed else 'false alarms'})"


if __name__ == "__main__":
    sys.exit(main())
