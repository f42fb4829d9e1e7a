"""Lines of programs: found where there are any, whatever is tried first."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from converter.events.generate.command_lines import images, join
from converter.events.generate.goals import Goal
from converter.events.generate.literals import Tests as LeafTests
from converter.ir import And, Compare, Equals, Like, Not, Regex, Wild

LINE, ARGS, COUNT = "process.command_line", "process.args", "process.args_count"


def holds(text: str) -> Goal:
    """That the line has the text."""
    return Like(LINE, (Wild.ANY, text, Wild.ANY)), True


@pytest.mark.parametrize(
    ("system", "literals", "line", "args"),
    [
        ("linux", [(Equals(ARGS, "a b"), True)], "agentd a b", ["agentd", "a b"]),
        ("linux", [(Equals(ARGS, "a b"), True), holds(" run ")], None, None),
        (  # in the argument that has blanks of its own
            "linux",
            [(Like(ARGS, ("a ", Wild.ANY)), True), holds(" run ")],
            "agentd a x7 agentd x7 run  x7",
            ["agentd", "a x7 agentd x7 run  x7"],
        ),
        ("linux", [(Like(ARGS, ("a ", Wild.ANY)), True)], "agentd a x7", ["agentd", "a x7"]),
        (
            "windows",
            [(Equals(ARGS, "a b"), True), holds(" run ")],
            'agent.exe x7 run  x7 "a b"',
            ["agent.exe", "x7", "run", "x7", "a b"],
        ),
        ("linux", [(Equals(LINE, "x --go"), True), (Equals(ARGS, "--go"), True)], "x --go", ["x", "--go"]),
        ("linux", [(Equals(LINE, "x --go"), True), (Equals(ARGS, "--GO"), True)], None, None),
        (
            "linux",
            [holds("run"), (Compare(COUNT, ">", 4), True)],
            "agentd x7run x7 --quiet -n",
            ["agentd", "x7run", "x7", "--quiet", "-n"],
        ),
        ("linux", [(Equals(LINE, "x"), True), (Compare(COUNT, ">", 1), True)], None, None),
        (
            "linux",
            [(Regex(LINE, ".*(run|go) now.*", "lucene"), True), (holds("run")[0], False)],
            "xgo nowx",
            ["xgo", "nowx"],
        ),
    ],
)
def test_a_line_that_is_as_asked(
    system: str, literals: list[Goal], line: str | None, args: list[str] | None
) -> None:
    tests = LeafTests()
    block = tests.blocks.of(And(tuple(leaf if wanted else Not(leaf) for leaf, wanted in literals)), True)
    assert block is not None
    [asked] = block.asked.values()
    for _ in range(2):  # also with what is known of the texts by then
        found: dict[str, Any] = next(images("process", asked, tests, system), {})
        assert (found.get(LINE), found.get(ARGS)) == (line, args)
        assert not found or (tests.meet(found, literals) and tests.fit(found, asked))


@pytest.mark.parametrize(
    "arguments",
    [[], [""], ["x"], ["x", ""], ["a b"], ["a\tb", "c"], ['"a"', "b"], ["C:\\a\\", "-n", "\\\\b"]],
)
def test_a_line_is_joined_as_windows_joins_it(arguments: list[str]) -> None:
    assert join(arguments, "windows") == subprocess.list2cmdline(arguments)
