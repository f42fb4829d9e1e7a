"""What is asked of groups of fields: the same, whichever way it is put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import permutations
from typing import Any

import pytest

from converter.events.generate.asked import Asked
from converter.events.generate.goals import Goal, Others, Wanted, apart
from converter.events.generate.groups import Group, field_of, group_of
from converter.events.generate.literals import Tests as LeafTests
from converter.ir import And, AnyField, Compare, Equals, Exists, Like, Not, Or, Predicate, Regex, Wild
from converter.ir.predicate import FALSE, TRUE

A, B, C = (Equals("process.args", f"-{letter}") for letter in "abc")
NAME, PATH, THERE = Equals("process.name", "a.exe"), Equals("file.path", "/a"), Exists("file.name")
EITHER, ANY = And((A, NAME)), AnyField(("x",))
NODES: list[And | Or] = [
    Or((A, B, C, NAME)),
    Or((A, PATH, B, THERE, C)),  # the group of files first where the first item is left out
    Or((A, Not(PATH), Not(EITHER), PATH)),
    Or((A, A, B)),
    Or((A, Or((B, A)), C)),  # what is left out is asked beside it
    Or((A, EITHER, B, ANY, C)),
    Or((A, EITHER, EITHER)),
    Or((A, EITHER, Not(Not(EITHER)), B)),
    Or((A, FALSE, B)),
    Or((A, TRUE, B)),
    Or((A,)),
    And((A, B, PATH, Not(C), THERE)),
    And((PATH, Not(Or((A, B))), Or((A, C)), NAME, A)),
    And((Not(A), Not(B), Not(Or((C, NAME))), Not(THERE))),
    And((A, Or((B, C)), Not(And((B, C))), ANY)),
    And((A, TRUE, Not(FALSE))),
]


Literals = dict[Group, list[Goal]]
GOALS = [(item, wanted) for item in (A, B, C) for wanted in (True, False)]


def one_by_one(goals: list[Goal]) -> tuple[Literals, list[Goal]] | None:
    """The leaves that goals ask of each group, and the choices that they leave."""
    asked: Literals = {}
    pending: list[Goal] = []
    stack = goals[::-1]
    while stack:
        node, wanted = stack.pop()
        if isinstance(node, Not):
            stack.append((node.item, not wanted))
        elif isinstance(node, And | Or) and isinstance(node, And) is wanted:
            stack += [(item, wanted) for item in reversed(node.items)]
        elif isinstance(node, And | Or | AnyField):
            pending.append((node, wanted))
        elif node in (TRUE, FALSE):
            if (node == TRUE) is not wanted:
                return None
        else:
            of_group = asked.setdefault(group_of(field_of(node) or ""), [])
            of_group += [(node, wanted)] if (node, wanted) not in of_group else []
    return asked, pending


def at_once(tests: LeafTests, goals: Iterable[Wanted]) -> tuple[Literals, list[Goal]] | None:
    """The same as blocks have it; in each group first what must hold."""
    asked: dict[Group, Asked] = {}
    pending: list[Goal] = []
    if not tests.blocks.expand(goals, asked, pending):
        return None
    return {group: as_literals(tests, one) for group, one in asked.items()}, pending


def as_literals(tests: LeafTests, asked: Asked) -> list[Goal]:
    forbidden = [leaf for _, leaf in tests.numbered.leaves(asked.never)]
    return [*((leaf, True) for leaf in asked.must), *((leaf, False) for leaf in forbidden)]


def same(found: tuple[Literals, list[Goal]] | None, slow: tuple[Literals, list[Goal]] | None) -> bool:
    """Whether both are the same: groups, choices, and what must hold in the same order."""
    if found is None or slow is None:
        return found is slow
    return (
        list(found[0]) == list(slow[0])
        and found[1] == slow[1]
        and all(
            [one for one in found[0][group] if one[1]] == [one for one in goals if one[1]]
            and set(found[0][group]) == set(goals)
            and len(found[0][group]) == len(goals)
            for group, goals in slow[0].items()
        )
    )


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("node", NODES)
def test_a_node_asks_what_its_leaves_do(node: And | Or, wanted: bool) -> None:
    assert same(at_once(LeafTests(), [(node, wanted)]), one_by_one([(node, wanted)]))


@pytest.mark.parametrize(
    "known", [[], [(B, True), (PATH, False)], [(A, False), (Not(THERE), True), (ANY, True)]]
)
@pytest.mark.parametrize("node", NODES)
def test_the_other_items_of_a_node_ask_what_each_of_them_does(node: And | Or, known: list[Goal]) -> None:
    tests, wanted = LeafTests(), isinstance(node, And)
    for item in node.items:
        goals = [*known, *((one, wanted) for one in node.items if one is not item)]
        for end in ([], [(item, True)], [(item, False)]):
            found = at_once(tests, [*known, (Others(node, item), wanted), *end])
            assert same(found, one_by_one([*goals, *end])), (item, end)
            assert apart([*known, (Others(node, item), wanted)]) == goals


LACKING = Or((THERE, A, Or((Exists("process.args"), B))))


@pytest.mark.parametrize(
    ("goals", "missing"),
    [
        ([(THERE, False)], {"file.name"}),
        ([(THERE, True), (A, False), (Not(THERE), True)], set()),
        ([(Others(LACKING, A), False)], {"file.name"}),
        ([(Others(LACKING, THERE), False)], set()),
        ([(Others(LACKING, A), True), (LACKING, False)], set()),
        ([(Others(Or((THERE, TRUE, A)), A), False)], set()),  # which nothing meets
    ],
)
def test_the_fields_that_goals_ask_to_be_missing(goals: list[Wanted], missing: set[str]) -> None:
    assert LeafTests().blocks.missing(goals) == missing


def test_what_is_asked_is_the_same_in_any_order_but_for_what_must_hold() -> None:
    tests = LeafTests()
    for some in permutations(GOALS, 3):
        for others in permutations(some):
            one, other = (asked(tests, goals) for goals in (some, others))
            must = [[leaf for leaf, wanted in goals if wanted] for goals in (some, others)]
            assert one.key == other.key
            assert (one.ordered_key == other.ordered_key) is (must[0] == must[1])
        keys = {
            frozenset(few): asked(tests, few).key for size in (1, 2, 3) for few in permutations(some, size)
        }
        assert len(set(keys.values())) == len(keys)


def test_another_leaf_that_says_the_same_is_asked_as_another() -> None:
    tests, again = LeafTests(), Equals(A.field, A.value)
    for wanted in (True, False):
        assert asked(tests, [(A, wanted)]).key != asked(tests, [(again, wanted)]).key


def test_what_is_asked_of_some_fields() -> None:
    tests = LeafTests()
    goals = [(A, True), (NAME, False), (B, False), (Equals("process.args.text", "-d"), True), (C, True)]
    whole = asked(tests, goals)
    for name in ("process.args", "process.name", "process.executable"):
        on, off = tests.numbered.on(whole, name), tests.numbered.elsewhere(whole, [name])
        assert set(as_literals(tests, on)) == {goal for goal in goals if field_of(goal[0]) == name}
        assert set(as_literals(tests, off)) == {goal for goal in goals if field_of(goal[0]) != name}
        assert [leaf for leaf in whole.must if leaf in on.must] == list(on.must)
        (again,) = tests.numbered.by_field(whole, [name]).values()
        assert (again.must, again.never) == (on.must, on.never)
    assert not tests.numbered.elsewhere(whole, ["process.args", "process.name"])


@pytest.mark.parametrize(
    ("leaf", "missing", "boolean", "number"),
    [
        (Exists("process.args"), True, False, False),
        (Equals("process.args", True), False, True, False),
        (Equals("process.args", 1), False, False, False),
        (Compare("process.args", ">", 1), False, False, True),
        (Compare("process.args", ">", True), False, False, False),
        (Compare("process.args", ">", "1"), False, False, False),
    ],
)
def test_what_kind_of_value_is_asked(leaf: Predicate, missing: bool, boolean: bool, number: bool) -> None:
    tests = LeafTests()
    for wanted in (True, False):
        for goals in ([(leaf, wanted)], [(A, True), (leaf, wanted), (B, False)]):
            one = asked(tests, goals)
            assert tests.numbered.forbids_value(one) is (missing and not wanted)
            assert tests.numbered.asks_boolean(one) is boolean
            assert tests.numbered.asks_number(one) is number


FORBIDDEN = Or(
    (
        *(Equals("process.args", f"-{letter}") for letter in "abcdefghijklmnopqrs"),
        Like("process.args", ("-A", Wild.ANY), ignore_case=True),
        Compare("process.args", ">", "z"),
        Regex("process.args", "-[b-d]x?", "lucene"),
        Exists("process.args"),
        Equals("process.args.text", "-e"),
        Like("process.arg*", ("-k",)),
        Equals("process.name", "a.exe"),
    )
)
VALUES: list[Any] = ["-a", "-AA", "zz", "-e", "-k", "-cx", "x", 7, None, [], ["-c", ["-a"]], ["x", 7]]


def test_what_is_forbidden_but_for_one_leaf() -> None:
    tests = LeafTests()
    events = [{"process.args": value} for value in VALUES] + [{"process.name": "a.exe"}, {}]
    for item in FORBIDDEN.items:
        block = tests.blocks.of(Others(FORBIDDEN, item), False)
        assert block is not None
        few = reduce(Asked.beside, block.asked.values())
        fit = tests.fitting(few)
        for event in events:
            slow = not any(tests.holds(leaf, event) for leaf in FORBIDDEN.items if leaf is not item)
            assert fit(event) is tests.fit(event, few) is slow, (item, event)


def asked(tests: LeafTests, goals: Sequence[Goal]) -> Asked:
    """What goals ask of one group."""
    found: dict[Group, Asked] = {}
    tests.blocks.expand(goals, found, [])
    [(_, one)] = found.items()
    return one
