"""A declared difference that no event can show says why, in the place of a witness."""

from __future__ import annotations

from converter.elastic.rule import Rule
from converter.lowering.fidelity import Fidelity
from converter.pipeline import Settings, convert_rule
from converter.report.unseen import unseen

LIMITED = """from logs-endpoint.events.process-* metadata _id, _version, _index
| where host.os.type == "windows" and event.action == "start" and process.name == "xtool.exe"
| limit 10"""


def test_rows_of_a_data_model_beyond_a_limit() -> None:
    rule = Rule(
        "00000000-0000-4000-8000-000000000003",
        "rows",
        "esql",
        "rule.toml",
        language="esql",
        query=LIMITED,
    )
    outcome = convert_rule(rule, Settings(("cim",), max_cases=20))
    assert outcome.parity is not None
    assert outcome.parity.witness("cim", Fidelity.WIDER) is None
    ((direction, said),) = unseen(outcome.translations[0], outcome.parity)
    assert direction is Fidelity.WIDER
    assert any("limit" in why for why in said)
