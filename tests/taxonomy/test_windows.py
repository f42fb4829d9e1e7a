"""The tables of Windows' logs: against raw events, and in translations."""

from __future__ import annotations

import pytest
from entries import assert_recorded, assert_takes_the_same, entries, expected, translated, translation_of

from converter.lowering.conversions.hexadecimal import hexadecimal_text

EVENTS, RULES = entries("windows_events"), entries("windows_rules")


@pytest.mark.parametrize(("name", "profile"), expected(EVENTS))
def test_raw_event(name: str, profile: str) -> None:
    assert_recorded(EVENTS[name], profile)


@pytest.mark.parametrize(("name", "profile"), translated(RULES))
def test_translation_takes_the_same_events(name: str, profile: str) -> None:
    translation = translation_of(RULES[name], "kuery", profile)
    assert translation.reasons == ()
    assert_takes_the_same(RULES[name], "kuery", translation)


@pytest.mark.parametrize(("number", "text"), [("0", "0x0"), (4660, "0x1234"), ("-1", None), ("x", None)])
def test_hexadecimal(number: object, text: str | None) -> None:
    assert hexadecimal_text(number) == text
