"""Whether another item of an OR holds: asked of many at once, and the same as of one after the other."""

from __future__ import annotations

import pytest

from converter.events.generate.literals import Tests as LeafTests
from converter.ir import And, Equals, Exists, Or, Predicate

FIELD = "process.name"
SHORT: Predicate = Or((Equals(FIELD, "a0"), Exists("user.name")))


@pytest.mark.parametrize("number", [1, 2, 8, 9, 64, 65, 200])
@pytest.mark.parametrize("last", [SHORT, And((SHORT, Exists("host.name"))), Equals(FIELD, "a1")])
def test_another_item_of_an_or_holds(number: int, last: Predicate) -> None:
    tests = LeafTests()
    node = Or((*(Equals(FIELD, f"a{place}") for place in range(number)), last))
    events = [{FIELD: "a0"}, {FIELD: f"a{number - 1}"}, {FIELD: "b"}, {FIELD: ["a1", "a0"]}]
    events += [{**event, "user.name": "amara", "host.name": "h"} for event in events]
    for event in events:
        for item in (node.items[0], node.items[number // 2], node.items[number - 1], last):
            others = (one for one in node.items if one is not item)
            assert tests.another_holds(node, item, event) == any(tests.holds(one, event) for one in others)
