"""The functions of `eval` and `where`, by kind. A function that is not in these tables is refused by name."""

from converter.evaluate.spl.expression import Function
from converter.evaluate.spl.functions.conditions import CONDITIONS
from converter.evaluate.spl.functions.conversion import CONVERSIONS
from converter.evaluate.spl.functions.json_paths import JSON
from converter.evaluate.spl.functions.multivalue import MULTIVALUE
from converter.evaluate.spl.functions.numbers import NUMBERS
from converter.evaluate.spl.functions.texts import TEXTS

FUNCTIONS: dict[str, Function] = {**CONDITIONS, **CONVERSIONS, **JSON, **MULTIVALUE, **NUMBERS, **TEXTS}

REGEX_ARGUMENTS: dict[str, tuple[int, ...]] = {"match": (1,), "replace": (1, 2), "mvfind": (1,)}
"""Which arguments are regular expressions (or their replacements), whose backslashes stay."""

OF_THE_RUN = frozenset({"now", "time"})
"""Functions whose value is the time of the run, not that of their arguments."""

__all__ = ["FUNCTIONS", "OF_THE_RUN", "REGEX_ARGUMENTS"]
