"""Every fixture document is one that its source could have written.

The same events are projected to other logs, which take the path from one ECS field and the command line
from another: documents that contradict themselves would make a right translation look wrong.
"""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from windows_arguments import split_as_security_log, split_by_runtime_rules

from converter.events.case import Case
from converter.events.fixtures import load_fixtures

FIXTURES = Path(__file__).parents[2] / "fixtures" / "events"
CASES = [case for cases in load_fixtures(FIXTURES).values() for case in cases]
WELL_KNOWN = {
    "S-1-5-17": ("IUSR", "0x3e3"),
    "S-1-5-18": ("SYSTEM", "0x3e7"),
    "S-1-5-19": ("LOCAL SERVICE", "0x3e5"),
    "S-1-5-20": ("NETWORK SERVICE", "0x3e4"),
}
RUNS_AS_SYSTEM = ("S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-5-80-")


def get(event: Mapping[str, Any], dotted: str) -> Any:
    found: Any = event
    for part in dotted.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def source(event: Mapping[str, Any]) -> str:
    """Which log wrote it: defend, sysmon or security."""
    channel = get(event, "winlog.channel")
    return {None: "defend", "Security": "security"}.get(channel, "sysmon")


def is_start(event: Mapping[str, Any]) -> bool:
    return get(event, "event.category") == ["process"] and get(event, "event.type") == ["start"]


EVENTS = [
    pytest.param(case, event, id=f"{case.origin}[{number}]")
    for case in CASES
    for number, event in enumerate(case.timeline)
]


def name_is_the_base_name_of_the_path(event: Mapping[str, Any], case: Case) -> None:
    for process in ("process", "process.parent"):
        name, path = get(event, f"{process}.name"), get(event, f"{process}.executable")
        assert (name is None) == (path is None)
        assert path is None or name == ntpath.basename(path)


def arguments_agree_with_the_command_line(event: Mapping[str, Any], case: Case) -> None:
    security = source(event) == "security"
    split = split_as_security_log if security else split_by_runtime_rules
    for process in ("process", "process.parent"):
        line, arguments = get(event, f"{process}.command_line"), get(event, f"{process}.args")
        count = get(event, f"{process}.args_count")
        assert (line is None) == (arguments is None)
        assert line is None or arguments == split(line)
        assert count == (None if security or arguments is None else len(arguments))
    if security:
        assert get(event, "winlog.event_data.CommandLine") == get(event, "process.command_line")


def first_argument_names_the_process(event: Mapping[str, Any], case: Case) -> None:
    for process in ("process", "process.parent"):
        name, arguments = get(event, f"{process}.name"), get(event, f"{process}.args")
        if name is not None and arguments:
            assert ntpath.basename(arguments[0].strip('"')).lower() == name.lower()


def account_agrees_with_its_sid(event: Mapping[str, Any], case: Case) -> None:
    sid, name, domain = (get(event, f"user.{part}") for part in ("id", "name", "domain"))
    assert (sid is None) == (name is None) == (domain is None)
    if sid is None:
        return
    logon = {
        "defend": get(event, "process.Ext.authentication_id"),
        "sysmon": get(event, "winlog.event_data.LogonId"),
        "security": get(event, "winlog.logon.id"),
    }[source(event)]
    if sid in WELL_KNOWN:
        expected, expected_logon = WELL_KNOWN[sid]
        machine = source(event) == "security" and name == f"{get(event, 'host.name')}$"
        assert machine or (domain, name) == ("NT AUTHORITY", expected)
        assert not is_start(event) or logon == expected_logon
    else:
        assert domain != "NT AUTHORITY" and sid.startswith(("S-1-5-21-", "S-1-5-80-"))
        assert domain == "NT SERVICE" or sid.startswith("S-1-5-21-")
        assert logon not in {known for _, known in WELL_KNOWN.values()}
    if source(event) == "security":
        data = get(event, "winlog.event_data")
        assert (data["SubjectUserSid"], data["SubjectUserName"]) == (sid, name)
        assert (data["SubjectDomainName"], data["SubjectLogonId"]) == (domain, logon)


def integrity_agrees_with_the_account(event: Mapping[str, Any], case: Case) -> None:
    levels = {
        "defend": get(event, "process.Ext.token.integrity_level_name"),
        "sysmon": get(event, "winlog.event_data.IntegrityLevel"),
        "security": get(event, "winlog.event_data.MandatoryLabel"),
    }
    level = levels.pop(source(event))
    assert set(levels.values()) == {None}
    sid = get(event, "user.id")
    if level is None or sid is None or source(event) == "security":
        return
    assert (level.lower() == "system") == sid.startswith(RUNS_AS_SYSTEM)


def machine_has_one_name(event: Mapping[str, Any], case: Case) -> None:
    name = get(event, "host.name")
    assert get(event, "host.hostname") == name
    assert (name is None) == (get(event, "host.id") is None)
    if source(event) != "defend":
        computer = get(event, "winlog.computer_name")
        assert (computer is None) == (name is None)
        assert computer is None or computer.split(".")[0] == name


def source_is_told_the_same_everywhere(event: Mapping[str, Any], case: Case) -> None:
    dataset = get(event, "data_stream.dataset")
    assert get(event, "event.dataset") == dataset
    match source(event):
        case "defend":
            assert dataset.startswith("endpoint.events.") and get(event, "event.module") == "endpoint"
            assert "sequence" in event["event"] and get(event, "winlog") is None
        case "sysmon":
            assert (dataset, get(event, "event.module"), get(event, "agent.type")) in (
                ("windows.sysmon_operational", "windows", "filebeat"),
                (None, "sysmon", "winlogbeat"),
            )
        case "security":
            assert dataset == "system.security"
    if source(event) != "defend":
        assert get(event, "winlog.event_id") == get(event, "event.code")
        assert get(event, "winlog.provider_name") == get(event, "event.provider")


def addresses_agree(event: Mapping[str, Any], case: Case) -> None:
    for end in ("source", "destination"):
        ip, address = get(event, f"{end}.ip"), get(event, f"{end}.address")
        assert address is None or address == ip
        if ip is not None and get(event, "network.type") is not None:
            assert f"ipv{ip_address(ip).version}" == get(event, "network.type")
        port = get(event, f"{end}.port")
        assert port is None or (isinstance(port, int) and 0 < port < 65536)


def times_are_in_order(event: Mapping[str, Any], case: Case) -> None:
    assert event["@timestamp"] <= get(event, "event.created") <= get(event, "event.ingested")


CHECKS: tuple[Callable[[Mapping[str, Any], Case], None], ...] = (
    name_is_the_base_name_of_the_path,
    arguments_agree_with_the_command_line,
    first_argument_names_the_process,
    account_agrees_with_its_sid,
    integrity_agrees_with_the_account,
    machine_has_one_name,
    source_is_told_the_same_everywhere,
    addresses_agree,
    times_are_in_order,
)


@pytest.mark.parametrize(("case", "event"), EVENTS)
def test_document_is_coherent(case: Case, event: Mapping[str, Any]) -> None:
    for check in CHECKS:
        check(event, case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.origin) for case in CASES])
def test_events_of_a_timeline_are_different_events(case: Case) -> None:
    """Two starts are two processes; the records of one machine are numbered in the order of time."""
    started = [
        (get(event, "host.id"), get(event, "process.entity_id") or get(event, "process.pid"))
        for event in case.timeline
        if is_start(event)
    ]
    assert len(set(started)) == len(started)
    for log in ("defend", "sysmon", "security"):
        numbers = [
            int(get(event, "event.sequence") or get(event, "winlog.record_id"))
            for event in case.timeline
            if source(event) == log
        ]
        assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.origin) for case in CASES])
def test_only_cases_so_tagged_lack_fields(case: Case) -> None:
    """A document lacks a field that its source always writes only where the case is about that."""
    always = ("event.category", "event.type", "host.os.type", "host.id", "process.name", "user.id")
    lacking = {
        field
        for event in case.timeline
        for field in always
        if get(event, field) is None and get(event, "event.code") != "5156"
    }
    assert not lacking or "missing" in case.tags
