"""Conditions over a function of one field that Sigma says as an expression, with what that takes more."""

from __future__ import annotations

import pytest
import yaml

from converter.elastic.rule import Rule
from converter.pipeline import Settings, convert_rule

TEXT = "powershell.file.script_block_text"
COUNTED = (
    f'| eval b = replace({TEXT}, "x+y", "#")'
    ' | eval n = length(b) - length(replace(b, "#", "")) | where n {}'
)
CASES: list[tuple[str, str | None, list[str]]] = [
    (f"| where length({TEXT}) > 30", r"^[\s\S]{31,}$", []),
    # RE2 repeats nothing more than 1,000 times.
    (f"| where length({TEXT}) >= 2000", r"^[\s\S]{1000,}$", ["characters or more"]),
    (f"| where length({TEXT}) < 30", None, ["cannot say"]),
    # A text that is missing has no length, which is neither.
    (f"| where not length({TEXT}) > 30", None, ["cannot say"]),
    # The sign that stands for a match counts as well where the text has it.
    (COUNTED.format(">= 1"), "(?:x+y|#)", []),
    (COUNTED.format("> 2"), r"(?:(?:x+y|#)[\s\S]*?){3}", ["overlap"]),
    # Matches of one length, none of which has the sign, are as many however the text is parted.
    (COUNTED.replace("x+y", "x[0-9]y").format("> 2"), r"(?:(?:x[0-9]y|#)[\s\S]*?){3}", []),
    (COUNTED.replace("x+y", "x[^0-9]y").format("> 2"), r"(?:(?:x[^0-9]y|#)[\s\S]*?){3}", ["overlap"]),
    (COUNTED.format("< 2"), None, ["cannot say"]),
    (COUNTED.format(">= 0"), None, ["cannot say"]),
    # Two signs, and no letter to count.
    (COUNTED.replace("#", "##").format("> 0"), None, ["cannot say"]),
]
FROM = 'from logs-windows.powershell_operational-* | where event.code == "4104" and user.name == "a" '


@pytest.mark.parametrize(("query", "expression", "said"), CASES, ids=[one[0] for one in CASES])
def test_in_sigma(query: str, expression: str | None, said: list[str]) -> None:
    rule = Rule(
        rule_id="00000000-0000-4000-8000-000000000004",
        name="Patterns",
        type="esql",
        source="patterns.toml",
        language="esql",
        query=FROM + query,
    )
    outcome = convert_rule(rule, Settings(("sigma",), max_cases=60))
    made = outcome.translations[0]
    assert outcome.parity is not None and outcome.parity.holds
    detection = yaml.safe_load(made.text or "")["detection"]
    found = [text for block in detection.values() if isinstance(block, dict) for text in block.values()]
    assert [text for text in found if text != "a" and text is not True] == (
        [expression] if expression else []
    )
    assert len(made.reasons) == len(said)
    assert all(words in reason.message for words, reason in zip(said, made.reasons, strict=True))
