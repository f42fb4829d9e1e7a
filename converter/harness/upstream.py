"""pySigma's unmodified backends in the same harness: what they make of a Sigma rule, and where it is wrong.

The Sigma text goes through the stock backend with the stock pipelines; the query runs on the same projected
events as the project's own. A refusal is one fault, an alert missed or raised wrongly another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sigma.backends.kusto.kusto import KustoBackend
from sigma.backends.splunk.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.pipelines.microsoftxdr.microsoftxdr import microsoft_xdr_pipeline
from sigma.pipelines.sentinelasim.sentinelasim import sentinel_asim_pipeline
from sigma.pipelines.splunk.splunk import splunk_cim_data_model, splunk_windows_pipeline
from sigma.pipelines.sysmon.sysmon import sysmon_pipeline

from converter.evaluate.kusto import compile_kusto
from converter.evaluate.result import CompiledQuery
from converter.evaluate.spl import compile_spl
from converter.events.case import Case
from converter.events.projection import project
from converter.frozen import dataclass
from converter.source import SourceError
from converter.taxonomy import Profile, Taxonomy
from converter.taxonomy.columns import schemas_of


@dataclass(frozen=True)
class Stock:
    """A stock backend for one of our profiles: how to make it, its output format, its name of the source."""

    backend: Callable[[], Any]
    output_format: str = "default"
    source: str | None = None


STOCK: Mapping[str, Stock] = {
    "sysmon": Stock(
        lambda: SplunkBackend(sysmon_pipeline() + splunk_windows_pipeline()),  # type: ignore[no-untyped-call]
        source="WinEventLog:Microsoft-Windows-Sysmon/Operational",
    ),
    "cim": Stock(
        lambda: SplunkBackend(splunk_cim_data_model()),  # type: ignore[no-untyped-call]
        "data_model",
    ),
    "defender_xdr": Stock(lambda: KustoBackend(microsoft_xdr_pipeline())),
    "sentinel_asim": Stock(lambda: KustoBackend(sentinel_asim_pipeline())),
}


@dataclass(frozen=True)
class StockResult:
    """What came of one rule: the refusal, or the query and the cases that it gets wrong."""

    profile: str
    refusal: str = ""
    query: str = ""
    missed: tuple[Case, ...] = ()
    false_alarms: tuple[Case, ...] = ()

    @property
    def right(self) -> bool:
        """It translated the rule and got every case right."""
        return not (self.refusal or self.missed or self.false_alarms)


def stock_result(
    sigma: str, profile: Profile, cases: Sequence[Case], taxonomy: Taxonomy, asked: Mapping[str, bool]
) -> StockResult:
    """The stock backend's query for the profile over the cases."""
    stock = STOCK[profile.name]
    query, refusal = stock_query(sigma, profile)
    if refusal:
        return StockResult(profile.name, refusal=refusal)
    result = StockResult(profile.name, query=query)
    try:
        compiled = compile_stock(query, profile)
        verdicts = [
            (case, bool(compiled.run(_events(case, stock, profile, taxonomy, asked)))) for case in cases
        ]
    except SourceError as error:
        return replace(result, refusal=f"its query does not run: {error}")
    missed = tuple(case for case, got in verdicts if case.expect == "match" and not got)
    false_alarms = tuple(case for case, got in verdicts if case.expect != "match" and got)
    return replace(result, missed=missed, false_alarms=false_alarms)


def stock_query(sigma: str, profile: Profile) -> tuple[str, str]:
    """The stock backend's query and "", or "" and what it raised."""
    stock = STOCK[profile.name]
    try:
        queries = stock.backend().convert(SigmaCollection.from_yaml(sigma), output_format=stock.output_format)
        return str(queries[-1]), ""
    except Exception as error:  # whatever a stock backend raises is its answer
        return "", f"{type(error).__name__}: {error}"


def compile_stock(query: str, profile: Profile) -> CompiledQuery:
    """The query in the evaluator of its language. Raises SourceError for one that does not run."""
    return (
        compile_spl(query)
        if profile.target == "splunk"
        else compile_kusto(query, schemas=schemas_of(profile))
    )


def _events(
    case: Case, stock: Stock, profile: Profile, taxonomy: Taxonomy, asked: Mapping[str, bool]
) -> list[dict[str, Any]]:
    """The projected events, under the stock pipeline's name of their source: that is not held against it. A
    row of another source keeps its own."""
    events = project(case.timeline, profile, taxonomy, asked)
    if stock.source is None:
        return events
    shapes = (record.shapes.get(profile.name) for record in taxonomy.records)
    own = {name for shape in shapes if shape is not None for name in shape.where.get("source", ())}
    return [{**event, "source": stock.source} if event.get("source") in own else event for event in events]
