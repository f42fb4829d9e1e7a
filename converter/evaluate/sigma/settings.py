"""What a rule's text leaves open, and its user says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from converter.frozen import dataclass
from converter.source import NotSupportedError


@dataclass(frozen=True, slots=True)
class Settings:
    """`placeholders`: the values of each `%name%` in values with `|expand`, as literal text."""

    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def placeholder(self, name: str) -> Sequence[str]:
        """The placeholder's values. Raises NotSupportedError if it has none."""
        values = self.placeholders.get(name)
        if not values:
            raise NotSupportedError(f"the placeholder %{name}% without values")
        return values
