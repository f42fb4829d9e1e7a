"""SPL changed one step at a time: each command's arguments are parsed with the evaluator's own grammars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from converter.evaluate.spl.split import Command, split
from converter.evaluate.spl.text import prepare
from converter.harness.mutation.edit import Edit, Mutant, few, mutants, swaps, table
from converter.harness.mutation.known import NOTHING, Known
from converter.harness.mutation.settled import settled_by
from converter.harness.mutation.texts import expression_edits, value_edits, wildcard_edits
from converter.harness.mutation.trees import (
    Node,
    dropped,
    joined,
    operands,
    parser,
    renamed,
    span,
    stepped,
    subtrees,
    tokens,
    unwrapped,
)

_PACKAGE = "converter.evaluate.spl"
_TSTATS = re.compile(r"(?P<before>.*?\swhere\s)(?P<where>.*)(?P<after>\sby\s.*)", re.DOTALL)
_SPAN = re.compile(r'"-(\d+)[smhd]"')
_EXPRESSIONS = ("match", "mvfind", "replace")
"""Functions whose second argument is a regular expression."""


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
    except UnexpectedInput:
        return
    for node in subtrees(tree):
        if node.data in ("comparison", "membership") and (name := _name(node)) is not None:
            yield name


def _name(node: Node) -> str | None:
    """The field of a search term that asks for more than that it is there."""
    if not isinstance(node, Tree) or node.data not in ("comparison", "membership"):
        return None
    words = [str(token).strip('"') for token in tokens(node)]
    return None if words[-1] == "*" else words[0]


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
    search = partial(_search, tested=tested, told=told)
    match command.name:
        case "search":
            yield from _parsed("search.lark", "start", arguments, search)
        case "where":
            expression = partial(_expression, tested=tested, settled=settled)
            yield from _parsed("eval.lark", "start", arguments, expression)
        case "eval":
            yield from _parsed("eval.lark", "assignments", arguments, _expression)
        case "tstats" if found := _TSTATS.fullmatch(arguments):
            shift = found.start("where")
            for edit in _parsed("search.lark", "start", found["where"], search):
                yield replace(edit, start=edit.start + shift, end=edit.end + shift)
        case "stats" | "eventstats" | "streamstats" | "sort":
            yield from _parsed("arguments.lark", "start", arguments, _arguments)


def _parsed(
    grammar: str, start: str, text: str, edits: Callable[[str, Tree[Token]], Iterator[Edit]]
) -> Iterator[Edit]:
    starts = ("start", "assignments") if grammar == "eval.lark" else ("start",)
    try:
        tree = parser(_PACKAGE, grammar, starts).parse(text, start=start)
    except UnexpectedInput:
        return iter(())
    return edits(text, tree)


def _is_word(node: Node) -> bool:
    return isinstance(node, Token) and node.type in ("_AND", "_OR", "_NOT")


# ---- search terms


def _search(
    text: str, tree: Tree[Token], tested: frozenset[str], told: tuple[str, ...] = ()
) -> Iterator[Edit]:
    """`told`: the fields that the search's own subsearches compare."""
    for node in subtrees(tree):
        match node.data:
            case "conjunction":
                items = operands(node, _is_word)
                alone = {span(item) for item in items if not _is_narrowing(item, tested)}
                asked = [_only_term(item) or "" for item in items]
                joins = any(isinstance(item, Tree) and item.data == "subsearch" for item in map(_only, items))
                for place, edit in enumerate(dropped("predicate", items)):
                    if span(items[place]) in alone:
                        beside = (*asked[:place], *asked[place + 1 :])
                        name, value = _term_of(items[place])
                        looked_up = told if joins else ()
                        yield replace(edit, field=name, value=value, beside=beside, told=looked_up)
                for place, (left, right) in enumerate(pairwise(items)):
                    if span(left) in alone and span(right) in alone:
                        both = " ".join(filter(None, asked[place : place + 2]))
                        beside = (*asked[:place], *asked[place + 2 :])
                        whole = both if all(asked[place : place + 2]) else ""
                        for edit in joined(text, [left, right], "OR"):
                            yield replace(edit, field=whole, beside=beside)
            case "disjunction":
                items = operands(node, _is_word)
                yield from dropped("element", items)
                yield from joined(text, items, "AND")
            case "negated":
                start, _ = span(node)
                yield Edit("negation", start, span(node.children[1])[0], "")
            case "comparison" | "membership":
                narrowed = _name(node) in tested
                yield from (edit for edit in _term(node) if not narrowed or edit.kind != "wildcard")
            case "group" if any(token.type == "_OR" for token in tokens(node)):
                yield from unwrapped(text, node)
    yield from renamed(_names(tree))


def _is_narrowing(node: Node, tested: frozenset[str]) -> bool:
    """Whether a `where` behind tests all that is asked here."""
    terms = subtrees(node) if isinstance(node, Tree) else ()
    names = [_name(term) for term in terms if term.data in ("comparison", "membership")]
    negated = any(term.data == "negated" for term in terms)
    return bool(names) and not negated and tested.issuperset(name or "" for name in names)


def _only_term(node: Node) -> str | None:
    """The field of the one search term that the node is."""
    return _name(_only(node))


def _only(node: Node) -> Node:
    """What the node holds, where that is one thing."""
    while isinstance(node, Tree) and node.data in ("conjunction", "disjunction") and len(node.children) == 1:
        (node,) = node.children
    return node


def _term_of(node: Node) -> tuple[str, str]:
    """The field and the value of the one search term that the node is: `*` where it asks that it is there."""
    node = _only(node)
    words = [str(token).strip('"') for token in tokens(node)] if isinstance(node, Tree) else []
    plain = isinstance(node, Tree) and node.data == "comparison" and len(words) == 3 and words[1] == "="
    return (words[0], words[2]) if plain else (_name(node) or "", "")


def _tokens(node: Node) -> Iterator[Token]:
    return tokens(node) if isinstance(node, Tree) else iter((node,))


def _names(tree: Tree[Token]) -> Iterator[Token]:
    for node in subtrees(tree):
        if node.data == "name":
            yield from tokens(node)


def _term(node: Tree[Token]) -> Iterator[Edit]:
    """`name OPERATOR value`, or `name IN (value, ...)`."""
    for child in node.children:
        if isinstance(child, Token):
            yield from swaps(str(child), *span(child), table("spl", "words"))
    values = [child for child in node.children if isinstance(child, Tree) and child.data == "value"]
    name = next(str(token).strip('"') for token in tokens(node))
    if node.data == "membership":
        yield from dropped("element", values)
    for value in values:
        for token in tokens(value):
            quoted = token.type == "STRING"
            start = span(token)[0] + quoted
            spelled = str(token)[1:-1] if quoted else str(token)
            if spelled.isdigit():
                yield from stepped(token, "value")
            else:
                yield from value_edits(spelled, start)
                for edit in wildcard_edits(spelled, start):
                    first, last = edit.start - start, edit.end - start
                    made = spelled[:first] + edit.after + spelled[last:]
                    yield replace(edit, field=name, value=spelled, made=made)


# ---- expressions of eval and where


def _expression(
    text: str,
    tree: Tree[Token],
    tested: frozenset[str] = frozenset(),
    settled: frozenset[str] = frozenset(),
) -> Iterator[Edit]:
    for node in subtrees(tree):
        match node.data:
            case "conjunction":
                items = operands(node, _is_word)
                yield from (
                    edit
                    for place, edit in enumerate(dropped("predicate", items))
                    if not _asks_only(items[place], settled)
                )
                yield from joined(text, items, "OR")
            case "disjunction":
                items = operands(node, _is_word)
                yield from dropped("element", items)
                yield from joined(text, items, "AND")
            case "negated":
                yield Edit("negation", span(node)[0], span(node.children[1])[0], "")
            case "comparison" | "equality":
                yield from _comparison(node)
            case "call":
                narrowed = any(str(token).strip("'") in tested for token in tokens(node))
                for edit in _call(node):
                    looser = narrowed and edit.kind == "anchor"
                    if not looser and not (edit.kind == "aggregate" and edit.field in settled):
                        yield edit
            case "membership":
                yield from dropped(
                    "element", [child for child in node.children[3:-1] if isinstance(child, Tree)]
                )
        yield from _groups(text, node)
    yield from renamed(token for token in tokens(tree) if token.type in ("FIELD", "QUOTED"))


def _asks_only(node: Node, names: frozenset[str]) -> bool:
    """Whether an expression asks fields, and no others than these."""
    fields = {str(token).strip("'") for token in _tokens(node) if token.type in ("FIELD", "QUOTED")}
    return bool(fields) and fields <= names


def _groups(text: str, parent: Tree[Token]) -> Iterator[Edit]:
    """Parentheses that hold together what the parent would take apart."""
    for child in parent.children:
        if isinstance(child, Tree) and child.data == "group":
            inner = child.children[1]
            loose = {"negated": ("conjunction", "disjunction"), "conjunction": ("disjunction",)}
            if isinstance(inner, Tree) and inner.data in loose.get(str(parent.data), ()):
                yield from unwrapped(text, child)


def _comparison(node: Tree[Token]) -> Iterator[Edit]:
    for child in node.children:
        if isinstance(child, Token):
            yield from swaps(str(child), *span(child), table("spl", "words"))
        elif child.data == "number":
            for token in tokens(child):
                yield from stepped(token)
        elif child.data == "string":
            for token in tokens(child):
                yield from value_edits(str(token)[1:-1], span(token)[0] + 1)


def _asked(arguments: Sequence[Tree[Token]]) -> str:
    """The field that is a call's first argument (`EventCode`, 'Filesystem.action')."""
    found = list(tokens(arguments[0])) if arguments else []
    return str(found[0]).strip("'") if len(found) == 1 else ""


def _call(node: Tree[Token]) -> Iterator[Edit]:
    head = node.children[0]
    assert isinstance(head, Token)
    name = str(head).rstrip("( \t")
    start = span(head)[0]
    arguments = [child for child in node.children[1:] if isinstance(child, Tree)]
    asked = _asked(arguments)
    for edit in swaps(name, start, start + len(name), table("spl", "calls")):
        yield replace(edit, field=asked)
    if name == "coalesce":
        yield from dropped("element", arguments)
    for place, argument in enumerate(arguments):
        if argument.data != "string":
            continue
        (token,) = tokens(argument)
        spelled, first = str(token)[1:-1], span(token)[0] + 1
        if name in _EXPRESSIONS and place == 1:
            yield from (
                replace(edit, field=asked, value=spelled) for edit in expression_edits(spelled, first)
            )
        elif name == "like":
            yield from value_edits(spelled, first)
            yield from wildcard_edits(spelled, first, "%")
        elif found := _SPAN.fullmatch(str(token)):
            at = span(token)[0] + found.start(1)
            for number in (int(found[1]) + 1, int(found[1]) - 1):
                yield Edit("timespan", at, at + len(found[1]), str(number))
        else:
            yield from value_edits(spelled, first)


# ---- stats, streamstats, sort


def _arguments(text: str, tree: Tree[Token]) -> Iterator[Edit]:
    words = list(tokens(tree))
    for word in words:
        yield from swaps(str(word), *span(word), table("spl", "arguments"))
        if word.type == "WORD" and str(word).startswith("-"):
            yield Edit("order", span(word)[0], span(word)[0] + 1, "")
    places = [number for number, word in enumerate(words) if str(word).lower() == "by"]
    if places:
        keys = words[places[-1] + 1 :]
        yield from dropped("key", keys)
        if len(keys) == 1:
            yield Edit("key", span(words[places[-1]])[0], span(keys[0])[1], "")
    elif len(words) > 2 and str(words[0]) == "0":
        yield from dropped("order", words[1:])
        for word in words[1:]:
            start, end = span(word)
            yield Edit("order", start, end, str(word)[1:] if str(word).startswith("-") else f"-{word}")
