"""Random predicates over random events, written as EQL, Sigma, SPL and KQL, agree in all evaluators.

The writers are the project's own (EQL's is here); each evaluator reads the text. A nightly run takes ten
thousand examples: `HYPOTHESIS_PROFILE=nightly`. Letters outside of ASCII come in one case only: Elasticsearch
folds ASCII alone, and the other products' folding is not documented.
"""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.backends.kusto_where import write_where as kusto_where
from converter.backends.splunk import events as splunk_events
from converter.evaluate.elastic import compile_eql
from converter.evaluate.kusto import compile_kusto
from converter.evaluate.result import CompiledQuery, Matches
from converter.evaluate.sigma import compile_sigma
from converter.evaluate.spl import compile_spl, precedence_sensitive
from converter.ir import And, Constant, Equals, Exists, Like, Not, Or, Predicate, Wild
from converter.ir.cover import without_covered
from converter.ir.rewrite import simplify
from converter.lowering.plan import Part
from converter.sigma.detection import detection
from converter.taxonomy import Record, Shape

FIELDS = ("Image", "CommandLine")
NUMBER = "Size"
_ALPHABET = "abAB01 .\\/\"'*?[](){}^$+|-:%&=,日é"
_texts = st.text(_ALPHABET, min_size=1, max_size=6)
_held = st.text(_ALPHABET + "\n", min_size=1, max_size=6)
"""What events hold: also line feeds, as in the command line of a script; a wildcard takes them."""
_fields = st.sampled_from(FIELDS)


@st.composite
def _likes(draw: st.DrawFn) -> Like:
    pieces = draw(st.lists(st.one_of(_texts, st.sampled_from([Wild.ANY, Wild.ONE])), min_size=1, max_size=4))
    plain: list[str | Wild] = []
    for piece in pieces:
        if isinstance(piece, str) and plain and isinstance(plain[-1], str):
            plain[-1] += piece
        elif not (piece is Wild.ANY and plain[-1:] == [Wild.ANY]):
            plain.append(piece)
    if plain == [Wild.ANY]:
        plain.append("a")
    return Like(draw(_fields), tuple(plain), draw(st.booleans()))


_numbers = st.integers(0, 3)


def _listed(fields: st.SearchStrategy[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Predicate]:
    """One of some values."""
    several = st.lists(values, min_size=2, max_size=3, unique=True)
    return st.builds(lambda name, found: Or(tuple(Equals(name, one) for one in found)), fields, several)


_leaves: st.SearchStrategy[Predicate] = st.one_of(
    st.builds(Equals, _fields, _texts, st.booleans()),
    st.builds(Equals, st.just(NUMBER), _numbers),
    st.builds(Exists, _fields),
    _likes(),
    _listed(_fields, _texts),
    _listed(st.just(NUMBER), _numbers),
)
_predicates = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda items: And(tuple(items)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda items: Or(tuple(items)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)
_close = st.recursive(
    st.one_of(
        st.builds(Equals, _fields, st.text("ab", min_size=1, max_size=3), st.booleans()),
        st.builds(
            Like,
            _fields,
            st.lists(st.sampled_from(["a", "b", Wild.ANY, Wild.ONE]), min_size=1, max_size=4).map(tuple),
            st.booleans(),
        ),
    ),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda items: And(tuple(items)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda items: Or(tuple(items)), st.lists(inner, min_size=2, max_size=4)),
    ),
    max_leaves=6,
)
"""Predicates so alike that one often implies another."""
_values = st.one_of(_held, st.lists(_held, min_size=2, max_size=3, unique=True))


def _rows(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = {**dict.fromkeys(FIELDS, values), NUMBER: _numbers}
    return st.lists(st.fixed_dictionaries({}, optional=fields), min_size=1, max_size=4)


_events, _array_events = _rows(_held), _rows(_values)


def eql(predicate: Predicate) -> str:
    """The predicate as an EQL condition."""
    match predicate:
        case And(items=items):
            return "(" + " and ".join(map(eql, items)) + ")"
        case Or(items=items):
            return "(" + " or ".join(map(eql, items)) + ")"
        case Not(item=item):
            return f"not ({eql(item)})"
        case Exists(field=name):
            return f"{name} != null"
        case Equals(field=name, value=value, ignore_case=ignore_case):
            text = _eql_string(value) if isinstance(value, str) else str(value)
            return f"{name} {'in~' if ignore_case else 'in'} ({text})"
        case Like(field=name, pattern=pattern, ignore_case=ignore_case):
            text = "".join(
                piece.value if isinstance(piece, Wild) else piece.replace("\\", "\\\\").replace("*", "\\*")
                for piece in pattern
            )
            return f"{name} {'like~' if ignore_case else 'like'} {_eql_string(text)}"
        case Constant(value=value):
            return str(value).lower()
    raise AssertionError(predicate)


def _eql_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def part(predicate: Predicate) -> Part:
    """The predicate as the only part of a Splunk plan."""
    shape = Shape("sysmon")
    record = Record("r", "f", "t", {}, (), {"sysmon": shape}, {})
    return Part(record, shape, predicate)


def alerts(query: CompiledQuery, events: list[dict[str, Any]]) -> set[int]:
    result = query.run(events)
    assert isinstance(result, Matches)
    return {number for (number,) in result.alerts}


def sigma(predicate: Predicate) -> str:
    head = {"title": "t", "logsource": {"category": "test"}, "detection": detection(predicate)}
    return yaml.safe_dump(head, allow_unicode=True)


def _no_star(predicate: Predicate) -> bool:
    """EQL has no way to write a literal `*` or `?` beside a wildcard."""
    match predicate:
        case And(items=items) | Or(items=items):
            return all(map(_no_star, items))
        case Not(item=item):
            return _no_star(item)
        case Like(pattern=pattern):
            return not any(isinstance(piece, str) and set(piece) & set("*?\\") for piece in pattern)
    return True


@given(_predicates, _events)
def test_single_values(predicate: Predicate, events: list[dict[str, Any]]) -> None:
    _agree(predicate, events)


@given(_predicates, _array_events)
def test_arrays(predicate: Predicate, events: list[dict[str, Any]]) -> None:
    """Kusto's text columns hold no arrays: the three others."""
    _agree(predicate, events, kusto=False)


@given(_close, st.lists(st.dictionaries(_fields, st.text("ab", min_size=1, max_size=4)), max_size=8))
def test_what_is_left_out_as_covered_changes_nothing(
    predicate: Predicate, events: list[dict[str, Any]]
) -> None:
    left = without_covered(simplify(predicate))
    if left == simplify(predicate):
        return
    found = {str(one): alerts(compile_eql(f"any where {eql(one)}"), events) for one in (predicate, left)}
    assert len(set(map(frozenset, found.values()))) == 1, found


def _agree(predicate: Predicate, events: list[dict[str, Any]], kusto: bool = True) -> None:
    predicate = simplify(predicate)
    if isinstance(predicate, Constant):
        return
    found = {"sigma": alerts(compile_sigma(sigma(predicate)), events)}
    text = splunk_events((part(predicate),))
    assert not precedence_sensitive(text), text
    found["spl"] = alerts(compile_spl(text or "*"), events)
    if _no_star(predicate):
        found["eql"] = alerts(compile_eql(f"any where {eql(predicate)}"), events)
    if kusto:
        types = {**dict.fromkeys(FIELDS, "string"), NUMBER: "long"}
        query = f"T | where {kusto_where(predicate, types)}"
        found["kql"] = alerts(compile_kusto(query, schemas={"T": types}), events)
    assert len(set(map(frozenset, found.values()))) == 1, (found, predicate, text)
