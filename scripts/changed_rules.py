"""Rules that nobody wrote, all the way: `python scripts/changed_rules.py [RULES] [SEED]`.

Reads RULE_CORPUS. Each of so many rules (default: 300) is one of the corpus with one to three random changes:
an `and` for an `or`, a `not` more or less, a value dropped or made a pattern, another number, two fields
exchanged, other keys, another span, the index patterns of a rule beside it, a threshold. Prints those of
which a translation fails one of its generated cases, a label is wrong, or the converter breaks, with the
query as it is then: what the corpus does not happen to have, the next rule may. The same numbers give the
same rules. Exits with 1 where something broke.
"""

from __future__ import annotations

import dataclasses
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from converter.elastic.load import load_paths
from converter.elastic.rule import Rule, ThresholdSpec
from converter.garbage import collect_rarely
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

CASES = 120
FIELD = re.compile(r"\b[a-z_]+(?:\.[a-zA-Z_0-9]+)+\b(?=\s*(?:==|!=|:|in\b|like|in~|regex|>|<))")
KEYS = ("host.id", "user.name", "process.entity_id", "user.id, host.id", "source.ip", "agent.id")
COUNTED = ("user.name", "host.id", "source.ip", "destination.ip", "user.id", "process.name")
OTHERWISE = {"and": "or", "or": "and", "AND": "OR", "OR": "AND"}
OPERATORS = ("==", ":", "!=", "in", "in~", "like", "like~", "regex", "regex~")
CHARACTERS = (
    *"'|&$%{}[]()^~#;=+.! \u00e4\u0130\u212a",
    "\\\\",
    '\\"',
    "\\t",
    "*",
    "?",
    "\\*",
    "%COMSPEC%",
    "-- ",
    "//",
)
"""What a language may read as its own in the middle of a text; letters with another number of small ones."""
Change = tuple[str, Callable[[random.Random, re.Match[str]], str]]
CHANGES: Mapping[str, Change] = {
    "and for or": (r"(?<=\s)(?:and|or|AND|OR)(?=\s)", lambda _, found: OTHERWISE[found[0]]),
    "a not less": (r"(?<=[\s(])(?:not|NOT)(?=[\s(])", lambda _, found: ""),
    "a not more": (r"(?<=\s)(?:and|or)(?=\s+[(a-z])", lambda _, found: f"{found[0]} not"),
    "a value less": (r'"[^"\n]*"\s*,\s*', lambda _, found: ""),
    "a pattern": (
        r'"([^"\n*?]{2,})"',
        lambda some, found: some.choice(('"*{}"', '"{}*"', '"*{}*"', '"?{}"')).format(found[1]),
    ),
    "another span": (r"maxspan\s*=\s*\w+", lambda some, _: f"maxspan={some.choice(('1s', '5m', '2h'))}"),
    "other keys": (r"\bby [a-z._, ]+", lambda some, _: f"by {some.choice(KEYS)}"),
    "another number": (r"\b\d{1,5}\b", lambda some, found: str(some.choice((0, 1, 2, 5, int(found[0]) + 1)))),
    "another operator": (
        r"(?<=\s)(?:==|:|!=|(?:in|like|regex)~?)(?=\s*[(\"])",
        lambda some, found: some.choice([one for one in OPERATORS if one != found[0]]),
    ),
    "another character": (
        r'(?<=[A-Za-z0-9])(?=[^"\n,()]*"[\s,)])',
        lambda some, _: some.choice(CHARACTERS),
    ),
    "several times": (r"(?<=\])(?=\s*(?:\[|$))", lambda some, _: f" with runs={some.choice((2, 3))}"),
}


def main() -> int:
    """Converts the changed rules; 1 where something broke."""
    corpus = os.environ.get("RULE_CORPUS")
    if not corpus:
        print("RULE_CORPUS is not set: no corpus to read")
        return 2
    number, seed = (int(given) for given in (*sys.argv[1:], *("300", "1")[len(sys.argv) - 1 :]))
    rules = [rule for rule in load_paths([Path(corpus)]).rules if rule.query]
    some = random.Random(seed)
    changed = [changed_rule(rules, some) for _ in range(number)]
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(initializer=collect_rarely) as pool:
        for (rule, names), (state, said) in zip(
            changed, pool.map(outcome, changed, chunksize=8), strict=True
        ):
            counts[state] += 1
            if said:
                print(f"{state}: {rule.source} ({', '.join(names)}): {said}")
                print(f"{rule.query}\n{rule.index} {rule.threshold or ''}\n", flush=True)
    print(", ".join(f"{state} {count}" for state, count in sorted(counts.items())))
    return 1 if counts["failed"] or counts["broken"] else 0


def changed_rule(rules: Sequence[Rule], some: random.Random) -> tuple[Rule, Sequence[str]]:
    """One of the rules with some changes, and what these are."""
    rule = some.choice(rules)
    query, names, fields = rule.query or "", list[str](), dict[str, Any]()
    for name in some.choices([*CHANGES, *OF_OTHERS], k=some.choice((1, 1, 2, 3))):
        of_others = OF_OTHERS.get(name)
        found = of_others(query, some, rules) if of_others else changed_query(query, CHANGES[name], some)
        if found != query:
            query = found
            names.append(name)
    if some.random() < 0.2:
        beside = [one for one in rules if Path(one.source).parent == Path(rule.source).parent and one.index]
        fields["index"] = some.choice(beside).index if beside else rule.index
        names.append("other index patterns")
    if rule.type == "query" and some.random() < 0.1:
        counted = tuple(some.sample(COUNTED, 2))
        fields |= {"type": "threshold", "threshold": ThresholdSpec(counted[:1], 2, ((counted[1], 2),))}
        names.append("a threshold")
    return dataclasses.replace(rule, query=query, **fields), names


def changed_query(query: str, change: Change, some: random.Random) -> str:
    """The query with one place of the pattern changed, if it has one."""
    pattern, write = change
    places = list(re.finditer(pattern, query))
    if not places:
        return query
    place = some.choice(places)
    return query[: place.start()] + write(some, place) + query[place.end() :]


def exchanged(query: str, some: random.Random, _: Sequence[Rule]) -> str:
    """The query with one field in the place of another of its own."""
    names = sorted({found[0] for found in FIELD.finditer(query)})
    if len(names) < 2:
        return query
    one, other = some.sample(names, 2)
    return changed_query(query, (rf"{re.escape(one)}\b", lambda *_: other), some)


def with_another_value(query: str, some: random.Random, rules: Sequence[Rule]) -> str:
    """The query with a text of another rule in the place of one of its own."""
    values = re.findall(r'"[^"\n]*"', some.choice(rules).query or "")
    return changed_query(query, (r'"[^"\n]*"', lambda *_: some.choice(values)), some) if values else query


def joined(query: str, some: random.Random, rules: Sequence[Rule]) -> str:
    """The query and that of another rule over the same events: either, both, or one without the other."""
    start = re.match(r"\s*(\w+) where\b", query)
    if start is None:
        return query
    others = [
        found for rule in rules if (found := re.match(rf"\s*{start[1]} where\b(.*)", rule.query or "", re.S))
    ]
    other = some.choice(others)[1]
    if "|" in query + other:
        return query
    joint = some.choice(("or", "and", "and not"))
    return f"{start[0]} ({query[start.end() :]}\n) {joint} ({other}\n)"


OF_OTHERS: Mapping[str, Callable[[str, random.Random, Sequence[Rule]], str]] = {
    "other fields": exchanged,
    "a value of another rule": with_another_value,
    "another rule beside it": joined,
}


def outcome(changed: tuple[Rule, Sequence[str]]) -> tuple[str, str]:
    """What became of the rule, and what is to be said of it: nothing where all is well."""
    found = convert_rule(changed[0], Settings(tuple(load_taxonomy().profiles), max_cases=CASES))
    if found.error is not None:
        broken = "a fault of the converter" in found.error.message
        return ("broken", str(found.error)) if broken else ("no query", "")
    if found.parity is None:
        return "refused", ""
    failed = [one for one in found.parity.verdicts if one.failed]
    if failed or found.parity.mislabelled:
        wrong = [case.name for case in found.parity.mislabelled[:2]]
        first = f"{failed[0].profile}, {failed[0].case.name}" if failed else f"mislabelled: {wrong}"
        return "failed", f"{len(failed)} cases, first {first}"
    return "proved", ""


if __name__ == "__main__":
    sys.exit(main())
