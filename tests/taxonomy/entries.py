"""What the YAML files beside this module say, and how it is held against the tables.

`*_events.yaml`: an ECS event, and for each profile the row that its log has of it (`none`: no row).
`*_rules.yaml`: a query with events that it takes, and that it does not, each a change of `base`; `profiles`:
those that say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.events.belonging import flatten
from converter.events.case import Case
from converter.events.projection import project
from converter.harness.outcome import Translation
from converter.harness.parity import Translated
from converter.harness.queries import Queries
from converter.harness.verification import verification_of
from converter.lowering.fidelity import Fidelity
from converter.taxonomy import load_taxonomy
from converter.translate import translate

TAXONOMY = load_taxonomy()
Entry = Mapping[str, Any]
_MOMENT = {"@timestamp": "2026-01-01T00:00:00.000Z"}


def entries(*names: str) -> dict[str, Any]:
    """The entries of these files."""
    texts = (Path(__file__).with_name(f"{name}.yaml").read_text("utf-8") for name in names)
    return {name: entry for text in texts for name, entry in yaml.safe_load(text).items()}


def expected(events: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Each event's name with each profile of which a row is expected."""
    return [(name, one) for name, entry in events.items() for one in entry if one in TAXONOMY.profiles]


def translated(rules: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """Each rule's name with each profile that says it."""
    return [(name, profile) for name, entry in rules.items() for profile in entry["profiles"]]


def assert_recorded(entry: Entry, profile: str) -> None:
    """The profile's log has the row that is expected of the event, or none."""
    asked = dict.fromkeys(entry.get("asked", ()), True)
    found = project([{**_MOMENT, **entry["event"]}], TAXONOMY.profiles[profile], TAXONOMY, asked)
    if profile == "sigma":  # beside the log source that the table describes: that of the whole data stream
        found = [row for row in found if row["$logsource"] in TAXONOMY.logsources]
    wanted = entry[profile]
    assert len(found) == (wanted != "none")
    for row in found:
        assert {field: row.get(field) for field in wanted} == wanted


def translation_of(entry: Entry, language: str, profile: str) -> Translation:
    """What the entry's query becomes in the profile."""
    rule = _rule(entry, language)
    return translate(rule, parse_rule(rule), TAXONOMY.profiles[profile], TAXONOMY)


def assert_takes_the_same(
    entry: Entry, language: str, translation: Translation, directions: frozenset[Fidelity] = frozenset()
) -> None:
    """The translation says of each of the entry's events what the original does, and what the entry does; it
    may differ in these directions."""
    rule, profile = _rule(entry, language), translation.profile
    detection = parse_rule(rule)
    assert translation.text is not None, translation.reasons
    cases = [
        Case(rule.rule_id, f"{expect} {number}", expect, (_event({**entry["base"], **change}),), "entry")
        for expect in ("match", "no_match")
        for number, change in enumerate(entry[expect])
    ]
    emitted = Translated(profile, translation.text, directions)
    queries = Queries([emitted])
    original = compile_detection(detection)
    parity = verification_of(original, detection, queries, TAXONOMY).parity(cases)
    assert parity.mislabelled == ()
    failed = [(one.case.name, one.got, one.error) for one in parity.verdicts if one.failed]
    assert failed == [], translation.text


def _rule(entry: Entry, language: str) -> Rule:
    return Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Entry",
        type="eql" if language == "eql" else "query",
        source="entry.toml",
        language=language,
        query=entry["query"],
        description="Entry.",
        severity="low",
        created="2026-01-01",
        index=tuple(entry.get("index", ())),
    )


def _event(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The event with dotted names for objects; a change to null takes a field away."""
    whole = {name: value for name, value in fields.items() if isinstance(value, list)}
    single = {name: value for name, value in fields.items() if name not in whole}
    return _MOMENT | whole | {name: value for name, value in flatten(single).items() if value is not None}
