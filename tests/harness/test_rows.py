"""Rows of ES|QL: a translation that groups by too little gives an alert too, but fewer of them."""

from __future__ import annotations

from converter.elastic.esql.parse import parse_esql
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case
from converter.harness.parity import Parity, Translated
from converter.harness.queries import Queries
from converter.harness.verification import verification_of
from converter.ir import Pipeline
from converter.lowering.fidelity import Fidelity
from converter.taxonomy import load_taxonomy

QUERY = """from logs-aws.cloudtrail-* | where event.action == "Assume"
| stats n = count(*) by cloud.region | where n >= 1"""
SPL = 'sourcetype="aws:cloudtrail" eventName="Assume" | stats count as n {by} | where n>=1'
REGIONS = ("eu-1", "eu-2")


def _errors(by: str, *directions: Fidelity) -> list[str]:
    pipeline = parse_esql(QUERY)
    events = tuple(
        {"data_stream.dataset": "aws.cloudtrail", "event.action": "Assume", "cloud.region": region}
        for region in REGIONS
    )
    case = Case("rule", "two regions", "match", events, "")
    parity = _parity(pipeline, case, SPL.format(by=by), frozenset(directions))
    return [verdict.error for verdict in parity.verdicts if verdict.failed]


def _parity(pipeline: Pipeline, case: Case, text: str, directions: frozenset[Fidelity]) -> Parity:
    """What the search says of the case beside the pipeline."""
    taxonomy = load_taxonomy()
    translated = Translated(taxonomy.profiles["addons"], text, directions)
    original, queries = compile_detection(pipeline), Queries([translated])
    return verification_of(original, pipeline, queries, taxonomy).parity([case])


def test_as_many_rows_as_the_original() -> None:
    assert _errors("by awsRegion") == []


def test_one_row_for_two() -> None:
    assert _errors("") == ["1 rows instead of 2"]


def test_fewer_rows_as_declared() -> None:
    assert _errors("", Fidelity.NARROWER) == []


def test_more_events_than_a_limit_leaves() -> None:
    """The number of events counts as that of rows does: a Sigma rule has an alert for each of them."""
    pipeline = parse_esql('from logs-aws.cloudtrail-* | where event.action == "Assume" | limit 1')
    event = {"data_stream.dataset": "aws.cloudtrail", "event.action": "Assume"}
    case = Case("rule", "two events", "match", (event, event), "")
    for directions, failed in ((frozenset({Fidelity.WIDER}), False), (frozenset[Fidelity](), True)):
        parity = _parity(pipeline, case, 'sourcetype="aws:cloudtrail"', directions)
        assert (parity.witness("addons", Fidelity.WIDER) is None) is failed
        assert any(verdict.failed for verdict in parity.verdicts) is failed
