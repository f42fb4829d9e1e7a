"""Plans as Splunk searches.

An event query is a `search`, with a `where` behind it for what `search` can't say:

    source="..." EventCode=1 ParentImage="*\\\\wmiprvse.exe"
    | where match(coalesce(CommandLine, ""), "...")

Data-model profiles (`cim`) put the same terms into `tstats ... where`, and what it can't say behind it.
Sequences are in `splunk_sequence`, counts and histories in `splunk_aggregate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from converter.backends.conditions import string
from converter.backends.patterns import pattern_regex
from converter.backends.splunk_script import quote_field
from converter.backends.splunk_search import quote, relaxed, searchable, write_search
from converter.backends.splunk_where import write_where
from converter.ir.predicate import (
    And,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Script,
)
from converter.ir.rewrite import conjunction, conjuncts, disjunction, fields_of, map_leaves
from converter.lowering.fidelity import Refused
from converter.lowering.plan import EventPlan, Part
from converter.regex import compile_regex
from converter.taxonomy.model import Cell, Hosts

FILL = "null"
"""What `tstats` puts for a missing field, so that it counts the event."""
HOSTS_SPAN = "-30d"
"""How far back the system of a host is looked up: Defender keeps 30 days (Microsoft, "Advanced hunting")."""
TSTATS = f'| tstats summariesonly=false allow_old_summaries=true fillnull_value="{FILL}" count'


def write_events(plan: EventPlan) -> str:
    """The search for single events. Raises Refused for what Splunk has no equivalent of."""
    if any(part.shape.datamodel for part in plan.parts):
        return write_tstats(plan.parts)
    return events(plan.parts)


def events(parts: Iterable[Part]) -> str:
    """Search terms, and a `where` where they do not say all; a search for each group of parts."""
    parts = tuple(parts)
    if len(groups := together(parts)) > 1:
        return multisearch(map(events, groups))
    terms, rest = split(parts)
    lines = [terms or "*", *_extended(parts), *([f"| where {rest}"] if rest else [])]
    computed = dict(pair for part in parts for pair in part.computed)
    lines += [f"| eval {name}={_computed(cell, parts[0])}" for name, cell in computed.items()]
    return "\n".join(lines)


def together(parts: Iterable[Part]) -> list[tuple[Part, ...]]:
    """The parts in groups that one search finds.

    A `where` can't ask which system a host has: parts that it would have to tell by that are a search each.
    Nor do parts go together whose keys are computed otherwise (a name out of a path, on several systems).
    """
    parts = tuple(parts)
    if len({part.shape.hosts for part in parts} - {None}) > 1 and not _all_searchable(parts):
        return [(part,) for part in parts]
    found: dict[tuple[str, ...], tuple[Part, ...]] = {}
    for part in parts:
        computed = tuple(_computed(cell, part) for _, cell in part.computed)
        found[computed] = (*found.get(computed, ()), part)
    return list(found.values())


def multisearch(searches: Iterable[str]) -> str:
    """The events of all searches, none of which begins with a command."""
    return "| multisearch\n" + "\n".join(
        f"    [ search {search.replace(chr(10), ' ')} ]" for search in searches
    )


def _extended(parts: Iterable[Part]) -> Iterator[str]:
    """The fields that the search computes first, of those that it asks."""
    for part in parts:
        asked = {*fields_of(part.predicate), *part.keys}
        for name, expression in part.shape.extend.items():
            if name in asked:
                yield f"| eval {quote_field(name)}={expression}"


def _computed(cell: Cell, part: Part) -> str:
    """A key that the log does not hold: the last part of a path, or two fields together (null if one is)."""
    if cell.conversion == "either":
        return f"coalesce({', '.join(map(quote_field, [cell.field, *cell.argument.split(',')]))})"
    if cell.conversion == "joined":
        return f'{quote_field(cell.field)}."/".{quote_field(cell.argument)}'
    return f"mvindex(split({quote_field(cell.field)}, {quote(part.record.separator)}), -1)"


def split(parts: Iterable[Part], write: Callable[[Predicate], str] = write_where) -> tuple[str, str]:
    """The events of all parts as (search terms, the `where` behind them, empty where none is needed).

    Parts that say the same (of records that differ elsewhere) are said once, and those that say more than
    another not at all.
    """
    said = {(*_place(part), part.predicate): part for part in parts}
    parts = tuple(part for part in said.values() if not any(_holds(other, part) for other in said.values()))
    if len(parts) == 1:
        inside, outside = halves(parts[0].predicate, frozenset(parts[0].shape.extend))
        terms = _terms(parts[0], inside)
        return terms, "" if outside == Constant(True) else write(outside)
    if _all_searchable(parts):
        return _any(_terms(part, part.predicate) for part in parts), ""
    terms = _any(_terms(part, relaxed(_blind(part.predicate, part.shape.extend))) for part in parts)
    whole = disjunction(conjunction((where_constants(part), part.predicate)) for part in parts)
    return terms, write(whole)


def _any(alternatives: Iterable[str]) -> str:
    """Search terms for one of these; none where one of them takes everything."""
    texts = list(alternatives)
    return " OR ".join(f"({text})" for text in texts) if all(texts) else ""


def _place(part: Part) -> tuple[object, ...]:
    """Where the part's events are, and what is computed of them."""
    return part.where, part.shape.hosts, tuple(part.shape.extend.items())


def _holds(part: Part, other: Part) -> bool:
    """Whether another part's events are all among the part's."""
    return (
        part is not other
        and _place(part) == _place(other)
        and disjunction((part.predicate, other.predicate)) == part.predicate
    )


def halves(predicate: Predicate, computed: Collection[str] = ()) -> tuple[Predicate, Predicate]:
    """What `search` can say (and a weaker form of the rest, for speed), and what `where` must.

    `computed`: fields that do not exist until the search is done.
    """
    items = conjuncts(predicate)
    inside = conjunction(
        item if _searchable(item, computed) else relaxed(_blind(item, computed)) for item in items
    )
    return inside, conjunction(item for item in items if not _searchable(item, computed))


def _all_searchable(parts: Iterable[Part]) -> bool:
    return all(_searchable(part.predicate, part.shape.extend) for part in parts)


def _searchable(predicate: Predicate, computed: Collection[str]) -> bool:
    return searchable(predicate) and not any(name in computed for name in fields_of(predicate))


def _blind(predicate: Predicate, computed: Collection[str]) -> Predicate:
    """A predicate without the computed fields that holds at least where this one does."""
    if isinstance(predicate, And):
        return conjunction(_blind(item, computed) for item in predicate.items)
    if isinstance(predicate, Or):
        return disjunction(_blind(item, computed) for item in predicate.items)
    return Constant(True) if any(name in computed for name in fields_of(predicate)) else predicate


def constants(part: Part) -> str:
    """The shape's constants as search terms: `source="..." EventCode=1`."""
    return " ".join(_constant(name, values) for name, values in part.where)


def where_constants(part: Part) -> Predicate:
    """The shape's constants as a predicate."""
    return conjunction(
        disjunction(Equals(name, value, ignore_case=True) for value in values) for name, values in part.where
    )


def grouped(predicate: Predicate) -> str:
    """Search terms that can stand beside others: an OR in parentheses."""
    text = write_search(predicate)
    return f"({text})" if isinstance(predicate, Or) and " OR " in text else text


def write_tstats(parts: Iterable[Part]) -> str:
    """A search over one accelerated data model. Raises Refused for parts over several."""
    parts = tuple(parts)
    models = {part.shape.datamodel for part in parts}
    if len(models) > 1 or None in models:
        raise Refused.because("cim-several-models", "tstats reads one data model at a time")
    model = str(next(iter(models)))
    terms, rest = split(parts, write_filled)
    names = dict.fromkeys(name for part in parts for name in fields_of(part.predicate))
    names.update((name, None) for part in parts for name, _ in part.where)
    prefix = model.rpartition(".")[2]
    names.setdefault(f"{prefix}.dest")
    query = f"{TSTATS} min(_time) as firstTime max(_time) as lastTime from datamodel={model}"
    query += f" where {terms}" if terms else ""
    query += " by " + " ".join(names)
    return f"{query}\n| where {rest}" if rest else query


def write_filled(predicate: Predicate) -> str:
    """The predicate behind `tstats`, where a missing field is `null`, a text: it must not hold for that."""
    return write_where(map_leaves(predicate, _filled))


def _filled(leaf: Predicate) -> Predicate:
    if isinstance(leaf, Exists):
        return Not(Equals(leaf.field, FILL))
    if isinstance(leaf, Script) or _takes_fill(leaf):
        return conjunction((*(Not(Equals(name, FILL)) for name in fields_of(leaf)), leaf))
    return leaf


def _takes_fill(leaf: Predicate) -> bool:
    match leaf:
        case Equals(value=str() as value):
            return (value.lower() if leaf.ignore_case else value) == FILL
        case Like(pattern=pattern):
            if any(isinstance(piece, str) and piece.lower() not in FILL for piece in pattern):
                return False  # without an expression to compile, as nearly all patterns are
            regex = pattern_regex(tuple(string(pattern, leaf.ignore_case).s))
        case Regex(pattern=text, dialect=dialect):
            return compile_regex(text, dialect, leaf.ignore_case).search(FILL)
        case _:
            return False
    return compile_regex(regex, "pcre", leaf.ignore_case).search(FILL)


def _terms(part: Part, predicate: Predicate) -> str:
    return " ".join(filter(None, (constants(part), _on_hosts(part.shape.hosts), grouped(predicate))))


def _on_hosts(hosts: Hosts | None) -> str:
    """The hosts of the record's system, as a subsearch; empty where the log does not say that."""
    if hosts is None:
        return ""
    told = [*((name, (value,)) for name, value in hosts.where), (hosts.column, hosts.values)]
    terms = " ".join(_constant(name, values) for name, values in told)
    return f"[search {terms} earliest={HOSTS_SPAN} | dedup {hosts.key} | fields {hosts.key}]"


def _constant(name: str, values: tuple[str, ...]) -> str:
    texts = [value if value.replace("_", "").isalnum() else quote(value) for value in values]
    return f"{name}={texts[0]}" if len(texts) == 1 else f"{name} IN ({', '.join(texts)})"
