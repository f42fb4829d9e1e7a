"""Generated cases: what must be there, that labels are the original's, and that nothing depends on luck."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule, ThresholdSpec
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case, count_cases
from converter.events.fixtures import load_fixtures
from converter.events.generate import Generated, generate_cases, write_fixtures
from converter.events.generate.command_lines import cut, join
from converter.events.generate.patterns import intersect, units
from converter.events.generate.pipeline_predicates import pipeline_predicates
from converter.events.generate.script_tests import script_holds
from converter.events.generate.scripts import script_pins
from converter.events.projection import Projector
from converter.ir import Equals, Pipeline, Script, Wild
from converter.ir.rewrite import leaves
from converter.taxonomy import load_taxonomy

RULES = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text(encoding="utf-8"))


def rule_of(entry: dict[str, Any]) -> Rule:
    """A rule of the table."""
    threshold = entry.get("threshold")
    return Rule(
        rule_id="00000000-0000-4000-8000-000000000001",
        name=entry["name"],
        type=entry.get("type", "eql" if entry["language"] == "eql" else "query"),
        source="rule.toml",
        language=entry["language"],
        query=entry["query"],
        index=tuple(entry.get("index", ())),
        threshold=None
        if threshold is None
        else ThresholdSpec(
            tuple(threshold["fields"]),
            threshold["value"],
            tuple((name, least) for name, least in threshold.get("cardinality", ())),
        ),
    )


def generate(entry: dict[str, Any]) -> Generated:
    """What is generated for a rule of the table."""
    rule = rule_of(entry)
    return generate_cases(rule, parse_rule(rule), load_taxonomy())


def fits(case: Case, wanted: dict[str, Any]) -> bool:
    """Whether the case is one of those asked for."""
    if case.expect != wanted["expect"] or wanted.get("named", case.name) != case.name:
        return False
    return any(
        all(event.get(name) == value for name, value in wanted.get("set", {}).items())
        and all(
            fnmatch.fnmatchcase(str(event.get(name)), value) for name, value in wanted.get("like", {}).items()
        )
        and not any(name in event for name in wanted.get("missing", ()))
        for event in case.timeline
    )


def test_a_pipeline_that_no_target_says_has_no_cases() -> None:
    """It was a fault of the converter's own."""
    query = 'from logs-aws.cloudtrail* | grok a "%{NUMBER:b}" | grok c "%{NUMBER:d}" | where b != d'
    assert generate({"name": "grok", "type": "esql", "language": "esql", "query": query}).cases == ()


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry["name"])
def test_rules(entry: dict[str, Any]) -> None:
    made = generate(entry)
    assert bool(made.coverage.unsatisfiable) is entry.get("unsatisfiable", False)
    for wanted in entry.get("cases", ()):
        assert any(fits(case, wanted) for case in made.cases), wanted
    assert made.coverage.share >= entry.get("min_coverage", 0), made.coverage.atoms


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry["name"])
def test_labels_are_the_originals(entry: dict[str, Any]) -> None:
    original = compile_detection(parse_rule(rule_of(entry)))
    for case in generate(entry).cases:
        assert bool(original.run(case.timeline)) is (case.expect == "match"), case.name


def test_counts_at_their_bounds() -> None:
    """A timeline near an alert failed one condition by far, and no user had more attempts than others."""
    query = (
        'from logs-okta.system-* | where event.dataset == "okta.system" and event.outcome == "failure" '
        "| stats n = count() by okta.actor.alternate_id "
        "| stats users = count(), most = max(n), n = sum(n) | where users >= 5 and most <= 7 and n >= 15"
    )
    made = generate({"name": "bounds", "type": "esql", "language": "esql", "query": query})
    fewer, most, in_all = set(), set(), set()
    for case in made.cases:
        users = Counter(str(event.get("okta.actor.alternate_id")) for event in case.timeline)
        if max(users.values(), default=0) <= 7:
            fewer.add((case.expect, len(users)))
        if len(users) >= 5:
            most.add((case.expect, max(users.values())))
            in_all.add((case.expect, users.total()))
    assert {("match", 5), ("no_match", 4)} <= fewer
    assert {("match", 7), ("no_match", 8)} <= most
    assert {("match", 15), ("no_match", 14)} <= in_all


def test_a_digest_stands_behind_another() -> None:
    """The digest that a rule asks stood first in every row of Sysmon's."""
    query = (
        'process where host.os.type == "windows" and event.type == "start" and process.hash.sha256 : "abc*"'
    )
    entry = {"name": "digests", "language": "eql", "query": query}
    projector = Projector(load_taxonomy(), {"process.hash.sha256": False})
    rows = [
        row
        for case in generate(entry).cases
        for row in projector.project(case.timeline, load_taxonomy().profiles["sysmon"])
    ]
    assert any("=0,SHA256=abc" in str(row.get("Hashes")) for row in rows)


def test_of_atoms_alike_each_further_one_is_missed_in_one_way() -> None:
    """Each element of a list had each near miss, and long lists took most of the time."""
    query = """process where host.os.type == "windows" and event.type == "start"
        and process.name : ("a.exe", "b.exe", "c.exe", "d.exe", "e.exe")"""
    ends = ("in another case", "with more before", "with more after")
    first, second, *further = missed(query, "process.name", (*ends, "as the name of a folder"))
    assert set(first) == set(second) == {*ends, "as the name of a folder"}
    assert sorted(further) == sorted([[ends[1]], [ends[2]], [ends[1]]])


def test_of_atoms_alike_the_further_ones_decide_in_another_case() -> None:
    """A target that took the third name of a list in its own case alone went unseen."""
    query = """process where host.os.type == "windows" and event.type == "start"
        and process.name : ("a.exe", "b.exe", "c.exe", "d*.exe")
        and not process.parent.name : ("k.exe", "l.exe", "m.exe")"""
    cases = generate({"name": "in another case", "language": "eql", "query": query}).cases
    events = {case.name.partition(": ")[2]: case.timeline[0] for case in cases}
    names = [
        events["process.name = b.exe decides"]["process.name"],
        events["process.name = c.exe decides"]["process.name"],
        events["all but process.parent.name = l.exe"]["process.parent.name"],
        events["all but process.parent.name = m.exe"]["process.parent.name"],
    ]
    assert names == ["b.exe", "C.EXE", "l.exe", "M.EXE"]


def test_of_arguments_alike_each_further_one_stands_at_one_place() -> None:
    """Each element of a list of arguments stood at each place of the line."""
    query = """process where host.os.type == "linux" and event.type == "start"
        and process.args : ("-a", "-b", "-c", "-d", "-e")"""
    places = tuple(f"{where} of the line" for where in ("at the start", "in the middle", "at the end"))
    first, second, *further = missed(query, "process.args", places)
    assert set(first) == set(second) == set(places)
    assert sorted(further) == sorted([one] for one in places)


def test_a_field_is_cut_short_once() -> None:
    """Each pattern of a field with wildcards at other places had each look-alike and no value."""
    query = """process where host.os.type == "linux" and event.type == "start"
        and (process.name like "tool*" or process.name like "*rat" or process.name like "*door*")"""
    alike = ("cut short", "without its first letter", "missing", "null")
    assert [set(one) for one in missed(query, "process.name", alike)] == [set(alike)]


def missed(query: str, field: str, ways: Sequence[str]) -> list[list[str]]:
    """In which of the ways each atom on the field is nearly met, for those that are."""
    found: dict[str, list[str]] = {}
    for case in generate({"name": "alike", "language": "eql", "query": query}).cases:
        number, _, way = case.name.partition(f": {field} ")
        if way in ways:
            found.setdefault(number, []).append(way)
    return list(found.values())


def test_names_are_unique_and_cases_bounded() -> None:
    rule = rule_of(RULES[2])
    made = generate_cases(rule, parse_rule(rule), load_taxonomy(), max_cases=2)
    assert count_cases(made.cases) == 2
    assert len(made.cases) == len({case.name for case in made.cases})
    assert made.coverage.left_out > 0


@pytest.mark.parametrize("words", ["", "not "], ids=["a list", "an exclusion"])
def test_each_element_of_a_list_longer_than_the_cases_decides(words: str) -> None:
    """The generator once left out all elements for which there was no case of their own."""
    listed = ", ".join(f'"tool{number}.exe"' for number in range(130))
    rule = replace(
        rule_of(RULES[0]),
        language="eql",
        query=f'process where host.os.type == "windows" and {words}process.name in ({listed})',
    )
    made = generate_cases(rule, parse_rule(rule), load_taxonomy(), max_cases=40)
    assert made.coverage.share == 1.0
    assert count_cases(made.cases) <= 40
    for name in {case.group for case in made.cases} - {""}:
        assert len({case.expect for case in made.cases if case.group == name}) == 1


def test_same_in_another_process() -> None:
    """Strings hash differently in each process; the cases must not."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_generate as t;"
        "print([repr(t.generate(entry)) for entry in t.RULES])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("max_cases", [400, 12], ids=["cases", "parts of cases"])
def test_fixture_files_are_read_back(max_cases: int, tmp_path: Path) -> None:
    rule = rule_of(RULES[0])
    made = generate_cases(rule, parse_rule(rule), load_taxonomy(), max_cases)
    write_fixtures(tmp_path, [(rule, made.cases)])
    read = load_fixtures(tmp_path)[rule.rule_id]
    assert [(case.name, case.expect, case.group) for case in read] == [
        (case.name, case.expect, case.group) for case in made.cases
    ]
    assert any(case.group for case in read) is (max_cases < 400)
    original = compile_detection(parse_rule(rule))
    assert [bool(original.run(case.timeline)) for case in read] == [
        case.expect == "match" for case in made.cases
    ]


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (("a", Wild.ANY), (Wild.ANY, "b"), "a*b"),
        (("C:\\", Wild.ANY, ".exe"), (Wild.ANY, "\\cmd", Wild.ANY), "C:\\cmd*.exe"),
        (("a", Wild.ONE, "c"), ("abc",), "abc"),
        (("abc",), ("abd",), None),
    ],
)
def test_intersections(left: Any, right: Any, both: str | None) -> None:
    found = intersect(units(left), units(right), False)
    shown = None if found is None else "".join(u if isinstance(u, str) else u.value for u in found)
    if shown is not None and "\\" in shown:
        assert fnmatch.fnmatchcase(shown.replace("*", ""), "C:\\*cmd*.exe")
    else:
        assert shown == both


@pytest.mark.parametrize(
    "arguments",
    [["tool.exe", "a b"], ["tool.exe", 'say "x"'], ["tool.exe", "C:\\a b\\"], ["tool.exe", "\\\\srv\\x", ""]],
)
def test_command_lines_are_split_as_they_were_joined(arguments: list[str]) -> None:
    assert cut(join(arguments, "windows"), "windows") == arguments


def _scripts_of(query: str) -> list[Script]:
    """The scripts among what a pipeline asks of its events."""
    detection = parse_rule(rule_of({"name": "x", "language": "esql", "type": "esql", "query": query}))
    assert isinstance(detection, Pipeline)
    predicate, _ = next(iter(pipeline_predicates(detection)))
    return [leaf for leaf in leaves(predicate) if isinstance(leaf, Script)]


def test_a_script_takes_a_text_that_is_made_for_another() -> None:
    """Its own texts, which are long enough, were tried alone: of none of them the other's share holds."""
    query = (
        'from logs-* | eval text = replace(message, "[+]+", "+") | where length(text) > 1000 '
        '| eval rest = replace(text, "[+*]", "") | where length(rest)::double / length(text)::double < 0.1'
    )
    first, second = _scripts_of(query)
    pins = (pin for pin in script_pins(first, {"message": "x"}, [second]) if isinstance(pin, Equals))
    holds = (script_holds(first), script_holds(second))
    assert any(all(one is not None and one({"message": pin.value}) for one in holds) for pin in pins)


def test_texts_built_beside_another_script_are_those_for_its_own_fields() -> None:
    """What was built for one event is kept for those that are alike in the fields of both scripts."""
    query = (
        'from logs-* | where replace(message, "[+]", "") like "*abc*" '
        '| where replace(message, "[+]", "") != user.name'
    )
    first, second = _scripts_of(query)
    events = [{"message": "x", "user.name": name} for name in ("b", "abc")]
    kept = [[*script_pins(first, event, [second])] for event in (*events, *events)]
    anew = []
    for event in events:
        script_holds.cache_clear()
        anew.append([*script_pins(first, event, [second])])
    assert kept == [*anew, *anew] and anew[0] != anew[1]


def test_a_stream_that_the_index_patterns_exclude() -> None:
    """The event said to be of one stream and had the name of another, and the translation failed."""
    rule = rule_of({"name": "x", "language": "kuery", "query": "data_stream.dataset:foo.q* and user.name:x"})
    rule = replace(rule, index=("logs-foo.bar-*", "-logs-foo.q*"))
    made = generate_cases(rule, parse_rule(rule), load_taxonomy())
    assert made.cases == ()
    assert made.coverage.unsatisfiable == (
        "data_stream.dataset like foo.q*",
        "index logs-foo.bar-*, -logs-foo.q*",
    )
