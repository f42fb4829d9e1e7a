"""Which records a translation takes events of: those that the rule speaks of, or its data streams.

process where process.name : "cmd.exe"            ->   the start and the end of a process, on each system
network where ...  of more kinds than one can say ->   those whose kind the rule names, else refused
data_stream.dataset : "zeek.dns"   in no table    ->   the data stream itself, in Sigma
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.ir import Predicate
from converter.lowering.describe import selectors
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.given import Given, Notes
from converter.lowering.lacking import held
from converter.lowering.recognise import names_it
from converter.lowering.streams import describes, streams, widest
from converter.taxonomy.generic import record_of
from converter.taxonomy.model import Record

_MOST = 8
"""More kinds of records than this, and the rule does not say what it speaks of."""


def records_of(predicate: Predicate, given: Given, notes: Notes) -> list[tuple[Record, Predicate]]:
    """The records that the predicate can take events of, each with what is left of the predicate.

    Raises Refused where there is none, or where the rule does not say which of too many.
    """
    found = given.spoken(predicate)
    has_one = any(given.profile.name in record.shapes for record, _ in found)
    if not has_one and given.is_sigma and (generic := _generic(predicate, given, notes)):
        return [(record, predicate) for record in generic]
    if not found:
        asked = selectors(predicate, given.taxonomy, given.index)
        message = f"no log source in the taxonomy has such events: {asked}"
        raise Refused.because("no-log-source", message, position=predicate.pos)
    if _unclear(found):
        found = _named(predicate, found, notes)
    if _unclear(found):
        message = f"the rule fits {len(found)} kinds of log records"
        raise Refused.because("log-source-unclear", message, position=predicate.pos)
    return found


def unnamed(predicate: Predicate, found: Sequence[tuple[Record, Predicate]]) -> list[Record]:
    """Of more kinds of records than one can say those that have what the rule asks and are not named by it,
    where it names others."""
    if not (_unclear(found) and any(names_it(predicate, record) for record, _ in found)):
        return []
    return [record for record, _ in held(found) if not names_it(predicate, record)]


def _unclear(found: Sequence[tuple[Record, Predicate]]) -> bool:
    return len({record.family for record, _ in found}) > _MOST


def _named(
    predicate: Predicate, found: list[tuple[Record, Predicate]], notes: Notes
) -> list[tuple[Record, Predicate]]:
    """Those records that the rule names by the kind of their events; all, where it names none."""
    named = [(record, rest) for record, rest in found if names_it(predicate, record)]
    others = unnamed(predicate, found)
    if others:
        message = f"taken to speak of the {len(named)} kinds of log records that it names, of {len(found)}"
        notes.add([Reason("log-source-chosen", message, Fidelity.NARROWER, None, predicate.pos)])
    return named or found


def _generic(predicate: Predicate, given: Given, notes: Notes) -> list[Record]:
    """The data streams that the rule names, in its conditions or by its index patterns.

    One that the tables describe holds what they say, and none of its records has such events as asked:
    the rule asks a stream outside of its index patterns, or what the stream's events do not have.
    """
    named = widest(streams(predicate, given.index))
    described = [name for name in named if describes(given.taxonomy, name, predicate)]
    left = [record_of(name) for name in named if name not in described]
    if left and described:
        message = f"{given.profile.title} holds no such events in {', '.join(described[:4])}"
        notes.add([Reason("log-source-not-held", message, Fidelity.NARROWER, None, predicate.pos)])
    return left
