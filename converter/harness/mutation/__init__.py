"""Emitted queries changed one small step at a time: does some case tell each change? See docs/mutation.md."""

from converter.harness.mutation.edit import Mutant
from converter.harness.mutation.score import Score, Survivor, score_outcome

__all__ = ["Mutant", "Score", "Survivor", "score_outcome"]
