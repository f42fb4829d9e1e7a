"""What is found once in the search for events is kept, and is the same again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from converter.elastic.eql.parse import parse_eql
from converter.elastic.esql.filter import to_predicate
from converter.elastic.esql.parse import parse_esql
from converter.elastic.types import field_type
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.detections import compile_deciding
from converter.evaluate.elastic.predicates import compile_predicate
from converter.evaluate.remembered import PerEvent, Remembered
from converter.evaluate.result import Event
from converter.events.generate.asked import Asked
from converter.events.generate.basis import written_as
from converter.events.generate.different import Values
from converter.events.generate.distances import Distances
from converter.events.generate.drafts import Named
from converter.events.generate.goals import Goal
from converter.events.generate.groups import Group
from converter.events.generate.literals import Tests as LeafTests
from converter.events.generate.literals import only_text
from converter.events.generate.measures import Measure
from converter.events.generate.one_value import names_alike
from converter.events.generate.other_records import beside, said_alone
from converter.events.generate.paths import solve_path
from converter.events.generate.recipes import Recipe, Spread, neighbours
from converter.events.generate.record_shapes import of_record
from converter.events.generate.repeated import Repeated, RepeatedEvents, repeat
from converter.events.generate.same_fields import Same
from converter.events.generate.shape import Shape
from converter.events.generate.tellings import told_otherwise
from converter.events.generate.timelines import frame_of
from converter.events.generate.usual_paths import path_fields
from converter.events.generate.world import World
from converter.ir import And, Compare, Equals, Exists, Like, Not, Or, Predicate, Regex, Wild
from converter.ir.predicate import TRUE
from converter.ir.rewrite import conjunction
from converter.ir.value import Call, FieldValue
from converter.lowering.esql import normal
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Taxonomy

NAME, OTHER = Equals("user.name", "amara"), Equals("user.name", "bela")
SYSTEM = Equals("host.os.type", "windows")


def windows() -> World:
    """The world of some record that is known by its system."""
    taxonomy = load_taxonomy()
    record = next(one for one in taxonomy.records if one.when.get("host.os.type") == ("windows",))
    return World(of_record(record, taxonomy, (), frozenset({"host.os.type"})), LeafTests())


def test_an_event_is_looked_for_once_and_given_anew() -> None:
    world = World(Shape(None, "linux"), LeafTests())
    first = world.solve([(NAME, True)])
    tried = world.tests.tried
    second = world.solve([(NAME, True)])
    assert first == second and first is not second
    assert world.tests.tried == tried


def test_what_was_found_strictly_is_found_loosely() -> None:
    world = windows()
    strictly = world.solve([(SYSTEM, True)])
    tried = world.tests.tried
    assert strictly is not None and world.loosely.solve([(SYSTEM, True)]) == strictly
    assert world.tests.tried == tried


def test_what_was_refused_strictly_is_looked_for_loosely() -> None:
    world = windows()
    for _ in range(2):  # also where it is known that the group has no values
        assert world.solve([(SYSTEM, False)]) is None
        found = world.loosely.solve([(SYSTEM, False)])
        assert found is not None and found["host.os.type"] != "windows"


def test_another_shape_has_events_of_its_own() -> None:
    world = World(Shape(None, "linux", usual={"event.kind": "event"}), LeafTests())
    other = world.of(Shape(None, "linux", usual={"event.kind": "alert"}), strict=True)
    kinds = [(one.solve([(NAME, True)]) or {}).get("event.kind") for one in (world, other)]
    assert kinds == ["event", "alert"]


def test_the_world_of_another_record_is_made_once_for_each_world_and_record() -> None:
    taxonomy = load_taxonomy()
    first, second = [one for one in taxonomy.records if one.os == "windows"][:2]
    world, asked = windows(), frozenset({"process.name"})
    other = windows().of(windows().shape, strict=True)
    kinds = [
        [one.of_another(record, lambda of=record: of_record(of, taxonomy, (), asked)) for _ in range(2)]
        for one in (world, other)
        for record in (first, second)
    ]
    assert all(once is again for once, again in kinds)
    assert len({id(once) for once, _ in kinds}) == len(kinds)
    assert [once.shape.record for once, _ in kinds] == [first, second, first, second]


def test_what_the_tables_say_of_a_record_is_asked_of_each_taxonomy() -> None:
    taxonomy, asked = load_taxonomy(), frozenset({"process.name"})
    record = next(one for one in taxonomy.records if one.name == "windows_process_creation")
    alone = replace(taxonomy, records=(record,))
    predicate = Equals("process.name", "a.exe")

    def said(of: Taxonomy) -> list[object]:
        world = World(of_record(record, of, (), asked), LeafTests())
        others = list(beside(world, predicate, (), of))
        return [world.shape.absent, [other.name for other, _ in others], names_alike(of, ["source.ip"])]

    plain = said(taxonomy)
    assert all(plain) and plain[2] != {"source.ip": ()}
    assert said(alone) == [frozenset(), [], {"source.ip": ()}]
    assert said(taxonomy) == plain


def test_which_records_are_said_to_be_beside_is_asked_of_each_taxonomy() -> None:
    taxonomy = load_taxonomy()
    pairs = [
        (record, other)
        for record in taxonomy.records
        for profile in record.shapes
        for other in taxonomy.sharing(record, profile)
    ]
    record, other = next(pair for pair in pairs if said_alone(*pair, taxonomy))
    assert not said_alone(record, other, replace(taxonomy, records=(other,)))
    assert said_alone(record, other, taxonomy)


def test_events_are_looked_for_only_where_a_word_is_told_otherwise() -> None:
    looked: list[str] = []

    def shown() -> Iterator[Named]:
        looked.append("for one")
        yield "told", {}

    plain = World(Shape(None, "linux"), LeafTests())
    assert not list(told_otherwise("event.outcome", shown(), plain)) and not looked
    told = World(Shape(None, "linux", tellings={"event.outcome": 2}), LeafTests())
    found = [how for how, _ in told_otherwise("event.outcome", shown(), told)]
    assert found == ["told (1)", "told (2)"] and looked == ["for one"]


def test_what_goals_ask_is_the_same_object_when_asked_again() -> None:
    tests, both, either = LeafTests(), And((NAME, Not(OTHER))), Or((NAME, OTHER))
    made: list[tuple[dict[Group, Asked], list[Any]]] = []
    for _ in range(2):
        constraints: dict[Group, Asked] = {}
        pending: list[Any] = []
        assert tests.blocks.expand([(both, True), (either, True)], constraints, pending)
        made.append((constraints, pending))
    assert made[0] == made[1]
    assert made[0][0][Group("account", "user")].must == (NAME,)
    assert made[0][1] == [(either, True)]


def asked(tests: LeafTests, *literals: Goal) -> Asked:
    """What leaves ask of all fields together."""
    found: dict[Group, Asked] = {}
    tests.blocks.expand(literals, found, [])
    return reduce(Asked.beside, found.values())


def test_leaves_say_the_same_of_few_events_and_of_many() -> None:
    tests = LeafTests()
    fit = tests.fitting(asked(tests, (NAME, False), (OTHER, False)))
    events = [{"user.name": name} for name in ("amara", "bela", "carla")] * 8
    assert [fit(event) for event in events] == [False, False, True] * 8


FORBIDDEN: list[Predicate] = [
    *(Equals("process.args", f"-{letter}") for letter in "abcdefghijklmnopqrs"),
    Like("process.args", ("-A", Wild.ANY), ignore_case=True),
    Like("process.args", (Wild.ANY, "7")),
    Compare("process.args", ">", "z"),
    Regex("process.args", "-[b-d]x?", "lucene"),
    Exists("process.args"),
    Equals("process.args.text", "-e"),
    Like("process.arg*", ("-k",)),
]
VALUES: list[Any] = ["-a", "-b", "-AA", "x7", "zz", "-e", "-k", 7, None, [], {"text": "-e"}, ["-c", ["-a"]]]


def test_what_is_forbidden_is_the_same_whatever_was_forbidden_before() -> None:
    tests, context = LeafTests(), Context(field_type)
    some = [FORBIDDEN[start : start + size] for size in (1, 3, 19, len(FORBIDDEN)) for start in (0, 1, 8, 19)]
    for leaves in some:
        forbidden = asked(tests, *((leaf, False) for leaf in leaves))
        for value in (*VALUES, *([one, other] for one in VALUES for other in VALUES)):
            event = {"process.args": value}
            slow = not any(compile_predicate(leaf, context)(event) for leaf in leaves)
            assert tests.fitting(forbidden)(event) is slow, (leaves, value)
            assert any(tests.holds(leaf, event) for leaf in leaves) is not slow, (leaves, value)


@pytest.mark.parametrize(
    ("field", "leaf", "text"),
    [
        ("file.path", Equals("file.path", "/opt/a"), "/opt/a"),
        ("file.path", Equals("file.path", "/opt/a", ignore_case=True), None),
        ("file.path", Equals("file.path.text", "/opt/a"), None),
        ("file.path", Like("file.path", ("/opt/", Wild.ANY)), None),
        ("file.path", Exists("file.path"), None),
        ("process.pid", Equals("process.pid", 7), None),
    ],
)
def test_the_only_text(field: str, leaf: Predicate, text: str | None) -> None:
    assert only_text(field, [leaf]) == text


def test_a_path_that_is_asked_letter_by_letter_has_its_parts() -> None:
    path, named = Equals("file.path", "/opt/a.TXT"), Like("file.name", ("a.", Wild.ANY))
    fields, tests = path_fields("file", "linux"), LeafTests()
    found = list(solve_path(fields, asked(tests, (path, True), (named, True)), tests))
    assert [one["file.name"] for one in found] == ["a.TXT"]
    assert not list(solve_path(fields, asked(tests, (path, True), (named, False)), tests))


def numbered(query: str) -> Values:
    """Values of a field that count upwards, those that a pipeline's filter takes."""
    pipeline = parse_esql(query)
    filtered = conjunction(map(to_predicate, normal(pipeline).conditions))

    def change(event: dict[str, Any], name: str, number: int) -> dict[str, Any]:
        return {**event, name: number}

    return Values(pipeline, filtered, change, tuple)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("where n < 3", [{"n": 1}, {"n": 2}, {}]),
        ("where n == 2 or n == 60", [{"n": 2}, {"n": 60}, {}]),
        ("where n == 60", [{}, {}, {}]),  # none of the first fifty: then it takes none
    ],
)
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 2, 1)])
def test_values_are_looked_for_as_they_are_asked(
    query: str, expected: list[Event], order: tuple[int, ...]
) -> None:
    values = numbered(f"from x | {query} | stats c = count(*)")
    event = {"n": 0, "user.name": "amara"}
    found = {place: values.other(event, "n", 0, place) for place in order}
    assert found == {place: expected[place - 1] for place in order}


def test_recipes_of_one_timeline_are_one() -> None:
    values = numbered("from x | where n == 2 or n == 3 | stats c = count(*)")
    events = [
        Repeated(event, event, frozenset(), values, lambda changed: changed)
        for event in ({"n": 0, "user.name": "amara"}, {"n": 3, "user.name": "bela"})
    ]

    def varies(spread: Spread) -> bool:
        return any(event.has_other(spread.field, spread.pool) for event in events)

    tried: set[Recipe] = set()
    seen: dict[Recipe, list[Event]] = {}
    for total in ((1, 0), (2, 1), (3, 3)):
        recipe = Recipe(total, (Spread("n"), Spread("user.name", 2)))
        for other in neighbours(recipe, (1, 2, 5), {"n": 5, "user.name": 5}):
            if other.total:
                tried.add(other)
                plain = other.plain(varies)
                timeline = [*repeat(other, events)]
                assert [*repeat(plain, events)] == timeline == seen.setdefault(plain, timeline)
    assert len(seen) < len(tried)


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("counted", ["count(*)", "count_distinct(@timestamp)"])
def test_a_recipe_is_as_far_from_an_alert_whatever_is_kept_of_others(counted: str, is_known: bool) -> None:
    query = f"from x | stats c = {counted} by user.name | where c > 4"
    original = Remembered(compile_deciding(parse_esql(query)))
    values, measure = numbered(query), Measure(parse_esql(query), original if is_known else None)
    alone = Measure(parse_esql(query))
    events = RepeatedEvents([{"n": 0, "user.name": "amara"}], values, lambda changed: changed)
    distances = Distances(measure, tuple, events)
    start = Recipe((3,), (Spread("user.name"),))
    for recipe in neighbours(start, (1, 2, 5), {"user.name": 1}):
        if recipe.total:
            timeline = events.made(recipe)
            original.run(timeline)
            assert distances.of(recipe) == measure.of(timeline) == alone.of(timeline), recipe
            rows = distances.rows(recipe)
            assert rows == measure.rows(timeline) == alone.rows(timeline), recipe


def test_a_row_is_as_far_from_each_bound_when_it_is_asked_again() -> None:
    query = (
        "from x | stats c = count(*), d = count_distinct(n) by user.name | where c > 4 and (d < 3 or c < 9)"
    )
    measure, events = Measure(parse_esql(query)), [{"n": place, "user.name": "amara"} for place in range(12)]
    rows = [measure.rows(tuple(events[:number])) for number in (1, 2, 5, 6, 12)]
    for one in rows + rows:
        for place, bound in enumerate(measure.bounds()):
            alone = Measure(parse_esql(query))
            assert measure.off(bound, one) == alone.off([*alone.bounds()][place], one), (bound, one)


def test_what_is_found_of_each_event_of_a_timeline() -> None:
    asked: list[Event] = []

    def find(event: Event) -> int:
        asked.append(event)
        return len(event)

    one, other = {"n": 1}, {"n": 1, "m": 2}
    found = PerEvent(find)
    assert found.of_each([one, other, one]) == [1, 2, 1] == [found.of(event) for event in (one, other, one)]
    assert asked == [one, other]


def test_what_is_computed_of_other_fields_gives_no_values() -> None:
    computed = [Call("to_lower", (FieldValue("user.name"),))]
    query = parse_esql("from x | stats c = count(*)")
    values = Values(query, TRUE, lambda event, *_: event, tuple, (), computed)
    event = {"user.name": "amara", "host.name": "h"}
    found = {name: values.other(event, name, values.pools - 1, 1) for name in event}
    assert found == {"user.name": {"user.name": "x1"}, "host.name": {}}


def test_a_timeline_around_an_event_is_made_once() -> None:
    rule = parse_eql("sequence by user.name [any where n == 0] with runs=3 [any where n == 1]")
    frame = frame_of(rule, [{"n": 0, "user.name": "amara"}, {"n": 1, "user.name": "amara"}], ())
    for place in (0, 1):
        wrap = frame.wrapping(place)
        for event in ({"n": 0, "user.name": "bela"}, {"n": 2}):
            assert wrap(event) is wrap(event)
            assert wrap(event) == frame.around(place, event)
    whole = frame.around(1, {"n": 2, "user.name": "bela"})
    assert [event["n"] for event in whole] == [0, 0, 0, 2]
    assert len({event["@timestamp"] for event in whole}) == 4


def test_a_timeline_without_fields_of_one_value_is_itself() -> None:
    timeline = ({"user.name": "amara"},)
    assert written_as([Same((), {}), Same((), {})], timeline) is timeline
