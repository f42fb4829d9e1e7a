"""What became of one rule: its translations, their verdicts, or why it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.events.generate import Coverage
from converter.frozen import dataclass
from converter.lowering.fidelity import Assumption, Fidelity, Reason
from converter.sigma.documents import join
from converter.source import SourceError
from converter.taxonomy import Profile

if TYPE_CHECKING:
    from converter.harness.parity import Parity


@dataclass(frozen=True, slots=True)
class Translation:
    """What a rule became in one profile. `files`: text by file name, none where the fidelity is none;
    `assumed`: what it takes for granted.

    A rule over several log sources is several Sigma rules, a file each.
    """

    profile: Profile
    fidelity: Fidelity
    reasons: tuple[Reason, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[Assumption, ...] = ()

    @property
    def text(self) -> str | None:
        """What the evaluator runs: the file, or all of them as one text. None where there are none."""
        return join(self.files.values()) if self.files else None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files go below the output folder, if no other rule's have the same names."""
        folder = folder_of(self.profile)
        return tuple(f"{folder}/{name}" for name in self.files)


def folder_of(profile: Profile) -> str:
    """The folder of a profile's files below the output folder: one a target, for native queries one a
    profile."""
    return profile.target if profile.target == "sigma" else f"{profile.target}/{profile.name}"


@dataclass(frozen=True)
class Outcome:
    """All that became of one rule. `error`: it could not be read, and there are no translations.

    `coverage`: what the generated cases among `cases` show; None where none were asked for.
    """

    rule: Rule
    translations: tuple[Translation, ...] = ()
    parity: Parity | None = None
    cases: tuple[Case, ...] = ()
    error: SourceError | None = None
    coverage: Coverage | None = None

    @property
    def failed(self) -> bool:
        """The rule could not be read, or a translation does what its fidelity does not say."""
        return self.error is not None or (self.parity is not None and not self.parity.holds)

    @property
    def generated(self) -> tuple[Case, ...]:
        """The generated ones among the cases."""
        return tuple(case for case in self.cases if case.generated)

    def brief(self) -> Outcome:
        """The same without the events of generated cases that nobody will ask for: all but those that fail
        and those that witness a difference. A run over thousands of rules keeps these in memory."""
        if self.parity is None:
            return self
        shown = {id(case) for case in self.parity.telling()}
        slim = {
            id(case): replace(case, timeline=()) if case.generated and id(case) not in shown else case
            for case in self.cases
        }
        verdicts = tuple(replace(item, case=slim[id(item.case)]) for item in self.parity.verdicts)
        parity = replace(self.parity, verdicts=verdicts)
        return replace(self, parity=parity, cases=tuple(slim[id(case)] for case in self.cases))
