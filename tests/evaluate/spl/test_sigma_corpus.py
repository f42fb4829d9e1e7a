"""SigmaHQ's regression rules through pySigma's stock Splunk backend, over their recorded events.

Without a pipeline a rule's search must find its own event, and all that the Sigma evaluator finds (the
log source is not in such a search); with the Sysmon and Windows pipelines, exactly those.
`stock_backend_faults.json` says what the stock backend writes that no Splunk takes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sigma.backends.splunk.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.pipelines.splunk.splunk import splunk_windows_pipeline
from sigma.pipelines.sysmon.sysmon import sysmon_pipeline
from sigma.processing.pipeline import ProcessingPipeline

from converter.evaluate.result import Event, Matches
from converter.evaluate.sigma import compile_sigma
from converter.evaluate.spl import compile_spl
from converter.source import SourceError

_HERE = Path(__file__).parent
_FAULTS = json.loads((_HERE / "stock_backend_faults.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folders() -> list[Path]:
    corpus = os.environ.get("RULE_CORPUS")
    if not corpus:
        pytest.skip("RULE_CORPUS is not set: no corpus to read")
    return sorted(path.parent for path in Path(corpus, "sigmahq-regression").glob("*/rule.yml"))


@pytest.fixture(scope="module")
def recorded(folders: list[Path]) -> list[tuple[Path, Event]]:
    return [(folder, event) for folder in folders for event in _documents(folder / "event.json")]


def _documents(path: Path) -> Iterator[Any]:
    """The JSON objects of a file, one after the other."""
    text, offset, decoder = path.read_text(encoding="utf-8"), 0, json.JSONDecoder()
    while offset < len(text):
        if text[offset].isspace():
            offset += 1
            continue
        document, offset = decoder.raw_decode(text, offset)
        yield document


def _splunk_fields(event: Event) -> dict[str, Any]:
    """A Windows event as the Splunk add-on for Windows extracts it."""
    system: Mapping[str, Any] = event["Event"]["System"]
    fields: dict[str, Any] = {}
    for name, value in system.items():
        if isinstance(value, Mapping):
            fields.update(value.get("#attributes", {}))
            fields.update({name: value["#text"]} if "#text" in value else {})
        else:
            fields[name] = value
    fields["EventCode"] = fields["EventID"]
    fields["source"] = f"WinEventLog:{system['Channel']}"
    fields["_time"] = fields.pop("SystemTime")
    fields.update(event["Event"].get("EventData") or event["Event"].get("UserData") or {})
    return fields


@pytest.mark.parametrize("pipelines", [False, True], ids=["no pipeline", "sysmon and windows"])
def test_stock_backend(pipelines: bool, folders: list[Path], recorded: list[tuple[Path, Event]]) -> None:
    raw = [event for _, event in recorded]
    flat = [_splunk_fields(event) for event in raw]
    wrong: dict[str, str] = {}
    for folder in folders:
        rule = (folder / "rule.yml").read_text(encoding="utf-8")
        own = {(number,) for number, (where, _) in enumerate(recorded) if where == folder}
        backend = SplunkBackend(_pipelines() if pipelines else None)
        try:
            (query,) = backend.convert(SigmaCollection.from_yaml(rule))
        except SigmaError:  # a construct that the stock backend does not have: no query to run
            continue
        fault = next((item for item in _FAULTS if item["emitted"] in query), None)
        if fault is not None:
            with pytest.raises(SourceError, match=fault["error"]):
                compile_spl(query)
            continue
        found = _alerts(compile_spl(query).run(flat))
        wanted = _alerts(compile_sigma(rule).run(raw))
        if not own & found or wanted - found or (pipelines and found - wanted):
            wrong[folder.name] = f"found {sorted(found)}, Sigma {sorted(wanted)}, own {sorted(own)}"
    assert not wrong


def _pipelines() -> ProcessingPipeline:
    return sysmon_pipeline() + splunk_windows_pipeline()  # type: ignore[no-untyped-call, no-any-return]


def _alerts(result: Any) -> set[tuple[int, ...]]:
    assert isinstance(result, Matches)
    return set(result.alerts)
