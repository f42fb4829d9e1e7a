"""Why no case shows a declared difference, for the reasons of which the table `unseen.yaml` knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from converter.kept import read_yaml
from converter.lowering.fidelity import Fidelity

if TYPE_CHECKING:
    from converter.harness.outcome import Translation
    from converter.harness.parity import Parity


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    found: Mapping[str, str] = read_yaml(Path(__file__).with_name("unseen.yaml"))
    return found


def unseen(translation: Translation, parity: Parity) -> Iterator[tuple[Fidelity, tuple[str, ...]]]:
    """The declared directions that no case shows, each with what is known of why."""
    for direction in (Fidelity.WIDER, Fidelity.NARROWER):
        codes = {reason.code for reason in translation.reasons if reason.direction is direction}
        said = tuple(_table()[code] for code in sorted(codes & _table().keys()))
        if said and parity.witness(translation.profile.name, direction) is None:
            yield direction, said
