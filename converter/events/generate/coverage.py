"""A rule's cases; what the generated ones show of it: each predicate by itself, and which have no room."""

from __future__ import annotations

from collections.abc import Sequence

from converter.events.case import Case
from converter.frozen import dataclass
from converter.ir import Cidr, Compare, Equals, Exists, Like, Predicate, Regex


@dataclass(frozen=True, slots=True)
class AtomCoverage:
    """Whether a pair of cases shows that the atom decides by itself, and if not why."""

    text: str
    covered: bool
    why: str = ""


@dataclass(frozen=True)
class Coverage:
    """What the cases show. `unsatisfiable`: the predicates in conflict, where no event satisfies the rule;
    `left_out`: timelines that had no room; `digest`: of the cases with their labels, so that another run
    knows whether it has the same ones."""

    atoms: tuple[AtomCoverage, ...] = ()
    left_out: int = 0
    unsatisfiable: tuple[str, ...] = ()
    digest: str = ""

    @property
    def share(self) -> float:
        """Covered atoms among all."""
        return sum(atom.covered for atom in self.atoms) / len(self.atoms) if self.atoms else 1.0


@dataclass(frozen=True)
class Generated:
    """A rule's generated cases and their coverage."""

    cases: tuple[Case, ...]
    coverage: Coverage


def all_cases(written: Sequence[Case], generated: Generated | None) -> tuple[Case, ...]:
    """The hand-written cases, then the generated ones; of a name that both have, the written one."""
    if generated is None:
        return tuple(written)
    names = {case.name for case in written}
    return (*written, *(case for case in generated.cases if case.name not in names))


def describe(leaf: Predicate) -> str:
    """A leaf in short: its field and what is asked of it."""
    name = getattr(leaf, "field", None) or getattr(leaf, "path", type(leaf).__name__.lower())
    match leaf:
        case Exists():
            return f"{name} is there"
        case Equals(value=value):
            said = f"= {value}"
        case Like(pattern=pattern):
            said = "like " + "".join(part if isinstance(part, str) else part.value for part in pattern)
        case Regex(pattern=expression):
            said = f"matches {expression}"
        case Compare(op=op, value=value):
            said = f"{op} {value}"
        case Cidr(network=network):
            said = f"in {network}"
        case _:
            said = "as asked"
    return f"{name} {said}"[:120]
