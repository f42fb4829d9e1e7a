"""What our loop needs of Lark's tables, as plain data: Lark's own form of them is objects, which take 0.05 s
to make for Kusto.

A contextual lexer has a scanner for each set of terminals that may come next, and the dozens that a text
needs share most of their expressions. So the sets are merged into a few groups, each compiled once. Of the
terminals that match at a place the first one, in Lark's order, is also the first of each set that it is in;
where the parser's set has it not, that set's own scanner says what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from lark import Lark
from lark.grammar import Rule
from lark.lexer import BasicLexer, ContextualLexer, PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

Flat: TypeAlias = dict[str, Any]


class _Set(NamedTuple):
    """Terminals that may come next: those that a scanner looks for, in Lark's order; and, by the kind of one
    of them, the keywords that it matches too (a name is found, and `where` is what it reads)."""

    kinds: tuple[str, ...]
    keywords: tuple[tuple[str, tuple[str, ...]], ...]


class _Group(NamedTuple):
    """What the scanner of some sets looks for, and the keywords that some of this matches too."""

    kinds: set[str]
    keywords: set[str]


def flat(whole: Lark) -> Flat:
    """The tables of a parser, for `driver` and `scanners`.

    `rows`: for each state, by the kind of the next token or the name of what was read, the state that
    follows; or, as its number's complement, the rule that is to be reduced first. `ends`: by what is to be
    read, the first and the last state.
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
        "rules": [_rule(rule) for rule in whole.rules],
        "places": whole.options.propagate_positions,
        "placeholders": whole.options.maybe_placeholders,
        **_scanned(
            lexer.root_lexer if contextual else lexer,
            [lexer.lexers[state] if contextual else lexer for state in range(len(rows))],
        ),
    }


def _rule(rule: Rule) -> tuple[Any, ...]:
    parts = [(str(part.name), getattr(part, "filter_out", None)) for part in rule.expansion]
    made = rule.options
    options = (made.keep_all_tokens, made.expand1, made.priority, made.template_source, made.empty_indices)
    return str(rule.origin.name), parts, rule.order, rule.alias, options


def _scanned(every: BasicLexer, in_states: Sequence[BasicLexer]) -> Flat:
    """`patterns`: the terminals, in Lark's order. `groups`: what their scanners look for. `sets`: the same
    for one set alone; by the kind of what is found, the texts that are keywords; the number of its group.
    `set_of`: for each state, its set's number."""
    read_by = _read_by(every.terminals)
    texts = {one.name: one.pattern.value for one in every.terminals}
    of_states = [_set(lexer.terminals, read_by) for lexer in in_states]
    numbers = {one: number for number, one in enumerate(dict.fromkeys(of_states))}
    groups: list[_Group] = []
    sets = []
    for kinds, keywords in numbers:
        # Of two with one text Lark takes the first.
        words = {kind: {texts[name]: name for name in reversed(names)} for kind, names in keywords}
        sets.append((kinds, words, _group(kinds, read_by, groups)))
    return {
        "patterns": {one.name: one.pattern.to_regexp() for one in every.terminals},
        "newlines": [one.name for one in every.terminals if one.name in every.newline_types],
        "ignored": [one.name for one in every.terminals if one.name in every.ignore_types],
        "groups": [tuple(one.name for one in every.terminals if one.name in kinds) for kinds, _ in groups],
        "sets": sets,
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


def _group(kinds: Sequence[str], read_by: Mapping[str, Sequence[str]], groups: list[_Group]) -> int:
    """The number of the group that the set is added to. Where names may come a keyword is found as one; a set
    that has the keyword and no names is of another group, whose scanner looks for no names."""
    keywords = {name for kind in kinds for name in read_by.get(kind, ())}
    fitting = (
        number
        for number, group in enumerate(groups)
        if keywords.isdisjoint(group.kinds) and group.keywords.isdisjoint(kinds)
    )
    number = next(fitting, len(groups))
    if number == len(groups):
        groups.append(_Group(set(), set()))
    groups[number].kinds.update(kinds)
    groups[number].keywords.update(keywords)
    return number
