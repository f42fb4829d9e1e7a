"""Generated cases as fixture files, in the format that `converter.events.fixtures` reads.

One folder and one file a rule; each event is a document on one line (JSON is YAML), so that a case that
changes is one line of a diff.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from converter.elastic.rule import Rule
from converter.evaluate.elastic.fields import nested
from converter.events.case import Case
from converter.files import write_all


def write_fixtures(folder: Path, generated: Sequence[tuple[Rule, Sequence[Case]]]) -> list[Path]:
    """Write each rule's cases to `folder/<rule's file name>/generated.yaml`; the paths written, in order.

    The same cases give the same bytes. Rules without cases get no file. Raises OSError.
    """
    return write_all(
        (_place(folder, rule), fixture_text(rule.rule_id, cases).encode())
        for rule, cases in generated
        if cases
    )


def _place(folder: Path, rule: Rule) -> Path:
    return folder / f"{Path(rule.source).stem}_{rule.rule_id[:8]}" / "generated.yaml"


def fixture_text(rule_id: str, cases: Sequence[Case]) -> str:
    """A fixture file's text; an event that several cases share is written once."""
    documents: dict[str, str] = {}
    entries: dict[str, dict[str, Any]] = {}
    for case in cases:
        steps = [
            {"document": documents.setdefault(_json(nested(event)), f"event_{len(documents) + 1}")}
            for event in case.timeline
        ]
        entry: dict[str, Any] = {"name": case.group or case.name, "expect": case.expect}
        entry = entries.setdefault(entry["name"], entry)
        if case.group:
            entry.setdefault("parts", []).append({"name": case.name, "timeline": steps})
        else:
            entry["timeline"] = steps
        if case.tags:
            entry["tags"] = list(case.tags)
    lines = (f"  {name}: {text}\n" for text, name in documents.items())
    shown = "".join(f"  - {_json(entry)}\n" for entry in entries.values())
    return f"rule: {_json(rule_id)}\n\ndocuments:\n{''.join(lines)}\ncases:\n{shown}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "))
