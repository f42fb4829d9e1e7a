"""Arguments counted in a Windows command line: the expression and the rule for splitting must agree."""

from __future__ import annotations

import itertools

import pytest
import regex

from converter.events.generate.command_lines import cut
from converter.ir import Compare, Equals
from converter.ir.predicate import Regex
from converter.lowering.conversions.argument_count import argument_count
from converter.lowering.conversions.base import Context
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Cell

RECORD = next(record for record in load_taxonomy().records if record.name == "windows_process_creation")
CONTEXT = Context(RECORD, Cell("CommandLine", "argument_count"), {}, "long")
LINES = ["".join(line) for size in range(1, 7) for line in itertools.product('a "\\', repeat=size)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_short_line_is_counted_as_it_is_split(number: int) -> None:
    """Unclosed quotes, quotes behind backslashes, empty arguments: all lines of six such letters."""
    exactly = argument_count(Equals("process.args_count", number), CONTEXT)
    at_most = argument_count(Compare("process.args_count", "<=", number), CONTEXT)
    more = argument_count(Compare("process.args_count", ">", number), CONTEXT)
    assert isinstance(exactly, Regex) and isinstance(at_most, Regex) and isinstance(more, Regex)
    found = {"==": exactly.pattern, "<=": at_most.pattern, ">": more.pattern}
    patterns = {op: regex.compile(pattern) for op, pattern in found.items()}
    for line in LINES:
        count = len(cut(line, "windows"))
        if count == 0:  # no process has none
            continue
        told = {op: bool(pattern.search(line)) for op, pattern in patterns.items()}
        assert told == {"==": count == number, "<=": count <= number, ">": count > number}, line
