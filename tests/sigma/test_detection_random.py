"""Random predicates as Sigma detections: read by pySigma they ask what the predicate asks.

Regular expressions that end in `\\z` are written with `$`, which also takes a value that ends in a line feed:
there is none in the values here.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sigma.types import SigmaString, SpecialChars
from sigma_reader import holds, read

from converter.elastic.rule import Rule
from converter.ir import (
    And,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Script,
    Wild,
)
from converter.ir.rewrite import simplify
from converter.ir.value import Comparison, FieldValue
from converter.sigma.detection import detection
from converter.sigma.draft import DetectionDraft, Logsource, SigmaDraft
from converter.sigma.validation import validate_sigma
from converter.sigma.value import escape
from converter.sigma.write import write_sigma

EXAMPLES = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 1
_some = settings(max_examples=150 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

_ALPHABET = "aAbB01.\\/\"'*?[](){}^$+|-:%&=#_ ,\t\x01日"
_NUMBERED = "Number"
_texts = st.text(_ALPHABET, max_size=5)
_fields = st.sampled_from(["Image", "CommandLine", "winlog.event_data.SubjectUserName", "User"])
_wild = st.sampled_from([Wild.ANY, Wild.ONE])
_patterns = st.lists(st.one_of(_texts, _wild), max_size=5).map(tuple)
_regexes = st.sampled_from([r"a", r"^a\\b$", r"^(?:a|b\.)\z", r"a+[^b]|\d", r"(?i)b", r"^[\s\S]*\z", r"'\"#"])
_networks = st.sampled_from(["10.0.0.0/8", "10.1.2.3/8", "fe80::/10", "10.1.2.3"])
_leaves: st.SearchStrategy[Predicate] = st.one_of(
    st.builds(Equals, _fields, _texts, st.booleans()),
    st.builds(Like, _fields, _patterns, st.booleans()),
    st.builds(Like, st.just("Image"), st.tuples(st.just(Wild.ANY), _texts, st.just(Wild.ANY)), st.booleans()),
    st.builds(Exists, _fields),
    st.builds(lambda name, text, case: Regex(name, text, "pcre", case), _fields, _regexes, st.booleans()),
    st.builds(Equals, st.just(_NUMBERED), st.integers(0, 3) | st.just("10")),
    st.builds(Equals, st.just("EventID"), st.sampled_from(["1", "10", "01"])),
    st.builds(Equals, st.just("Initiated"), st.booleans()),
    st.builds(Compare, st.just(_NUMBERED), st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 3)),
    st.builds(Cidr, st.just("SourceIp"), _networks),
    st.builds(lambda a, b: Script(Comparison("==", FieldValue(a), FieldValue(b))), _fields, _fields),
)
_predicates = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda items: And(tuple(items)), st.lists(inner, min_size=2, max_size=4)),
        st.builds(lambda items: Or(tuple(items)), st.lists(inner, min_size=2, max_size=4)),
    ),
    max_leaves=12,
).filter(lambda predicate: not isinstance(simplify(predicate), Constant))
"""What holds of each event, or of none, is no condition."""
_values = st.one_of(_texts, st.lists(_texts, min_size=1, max_size=3))
_events = st.fixed_dictionaries(
    {},
    optional={
        "Image": _values,
        "CommandLine": _values,
        "winlog.event_data.SubjectUserName": _values,
        "User": _values,
        _NUMBERED: st.integers(0, 10),
        "EventID": st.sampled_from([1, 10]),
        "Initiated": st.sampled_from(["true", "false"]),
        "SourceIp": st.sampled_from(["10.1.2.3", "10.9.0.0", "11.0.0.1", "fe80::1", "x"]),
    },
)


def wanted_values(predicate: Predicate) -> dict[str, Any]:
    """An event made of what the leaves ask: random ones rarely satisfy them."""
    match predicate:
        case And(items=items) | Or(items=items):
            return {name: value for item in items for name, value in wanted_values(item).items()}
        case Not(item=item):
            return wanted_values(item)
        case Equals(field=name, value=value):
            return {name: str(value).swapcase() if isinstance(value, str) else value}
        case Like(field=name, pattern=pattern):
            return {
                name: "".join(
                    "ab" if piece is Wild.ANY else "c" if piece is Wild.ONE else piece for piece in pattern
                )
            }
    return {}


@_some
@given(_predicates, st.lists(_events, min_size=1, max_size=4))
def test_the_detection_means_the_predicate(predicate: Predicate, events: list[dict[str, Any]]) -> None:
    written = detection(predicate)
    for event in (*events, {}, wanted_values(predicate)):
        assert read(written, event) == holds(predicate, event), (written, event)


@_some
@given(_predicates)
def test_the_rule_is_valid_and_says_the_same(predicate: Predicate) -> None:
    rule = Rule("11111111-2222-4333-8444-555555555555", "Something Happens", "eql", "r.toml")
    draft = SigmaDraft((DetectionDraft(Logsource("process_creation", "windows"), predicate),))
    [text] = write_sigma(rule, draft).values()
    issues = validate_sigma(text, "proc_creation_win_something_happens.yml")
    assert not [issue for issue in issues if issue.severity == "error"], text


@_some
@given(_patterns)
def test_text_is_read_back(pattern: tuple[str | Wild, ...]) -> None:
    """pySigma's own reading of the written value has the pattern's pieces."""
    kinds: dict[Any, Wild] = {SpecialChars.WILDCARD_MULTI: Wild.ANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
    found = [part if isinstance(part, str) else kinds[part] for part in SigmaString(escape(pattern)).s]
    assert _joined(found) == _joined(pattern)


def _joined(pieces: Any) -> list[Any]:
    joined: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "" and not (piece is Wild.ANY and joined[-1:] == [Wild.ANY]):
            joined.append(piece)
    return joined
