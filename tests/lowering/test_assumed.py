"""What a translation takes for granted is told beside its fidelity, where it does and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from converter.elastic.rule import Rule
from converter.harness.outcome import Translation
from converter.pipeline import Settings, convert_rule

START = 'process where event.type == "start" and host.os.type == '
CASES = (
    # A word on Windows may have quotes within it, which Windows takes out of the argument.
    ("sysmon", f'{START} "windows" and process.args == "whoami"', {"argument-quotes"}),
    ("sysmon", f'{START} "windows" and process.args != null', set()),
    ("sysmon", f'{START} "windows" and process.command_line : "*whoami*"', set()),
    # The log names the machine, and has no id of it; a process has an id of its own.
    ("sysmon", f'sample by host.id [{START} "windows"] [{START} "windows"]', {"same-key"}),
    # Defender's hosts are looked up by a subsearch in Splunk, and by a table in Kusto.
    ("defender", f'{START} "linux" and process.name == "id"', {"subsearch-rows"}),
    ("defender", 'process where event.type == "start" and process.name == "id"', set()),
    ("defender_xdr", f'{START} "linux" and process.name == "id"', set()),
    ("sentinel", f'{START} "windows" and process.name in ({{0}})', {"query-length"}),
)


RULE = Rule(
    rule_id="00000000-0000-0000-0000-000000000001",
    name="Assumed",
    type="eql",
    source="assumed.toml",
    language="eql",
    index=("logs-endpoint.events.process-*", "winlogbeat-*"),
)


def _translated(profile: str, query: str) -> Translation:
    tools = ", ".join(f'"tool{number}.exe"' for number in range(600))
    return convert_rule(replace(RULE, query=query.format(tools)), Settings((profile,))).translations[0]


@pytest.mark.parametrize(("profile", "query", "codes"), CASES)
def test_what_is_assumed(profile: str, query: str, codes: set[str]) -> None:
    made = _translated(profile, query)
    assert made.text is not None
    assert {one.code for one in made.assumed} == codes
    assert not codes & {reason.code for reason in made.reasons}


def test_a_fuzzy_match_finds_so_many_spellings() -> None:
    # The original expands to the spellings that an index has, the translation has all of them.
    query = (
        'from logs-endpoint.events.process-* | where event.type == "start" and host.os.type == "windows" and '
    )
    rule = replace(
        RULE, language="esql", type="esql", query=query + 'match(process.name, "ab", {"fuzziness": 1})'
    )
    made = convert_rule(rule, Settings(("sysmon",))).translations[0]
    assert {one.code for one in made.assumed} == {"fuzzy-spellings"}
