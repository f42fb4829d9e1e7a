"""Damaged rules: a message with its place and no traceback, in time, and the other rules convert."""

from __future__ import annotations

import re
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.elastic.load import load_paths
from converter.pipeline import Settings, run
from converter.taxonomy import load_taxonomy

RULES = sorted((Path(__file__).parents[2] / "fixtures" / "rules").glob("*.toml"))
QUERY = re.compile(r"(?ms)^query = '''\n(?P<query>.*?)'''")
LIMIT = 10
"""Seconds a rule at most."""

OTHERS = {
    "kuery": 'process.name: (cmd.exe or "powershell.exe") and not user.id: S-1-5-18',
    "lucene": 'process.name:/cm[dx]\\.exe/ AND NOT user.id:"S-1-5-18" AND process.pid:[1 TO 9}',
    "esql": 'from logs-* metadata _id | where process.name like "cm*" | stats n = count(*) by host.id',
    "spl": 'index=main EventCode=1 Image="*\\\\cmd.exe" | stats count by host',
    "kql": "DeviceProcessEvents | where FileName =~ 'cmd.exe' | summarize count() by DeviceId",
    "sigma": "detection:\n    selection:\n        Image|endswith: '\\cmd.exe'\n    condition: selection",
    "sql": "SELECT * FROM events WHERE name = 'cmd.exe';",
    "nothing": "",
}
SOUND = '[rule]\nrule_id = "4d9b6d1e-6a3c-4b83-9d5e-0a4a3f7f6c11"\nname = "Sound"\ntype = "query"\n' + (
    'language = "kuery"\nindex = ["logs-endpoint.events.process-*"]\nseverity = "low"\nrisk_score = 21\n'
    'description = "Sound."\nquery = \'process.name: "a.exe" and host.os.type: windows\'\n'
)

fuzz = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
rules = st.sampled_from(RULES)


def check(folder: Path, data: bytes, generate: bool = False) -> None:
    """Loads and converts the damaged rule beside a sound one."""
    (folder / "damaged.toml").write_bytes(data)
    (folder / "sound.toml").write_text(SOUND, "utf-8")
    start = time.process_time()
    loaded = load_paths([folder])
    chosen = Settings(tuple(load_taxonomy().profiles), max_cases=40 if generate else None)
    outcomes = run(loaded.rules, chosen, 1)
    assert time.process_time() - start < LIMIT
    errors = [*loaded.errors, *(outcome.error for outcome in outcomes if outcome.error is not None)]
    for error in errors:
        assert error.path == "damaged.toml"
        assert error.position is not None, error.message
        assert "a fault of the converter" not in error.message, error.message
        lines = data.count(b"\n") + data.count(b"\r") + 1
        assert 1 <= error.position.line <= lines + 1
    sound = [outcome for outcome in outcomes if outcome.rule.source == "sound.toml"]
    assert len(sound) == 1
    assert sound[0].error is None
    assert any(translation.text for translation in sound[0].translations)
    for outcome in outcomes:
        for translation in outcome.translations:
            assert translation.text is not None or translation.reasons, "refused without a reason"
            assert translation.text is not None or all(reason.position for reason in translation.reasons)
        assert outcome.error or not outcome.failed, "a rule that is read is translated as it stands"


@fuzz
@given(rules, st.integers(0, 10_000))
def test_cut_off_anywhere(tmp_path_factory: pytest.TempPathFactory, rule: Path, place: int) -> None:
    data = rule.read_bytes()
    check(tmp_path_factory.mktemp("cut"), data[: place % len(data)])


@fuzz
@given(rules, st.integers(0, 10_000), st.integers(0, 255))
def test_one_byte_changed(
    tmp_path_factory: pytest.TempPathFactory, rule: Path, place: int, byte: int
) -> None:
    data = rule.read_bytes()
    at = place % len(data)
    check(tmp_path_factory.mktemp("byte"), data[:at] + bytes([byte]) + data[at + 1 :])


@fuzz
@given(rules, st.integers(0, 10_000), st.characters(min_codepoint=9, max_codepoint=0x2FFF), st.booleans())
def test_one_character_of_the_query_changed_or_the_query_cut(
    tmp_path_factory: pytest.TempPathFactory, rule: Path, place: int, char: str, cut: bool
) -> None:
    text = rule.read_text("utf-8")
    found = QUERY.search(text)
    assert found is not None
    at = found.start("query") + place % len(found["query"])
    rest = text[found.end("query") :] if cut else text[at + 1 :]
    check(tmp_path_factory.mktemp("query"), (text[:at] + char + rest).encode(), place % 8 == 0)


@pytest.mark.parametrize("rule", RULES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", OTHERS)
def test_a_query_of_another_language(tmp_path: Path, rule: Path, language: str) -> None:
    text = rule.read_text("utf-8")
    found = QUERY.search(text)
    assert found is not None
    check(tmp_path, (text[: found.start("query")] + OTHERS[language] + text[found.end("query") :]).encode())


@pytest.mark.parametrize("language", ["kuery", "lucene", "esql"])
@pytest.mark.parametrize("other", OTHERS)
def test_a_query_under_the_name_of_another_language(tmp_path: Path, language: str, other: str) -> None:
    """The bundled rules are all EQL: here the other readers get what is not theirs."""
    query = OTHERS[other].replace("'''", "")
    kind = "esql" if language == "esql" else "query"
    text = SOUND.replace('"kuery"', f'"{language}"').replace('"query"', f'"{kind}"').replace("4d9b", "5e8a")
    check(tmp_path, (text[: text.index("query = ")] + f"query = '''\n{query}'''\n").encode())


@pytest.mark.parametrize(
    ("query", "place", "message"),
    [
        ('from x | keep a | where b == "c"', "11:25", "unknown column b"),
        ("from x | stats n = count(*) by a | where b > 3", "11:42", "unknown column b"),
    ],
)
def test_what_is_found_late_has_its_place_too(tmp_path: Path, query: str, place: str, message: str) -> None:
    """That no stage gives a column is only found when the pipeline is put together."""
    text = SOUND.replace('"kuery"', '"esql"').replace('"query"', '"esql"')
    (tmp_path / "rule.toml").write_text(text[: text.index("query = ")] + f"query = '''\n{query}'''\n")
    [outcome] = run(load_paths([tmp_path]).rules, Settings(tuple(load_taxonomy().profiles)), 1)
    assert str(outcome.error) == f"rule.toml:{place}: {message}"


def test_a_field_that_is_asked_as_a_condition_is_a_boolean(tmp_path: Path) -> None:
    """Also one that no table lists: no event has it as text in another case."""
    query = 'process where host.os.type == "linux" and process.name == "a" and proces'
    text = SOUND.replace('"kuery"', '"eql"').replace('"query"', '"eql"')
    check(
        tmp_path,
        (text[: text.index("query = ")] + f"query = '{query}'\n").replace("4d9b", "5e8a").encode(),
        True,
    )


@pytest.mark.parametrize("seed", range(60))
def test_damaged_rules_of_the_corpus(tmp_path: Path, rule_folder: Path, seed: int) -> None:
    """Cut off, one byte changed, the query changed, cut, and replaced by another rule's."""
    chance = Random(seed)
    rule, other = chance.sample(sorted(rule_folder.rglob("*.toml")), 2)
    data, text = rule.read_bytes(), rule.read_text("utf-8")
    at = chance.randrange(len(data))
    damaged = [data[:at], data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]]
    found, another = QUERY.search(text), QUERY.search(other.read_text("utf-8"))
    if found is not None and another is not None:
        start, end = found.span("query")
        at = chance.randrange(start, end)
        char = chr(chance.randrange(32, 127))
        bodies = [text[start:at] + char + text[at + 1 : end], text[start:at], another["query"]]
        damaged += [(text[:start] + body + text[end:]).encode() for body in bodies]
    for number, content in enumerate(damaged):
        (tmp_path / str(number)).mkdir()
        check(tmp_path / str(number), content)
