"""Sequences in SPL that are joined by several keys."""

from __future__ import annotations

from converter.elastic.rule import Rule
from converter.evaluate.spl import compile_spl
from converter.pipeline import Settings, convert_rule

QUERY = """
sequence by user.name, process.parent.name with maxspan=1m
  [process where host.os.type == "windows" and event.type == "start" and process.name : "a.exe"]
  [process where host.os.type == "windows" and event.type == "start" and process.name : "b.exe"]
"""


def test_several_keys_are_not_one_text() -> None:
    """As one text the keys `a|b` and `c` would be those of `a` and `b|c`."""
    rule = Rule("id", "name", "eql", "rule.toml", "eql", QUERY)
    (made,) = convert_rule(rule, Settings(("sysmon",))).translations
    assert made.text is not None

    def alerts(*parents: str) -> bool:
        rows = [
            {
                "source": "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational",
                "EventCode": "1",
                "_time": 1741083330.0 + place,
                "Image": rf"C:\{name}.exe",
                "User": f"D\\{user}",
                "ParentImage": rf"C:\{parent}",
            }
            for place, (name, user, parent) in enumerate(
                zip("ab", (parents[0], parents[2]), (parents[1], parents[3]), strict=True)
            )
        ]
        return bool(compile_spl(str(made.text)).run(rows))

    assert alerts("x", "y", "x", "y")
    assert not alerts("x|y", "z", "x", "y|z")
