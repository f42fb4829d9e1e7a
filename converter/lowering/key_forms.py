"""Whether the logs of a rule's events write what it joins or groups by alike.

process.pid      4688: NewProcessId "0x1f4"     5156: ProcessID "500"       never equal
host.id          Sysmon: Computer "WKS-7"       a data stream: host.id      never equal
process.name     auditd: comm "a"               Sysmon: Image "/tmp/a"      never equal in Sigma
agent.id         Sysmon: Computer "WKS-7"       process.entity_id: ProcessGuid   never equal
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from converter.ir import Key
from converter.lowering.conversions.values import named_account
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.given import Given
from converter.lowering.keys import key_field
from converter.lowering.plan import Part, SequencePlan
from converter.lowering.record_fields import RecordFields

_OWN = ("key", "joined", "hexadecimal", "hive", "renamed", "lowered")
"""Conversions to another value than Elastic's."""
_MAYBE_WHOLE = ("holding", "until")
"""Conversions to a part of a value that may be all of it."""

_MACHINES = frozenset({"host.id", "agent.id"})
_PROCESS = ".entity_id"


def key_form(fields: RecordFields, ecs: str) -> str:
    """How the log writes what the field tells apart; fields of one form have equal values for equal ones."""
    cell, account = fields.cell(ecs), fields.cell(named_account(ecs))
    told = key_field(replace(fields.apart(), assumed=[]), ecs)
    if told is None or cell is None or (account not in (None, cell) and account.field == told.name):
        return "account"
    if told.finer is not None and cell.conversion not in _MAYBE_WHOLE:
        return f"a part of the value: {cell.conversion}({cell.argument})"
    if cell.conversion not in _OWN or (cell.conversion == "key" and fields.profile.target == "sigma"):
        return "value"  # in Sigma what a field is called, and holds, is left to who runs the rule
    return cell.conversion + (f"({cell.argument})" if cell.conversion in ("hive", "renamed") else "")


def joined_alike(plan: SequencePlan, steps: Sequence[Sequence[Key]], given: Given) -> list[Reason]:
    """What becomes of keys that not all steps' logs write alike; `steps`: their keys, at last those of what
    ends the sequence. Raises Refused where no two of their events could be joined."""
    found: list[Reason] = []
    all_steps = [*plan.steps, *([plan.until] if plan.until is not None else [])]
    each = list(zip(all_steps, steps, strict=True))
    against = [step is plan.until or step.absent for step, _ in each]
    present = [one for one, ends in zip(each, against, strict=True) if not ends]
    for place, key in enumerate(present[0][1]):
        common = set.intersection(*(_forms(step.parts, keys[place], given) for step, keys in present))
        if not common or len({_told_by(keys[place].field) for _, keys in present} - {""}) > 1:
            raise Refused.because("keys-differ", _message(key), key.field, key.pos)
        for (step, keys), ends in zip(each, against, strict=True):
            if not _forms(step.parts, keys[place], given) <= common:
                direction = Fidelity.WIDER if ends else Fidelity.NARROWER
                found.append(Reason("keys-differ", _message(keys[place]), direction, key.field, key.pos))
    return found


def grouped_alike(parts: Sequence[Part], keys: Sequence[Key], given: Given) -> Iterator[Reason]:
    """What becomes of groups of events whose logs do not write a key alike: each log has its own."""
    for key in keys:
        if len(_forms(parts, key, given)) > 1:
            for direction in (Fidelity.NARROWER, Fidelity.WIDER):
                yield Reason("keys-differ", _message(key), direction, key.field, key.pos)


def counted_apart(parts: Sequence[Part], groups: int, counted: Sequence[tuple[Key, int]]) -> Iterator[Reason]:
    """What becomes of fields of which so many different values are counted, where a log holds one in a column
    that it is grouped by: a group has one value of it. `groups`: how many of the parts' keys these are, the
    counted ones follow. Raises Refused where no log holds a field apart."""
    for place, (key, least) in enumerate(counted, groups):
        together = [least > 1 and part.keys[place] in part.keys[:groups] for part in parts]
        message = f"the log holds {key.field} in a column by which the events are grouped"
        if all(together):
            raise Refused.because("unmapped-key", message, key.field, key.pos)
        if any(together):
            yield Reason("unmapped-key", message, Fidelity.NARROWER, key.field, key.pos)


def _told_by(name: str) -> str:
    """Of an id that each log has a value of its own for: what it tells; "" of other fields."""
    return "machine" if name in _MACHINES else "process" if name.endswith(_PROCESS) else ""


def _forms(parts: Sequence[Part], key: Key, given: Given) -> set[str]:
    return {key_form(given.fields(part.record), key.field) for part in parts}


def _message(key: Key) -> str:
    return f"the logs write {key.field} in different ways, which are never equal"
