"""SPL changed one step at a time: each command's arguments are parsed with the evaluator's own grammars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from converter.evaluate.spl.split import Command, split
from converter.evaluate.spl.text import prepare
from converter.harness.mutation.edit import Edit, Mutant, few, mutants
from converter.harness.mutation.known import NOTHING, Known
from converter.harness.mutation.settled import settled_by
from converter.harness.mutation.spl_expressions import argument_edits, eval_edits
from converter.harness.mutation.spl_terms import name_of, search_edits
from converter.harness.mutation.trees import (
    parser,
)
from converter.kept.nodes import Token, Tree, Unexpected, subtrees

_PACKAGE = "converter.evaluate.spl"
_TSTATS = re.compile(r"(?P<before>.*?\swhere\s)(?P<where>.*)(?P<after>\sby\s.*)", re.DOTALL)


def spl_mutants(text: str, most: int | None = None, known: Known = NOTHING) -> Iterator[Mutant]:
    """Texts one step from a search, `most` of each kind. Raises SourceError for one that isn't read.

    `known`: what is known of the fields.
    """
    prepared = prepare(text)
    edits = known.telling(_commands(split(prepared), known)) if prepared.content == text else ()
    return mutants(text, few(edits, most, lambda edit: edit.kind))


def _commands(commands: Iterable[Command], known: Known) -> Iterator[Edit]:
    listed = list(commands)
    searched = {name for command in listed for name in _searched(command)}
    tested = {name for name in searched if any(_tests(command, name) for command in listed)}
    settled = frozenset().union(*map(settled_by, listed)) & known.words.keys()
    for number, command in enumerate(listed):
        for edit in _command(command, frozenset(tested), settled):
            yield replace(edit, start=edit.start + command.start, end=edit.end + command.start)
        if number and command.name in ("where", "search") and not _asks_keys_again(command):
            end = command.start + len(command.arguments.rstrip())
            pipe = command.text.content.rfind("|", 0, command.name_start)
            yield Edit("predicate", pipe, end, "")
        for inner in command.subsearches:
            yield from _commands(inner, known)


def _asks_keys_again(command: Command) -> bool:
    """Whether the command only asks that the key is there, as another search does: events of one step alone
    make no sequence."""
    asked = f"{command.name} {command.arguments.strip()}"
    return asked == "where isnotnull(key)" and command.text.content.count(asked) > 1


def _searched(command: Command) -> Iterator[str]:
    """The fields that a command's search terms compare with more than being there."""
    found = _TSTATS.fullmatch(command.arguments) if command.name == "tstats" else None
    if command.name != "search" and found is None:
        return
    try:
        tree = parser(_PACKAGE, "search.lark").parse(found["where"] if found else command.arguments)
    except Unexpected:
        return
    for node in subtrees(tree):
        if node.data in ("comparison", "membership") and (name := name_of(node)) is not None:
            yield name


def _tests(command: Command, name: str) -> bool:
    return (
        command.name == "where"
        and re.search(rf"(?<![\w.]){re.escape(name)}\b", command.arguments) is not None
    )


def _command(command: Command, tested: frozenset[str], settled: frozenset[str]) -> Iterator[Edit]:
    """`tested`: the fields that search terms narrow and a `where` behind tests in full. To let either of the
    two take more changes nothing, by their being two: such changes are left out. `settled`: the fields of
    which search terms leave one value."""
    arguments = command.arguments
    told = tuple(name for inner in command.subsearches for one in inner for name in _searched(one))
    search = partial(search_edits, tested=tested, told=told)
    match command.name:
        case "search":
            yield from _parsed("search.lark", "start", arguments, search)
        case "where":
            expression = partial(eval_edits, tested=tested, settled=settled)
            yield from _parsed("eval.lark", "start", arguments, expression)
        case "eval":
            yield from _parsed("eval.lark", "assignments", arguments, eval_edits)
        case "tstats" if found := _TSTATS.fullmatch(arguments):
            shift = found.start("where")
            for edit in _parsed("search.lark", "start", found["where"], search):
                yield replace(edit, start=edit.start + shift, end=edit.end + shift)
        case "stats" | "eventstats" | "streamstats" | "sort":
            yield from _parsed("arguments.lark", "start", arguments, argument_edits)


def _parsed(
    grammar: str, start: str, text: str, edits: Callable[[str, Tree[Token]], Iterator[Edit]]
) -> Iterator[Edit]:
    starts = ("start", "assignments") if grammar == "eval.lark" else ("start",)
    try:
        tree = parser(_PACKAGE, grammar, starts).parse(text, start=start)
    except Unexpected:
        return iter(())
    return edits(text, tree)
