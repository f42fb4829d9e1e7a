"""What a query string matches.

Source: Lucene's classic `QueryParserBase` (how conjunctions and modifiers make clauses required, optional
or prohibited; words next to each other are one text) and Elasticsearch's `QueryStringQueryParser`
(operators such as `>=` before a word, `_exists_`, a purely negative group matches all else).
"""

from __future__ import annotations

import re
from typing import Literal, cast

from converter.elastic.analysis import standard_tokens
from converter.elastic.lucene.reader import has_wildcard, read_lucene, unescape
from converter.elastic.lucene.tree import Clause, Group, Leaf
from converter.elastic.queries import (
    FieldType,
    Operator,
    all_of,
    any_of,
    between,
    match,
    pattern_of,
    range_,
    wildcard,
)
from converter.elastic.regexes import regex_leaf
from converter.elastic.types import TEXT_TYPES
from converter.elastic.types import field_type as ecs_type
from converter.ir import TRUE, AnyField, Exists, Not, Or, Predicate, Wild
from converter.late import late
from converter.source import NotSupportedError

Occur = Literal["must", "should", "must_not"]

_SPACE = " \t\n\r\u3000"
_OPERATOR = late(r"(>=|<=|>|<)(.+)", re.DOTALL)
_RANGE = late(
    r'([\[{])\s*("(?:\\"|[^"])+"|[^\s\]}]+)\s+TO\s+("(?:\\"|[^"])+"|[^\s\]}]+)\s*([\]}])', re.DOTALL
)


def parse_lucene(text: str, *, field_type: FieldType = ecs_type, default_and: bool = False) -> Predicate:
    """The predicate of a query string; a blank one matches every event, as Kibana has it.

    `field_type` names a field's Elasticsearch type; `default_and` is `default_operator: AND`. Boosts are
    ignored, since nothing is scored. Raises :class:`QuerySyntaxError`, and :class:`NotSupportedError` for
    fuzzy and proximity queries and where Elasticsearch would answer with an error.
    """
    if not text.strip(_SPACE):
        return TRUE
    return _Meaning(field_type, default_and).group(read_lucene(text), None)


class _Meaning:
    def __init__(self, field_type: FieldType, default_and: bool) -> None:
        self.field_type = field_type
        self.default_and = default_and

    def group(self, group: Group, field: str | None) -> Predicate:
        """Weigh the clauses: with a required one the optional ones decide nothing."""
        clauses: list[tuple[Occur, Predicate]] = []
        for clause in _join_words(group.clauses):
            if clause.conjunction == "AND" and clauses and clauses[-1][0] != "must_not":
                clauses[-1] = ("must", clauses[-1][1])
            if clause.conjunction == "OR" and self.default_and and clauses[-1][0] != "must_not":
                clauses[-1] = ("should", clauses[-1][1])
            clauses.append((self.occur(clause), self.clause(clause, field)))
        required = [item for occur, item in clauses if occur == "must"]
        optional = [item for occur, item in clauses if occur == "should"]
        excluded = [Not(item, pos=item.pos) for occur, item in clauses if occur == "must_not"]
        if not required and optional:
            required = [any_of(optional, group.pos)]
        return all_of([*required, *excluded], group.pos)

    def occur(self, clause: Clause) -> Occur:
        if clause.modifier == "-":
            return "must_not"
        if self.default_and:
            return "should" if clause.conjunction == "OR" else "must"
        return "must" if clause.modifier == "+" or clause.conjunction == "AND" else "should"

    def clause(self, clause: Clause, field: str | None) -> Predicate:
        field = field if clause.field is None else clause.field
        if isinstance(clause.item, Group):
            return self.group(clause.item, field)
        leaf = clause.item
        if leaf.fuzzy:
            what, code = (
                ("proximity", "lucene-proximity") if leaf.kind == "QUOTED" else ("fuzzy", "lucene-fuzzy")
            )
            raise NotSupportedError(f"{what} query {leaf.text}~", leaf.pos, code=code)
        if field == "_exists_":
            return Exists(unescape(leaf.text.strip('"'), leaf.pos), pos=clause.pos)
        if field == "*":
            field = None
        if leaf.kind == "REGEX":
            return self.regex(field, leaf)
        if leaf.kind == "RANGE":
            return self.range(field, leaf)
        if leaf.kind == "QUOTED":
            return self.words(field, unescape(leaf.text[1:-1], leaf.pos), leaf, phrase=True)
        if leaf.kind == "WORD" and has_wildcard(leaf.text):
            return self.wildcard(field, leaf)
        return self.words(field, unescape(leaf.text, leaf.pos), leaf, phrase=False)

    def words(self, field: str | None, text: str, leaf: Leaf, *, phrase: bool) -> Predicate:
        operator = None if phrase else _OPERATOR.fullmatch(text)
        if operator:
            if field is None:
                raise NotSupportedError("a comparison without a field", leaf.pos, code="lucene-range")
            op = cast(Operator, operator.group(1))
            return range_(field, self.field_type(field), op, operator.group(2), leaf.pos)
        if field is None:
            if self.default_and and len(standard_tokens(text)) > 1 and not phrase:
                raise NotSupportedError(
                    "several words in any field, all required", leaf.pos, code="lucene-words"
                )
            return AnyField((text,), phrase, pos=leaf.pos)
        found = match(field, self.field_type(field), text, leaf.pos, phrase=phrase)
        if self.default_and and isinstance(found, Or):
            return all_of(found.items, leaf.pos)
        return found

    def wildcard(self, field: str | None, leaf: Leaf) -> Predicate:
        pattern = pattern_of(leaf.text)
        if field is None:
            return TRUE if pattern == (Wild.ANY,) else AnyField(pattern, pos=leaf.pos)
        kind = self.field_type(field)
        is_prefix = len(pattern) == 2 and isinstance(pattern[0], str) and pattern[1] is Wild.ANY
        if (
            kind in TEXT_TYPES
            and is_prefix
            and standard_tokens(str(pattern[0])) != (str(pattern[0]).lower(),)
        ):
            # Kibana asks for `analyze_wildcard`: the words of a prefix would be looked for one by one.
            what = f"prefix of several words on the text field {field}"
            raise NotSupportedError(what, leaf.pos, code="prefix-on-text")
        return wildcard(field, kind, pattern, leaf.pos)

    def regex(self, field: str | None, leaf: Leaf) -> Predicate:
        kind = "a bare value" if field is None else self.field_type(field)
        if field is None or kind not in ("keyword", "wildcard", "constant_keyword", "flattened"):
            what = f"regular expression on {field or 'any field'} ({kind})"
            raise NotSupportedError(what, leaf.pos, code="regexp-on-type")
        return regex_leaf(field, leaf.text[1:-1], pos=leaf.pos)

    def range(self, field: str | None, leaf: Leaf) -> Predicate:
        parts = _RANGE.fullmatch(leaf.text)
        if field is None or parts is None:
            raise NotSupportedError("a range without a field", leaf.pos, code="lucene-range")
        opening, low, high, closing = parts.groups()
        kind = self.field_type(field)
        low_end = high_end = None
        if low != "*":
            op: Operator = ">=" if opening == "[" else ">"
            low_end = range_(field, kind, op, _bound(low, leaf), leaf.pos)
        if high != "*":
            op = "<=" if closing == "]" else "<"
            high_end = range_(field, kind, op, _bound(high, leaf), leaf.pos)
        if low_end and high_end:
            return between(field, low_end, high_end, leaf.pos)
        return low_end or high_end or Exists(field, pos=leaf.pos)


def _bound(text: str, leaf: Leaf) -> str:
    return unescape(text[1:-1] if text.startswith('"') else text, leaf.pos)


def _join_words(clauses: tuple[Clause, ...]) -> list[Clause]:
    """Plain words that stand together are one text (`new york` is not split).

    A word joins only if neither an AND, an OR nor a suffix follows it, as the classic parser looks ahead.
    """
    joined: list[Clause] = []
    run: list[Leaf] = []

    def end_run() -> None:
        if run:
            text = " ".join(leaf.text for leaf in run)
            joined.append(Clause(Leaf("WORD", text, run[0].pos), None, None, None, run[0].pos))
            run.clear()

    for index, clause in enumerate(clauses):
        leaf = clause.item
        following = clauses[index + 1] if index + 1 < len(clauses) else None
        if _is_plain(clause) and (following is None or _lets_join(following)):
            run.append(cast(Leaf, leaf))
        else:
            end_run()
            joined.append(clause)
    end_run()
    return joined


def _is_plain(clause: Clause) -> bool:
    leaf = clause.item
    return (
        isinstance(leaf, Leaf)
        and leaf.kind == "WORD"
        and not (leaf.fuzzy or leaf.boosted or has_wildcard(leaf.text))
        and clause.field is None
        and clause.modifier is None
        and clause.conjunction is None
    )


def _lets_join(following: Clause) -> bool:
    is_star = isinstance(following.item, Leaf) and following.item.text == "*"
    return following.conjunction is None and not (is_star and following.modifier is None)
