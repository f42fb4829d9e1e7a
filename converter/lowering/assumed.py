"""What a translation takes for granted, where no event that is written for the cases says otherwise.

    process.args == "whoami"  on Windows   its quotes stand around it as a whole: not `who"am"i`
    by host.id  as Computer                machines have different names

An assumption is no declared difference: the translation is exact where it holds. It is told in the report,
so that who knows a log in which it does not hold can see it.
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.elastic.fuzzy import expansions, is_fuzzy
from converter.ir.predicate import Exists, Phrase, Predicate
from converter.ir.rewrite import sub_values, value_fields
from converter.ir.value import Call, Value
from converter.lowering.fidelity import Assumption
from converter.taxonomy.model import Cell, Profile, Record, Shape

_QUOTES = (
    'the text that is asked for stands in quotes as a whole, or not at all: `"whoami"`, and not `who"am"i`'
)
_WORDS = "the words beside those of the phrase are of ASCII letters: of `évil`, `vil` counts as a word"
_SUBSEARCH = "the hosts that the subsearch looks up are no more than it may return (limits.conf: 10,000)"
_SPELLINGS = "an index holds no more spellings of the text than a fuzzy match looks for, {}"
_LONGER = (
    "it is run by hand, or put into a function: it has {:,} characters, of which a rule takes {:,} at most"
)


def of_leaf(leaf: Predicate, name: str, cell: Cell, record: Record) -> Iterator[Assumption]:
    """Of a condition that is said as it stands. Source: "Parsing C command-line arguments", Microsoft, for
    quotes within a word; Unicode Standard Annex #29 for words."""
    if cell.conversion == "argument" and record.os == "windows" and not isinstance(leaf, Exists):
        yield Assumption("argument-quotes", _QUOTES, name)
    if isinstance(leaf, Phrase):
        yield Assumption("ascii-words", _WORDS, name)


def of_fuzzy(condition: Value) -> Iterator[Assumption]:
    """Of a fuzzy match, for which each spelling is written out. Source: "Fuzzy query", max_expansions,
    Elasticsearch's reference."""
    for one in sub_values(condition):
        if isinstance(one, Call) and is_fuzzy(one):
            name = next(value_fields(one), None)
            yield Assumption("fuzzy-spellings", _SPELLINGS.format(expansions(one)), name)


def of_key(name: str, cell: Cell) -> Iterator[Assumption]:
    """Of a field to join or group by that the log has another value for."""
    if cell.conversion == "key":
        yield Assumption("same-key", f"{cell.field} tells apart what {name} does", name)


def of_shape(shape: Shape, profile: Profile) -> Iterator[Assumption]:
    """Of how a record is told from others. Source: "limits.conf", [subsearch] maxout, Splunk."""
    if shape.hosts is not None and profile.target == "splunk":
        yield Assumption("subsearch-rows", _SUBSEARCH)


def of_length(text: str, profile: Profile) -> Iterator[Assumption]:
    """Of a query's length, where the target's rules take no longer one (`longest`)."""
    if profile.longest is not None and len(text) > profile.longest:
        yield Assumption("query-length", _LONGER.format(len(text), profile.longest))
