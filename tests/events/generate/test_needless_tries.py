"""What is not tried, or made a second time: the same is found without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.result import Event
from converter.events.generate import dependent, generate_cases
from converter.events.generate.asked import Asked
from converter.events.generate.dependent import contradict, solve_group
from converter.events.generate.drafts import Draft, Drafts
from converter.events.generate.goals import Goal
from converter.events.generate.groups import Group, group_of
from converter.events.generate.held import left
from converter.events.generate.literals import Tests as LeafTests
from converter.events.generate.other_records import together
from converter.events.generate.other_systems import counterparts
from converter.events.generate.pairs import Taken
from converter.events.generate.reading import Reading
from converter.events.generate.recipes import Walk
from converter.events.generate.shape import Shape
from converter.ir import And, AnyField, Equals, Exists, Like, Not, Or, Predicate, Regex, Wild
from converter.ir.predicate import FALSE
from converter.ir.rewrite import leaf_fields, map_leaves
from converter.lowering.recognise import Itself
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Record

NAME = Equals("process.name", "a.exe")
OTHER_CASE = Equals("process.name", "A.EXE")


@pytest.mark.parametrize(
    ("literals", "none_needed"),
    [
        ([(NAME, True), (OTHER_CASE, True)], True),
        ([(NAME, True), (Equals("process.name", "A.EXE", ignore_case=True), True)], False),
        ([(NAME, True), (Like("process.name", ("b", Wild.ANY)), True)], True),
        ([(NAME, True), (Like("process.name.text", ("b", Wild.ANY)), True)], True),
        ([(NAME, True), (OTHER_CASE, False)], False),
        ([(NAME, True), (NAME, False)], False),  # what must not hold is tried with the text
        ([(NAME, True), (Exists("process.name"), False)], False),
        ([(NAME, True), (Equals("process.parent.name", "b.exe"), True)], False),
        ([(Equals("process.args", "-a"), True), (Equals("process.args", "-b"), True)], False),
        ([(Equals("event.type", "start"), True), (Equals("event.type", "change"), True)], False),
        ([(Equals("process.pid", 7), True), (Equals("process.pid", 8), True)], False),
    ],
)
def test_what_can_be_no_text_at_all(literals: list[Goal], none_needed: bool) -> None:
    must = [leaf for leaf, wanted in literals if wanted]
    assert contradict(must, LeafTests()) is none_needed


LEAVES: Mapping[str, list[Predicate]] = {
    "process.name": [
        NAME,
        OTHER_CASE,
        Equals("process.name", "a.exe", ignore_case=True),
        Like("process.name", ("a", Wild.ANY), ignore_case=True),
        Regex("process.name", "[ab][.]exe", "lucene"),
        Exists("process.name"),
        Equals("process.executable", "C:\\x\\A.EXE"),
        Like("process.executable", (Wild.ANY, "\\b.exe")),
        Equals("process.args", "-a"),
        Equals("process.args", "-b"),
        Equals("process.command_line", "a.exe -a"),
        Like("process.command_line", (Wild.ANY, "-b")),
    ],
    "file.path": [
        Equals("file.path", "C:\\x\\a.txt"),
        Like("file.path", (Wild.ANY, "\\A.TXT"), ignore_case=True),
        Equals("file.name", "a.txt"),
        Equals("file.name", "A.TXT"),
        Equals("file.extension", "txt"),
        Equals("file.extension", "TXT"),
    ],
    "user.name": [Equals("user.name", "amara"), Equals("user.name", "Amara"), Exists("user.domain")],
    "tags": [Equals("tags", "one"), Equals("tags", "two"), Like("tags", ("t", Wild.ANY))],
    "message": [Equals("message", "one"), Equals("message.keyword", "two")],
}


@pytest.mark.parametrize("field", LEAVES)
def test_nothing_is_lost_by_what_is_not_tried(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_of(field)
    literals: list[Goal] = [(leaf, wanted) for leaf in LEAVES[field] for wanted in (True, False)]
    some = [list(few) for size in (1, 2, 3) for few in combinations(literals, size)]
    found = [_values(group, few) for few in some]
    monkeypatch.setattr(dependent, "contradict", lambda *_: False)
    assert found == [_values(group, few) for few in some]


def _values(group: Group, literals: list[Goal]) -> dict[str, Any] | None:
    tests = LeafTests()
    asked: dict[Group, Asked] = {}
    tests.blocks.expand(literals, asked, [])
    return solve_group(group, asked[group], tests, "windows")


A, B, C = Equals("user.name", "a"), Equals("user.id", "b"), Equals("host.name", "c")


def test_what_is_left_is_one_object_whatever_else_is_lacking() -> None:
    predicate = And((A, Or((B, Not(C)))))
    found = left(predicate, frozenset({"user.id"}))
    assert found is left(predicate, frozenset({"user.id", "dns.id"}))
    assert found is not left(And((A, Or((B, Not(C))))), frozenset({"user.id"}))  # of another rule, perhaps


@pytest.mark.parametrize("names", [few for size in range(4) for few in combinations((A, B, C), size)])
@pytest.mark.parametrize("predicate", [A, Not(B), And((A, B)), Or((B, Not(C))), And((A, Or((B, Not(C)))))])
def test_what_is_left(predicate: Predicate, names: tuple[Equals, ...]) -> None:
    fields = frozenset(leaf.field for leaf in names)
    slow = map_leaves(predicate, lambda leaf: FALSE if fields.intersection(leaf_fields(leaf)) else leaf)
    assert left(predicate, fields) == slow
    assert left(predicate, fields) == slow


OF_PROCESS, OF_USER = Like("process.name", ("a", Wild.ANY)), Equals("user.name", "amara")


@pytest.mark.parametrize(
    ("node", "is_apart"),
    [
        (Or((NAME, OF_PROCESS)), True),
        (Or((NAME, And((Not(OF_USER), OF_PROCESS)))), False),
        (Or((NAME, Exists("file.path"))), False),  # it may look below the name
        (Or((NAME, Like("*.name", ("a",)))), False),
        (Or((NAME, AnyField(("a",)))), False),
        (Or((NAME, FALSE)), False),
    ],
)
def test_what_asks_of_other_groups_says_what_it_said(node: Or, is_apart: bool) -> None:
    reading = Reading()
    for _ in range(2):
        assert reading.is_apart(node, [group_of("user.id"), group_of("file.path")]) is is_apart
        assert not reading.is_apart(node, [group_of("process.args")])
    assert list(reading.others([(node, True)], [group_of("user.id")])) == [(node, True)] * (not is_apart)


RULES = [
    'process where process.name in ("a.exe", "b.exe") and process.args : ("-x", "*y*") and user.name != "c"',
    'file where (file.name : "a*" or dll.name : ("b*", "c")) and (user.id == "7" or file.extension == "d")',
]


@pytest.mark.parametrize("query", RULES)
def test_the_same_cases_where_each_choice_is_judged_again(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Rule(rule_id="x", name="x", type="eql", source="x.toml", language="eql", query=query)
    detection = parse_rule(rule)
    quick = generate_cases(rule, detection, load_taxonomy(), 120)
    monkeypatch.setattr(Shape, "is_plain", False)
    assert generate_cases(rule, detection, load_taxonomy(), 120) == quick


@pytest.mark.parametrize("room", range(5))
def test_whether_there_is_room_for_another_timeline(room: int) -> None:
    taken, seen = Taken(room), set[str]()
    for event in ({"n": 1}, {"n": 1}, {"n": True}, {"n": 1}, {"m": 1}, {"n": 2}):
        assert taken.is_full is (len(seen) >= room)
        taken.add((event,))
        seen.add(repr((event,)))
    assert taken.is_full is (len(seen) >= room)


def test_counterparts_are_asked_of_each_taxonomy() -> None:
    taxonomy = load_taxonomy()
    record = next(one for one in taxonomy.records if one.name == "windows_process_creation")
    found = counterparts(record, Itself(taxonomy))
    assert found and {one.os for one in found} <= {"linux", "macos"}
    assert list(found) == sorted(found, key=lambda one: -together(record, one))
    assert counterparts(record, Itself(replace(taxonomy, records=(record,)))) == ()


def test_drafts_of_one_name_are_numbered() -> None:
    drafts = Drafts(tuple)
    names = ["a", "a", "a (3)", "a", "a", "b"]
    drafts.take(Draft(name, ({"n": place},)) for place, name in enumerate(names))
    assert [draft.name for draft in drafts] == ["a", "a (2)", "a (3)", "a (4)", "a (5)", "b"]


@pytest.mark.parametrize(
    ("event", "is_one"),
    [
        ({"event.code": "1", "tags": ["A", "b", "c"]}, True),
        ({"event.code": ["9", "2"], "tags": ["a", "b"]}, True),
        ({"event.code": 1, "tags": ["a", "b"]}, True),
        ({"tags": ["a", "b"]}, True),
        ({"event.code": [], "tags": ["a", "b"]}, True),
        ({"event.code": "3", "tags": ["a", "b"]}, False),
        ({"event.code": "1", "tags": "a"}, False),
        ({"event.code": "1"}, False),
    ],
)
def test_an_event_is_of_the_record(event: Event, is_one: bool) -> None:
    of_tables = next(one for one in load_taxonomy().records if one.os == "windows")
    when: dict[str, tuple[Any, ...]] = {"event.code": ("1", "2"), "tags": ("a", "B")}
    record: Record = replace(of_tables, when=when, all_of=frozenset({"tags"}))
    assert Shape(record, "windows", asked=frozenset({"event.code"})).has(event) is is_one


def test_what_is_counted_of_a_field_that_is_taken_apart_takes_no_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # the usual recipes had no other values for the text, only for fields that are counted themselves
    query = """from logs-* | where process.name == "a.exe"
    | where dns.question.name rlike "[0-9]{1,3}-[a-z]{9,}.com"
    | grok dns.question.name "%{INT:part}-%{GREEDYDATA:rest}" | where part is not null
    | stats parts = count_distinct(part), n = count(*) by host.id | where parts >= 5 and n >= 5"""
    rule = Rule(rule_id="x", name="x", type="esql", source="x.toml", language="esql", query=query)

    def walk(*_: object) -> None:
        raise AssertionError("a walk")

    monkeypatch.setattr(Walk, "from_", walk)
    generated = generate_cases(rule, parse_rule(rule), load_taxonomy(), 50)
    assert {case.expect for case in generated.cases} == {"match", "no_match"}
