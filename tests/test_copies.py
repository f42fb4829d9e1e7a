"""Work shared out to copies of a process: the same answers as one process gives, in the same order."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from converter.copies import in_copies
from converter.elastic.load import load_paths
from converter.pipeline import Settings, convert_rule
from converter.source import NotSupportedError, Position
from converter.streams import begun, meanwhile
from converter.taxonomy import load_taxonomy

RULES = Path(__file__).parents[1] / "fixtures" / "rules"


@pytest.mark.parametrize("jobs", [1, 2, 3, 9])
def test_results_are_in_the_order_of_the_items(jobs: int) -> None:
    assert in_copies(lambda number: number * number, range(7), jobs) == [0, 1, 4, 9, 16, 25, 36]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_items_of_a_kind_are_done_by_one_process(jobs: int) -> None:
    items = ["a1", "b1", "b2", "c1", "a2"]
    found = in_copies(lambda item: (item, os.getpid()), items, jobs, kind=lambda item: item[0])
    assert [item for item, _ in found] == items
    places = {item[0]: place for item, place in found}
    assert all(place == places[item[0]] for item, place in found)
    assert len(set(places.values())) == (jobs if sys.platform == "linux" else 1)


@pytest.mark.skipif(sys.platform != "linux", reason="copies are Linux' fork")
def test_who_is_done_takes_the_next() -> None:
    """Each in turn, the process with the longest item had half of the others as well."""
    longest, *others = in_copies(lambda item: (time.sleep(item), os.getpid())[1], [0.5, 0.0, 0.0, 0.0], 2)
    assert longest not in others


@pytest.mark.skipif(sys.platform != "linux", reason="copies are Linux' fork")
def test_what_a_copy_had_taken_when_it_died_is_done() -> None:
    mine = os.getpid()

    def work(item: int) -> int:
        if os.getpid() != mine and item > 1:
            os._exit(9)
        time.sleep(0.05 if os.getpid() == mine else 0)
        return item

    assert in_copies(work, range(6), 2) == [0, 1, 2, 3, 4, 5]


def test_nothing_to_do_is_no_process() -> None:
    assert in_copies(str, [], 2) == []


@pytest.mark.skipif(sys.platform != "linux", reason="copies are Linux' fork")
def test_a_copy_is_another_process_and_sees_what_this_one_has() -> None:
    unsendable = lambda: "seen"  # noqa: E731  (a local function cannot be pickled)
    (mine, one), (others, two) = in_copies(lambda _: (os.getpid(), unsendable()), [0, 1], 2)
    assert mine == os.getpid() != others
    assert one == two == "seen"


@pytest.mark.parametrize("bad", [0, 1])
def test_an_error_keeps_its_message_and_place(bad: int) -> None:
    """Errors of a copy are sent: those with arguments of their own must come back whole."""

    def work(number: int) -> int:
        if number == bad:
            raise NotSupportedError("this", Position(2, 7), "rule.toml", "code")
        return number

    with pytest.raises(NotSupportedError) as caught:
        in_copies(work, [0, 1], 2)
    assert str(caught.value) == "rule.toml:2:7: not supported: this"
    assert caught.value.code == "code"


def test_what_a_copy_does_not_finish_is_done_here() -> None:
    """One that the system ends (out of memory) costs the time, not the rule."""
    here = os.getpid()

    def work() -> str:
        if os.getpid() != here:
            os._exit(3)
        return "done"

    assert begun(work, 2).result() == "done"


def test_a_rule_proved_by_two_processes_has_the_verdicts_of_one() -> None:
    rule = load_paths([RULES / "suspicious_cmd_wmi.toml"]).rules[0]
    settings = Settings(tuple(load_taxonomy().profiles), max_cases=120)
    one, two = (convert_rule(rule, settings, jobs) for jobs in (1, 2))
    assert one.parity is not None and len(one.parity.verdicts) > 500
    assert one == two


def test_a_copy_works_until_its_result_is_there() -> None:
    taken, given = os.pipe()
    waiting = begun(lambda: os.read(taken, 1), 2)
    assert waiting.is_working
    os.write(given, b"x")
    assert waiting.result() == b"x"


def test_nobody_works_where_there_is_no_copy() -> None:
    assert not begun(lambda: "done", 1).is_working


@pytest.mark.skipif(sys.platform != "linux", reason="copies are Linux' fork")
def test_what_is_left_to_do_is_done_while_a_copy_works() -> None:
    taken, given = os.pipe()
    waiting = begun(lambda: os.read(taken, 1), 2)
    meanwhile(lambda: os.write(given, b"x") and None)  # without this the copy would wait for ever
    assert waiting.result() == b"x"


def test_nothing_else_is_done_where_nobody_works() -> None:
    done: list[str] = []
    meanwhile(lambda: done.append("else"))
    assert begun(lambda: "done", 1).result() == "done"
    assert done == []
