"""The table of log sources against pySigma's own pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.pipelines.common import windows_logsource_mapping
from sigma.pipelines.sysmon.sysmon import sysmon_generic_logsource_eventid_mapping
from sigma.pipelines.windows.windows import (
    generic_logsource_to_windows_audit_event_mapping,
    windows_generic_category_channel_mapping,
)

import converter.evaluate.sigma

_PATH = Path(converter.evaluate.sigma.__file__).parent / "logsources.yaml"
_TABLE: dict[str, Any] = yaml.safe_load(_PATH.read_text(encoding="utf-8"))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("service", "channels"), windows_logsource_mapping.items())
def test_channels_of_pysigma_are_in_the_table(service: str, channels: Any) -> None:
    assert set(_many(channels)) <= set(_TABLE["channels"]["windows"][service])


@pytest.mark.parametrize(("category", "ids"), sysmon_generic_logsource_eventid_mapping.items())
def test_sysmon_categories_are_those_of_pysigma(category: str, ids: Any) -> None:
    assert _TABLE["categories"]["windows"][category]["sysmon"] == _many(ids)


@pytest.mark.parametrize(("category", "where"), windows_generic_category_channel_mapping.items())
def test_powershell_categories_are_those_of_pysigma(category: str, where: dict[str, Any]) -> None:
    assert _TABLE["categories"]["windows"][category] == {where["service"]: [where["EventID"]]}


def test_security_events_stand_for_the_categories_that_pysigma_has_for_them() -> None:
    audited = {
        category: services["security"]
        for category, services in _TABLE["categories"]["windows"].items()
        if "security" in services
    }
    pipeline: Any = generic_logsource_to_windows_audit_event_mapping
    assert audited == {category: [condition["EventID"]] for category, condition in pipeline.items()}
    for category, condition in pipeline.items():
        wanted = set(_many(condition.get("OperationType", [])))
        has = _TABLE["conditions"].get(category, {}).get("security", {}).get("OperationType", [])
        assert wanted == {name for name in has if not name.startswith("%%")}


def test_the_table_names_only_what_it_defines() -> None:
    services = {(product, name) for product, items in _TABLE["channels"].items() for name in items}
    for product, categories in _TABLE["categories"].items():
        assert {(product, name) for named in categories.values() for name in named} <= services
    windows = _TABLE["categories"]["windows"]
    assert set(_TABLE["within"]) | set(_TABLE["within"].values()) <= set(windows)
    for part in ("conditions", "lift"):
        for category, named in _TABLE[part].items():
            assert set(named) <= set(windows[category])
