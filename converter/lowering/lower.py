"""The station's driver: a detection over ECS -> a plan for one profile, with fidelity.

Steps, each in its module: `recognise` (which records), `fields` (their fields), `merge` (records that
differ only by a value), then the plan.
"""

from __future__ import annotations

from collections.abc import Sequence as Seq
from collections.abc import Set
from dataclasses import dataclass, field
from functools import partial

from converter.elastic.esql.filter import to_predicate
from converter.ir import (
    Constant,
    Detection,
    Equals,
    EventQuery,
    IndicatorMatch,
    Key,
    Limited,
    NewTerms,
    Pipeline,
    Predicate,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.ir.cover import implies, without_covered
from converter.ir.predicate import FALSE, TRUE
from converter.ir.rewrite import (
    conjunction,
    decided,
    fields_of,
    leaf_fields,
    map_leaves,
    present_in,
    value_fields,
)
from converter.ir.value import Value
from converter.lowering.assumed import of_shape
from converter.lowering.conversions.base import Lost
from converter.lowering.esql import Normal, normal
from converter.lowering.esql_columns import (
    Column,
    both_ways,
    columns_of,
    is_monotone,
    named,
    several,
    several_values,
)
from converter.lowering.esql_counts import Counts, counts_of, needed
from converter.lowering.fidelity import Assumption, Fidelity, Reason, Refused, overall
from converter.lowering.fields import FieldLowering, FieldType, elsewhere, held, possible
from converter.lowering.marks import with_marks
from converter.lowering.merge import merge
from converter.lowering.multi_fields import as_stored, on_parents
from converter.lowering.plan import (
    EventPlan,
    IndicatorPlan,
    NewTermsPlan,
    Part,
    PipelinePlan,
    Plan,
    SequencePlan,
    Shared,
    StepPlan,
    ThresholdPlan,
    exclusive,
    numbered_by,
    unrolled,
)
from converter.lowering.recognise import covers, excluded, in_record, names_it, spoken
from converter.lowering.settle import settle
from converter.lowering.streams import describes, streams, widest
from converter.lowering.unrecorded import unrecorded
from converter.source import Position
from converter.taxonomy.generic import record_of
from converter.taxonomy.model import OPEN, Cell, Profile, Record, Taxonomy, stands_for

ALERTS = (".alerts-security.", ".internal.alerts-")
"""Indices of Elastic's own alerts: no log has them."""
MAX_RECORDS = 8
"""More kinds of records than this, and the rule does not say what it speaks of."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A plan for one profile; `reasons` say how it differs from the original (none: exact), `assumed` what
    that takes for granted."""

    plan: Plan
    reasons: tuple[Reason, ...] = ()
    assumed: tuple[Assumption, ...] = ()

    @property
    def fidelity(self) -> Fidelity:
        """What follows from the reasons."""
        return overall(self.reasons)


@dataclass
class Lowering:
    """Lowers detections of one rule into one profile.

    `index` are the rule's index patterns, `since` its look-back in milliseconds.
    """

    profile: Profile
    taxonomy: Taxonomy
    field_type: FieldType
    index: Seq[str] = ()
    since: int = 0
    reasons: list[Reason] = field(default_factory=list)
    assumed: list[Assumption] = field(default_factory=list)

    def lower(self, detection: Detection) -> Lowered:
        """The plan. Raises Refused with every reason where there is none."""
        plan = self._plan(detection)
        return Lowered(plan, tuple(dict.fromkeys(self.reasons)), tuple(dict.fromkeys(self.assumed)))

    def _plan(self, detection: Detection) -> Plan:
        match detection:
            case EventQuery(predicate=predicate):
                return EventPlan(self._parts(predicate))
            case Sequence(steps=steps, maxspan=maxspan, until=until):
                end = self._step(until) if until is not None else None
                return self._ordered(SequencePlan(tuple(map(self._step, steps)), maxspan, end))
            case Sample(steps=steps):
                return SequencePlan(tuple(map(self._step, steps)), None, None, ordered=False)
            case Threshold(predicate=predicate, fields=fields, value=value, cardinality=cardinality):
                counted = tuple(Key(name, optional=True) for name, _ in cardinality)
                parts = self._parts(predicate, (*map(Key, fields), *counted))
                if counted:
                    self._finer()
                least = tuple(least for _, least in cardinality)
                names = (*fields, *(key.field for key in counted))
                return ThresholdPlan(parts, value, least, self.since, names)
            case NewTerms(predicate=predicate, fields=fields, window=window):
                remembers = self.profile.target != "sigma"
                parts = self._parts(predicate, tuple(map(Key, fields)), grouped=remembers)
                return NewTermsPlan(parts, window, self.since, tuple(fields))
            case IndicatorMatch():
                return self._indicators(detection)
            case Limited():
                raise Refused.because(
                    "eql-pipe", "head and tail pick alerts by their number", position=detection.pos
                )
            case Pipeline():
                return self._pipeline(detection)

    def _pipeline(self, pipeline: Pipeline) -> EventPlan | PipelinePlan:
        """A filter's events, or the rows that are counted out of them."""
        alerts = [source for source in pipeline.sources if source.startswith(ALERTS)]
        if alerts:
            message = f"alerts of other rules ({alerts[0]}) are no log source"
            raise Refused.because("esql-alerts", message, position=pipeline.pos)
        self.index = self.index or pipeline.sources
        form = normal(pipeline)
        predicate = as_stored(conjunction(to_predicate(item, self.field_type) for item in form.conditions))
        if form.limit is not None:
            message = f"the rule takes at most {form.limit.count} rows of each run"
            self.reasons.append(Reason("esql-limit", message, Fidelity.WIDER, None, form.limit.pos))
        before = len(self.reasons)
        spoken = [record for record, _ in self._spoken(predicate)]
        counts = self.profile.target != "sigma"
        asked = None if counts else counts_of(form, present_in(predicate), several(spoken))
        if not counts and asked is None and (some := needed(form)) is not None:
            predicate = conjunction((predicate, as_stored(to_predicate(some, self.field_type))))
        self.reasons += several_values(pipeline, form, predicate, counts, spoken)
        if not form.stages:
            return EventPlan(self._parts(predicate))
        if not counts:
            return self._counted(form, predicate, asked)
        parts = self._parts(predicate, columns=columns_of(form))
        if not is_monotone(form.stages):
            self.reasons += both_ways(self.reasons[before:])
        return PipelinePlan(*named(parts, form.stages))

    def _counted(self, form: Normal, predicate: Predicate, asked: Counts | None) -> PipelinePlan:
        """The events that a pipeline counts, and what Sigma can count of them; the events alone, where that
        asks for keys that Sigma has not."""
        if asked is None:
            return PipelinePlan(self._parts(predicate), form.stages, {}, frozenset())
        counted = () if asked.counted is None else (Key(asked.counted, optional=True),)
        before = len(self.reasons), len(self.assumed)
        try:
            parts = self._parts(predicate, (*asked.fields, *counted))
        except Refused:
            del self.reasons[before[0] :], self.assumed[before[1] :]
            return PipelinePlan(self._parts(predicate), form.stages, {}, frozenset())
        least = (asked.least,) if counted else ()
        nearest = ThresholdPlan(parts, 1 if counted else asked.least, least, self.since)
        return PipelinePlan(parts, form.stages, {}, frozenset(), nearest, asked.whole)

    def _indicators(self, match: IndicatorMatch) -> IndicatorPlan:
        """Every record that holds a field of the mapping: such rules seldom name a log source."""
        spoken = self._spoken(match.predicate)
        records = tuple(record for record, _ in spoken)
        blocks: list[tuple[Part, tuple[Shared, ...]]] = []
        for record, rest in spoken:
            groups = [group for group in match.mapping if self._comparable(record, group)]
            names = dict.fromkeys(name for group in groups for name, _ in group)
            if names:
                keys = () if self.profile.target == "sigma" else tuple(map(Key, names))
                part, reasons = self._part(record, rest, keys, elsewhere(record, records))
                if part is not None:
                    called = dict(zip(names, part.keys, strict=False))
                    shared = [
                        tuple((called.get(name, name), other) for name, other in group) for group in groups
                    ]
                    blocks.append((part, tuple(shared)))
                    self.reasons.extend(reasons)
        if not blocks:
            message = f"{self.profile.title} has no list, or no log, with the fields of the threat mapping"
            raise Refused.because("indicators", message, position=match.pos)
        if len(blocks) < len(spoken):
            message = f"looked for in {len(blocks)} of the {len(spoken)} kinds of log records that it takes"
            self.reasons.append(Reason("log-source-not-held", message, Fidelity.NARROWER))
        if self.profile.target != "sigma" and match.indicators != TRUE:
            message = "which entries count (the rule's threat_query and threat_filters) is left to the list"
            position = match.indicators.pos
            self.reasons.append(Reason("indicator-list", message, Fidelity.WIDER, None, position))
        return IndicatorPlan(_joined(blocks), self.profile.indicators)

    def _comparable(self, record: Record, group: Shared) -> bool:
        """Whether the record has the group's event fields, and the target's list the indicator's."""
        if self.profile.name not in record.shapes:
            return False
        fields = FieldLowering(record, self.profile, self.taxonomy, self.field_type)
        listed = self.profile.indicators
        return all(
            record.cell(name, self.profile.name) is not None
            and (
                self.profile.target == "sigma"
                or (fields.key(name) is not None and listed is not None and listed.column(other) is not None)
            )
            for name, other in group
        )

    def _ordered(self, plan: SequencePlan) -> SequencePlan:
        """Notes what becomes of events at one moment where the log keeps no order of its own."""
        if self.profile.target == "sigma":
            return plan
        steps = unrolled(plan)
        if len(steps) == 1 or numbered_by(steps, plan.until) is not None:
            return plan
        if exclusive(steps):
            message, direction = "events at the very same time count as in order", Fidelity.WIDER
        else:
            message, direction = "events at the very same time never follow each other", Fidelity.NARROWER
        self.reasons.append(Reason("equal-timestamps", message, direction))
        return plan

    def _finer(self) -> None:
        """Where keys are finer than the original's, values that are counted are more."""
        finer = [reason for reason in self.reasons if reason.code == "sigma-key"]
        self.reasons.extend(_as(Fidelity.WIDER, reason) for reason in finer)

    def _step(self, step: Step) -> StepPlan:
        return StepPlan(self._parts(step.predicate, step.keys), step.runs, step.absent)

    def _parts(
        self,
        predicate: Predicate,
        keys: tuple[Key, ...] = (),
        columns: tuple[Column, ...] = (),
        grouped: bool = True,
    ) -> tuple[Part, ...]:
        """One part for each record that the predicate speaks of and the profile can say; at least one.

        Not `grouped`: the translation takes the events whatever they have in the keys.
        """
        asked = [*fields_of(predicate), *(key.field for key in keys)]
        asked += [name for column in columns for name in value_fields(column.value)]
        named = sorted(set(asked))
        found = self._records(on_parents(predicate))
        needed = frozenset(key.field for key in keys if not key.optional)
        spoken = held([(record.with_fields(named), rest) for record, rest in found], needed)
        shaped = [(record, rest) for record, rest in spoken if self.profile.name in record.shapes]
        if not shaped:
            titles = ", ".join(sorted({record.title for record, _ in spoken})[:4])
            raise Refused.because(
                "no-log-source", f"{self.profile.title} holds no record of: {titles}", position=predicate.pos
            )
        records = tuple(record for record, _ in spoken)
        parts: list[Part] = []
        notes: list[Reason] = []
        refused: dict[str, list[Reason]] = {}
        for record, rest in shaped:
            part, reasons = self._part(record, rest, keys, self._absent(record, records), columns, grouped)
            if part is None:
                refused[record.name] = reasons
            else:
                parts.append(part)
                notes.extend(dict.fromkeys(reasons))
        names = {part.record.name for part in parts}
        inside = {record.name for record, rest in spoken if _held_in_parts(record, rest, spoken, names)}
        refusals = [reason for name, reasons in refused.items() if name not in inside for reason in reasons]
        if not parts:
            raise Refused(_refusals(refusals) or [_unsatisfiable(self.profile, predicate.pos)])
        self.reasons.extend(notes)
        self.reasons.extend(_as(Fidelity.NARROWER, reason) for reason in refusals)
        self.reasons.extend(self._unshaped(spoken, names | inside))
        self.reasons.extend(unrecorded(predicate, records, self.taxonomy.selectors, self.index))
        self.reasons.extend(self._shared(on_parents(predicate), parts))
        self.reasons.extend(_fallen(predicate, parts))
        merged = merge(parts)
        self.assumed += [one for part in merged for one in of_shape(part.shape, self.profile)]
        return merged

    def _absent(self, record: Record, records: tuple[Record, ...]) -> frozenset[str]:
        """The fields that only the others have: in Sigma not those that events in the same log source have
        under their ECS names."""
        absent, name = elsewhere(record, records), self.profile.name
        if self.profile.target != "sigma" or not absent:
            return absent
        beside = [other for other in self.taxonomy.sharing(record, name) if other in records]
        return absent - {ecs for ecs in absent for other in beside if _is_extension(ecs, other, name)}

    def _part(
        self,
        record: Record,
        rest: Predicate,
        keys: tuple[Key, ...],
        absent: frozenset[str],
        columns: tuple[Column, ...] = (),
        grouped: bool = True,
    ) -> tuple[Part | None, list[Reason]]:
        fields = FieldLowering(record, self.profile, self.taxonomy, self.field_type, absent)
        settled, assumed = settle(without_covered(rest), record, self.profile.name, self.taxonomy)
        fields.reasons.extend(assumed)
        lowered = fields.predicate(settled)
        if lowered == Constant(False):
            return None, fields.lost
        if lowered == Constant(True) != rest and any(r.code == "sigma-script" for r in fields.reasons):
            return None, [_as(Fidelity.NONE, reason) for reason in fields.reasons]
        names: list[str] = []
        computed: list[tuple[str, Cell]] = []
        present = present_in(rest)
        for key in keys:
            found = fields.key(key.field, key.field in present) if grouped else fields.called(key.field)
            if found is None:
                message = f"{key.field} has no counterpart in {self.profile.title}, {record.title}"
                return None, [Reason("unmapped-key", message, Fidelity.NONE, key.field, key.pos)]
            names.append(found[0])
            if found[1] is not None:
                computed.append((found[0], found[1]))
        computed_columns, missing = _columns(fields, columns)
        if missing is not None:
            return None, [missing]
        names += [name for _, value in computed_columns for name in value_fields(value)]
        shape = record.shapes[self.profile.name]
        told = with_marks(without_covered(lowered), shape)
        if _holds_unmarked(rest, record, self.profile, keys):
            message = f"{self.profile.title} tells {record.title} by a path: an event without one is missed"
            fields.reasons.append(Reason("log-source-by-path", message, Fidelity.NARROWER, None, rest.pos))
        self.assumed += fields.assumed
        return Part(
            record,
            shape,
            told,
            tuple(dict.fromkeys(names)) if columns else tuple(names),
            tuple(computed),
            tuple(shape.where.items()),
            computed_columns,
        ), fields.reasons

    def _records(self, predicate: Predicate) -> list[tuple[Record, Predicate]]:
        """The records that the predicate can take events of, each with what is left of the predicate."""
        found = self._spoken(predicate)
        held = any(self.profile.name in record.shapes for record, _ in found)
        if not held and self.profile.target == "sigma" and (generic := self._generic(predicate)):
            return [(record, predicate) for record in generic]
        if not found:
            raise Refused.because(
                "no-log-source",
                "no log source in the taxonomy has such events: " + self._selectors(predicate),
                position=predicate.pos,
            )
        if _unclear(found):
            found = self._named(predicate, found)
        if _unclear(found):
            raise Refused.because(
                "log-source-unclear",
                f"the rule fits {len(found)} kinds of log records",
                position=predicate.pos,
            )
        return found

    def _named(
        self, predicate: Predicate, found: list[tuple[Record, Predicate]]
    ) -> list[tuple[Record, Predicate]]:
        """Those records that the rule names by the kind of their events; all, where it names none."""
        named = [(record, rest) for record, rest in found if names_it(predicate, record)]
        if not named:
            return found
        message = f"taken to speak of the {len(named)} kinds of log records that it names, of {len(found)}"
        self.reasons.append(Reason("log-source-chosen", message, Fidelity.NARROWER, None, predicate.pos))
        return named

    def _spoken(self, predicate: Predicate) -> list[tuple[Record, Predicate]]:
        return list(spoken(predicate, self.index, self.taxonomy))

    def _generic(self, predicate: Predicate) -> list[Record]:
        """The data streams that the rule names, in its conditions or by its index patterns.

        One that the tables describe holds what they say, and none of its records has such events as asked:
        the rule asks a stream outside of its index patterns, or what the stream's events do not have.
        """
        named = widest(streams(predicate, self.index))
        described = [name for name in named if describes(self.taxonomy, name, predicate)]
        left = [record_of(name) for name in named if name not in described]
        if left and described:
            message = f"{self.profile.title} holds no such events in {', '.join(described[:4])}"
            self.reasons.append(
                Reason("log-source-not-held", message, Fidelity.NARROWER, None, predicate.pos)
            )
        return left

    def _selectors(self, predicate: Predicate) -> str:
        from converter.lowering.describe import selectors

        return selectors(predicate, self.taxonomy, self.index)

    def _shared(self, predicate: Predicate, parts: Seq[Part]) -> list[Reason]:
        """Records that stand in the same table unseparated: their events match as well, unless the rule asks
        the same of them, or less, or a field that they have not. Those that are guests in the record's own
        log match only where the rule asks otherwise of them: its indices alone keep no host from recording
        them."""
        said = {part.record.name: part.predicate for part in parts}
        return [
            self._not_told(part, other, self._alike(predicate, part.record, other))
            for part in parts
            for other in self.taxonomy.sharing(part.record, self.profile.name)
            if not implies(part.predicate, said.get(other.name, FALSE))
            and (other.name in part.shape.shared or not self._alike(predicate, part.record, other))
            and possible(part.predicate, self._alone(part.record, other))
        ]

    def _not_told(self, part: Part, other: Record, alike: bool) -> Reason:
        """That the log does not tell the part's record from the other; of which the rule asks the same, where
        its index patterns alone keep the other's events out (`alike`)."""
        message = f"{self.profile.title} does not tell {part.record.title} from {other.title}"
        if not alike or covers(other, self.index):
            return Reason("log-source-shared", message, Fidelity.WIDER)
        message += ", which only the rule's index patterns leave out"
        return Reason("log-source-index", message, Fidelity.WIDER)

    def _alike(self, predicate: Predicate, record: Record, other: Record) -> bool:
        """Whether the rule asks the same of both records' events, wherever these are kept, and of the other's
        nothing that they have not."""
        selectors = self.taxonomy.selectors
        rest = in_record(predicate, other, selectors)
        absent = elsewhere(other, (record, other))
        return rest == in_record(predicate, record, selectors) and possible(rest, absent)

    def _alone(self, record: Record, other: Record) -> frozenset[str]:
        """The profile's fields that the record's events have there, and those of the other have not. In Sigma
        a field without a cell has its ECS name."""
        name = self.profile.name
        theirs = {other.source(cell.field, name) for _, cell in other.cells_of(name)}
        if self.profile.target == "sigma":
            theirs |= {ecs for ecs in other.cells if other.cell(ecs, name) is None}
        open_names = [name for name in theirs if OPEN in name]
        own = {cell.field: record.source(cell.field, name) for _, cell in record.cells_of(name)}
        return frozenset(
            field
            for field, source in own.items()
            if source not in theirs and not any(stands_for(one, source) for one in open_names)
        )

    def _unshaped(self, spoken: list[tuple[Record, Predicate]], names: set[str]) -> list[Reason]:
        """Records that the rule speaks of and the profile does not hold: their events are missed."""
        return [
            Reason(
                "log-source-not-held",
                f"{self.profile.title} holds no {record.title}",
                Fidelity.NARROWER,
                None,
                predicate.pos,
            )
            for record, predicate in spoken
            if self.profile.name not in record.shapes and names.isdisjoint((record.name, record.part_of))
        ]


def _columns(
    fields: FieldLowering, columns: Seq[Column]
) -> tuple[tuple[tuple[str, Value], ...], Reason | None]:
    """A pipeline's columns in the record, or why it can't have one that more than groups rows."""
    found: list[tuple[str, Value]] = []
    for column in columns:
        position = column.value.pos
        try:
            found.append((column.name, fields.column(column)))
        except Lost as lost:
            name = next(value_fields(column.value), None)
            if not column.group:
                return (), Reason(lost.code, lost.message, Fidelity.NONE, name, position)
            message = f"{lost.message}: groups that differ in it alone are one"
            fields.reasons.append(Reason("unmapped-group", message, Fidelity.WIDER, name, position))
    return tuple(found), None


def _unclear(found: list[tuple[Record, Predicate]]) -> bool:
    return len({record.family for record, _ in found}) > MAX_RECORDS


def _fallen(predicate: Predicate, parts: Seq[Part]) -> list[Reason]:
    """Exclusions of one product's events, which the log does not tell from others'."""
    return [
        Reason(
            "log-source-excluded",
            f"events that the rule excludes by their {'/'.join(leaf_fields(leaf))} are not told from others",
            Fidelity.WIDER,
            next(iter(leaf_fields(leaf)), None),
            leaf.pos,
        )
        for part in parts
        for leaf in excluded(predicate, part.record)
    ]


def _held_in_parts(
    record: Record, rest: Predicate, spoken: Seq[tuple[Record, Predicate]], names: Set[str]
) -> bool:
    """Whether all events that the rule takes of the record are events of a record that is part of it and is
    held: those with the value that the part's events always have."""
    inside = [one for one, _ in spoken if one.part_of == record.name and one.name in names]
    return any(map_leaves(rest, partial(_elsewhere_false, part=one)) == FALSE for one in inside)


def _elsewhere_false(leaf: Predicate, part: Record) -> Predicate:
    """FALSE for a leaf that asks just the value which a field has in every event of the record."""
    row = part.cells.get(leaf.field, {}) if isinstance(leaf, Equals) else {}
    always = [cell.argument for cell in row.values() if cell is not None and cell.conversion == "always"]
    return FALSE if isinstance(leaf, Equals) and str(leaf.value) in always else leaf


def _joined(blocks: Seq[tuple[Part, tuple[Shared, ...]]]) -> tuple[tuple[Part, tuple[Shared, ...]], ...]:
    """Blocks with the same alternatives merged where their parts are."""
    merged: dict[tuple[Shared, ...], list[Part]] = {}
    for part, shared in blocks:
        merged.setdefault(shared, []).append(part)
    return tuple((part, shared) for shared, parts in merged.items() for part in merge(parts))


_OF_PATHS = ("executable", "name", "path", "directory", "extension")
"""A path and its parts: where an event has not the one, it has not the others."""


def _holds_unmarked(predicate: Predicate, record: Record, profile: Profile, keys: Seq[Key]) -> bool:
    """Whether events can satisfy it, and have the keys, that have not the path by which the record is told
    from others."""
    marks = record.shapes[profile.name].like
    bearers = [
        ecs
        for ecs in record.cells
        if (cell := record.cell(ecs, profile.name)) is not None and cell.field in marks
    ]
    paths = {f"{ecs.rpartition('.')[0]}.{part}" for ecs in bearers for part in _OF_PATHS}
    return (
        bool(paths)
        and all(key.optional or key.field not in paths for key in keys)
        and decided(predicate, lambda leaf: None if paths.isdisjoint(leaf_fields(leaf)) else False)
        is not False
    )


def _refusals(reasons: list[Reason]) -> list[Reason]:
    return [_as(Fidelity.NONE, reason) for reason in dict.fromkeys(reasons)]


def _is_extension(ecs: str, record: Record, profile: str) -> bool:
    """Whether the record's events have the field, and Sigma has no name for it."""
    return ecs in record.cells and record.cell(ecs, profile) is None


def _as(direction: Fidelity, reason: Reason) -> Reason:
    return Reason(reason.code, reason.message, direction, reason.field, reason.position)


def _unsatisfiable(profile: Profile, position: Position | None) -> Reason:
    return Reason(
        "unsatisfiable", f"no event in {profile.title} can satisfy the rule", Fidelity.NONE, None, position
    )
