"""The examples of the Kusto documentation, each run and compared with what the page prints."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kusto_printed import rows_match

from converter.evaluate.kusto import compile_kusto
from converter.evaluate.kusto.query import KustoQuery
from converter.evaluate.result import Table
from converter.source import NotSupportedError

NOW = 1_722_513_600.0
_OUTSIDE = yaml.safe_load(Path(__file__).with_name("outside.yaml").read_text(encoding="utf-8"))
_MISNAMED = _OUTSIDE.pop("misnamed")


@dataclass(frozen=True)
class Outcome:
    """What became of an example: passed, outside (with the reason) or failed (with the difference)."""

    name: str
    verdict: str
    detail: str = ""


def outcomes(corpus: Path) -> Iterator[Outcome]:
    """The outcome of each example of `kusto-examples.json`, named by page and number on the page."""
    seen: Counter[str] = Counter()
    for example in json.loads((corpus / "kusto-examples.json").read_text(encoding="utf-8")):
        name = f"{example['page']}/{seen[example['page']]}"
        seen[example["page"]] += 1
        yield _outcome(name, example)


def _outcome(name: str, example: dict[str, Any]) -> Outcome:
    for kind, listed in _OUTSIDE.items():
        if name in listed:
            return Outcome(name, "outside", f"{kind} output")
    try:
        query = compile_kusto(example["query"], now=NOW)
    except NotSupportedError as error:
        return Outcome(name, "outside", _construct(error.what))
    assert isinstance(query, KustoQuery)
    if query.inferred_tables:
        return Outcome(name, "outside", "sample database")
    result = query.run([])
    if not isinstance(result, Table):
        return Outcome(name, "failed", "no table")
    ordered = _is_ordered(example["query"])
    printed = result.columns if name in _MISNAMED else example["columns"]
    difference = rows_match(printed, example["rows"], result.columns, result.rows, ordered)
    return Outcome(name, "failed" if difference else "passed", difference or "")


def _is_ordered(query: str) -> bool:
    """Whether the output has an order: a sort, and nothing behind it that gives it up."""
    behind = re.split(r"\|\s*(?:sort|order|top)\s", query)
    unordered = r"\b(partition|summarize|join|union|mv-apply|distinct)\b"
    return len(behind) > 1 and not re.search(unordered, behind[-1])


_FAMILIES = (
    (r"geo_", "geospatial functions"),
    (r"series_|make-series", "series"),
    (r"graph|node_|operator make-graph", "graphs"),
    (r"^plugin ", "plugins (evaluate)"),
    (r"hll|tdigest", "sketches (hll, tdigest)"),
    (r"rand\(\)|operator sample|operator reduce", "random or approximate output"),
)


def _construct(what: str) -> str:
    """The family of a refused construct, or the construct itself."""
    return next((family for pattern, family in _FAMILIES if re.search(pattern, what)), what)
