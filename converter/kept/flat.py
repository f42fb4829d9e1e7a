"""What our loop needs of Lark's tables, as plain data: Lark's own form of them is objects, which take 0.05 s
to make for Kusto."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from lark import Lark
from lark.grammar import Rule
from lark.lexer import BasicLexer, ContextualLexer, PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

from converter.kept.first import first_characters

Flat: TypeAlias = dict[str, Any]


class _Set(NamedTuple):
    """Terminals that may come next: those that a scanner looks for, in Lark's order; and, by the kind of one
    of them, the keywords that it matches too (a name is found, and `where` is what it reads)."""

    kinds: tuple[str, ...]
    keywords: tuple[tuple[str, tuple[str, ...]], ...]


def flat(whole: Lark) -> Flat:
    """The tables of a parser, for `driver` and `scanners`.

    `rows`: for each state, by the kind of the next token or the name of what was read, the state that
    follows; or, as its number's complement, the rule that is to be reduced first. `ends`: by what is to be
    read, the first and the last state. `rules`: see `_rule`. `places`: whether a node's end is asked for.
    """
    parsing: Any = whole.parser
    table, lexer = parsing.parser._parse_table, parsing.lexer
    rows = [table.states[state] for state in range(len(table.states))]
    numbers = {rule: ~number for number, rule in enumerate(whole.rules)}
    contextual = isinstance(lexer, ContextualLexer)
    return {
        "rows": [
            {kind: where if action is Shift else numbers[where] for kind, (action, where) in row.items()}
            for row in rows
        ],
        "ends": {start: (table.start_states[start], end) for start, end in table.end_states.items()},
        "rules": [_rule(rule, whole.options.maybe_placeholders) for rule in whole.rules],
        "places": whole.options.propagate_positions,
        **_scanned(
            lexer.root_lexer if contextual else lexer,
            [lexer.lexers[state] if contextual else lexer for state in range(len(rows))],
        ),
    }


def _rule(rule: Rule, placeholders: bool) -> tuple[Any, ...]:
    """How many parts it has, its name, that of its node, whether a single part stands for the node, the parts
    that are taken (None: all, as they are), and how many others at the end were left out.

    Of a part that is taken: its place, whether its own parts take its place, how many were left out before.
    """
    options, size = rule.options, len(rule.expansion)
    left_out = "".join("10"[not is_out] for is_out in options.empty_indices) if placeholders else ""
    *before, after = map(len, left_out.split("0")) if left_out else (0,) * (size + 1)
    taken: list[tuple[int, bool, int]] = []
    nones = 0
    for place, part in enumerate(rule.expansion):
        nones += before[place]
        if options.keep_all_tokens or not getattr(part, "filter_out", False):
            taken.append((place, not part.is_term and part.name.startswith("_"), nones))
            nones = 0
    as_they_are = not left_out and taken == [(place, False, 0) for place in range(size)]
    name = str(rule.alias or options.template_source or rule.origin.name)
    expands = bool(options.expand1 and not rule.alias)
    return size, str(rule.origin.name), name, expands, None if as_they_are else taken, nones + after


def _scanned(every: BasicLexer, in_states: Sequence[BasicLexer]) -> Flat:
    """`texts`, `patterns`: the terminals. `first`: with what they begin. `sets`: what a scanner looks for;
    and, by the kind of what is found, the texts that are keywords. `set_of`: for each state, its set's
    number."""
    read_by = _read_by(every.terminals)
    texts = {one.name: one.pattern.value for one in every.terminals if isinstance(one.pattern, PatternStr)}
    patterns = {one.name: one.pattern.to_regexp() for one in every.terminals}
    of_states = [_set(lexer.terminals, read_by) for lexer in in_states]
    numbers = {one: number for number, one in enumerate(dict.fromkeys(of_states))}
    return {
        "texts": texts,
        "patterns": {kind: pattern for kind, pattern in patterns.items() if kind not in texts},
        "first": {kind: "".join(sorted(first_characters(pattern))) for kind, pattern in patterns.items()},
        "newlines": [one.name for one in every.terminals if one.name in every.newline_types],
        "ignored": [one.name for one in every.terminals if one.name in every.ignore_types],
        "sets": [
            # Of two keywords with one text Lark takes the first.
            (kinds, {kind: {texts[name]: name for name in reversed(names)} for kind, names in keywords})
            for kinds, keywords in numbers
        ],
        "set_of": [numbers[one] for one in of_states],
    }


def _read_by(terminals: Collection[TerminalDef]) -> Mapping[str, Sequence[str]]:
    """By the kind of an expression, the keywords that it matches: as Lark's lexer finds them."""
    words = [one for one in terminals if isinstance(one.pattern, PatternStr)]
    if any(one.pattern.flags for one in words):
        raise NotImplementedError("a keyword in either case, other than as an expression")
    found = {}
    for one in terminals:
        if not isinstance(one.pattern, PatternStr):
            match = re.compile(one.pattern.to_regexp()).match
            alike = [word for word in words if word.priority == one.priority]
            found[one.name] = [
                word.name
                for word in alike
                if (said := match(word.pattern.value)) and said[0] == word.pattern.value
            ]
    return found


def _set(terminals: Collection[TerminalDef], read_by: Mapping[str, Sequence[str]]) -> _Set:
    names = {one.name for one in terminals}
    keywords = tuple(
        (one.name, read)
        for one in terminals
        if (read := tuple(name for name in read_by.get(one.name, ()) if name in names))
    )
    names -= {name for _, read in keywords for name in read}
    return _Set(tuple(one.name for one in terminals if one.name in names), keywords)
