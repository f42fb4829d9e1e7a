"""ES|QL pipelines as data: the texts that they become, and the same verdicts in every evaluator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.emit import emit
from converter.backends.kusto_check import check_queries
from converter.elastic.esql.parse import parse_esql
from converter.elastic.types import field_type
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import Event, Matches, Table
from converter.events.projection import project
from converter.harness.asked import asked_fields
from converter.harness.parity import Translated
from converter.harness.queries import compile_translation
from converter.lowering.fidelity import Refused
from converter.lowering.given import Given
from converter.lowering.lower import Lowered, lower
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("pipelines.yaml").read_text(encoding="utf-8")
)
TRANSLATED = [case for case in CASES if "refused" not in case]
REFUSED = [case for case in CASES if "refused" in case]
START = datetime(2025, 3, 4, 10, 15, tzinfo=UTC)
TAXONOMY = load_taxonomy()
PROFILES = {name: profile for name, profile in TAXONOMY.profiles.items() if profile.target != "sigma"}


def _lower(query: str, profile: str) -> Lowered:
    return lower(parse_esql(query), Given(PROFILES[profile], TAXONOMY, field_type))


def _texts(case: dict[str, Any]) -> dict[str, str]:
    """What each profile that can say it makes of the query."""
    found = {}
    for name, profile in PROFILES.items():
        try:
            found[name] = emit(_lower(case["query"], name).plan, profile, schemas_of(profile))
        except Refused:
            continue
    return found


@pytest.mark.parametrize("case", TRANSLATED, ids=lambda case: str(case["name"]))
def test_texts_and_reasons(case: dict[str, Any]) -> None:
    texts = _texts(case)
    for profile, text in case.get("text", {}).items():
        assert texts[profile] == text
        reasons = {f"{one.direction.value} {one.code}" for one in _lower(case["query"], profile).reasons}
        if "reasons" in case:
            assert reasons == set(case["reasons"])
    assert {PROFILES[name].target for name in texts} == {"splunk", "kql"}


@pytest.mark.parametrize("case", TRANSLATED, ids=lambda case: str(case["name"]))
def test_rows(case: dict[str, Any]) -> None:
    """As many rows, or events, as the original gives, for each timeline; others only as declared."""
    pipeline = parse_esql(case["query"])
    original, asked = compile_detection(pipeline), asked_fields(pipeline)
    for kind in ("takes", "leaves"):
        for added in case[kind]:
            timeline = _timeline(case["base"], added)
            wanted = _count(original.run(timeline))
            assert bool(wanted) is (kind == "takes"), added
            for name, text in _texts(case).items():
                profile = PROFILES[name]
                query = compile_translation(
                    Translated(profile, text, frozenset()), {name: schemas_of(profile)}
                )
                events = project(timeline, profile, TAXONOMY, asked)
                got = _count(query.run(events))
                direction = "wider" if got > wanted else "narrower"
                declared = {one.direction.value for one in _lower(case["query"], name).reasons}
                declared = set() if name in case.get("text", {}) else declared
                assert got == wanted or direction in declared, (name, added, text, events)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: str(case["name"]))
def test_refused(case: dict[str, Any]) -> None:
    name = case.get("profile", "sentinel")
    with pytest.raises(Refused) as refusal:
        emit(_lower(case["query"], name).plan, PROFILES[name], schemas_of(PROFILES[name]))
    assert case["refused"] in {f"{reason.code} {reason.position}" for reason in refusal.value.reasons}


def test_kusto_is_right_by_its_own_parser() -> None:
    for name in ("defender_xdr", "sentinel_asim", "sentinel"):
        queries = [text for case in TRANSLATED if (text := _texts(case).get(name))]
        found = check_queries(queries, schemas_of(PROFILES[name]))
        assert [one for one in found if one] == []


def _timeline(base: dict[str, Any], added: list[dict[str, Any]]) -> list[Event]:
    """Events one second after the other, or so many seconds after the first."""
    timeline: list[Event] = []
    for place, more in enumerate(added):
        after = next((int(key[1:]) for key in more if key.startswith("+")), place)
        event = {"@timestamp": (START + timedelta(seconds=after)).isoformat(), **base, **more}
        kept = {key: value for key, value in event.items() if value is not None and not key.startswith("+")}
        timeline.append(kept)
    return timeline


def _count(found: Matches | Table) -> int:
    return len(found.rows) if isinstance(found, Table) else len(found.alerts)
