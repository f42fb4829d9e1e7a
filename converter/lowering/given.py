"""What every step of lowering is given, and where it notes what became of the rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from converter.frozen import dataclass
from converter.ir import Predicate
from converter.lowering.fidelity import Assumption, Reason
from converter.lowering.recognise import spoken
from converter.lowering.record_fields import FieldType, RecordFields
from converter.taxonomy.model import Profile, Record, Taxonomy


@dataclass(frozen=True)
class Given:
    """One profile and the tables, with what a rule says beside its detection: `index` are its index patterns,
    `since` its look-back in milliseconds; `by_name`: accounts are keys by their names."""

    profile: Profile
    taxonomy: Taxonomy
    field_type: FieldType
    index: Sequence[str] = ()
    since: int = 0
    by_name: bool = False

    @property
    def is_sigma(self) -> bool:
        """Whether it is lowered for Sigma, which counts less than the others and names more."""
        return self.profile.target == "sigma"

    def spoken(self, predicate: Predicate) -> list[tuple[Record, Predicate]]:
        """The records that the predicate speaks of, each with what is left of it there."""
        return list(spoken(predicate, self.index, self.taxonomy))

    def fields(self, record: Record, absent: frozenset[str] = frozenset()) -> RecordFields:
        """The record's fields in the profile; `absent`: those that only the rule's other records have."""
        found = RecordFields(record, self.profile, self.taxonomy, self.field_type, absent)
        found.by_name = self.by_name
        return found


@dataclass
class Notes:
    """How a translation differs from the original, and what it takes for granted."""

    reasons: list[Reason] = field(default_factory=list)
    assumed: list[Assumption] = field(default_factory=list)

    def add(self, reasons: Iterable[Reason], assumed: Iterable[Assumption] = ()) -> None:
        """Notes these as well."""
        self.reasons.extend(reasons)
        self.assumed.extend(assumed)
