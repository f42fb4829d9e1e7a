"""What is made for a rule is freed with its outcome: nothing of it refers to itself.

What does is freed by Python's search for cycles alone, which for all rules took a tenth of the time.
"""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from converter.elastic.rule import Rule
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

QUERIES = {
    "paths and command lines": (
        "eql",
        r"""process where host.os.type == "windows" and event.type == "start"
            and process.name : ("a*.exe", "b.exe") and process.args : "-enc*"
            and not process.executable : "C:\\Program Files\\*" """,
    ),
    "a sequence": (
        "eql",
        """sequence by host.id with maxspan=1m
             [process where event.type == "start" and process.name == "a.exe"]
             [network where destination.port == 443 and not cidrmatch(destination.ip, "10.0.0.0/8")]""",
    ),
    "a pipeline that counts": (
        "esql",
        """from logs-endpoint.events.process-*
           | where host.os.type == "linux" and process.name like "x*"
           | eval minute = date_trunc(1 minute, @timestamp)
           | stats n = count(*), users = count_distinct(user.name) by host.id, minute
           | where n >= 4 and users > 1""",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_nothing_of_a_rule_refers_to_itself(name: str) -> None:
    language, query = QUERIES[name]
    rule = Rule("00000000-0000-4000-8000-000000000003", name, language, "rule.toml", language, query)
    settings = Settings(tuple(load_taxonomy().profiles), max_cases=60)
    convert_rule(rule, settings)  # what is kept for other rules is there now
    gc.collect()
    gc.disable()
    try:
        assert convert_rule(rule, settings).parity is not None
        left = _objects()
        gc.collect()
        assert left == _objects()
    finally:
        gc.enable()


def _objects() -> Counter[str]:
    """How many objects there are of each class of the generator, the evaluators and the ir."""
    found: Counter[str] = Counter()
    for one in gc.get_objects():
        kind = type(one)
        if str(kind.__module__).startswith("converter."):
            found[f"{kind.__module__}.{kind.__qualname__}"] += 1
    return found
