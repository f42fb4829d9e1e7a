"""The fixture loader: what it makes of a file, and how it refuses a bad one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.events import fixtures
from converter.events.fixtures import load_fixtures
from converter.source import Position, SourceError

REAL = Path(__file__).parents[2] / "fixtures" / "events"
BAD: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("bad_fixtures.yaml").read_text("utf-8"))
GOOD = """\
rule: r-1
documents:
  a:
    '@timestamp': '2025-12-31T23:59:59.500Z'
    event: {created: '2025-12-31T23:59:59.600Z', ingested: '2026-01-01T00:00:05.000Z', outcome: null}
    process: {name: cmd.exe, pid: 12, ratio: 0.5, elevated: true, parent: {name: x.exe, pid: 3}}
cases:
  - name: one
    expect: match
    tags: [b, a]
    targets: [sysmon]
    timeline:
      - document: a
        unset: [process.parent]
        set: {process.args: [a, b], user.name: jlee}
      - {document: a, at: +1.999s}
  - name: two
    expect: no_match
    timeline: [{document: elsewhere}]
"""
OTHER = "rule: r-1\ndocuments: {elsewhere: {'@timestamp': '2025-01-01T00:00:00.000Z'}}\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / "rule" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_cases_are_read_once_and_again_when_a_text_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_fixtures(write(tmp_path, good=GOOD, other=OTHER))
    with monkeypatch.context() as without:
        without.setattr(fixtures, "parse", None)
        assert load_fixtures(tmp_path) == first
    changed = load_fixtures(write(tmp_path, good=GOOD.replace("pid: 12", "pid: 13")))["r-1"]
    assert changed[0].timeline[0]["process"]["pid"] == 13


def test_a_case_is_read_with_its_patches(tmp_path: Path) -> None:
    one, two = load_fixtures(write(tmp_path, good=GOOD, other=OTHER))["r-1"]
    assert (one.name, one.expect, one.tags, one.targets) == ("one", "match", ("b", "a"), ("sysmon",))
    assert one.origin == "rule/good.yaml:8"
    assert (two.tags, two.targets, two.timeline[0]["@timestamp"]) == ((), None, "2025-01-01T00:00:00.000Z")
    first, second = one.timeline
    assert first["process"] == {
        "name": "cmd.exe",
        "pid": 12,
        "ratio": 0.5,
        "elevated": True,
        "args": ["a", "b"],
    }
    assert first["user"] == {"name": "jlee"}
    # A patch of one event is not seen by another event of the same document.
    assert second["process"]["parent"] == {"name": "x.exe", "pid": 3}
    assert "user" not in second and "args" not in second["process"]


def test_times_that_follow_the_event_move_with_it(tmp_path: Path) -> None:
    event = load_fixtures(write(tmp_path, good=GOOD, other=OTHER))["r-1"][0].timeline[1]
    assert event["@timestamp"] == "2026-01-01T00:00:01.499Z"
    assert event["event"] == {
        "created": "2026-01-01T00:00:01.599Z",
        "ingested": "2026-01-01T00:00:06.999Z",
        "outcome": None,
    }


@pytest.mark.parametrize(
    ("offset", "moment"),
    [
        ("+0s", "2025-12-31T23:59:59.500Z"),
        ("+0.001s", "2025-12-31T23:59:59.501Z"),
        ("+1.5s", "2026-01-01T00:00:01.000Z"),
        ("-0.5s", "2025-12-31T23:59:59.000Z"),
        ("-1d2h3m4.25s", "2025-12-30T21:56:55.250Z"),
        ("+1m", "2026-01-01T00:00:59.500Z"),
        ("+59d", "2026-02-28T23:59:59.500Z"),
    ],
)
def test_offsets(tmp_path: Path, offset: str, moment: str) -> None:
    text = GOOD.replace("at: +1.999s", f"at: '{offset}'").replace("- document: a\n", "- document: early\n")
    early = "  early: {'@timestamp': '2020-01-01T00:00:00.000Z', process: {parent: 1}}\ncases:"
    cases = load_fixtures(write(tmp_path, good=text.replace("cases:", early), other=OTHER))["r-1"]
    assert cases[0].timeline[1]["@timestamp"] == moment


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in BAD["cases"]])
def test_bad_files_are_refused_with_their_place(tmp_path: Path, case: dict[str, str]) -> None:
    text = case["text"] if "text" in case else BAD["prelude"] + case["after"]
    with pytest.raises(SourceError) as caught:
        load_fixtures(write(tmp_path, bad=text.replace("%DEEP%", "[" * 80 + "]" * 80)))
    path = tmp_path / "rule" / "bad.yaml"
    assert caught.value.path == str(path)
    assert str(caught.value).endswith(case["error"])
    assert caught.value.position is not None


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"rule: r\n# caf\xe9\n")
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        load_fixtures(tmp_path)
    assert (caught.value.path, caught.value.position) == (str(path), Position(2, 6))


def test_nested_beyond_the_parser(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nested|too deep|exceed"):
        load_fixtures(write(tmp_path, bad="rule: r\ncases: " + "[" * 20_000))


def test_a_document_that_comes_twice_in_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the document 'elsewhere' comes twice in this folder"):
        load_fixtures(write(tmp_path, a=OTHER, b=OTHER))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        load_fixtures(tmp_path / "nowhere")


def test_an_empty_folder_has_no_cases(tmp_path: Path) -> None:
    assert load_fixtures(tmp_path) == {}


def test_the_example_of_the_readme_is_one(tmp_path: Path) -> None:
    readme = (REAL.parent / "README.md").read_text(encoding="utf-8")
    [cases] = load_fixtures(write(tmp_path, example=readme.split("```yaml\n")[1].split("```")[0])).values()
    [case] = cases
    first, second = case.timeline
    assert "parent" not in first["process"]
    assert second["event"]["created"] == second["@timestamp"] == "2025-03-04T10:15:32.249Z"


def test_loading_twice_gives_the_same() -> None:
    assert load_fixtures(REAL) == load_fixtures(REAL)


def test_all_fixtures_load_at_once(pace: float) -> None:
    durations = []
    for _ in range(3):
        start = time.process_time()
        load_fixtures(REAL)
        durations.append(time.process_time() - start)
    assert min(durations) < 4 * pace
