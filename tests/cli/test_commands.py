"""The commands as a user calls them: what they print, write and exit with."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from converter import pipeline
from converter.cli import main
from converter.elastic.rule import Rule
from converter.ir import Detection

ROOT = Path(__file__).parents[2]
RULES = ROOT / "fixtures" / "rules"
RULE = RULES / "suspicious_cmd_wmi.toml"
SCHEMA = json.loads((ROOT / "converter" / "report" / "schema.json").read_text("utf-8"))

JOINED = (
    '[rule]\nrule_id = "8c1bf0f6-6d0c-4a53-9a2c-5c7d1b7d8a10"\nname = "An argument"\ntype = "eql"\n'
    'language = "eql"\nindex = ["logs-endpoint.events.process-*"]\nseverity = "low"\nrisk_score = 21\n'
    'description = "Linux joins arguments by spaces."\n'
    'query = \'process where host.os.type == "linux" and event.type == "start" and process.args == "-x"\'\n'
)


def call(*arguments: object, stdin: str | None = None) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_convert_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    assert call("convert", RULE, "--out", tmp_path / "a").exit_code == 0
    assert call("convert", RULE, "--out", tmp_path / "b", "--jobs", 2).exit_code == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_report_fits_its_schema(tmp_path: Path) -> None:
    call("convert", RULES, "--out", tmp_path)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    jsonschema.validate(report, SCHEMA)
    assert [rule["cases"]["parity"] for rule in report["rules"]] == [True, True, True]


def test_target_and_profile_choose(tmp_path: Path) -> None:
    call("convert", RULE, "--out", tmp_path, "--target", "splunk", "--profile", "sysmon")
    assert set(files(tmp_path)) == {"report.json", "splunk/sysmon/suspicious_cmd_wmi.spl"}


def test_a_profile_of_another_target_is_wrong_usage(tmp_path: Path) -> None:
    """Nothing would be converted."""
    result = call("convert", RULE, "--out", tmp_path, "--target", "kql", "--profile", "sysmon")
    assert result.exit_code == 2 and "no profile of the target kql is named sysmon" in result.output


def test_cases_of_no_rule_are_named(tmp_path: Path) -> None:
    """An id with a slip of the pen, and the rule seemed proved by its cases."""
    cases = tmp_path / "events"
    shutil.copytree(ROOT / "fixtures" / "events" / RULE.stem, cases / RULE.stem)
    arguments = ("convert", RULE, "--out", tmp_path / "out", "--fixtures", cases, "--no-generate")
    assert "warning" not in call(*arguments).stderr
    for path in cases.rglob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("12f07955-", "00000000-"), "utf-8")
    (line,) = (line for line in call(*arguments).stderr.splitlines() if "warning" in line)
    assert "not among those read: 00000000-1674-44f7-86b5-c35da0a6f41a" in line


def with_ids(folder: Path, ids: dict[str, str]) -> Path:
    """The rule in files of these names, each with an id of its own."""
    text = RULE.read_text("utf-8")
    for name, rule_id in ids.items():
        path = folder / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("12f07955-1674-44f7-86b5-c35da0a6f41a", rule_id), "utf-8")
    return folder / "rules"


@pytest.mark.parametrize(
    "ids",
    [
        {
            "a/x.toml": "one-and-the-same-1",
            "b/x.toml": "one-and-the-same-2",
            "c/X.toml": "one-and-the-same-3",
        },
        {"a/x.toml": "first", "b/x.toml": "../../../up", "b/y.toml": "..", "c/x.toml": "??", "c/y.toml": "!"},
        {"a" * 250 + ".toml": "first", "b/" + "a" * 250 + ".toml": "i" * 300, "é" * 120 + ".toml": "x"},
    ],
    ids=["the same beginning", "paths", "long"],
)
def test_every_rule_has_files_of_its_own(tmp_path: Path, ids: dict[str, str]) -> None:
    """Rules that share a file's name, in any case, have their ids behind it."""
    out = tmp_path / "out"
    result = call("convert", with_ids(tmp_path, ids), "--out", out, "--no-generate", "--no-cache")
    assert result.exit_code == 0, result.output
    paths = [name.lower() for name in files(out)]
    assert len(set(paths)) == len(paths) == len(ids) * 8 + 1
    assert set(files(tmp_path)) == {f"out/{name}" for name in files(out)} | {f"rules/{name}" for name in ids}


def test_rules_of_an_export_go_by_their_names(tmp_path: Path) -> None:
    """All of them come from one file."""
    query = 'process where host.os.type == "windows" and process.pid == 1'
    entries = [
        {"rule_id": name, "name": f"The {name} rule", "type": "eql", "query": query}
        for name in ("first", "second")
    ]
    path = tmp_path / "export.ndjson"
    path.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    call("convert", path, "--out", tmp_path / "out", "--profile", "sysmon", "--no-generate")
    found = {f"splunk/sysmon/the_{name}_rule.spl" for name in ("first", "second")}
    assert set(files(tmp_path / "out")) == {"report.json", *found}


def test_a_rule_that_vanished_loses_its_output_and_no_other_file_is_touched(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    out = tmp_path / "out"
    call("convert", rules, "--out", out)
    mine = out / "splunk" / "sysmon" / "mine.spl"
    mine.write_text("search mine", "utf-8")
    (rules / RULE.name).unlink()
    call("convert", rules, "--out", out)
    names = set(files(out))
    assert "splunk/sysmon/suspicious_cmd_wmi.spl" not in names
    assert "splunk/sysmon/enumeration_via_wmiprvse.spl" in names
    assert mine.read_text("utf-8") == "search mine"


def test_a_rule_that_cannot_be_read_keeps_its_output(tmp_path: Path) -> None:
    """A typing error in a rule must not delete the search that is in use; also not with the second run."""
    rules, out = tmp_path / "rules", tmp_path / "out"
    shutil.copytree(RULES, rules)
    call("convert", rules, "--out", out)
    before = files(out)
    (rules / RULE.name).write_text("[rule", "utf-8")
    for _ in range(2):
        assert call("convert", rules, "--out", out).exit_code == 1
        after = files(out)
        jsonschema.validate(json.loads(after.pop("report.json")), SCHEMA)
        assert after == {name: text for name, text in before.items() if name != "report.json"}
    (rules / RULE.name).unlink()
    call("convert", rules, "--out", out)
    assert "splunk/sysmon/suspicious_cmd_wmi.spl" not in files(out)


def test_rules_that_are_not_there_keep_all_outputs(tmp_path: Path) -> None:
    call("convert", RULES, "--out", tmp_path)
    before = files(tmp_path)
    result = call("convert", tmp_path / "nowhere", "--out", tmp_path)
    assert result.exit_code == 1
    assert "1 rule: 0 converted, 1 could not be read\n" in result.output
    assert set(files(tmp_path)) == set(before)


def test_one_bad_rule_does_not_stop_the_others(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    bad = rules / RULE.name
    bad.write_text(bad.read_text("utf-8").replace('process.name : "cmd.exe"', "process.name : "), "utf-8")
    result = call("convert", rules, "--out", tmp_path / "out", "--no-cache")
    assert result.exit_code == 1
    assert "suspicious_cmd_wmi.toml:" in result.output
    assert "3 rules: 2 converted, 1 could not be read\n" in result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert len(report["rules"]) == 2
    [error] = report["errors"]
    assert error["path"] == "suspicious_cmd_wmi.toml" and error["line"] == 37 and error["column"] > 1


def test_a_fault_of_our_own_costs_one_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.parse_rule

    def faulty(rule: Rule) -> Detection:
        return real(rule) if "Cmd" not in rule.name else {}["no such key"]

    monkeypatch.setattr(pipeline, "parse_rule", faulty)
    result = call("convert", RULES, "--out", tmp_path)
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert "suspicious_cmd_wmi.toml: a fault of the converter" in result.output
    assert len(json.loads((tmp_path / "report.json").read_text("utf-8"))["rules"]) == 2


def test_the_table_counts_the_cases_that_differ_as_declared(tmp_path: Path) -> None:
    """A difference that the fidelity declares is at parity, and still shown."""
    rule = RULES / "wmi_incoming_lateral_movement.toml"
    result = call("convert", rule, "--out", tmp_path, "--profile", "sysmon", "--no-generate")
    assert result.exit_code == 0
    [cells, below] = [line.split("│") for line in result.output.splitlines() if line.startswith("│")]
    kind, _, counts = cells[3].strip().partition(" ")
    agreed, _, total = counts.partition("/")
    assert kind == "narrower" and agreed == total and int(total) > 36
    assert below[3].strip() == "1 as declared"


def bad_inputs(folder: Path) -> dict[str, Path]:
    """A file or folder for each kind of bad input."""
    text = RULE.read_text("utf-8")
    start, end = text.index("query = '''") + 11, text.rindex("'''")
    nested = "not (" * 500 + 'process.name : "a"' + ")" * 500
    contents: dict[str, bytes] = {
        "invalid_toml": text.replace("[rule]", "[rule", 1).encode(),
        "no_query": (text[: start - 11] + text[end + 3 :]).encode(),
        "syntax_error": (text[:start] + "process where and" + text[end:]).encode(),
        "unknown_function": (
            text[:start] + 'process where frobnicate(process.name) == "x"' + text[end:]
        ).encode(),
        "huge": (text[:start] + "process where " + 'a == "b" or ' * 1_000_000 + "true" + text[end:]).encode(),
        "nested": (text[:start] + "process where " + nested + text[end:]).encode(),
        "not_utf8": text.encode() + b"\xff\xfe",
    }
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / f"{name}.toml"
        paths[name].write_bytes(content)
    (folder / "empty").mkdir()
    return {**paths, "empty_folder": folder / "empty", "no_such_path": folder / "nowhere.toml"}


@pytest.mark.parametrize(
    "kind",
    [
        "invalid_toml",
        "no_query",
        "syntax_error",
        "unknown_function",
        "huge",
        "nested",
        "not_utf8",
        "empty_folder",
        "no_such_path",
    ],
)
def test_bad_input_gets_one_clear_message(tmp_path: Path, kind: str) -> None:
    path = bad_inputs(tmp_path)[kind]
    result = call("convert", path, "--out", tmp_path / "out")
    lines = [line for line in result.output.splitlines() if line.startswith("converter: ")]
    assert result.exit_code in (1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert len(lines) == 1 and path.name in lines[0], result.output
    assert "Traceback" not in result.output


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    result = call("convert", RULE, "--out", tmp_path / "file" / "out")
    assert result.exit_code == 1
    assert "cannot be written" in result.output and "Traceback" not in result.output


@pytest.mark.parametrize("kind", ["a file for a folder", "a folder for a file"])
def test_what_can_be_written_only_in_part_is_not_written(tmp_path: Path, kind: str) -> None:
    """Half of a run's files beside the report of another would be taken for what that one proved."""
    out = tmp_path / "out"
    assert call("convert", RULE, "--out", out, "--target", "sigma", "--no-generate").exit_code == 0
    if kind == "a file for a folder":
        (out / "splunk").write_text("", "utf-8")
    else:
        (out / "splunk" / "sysmon" / f"{RULE.stem}.spl").mkdir(parents=True)
    before = files(out)
    result = call("convert", RULE, "--out", out, "--no-generate")
    assert result.exit_code == 1 and "cannot be written" in result.output
    assert files(out) == before


@pytest.mark.parametrize(
    "report",
    [
        "{}",
        "[]",
        '{"rules": [{}]}',
        '{"rules": 5}',
        '{"rules": [{"rule_id": "ID", "translations": 5}]}',
        '{"rules": [{"rule_id": "ID", "translations": [{"profile": "other"}]}]}',
        '{"rules": [{"rule_id": "ID", "translations": [{"profile": "sigma", "path": null, "reasons": []}]}]}',
        '{"rules": [{"rule_id": "ID", "translations": [{"profile": "sigma", "path": null, "reasons": [],'
        ' "fidelity": "none", "earlier": []}]}]}',
    ],
)
def test_a_report_that_is_none(tmp_path: Path, report: str) -> None:
    text = report.replace("ID", "12f07955-1674-44f7-86b5-c35da0a6f41a")
    (tmp_path / "report.json").write_text(text, "utf-8")
    result = call("validate", tmp_path, "--rules", RULE, "--no-generate")
    assert result.exit_code == 1 and "report.json: " in result.output, result.output


def test_an_emitted_file_that_is_gone(tmp_path: Path) -> None:
    call("convert", RULE, "--out", tmp_path, "--no-generate")
    (tmp_path / "splunk" / "sysmon" / "suspicious_cmd_wmi.spl").unlink()
    result = call("validate", tmp_path, "--rules", RULE, "--no-generate")
    assert result.exit_code == 1
    assert "sysmon/suspicious_cmd_wmi.spl: cannot be read: No such file" in result.output


def test_a_file_that_is_no_query_fails_in_one_line(tmp_path: Path) -> None:
    """Each of its cases says the same: hundreds of lines would hide the other failures."""
    call("convert", RULE, "--out", tmp_path, "--max-cases", 20)
    (tmp_path / "splunk" / "sysmon" / "suspicious_cmd_wmi.spl").write_text("| nosuch", "utf-8")
    result = call("validate", tmp_path, "--rules", RULE, "--max-cases", 20)
    lines = [line for line in result.output.splitlines() if line.startswith("FAILED")]
    assert result.exit_code == 1
    assert len(lines) == 1 and re.search(r"command nosuch \(so in \d+ cases\)$", lines[0]), lines


@pytest.mark.parametrize(
    ("lang", "query", "events", "expected"),
    [
        (
            "eql",
            'process where name : "A*"',
            [{"event.category": "process", "name": "ab"}],
            {"matches": [[0]]},
        ),
        ("spl", "search a=x", [{"a": "y"}, {"a": "X"}], {"matches": [[1]]}),
        ("kql", 'T | where a =~ "x"', [{"a": "y"}, {"a": "X"}], {"matches": [[1]]}),
        ("kql", "print x = 1 + 2", [], {"columns": ["x"], "rows": [[3]]}),
        ("kuery", "a: x", [{"a": "y"}, {"a": "x"}], {"matches": [[1]]}),
        ("lucene", "a:x", [{"a": "y"}, {"a": "x"}], {"matches": [[1]]}),
    ],
)
def test_evaluate(lang: str, query: str, events: list[Any], expected: Any) -> None:
    lines = "\n".join(map(json.dumps, events))
    result = call("evaluate", "--lang", lang, "--query", query, "--json", "-", stdin=lines)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == expected


def test_a_query_of_no_events_needs_no_file() -> None:
    result = call("evaluate", "--lang", "kql", "--query", "print x = 1h", "--json")
    assert json.loads(result.output) == {"columns": ["x"], "rows": [["01:00:00"]]}, result.output


@pytest.mark.parametrize("arguments", [(), ("--query", "a", "--file", "b")])
def test_evaluate_wants_one_query(arguments: tuple[str, ...]) -> None:
    assert call("evaluate", "--lang", "eql", *arguments, "-", stdin="").exit_code == 2


def test_an_error_is_one_line_though_it_quotes_several() -> None:
    result = call("evaluate", "--lang", "spl", "--query", "* | `a\nb`", "-", stdin="")
    assert result.output == "converter: query:1:5: not a macro call: `a\\nb`\n"


def test_evaluate_says_where_a_query_is_wrong() -> None:
    result = call("evaluate", "--lang", "spl", "--query", "search a=x |", "-", stdin="")
    assert result.exit_code == 1 and "query:1:" in result.output


def test_evaluate_says_which_line_is_no_event() -> None:
    result = call("evaluate", "--lang", "eql", "--query", "any where true", "-", stdin='{"a": 1}\n{')
    assert result.exit_code == 1 and "standard input:2:2: " in result.output


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}\r\n\r\n{"a": 2}\r\n',
        '[{"a": 1}, {"a": 2}]',  # what many tools export
        '{\n  "a": 1\n}\n{\n  "a": 2\n}\n',  # indented, one after the other, as evtx_dump prints
        '\ufeff{"a": 1}\n{"a": 2}',  # the mark that Windows tools put in front
    ],
)
def test_events_in_any_form_of_json(text: str) -> None:
    result = call("evaluate", "--lang", "eql", "--query", "any where a == 2", "--json", "-", stdin=text)
    assert json.loads(result.output) == {"matches": [[1]]}, result.output


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1}\n7', ":2:1: "),
        ('{"a": NaN}', ":1:1: "),
        ('{"a": -1e400}', ":1:1: "),
        ("[1]", ":1:1: "),
        ('{"a": 1}\n[{}]', ":2:1: "),
        ("[" * 100_000, ":1:1: "),
    ],
)
def test_what_is_no_event_is_told_with_its_place(text: str, place: str) -> None:
    result = call("evaluate", "--lang", "eql", "--query", "any where true", "-", stdin=text)
    assert result.exit_code == 1 and place in result.output, result.output
    assert len(result.output.splitlines()) == 1


def test_values_are_printed_as_they_are() -> None:
    """Brackets are no markup, and half of a surrogate pair, which JSON can hold, is an escape."""
    events = r'{"a": "[/b] \ud800"}'
    arguments = ("evaluate", "--lang", "spl", "--query", "* | stats values(a) AS v", "-")
    assert r"[/b] \ud800" in call(*arguments, stdin=events).output
    result = call(*arguments, "--json", stdin=events)
    assert json.loads(result.output) == {"columns": ["v"], "rows": [["[/b] \ud800"]]}


def test_events_may_hold_the_line_separators_of_unicode() -> None:
    """JSON allows them inside of strings: they end no line."""
    lines = '{"a": "x\u2028y"}\n{"a": "z\x85"}\n'
    result = call("evaluate", "--lang", "lucene", "--query", "a:*", "--json", "-", stdin=lines)
    assert json.loads(result.output) == {"matches": [[0], [1]]}, result.output


def test_events_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n')
    result = call("evaluate", "--lang", "lucene", "--query", "a:1", path, "--json")
    assert json.loads(result.output) == {"matches": [[0]]}, result.output


@pytest.mark.parametrize("bad", [b"[" * 100_000, b"\xff", b'{"a"\n'], ids=["deep", "no UTF-8", "no JSON"])
def test_events_that_are_none(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(bad)
    result = call("evaluate", "--lang", "eql", "--query", "any where true", path)
    assert result.exit_code == 1 and result.output.startswith(f"converter: {path}"), result.output


def test_only_kql_does_without_events() -> None:
    result = call("evaluate", "--lang", "kql", "--query", "range x from 1 to 2 step 1", "--json")
    assert json.loads(result.output) == {"columns": ["x"], "rows": [[1], [2]]}
    assert call("evaluate", "--lang", "spl", "--query", "search a=1", "--json").exit_code == 2


def test_explain_shows_source_queries_and_cases() -> None:
    result = call("explain", RULE)
    assert result.exit_code == 0
    for part in ("process where", "ParentImage|endswith", "EventCode=1", "DeviceProcessEvents", "exact"):
        assert part in result.output


def test_brackets_and_control_characters_of_a_name_are_text(tmp_path: Path) -> None:
    """In the table they are neither markup nor what a terminal would obey."""
    rule = tmp_path / "rule.toml"
    named = RULE.read_text("utf-8").replace(
        'name = "Suspicious', 'name = "[/] [red]x\\u001b[31m Suspicious', 1
    )
    rule.write_text(named, "utf-8")
    for command in (("convert", rule, "--out", tmp_path / "out"), ("explain", rule)):
        result = call(*command, "--no-generate")
        assert result.exit_code == 0, result.output
        assert "[/] [red]x\ufffd[31m" in result.output


def test_explain_names_the_event_that_shows_a_difference(tmp_path: Path) -> None:
    """By its place where it is written by hand, by its fields where it is generated."""
    rule = RULES / "wmi_incoming_lateral_movement.toml"
    result = call("explain", rule, "--no-generate")
    assert "narrower for example: the first step does not ask" in result.output
    assert "connection.yaml:" in result.output
    joined = tmp_path / "joined.toml"
    joined.write_text(JOINED, "utf-8")
    result = call("explain", joined)
    assert result.exit_code == 0
    _, _, below = result.output.partition("wider for example: ")
    event = json.loads(below.splitlines()[1])
    assert "-x" not in event["process"]["args"] and "-x" in event["process"]["command_line"].split(), event


@pytest.mark.parametrize("command", ["convert", "validate", "evaluate", "explain", "fixtures", "mutate"])
def test_help_has_an_example(command: str) -> None:
    assert "Example:" in call(command, "--help").output


def test_an_unknown_profile_is_wrong_usage(tmp_path: Path) -> None:
    assert call("convert", RULE, "--out", tmp_path, "--profile", "nosuch").exit_code == 2


def test_a_run_for_one_target_leaves_the_files_of_the_others(tmp_path: Path) -> None:
    """A user who converts again for Splunk alone does not ask to lose the Sigma rules."""
    assert call("convert", RULE, "--out", tmp_path).exit_code == 0
    before = files(tmp_path)
    result = call("convert", RULE, "--out", tmp_path, "--target", "splunk", "--profile", "sysmon")
    after = files(tmp_path)
    assert set(after) == set(before)
    assert "as before" in result.output
    document = json.loads(after["report.json"])
    jsonschema.validate(document, SCHEMA)
    written = {item["path"] for rule in document["rules"] for item in rule["translations"] if item["path"]}
    assert written == set(before) - {"report.json"} and "kept" not in document
    assert call("convert", RULE, "--out", tmp_path, "--target", "kql").exit_code == 0
    assert set(files(tmp_path)) == set(before)
    assert call("convert", RULE, "--out", tmp_path).exit_code == 0
    assert files(tmp_path) == before


@pytest.mark.parametrize("options", [(), ("--no-generate",)], ids=["same cases", "no generated cases"])
def test_after_a_run_for_one_target_all_files_are_validated(options: tuple[str, ...], tmp_path: Path) -> None:
    """The others' files stayed without an entry, and `validate` passed them over in silence."""
    assert call("convert", RULE, "--out", tmp_path).exit_code == 0
    assert call("convert", RULE, "--out", tmp_path, "--target", "splunk", *options).exit_code == 0
    before = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert all(
        ("earlier" in item) is (item["target"] != "splunk")
        for rule in before["rules"]
        for item in rule["translations"]
    )
    assert call("validate", tmp_path, "--rules", RULE).exit_code == 0
    [sigma] = tmp_path.rglob("*.yml")
    text = sigma.read_text("utf-8")
    sigma.write_text(text.replace("cmd.exe", "other.exe"), "utf-8")
    assert sigma.read_text("utf-8") != text
    assert call("validate", tmp_path, "--rules", RULE).exit_code == 1


def test_an_earlier_translation_whose_file_is_gone_has_no_entry(tmp_path: Path) -> None:
    call("convert", RULE, "--out", tmp_path)
    [sigma] = tmp_path.rglob("*.yml")
    sigma.unlink()
    call("convert", RULE, "--out", tmp_path, "--target", "splunk")
    [rule] = json.loads((tmp_path / "report.json").read_text("utf-8"))["rules"]
    assert "sigma" not in {item["target"] for item in rule["translations"]}
    assert call("validate", tmp_path, "--rules", RULE).exit_code == 0
