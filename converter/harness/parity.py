"""What the original and each translation say of one rule's cases, and whether that is as declared.

A translation may differ from the original only in a direction that it declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.events.case import Case
from converter.frozen import dataclass
from converter.harness.outcome import Translation
from converter.lowering.fidelity import Fidelity, directions
from converter.taxonomy.model import Profile


@dataclass(frozen=True, slots=True)
class Translated:
    """One emitted translation: its text as it lies on disk, and the directions in which it may differ.

    `differs` names the cases in which it was seen to differ when it was emitted: then no other may. None
    where that is not known. `generated_too`: the generated cases are those of then, so that `differs` speaks
    of them as well.
    """

    profile: Profile
    text: str
    directions: frozenset[Fidelity]
    differs: frozenset[str] | None = None
    generated_too: bool = False

    def allows(self, case: Case, got: bool | None, more: int = 0) -> bool:
        """Whether the translation may say `got` of the case where the original says the opposite, or have so
        many more rows."""
        told = self.differs if self.generated_too or not case.generated else None
        if got is None or (told is not None and case.name not in told):
            return False
        return self.allows_rows(more or (1 if got else -1))

    def allows_rows(self, more: int) -> bool:
        """Whether it may have so many more rows, whatever the case."""
        return (Fidelity.WIDER if more > 0 else Fidelity.NARROWER) in self.directions


def emitted(translations: Iterable[Translation]) -> list[Translated]:
    """The translations that there are, to be run."""
    return [
        Translated(one.profile, one.text, directions(one.reasons))
        for one in translations
        if one.text is not None
    ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one evaluator says of one case: an alert or not, or that it could not be run (`error`).

    Where both give rows (ES|QL), `more` is how many more of them the translation has than the original; a
    number that no declared direction allows is an error.
    """

    case: Case
    profile: str
    got: bool | None
    expected: bool
    allowed: bool
    error: str = ""
    more: int = 0

    @property
    def differs(self) -> bool:
        """The translation says other than the original."""
        return self.got is not self.expected or self.more != 0

    @property
    def direction(self) -> Fidelity | None:
        """In which direction it differs; None where it does not, or could not be run."""
        if self.got is None or not self.differs:
            return None
        return Fidelity.WIDER if self.more > 0 or not self.expected else Fidelity.NARROWER

    @property
    def failed(self) -> bool:
        """The difference is not one that the translation declares."""
        return self.differs and not self.allowed


@dataclass(frozen=True)
class Parity:
    """All verdicts of one rule. `mislabelled`: cases whose expectation the original itself contradicts."""

    verdicts: tuple[Verdict, ...]
    mislabelled: tuple[Case, ...]

    @property
    def holds(self) -> bool:
        """Every evaluator agrees, but for declared differences."""
        return not self.mislabelled and not any(verdict.failed for verdict in self.verdicts)

    def differing(self, profile: str) -> list[str]:
        """The cases in which the profile's translation differs from the original."""
        return [
            verdict.case.name for verdict in self.verdicts if verdict.profile == profile and verdict.differs
        ]

    def positives(self, profile: str) -> list[Verdict]:
        """What the profile's translation says of the cases in which the original alerts."""
        return [one for one in self.verdicts if one.profile == profile and one.expected]

    def witness(self, profile: str, direction: Fidelity) -> Case | None:
        """A case in which the translation alerts and the original does not (wider), or vice versa; else one
        in which both do, and the translation on more rows, or fewer."""
        mine = [one for one in self.verdicts if one.profile == profile and one.direction is direction]
        return next((one.case for one in mine if not one.more), mine[0].case if mine else None)

    def telling(self) -> Iterator[Case]:
        """The cases that a reader wants to see: each one that fails, each profile's witnesses."""
        yield from self.mislabelled
        yield from (verdict.case for verdict in self.verdicts if verdict.failed)
        for profile in {verdict.profile for verdict in self.verdicts}:
            for direction in (Fidelity.WIDER, Fidelity.NARROWER):
                found = self.witness(profile, direction)
                if found is not None:
                    yield found
