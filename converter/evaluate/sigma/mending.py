"""Where pySigma's modifiers do not do what the specification says, done over on pySigma's own objects.

Found in pySigma 1.5, each with a case in `tests/evaluate/sigma/pysigma_faults.yaml`:

- `base64` and `base64offset` encode a literal `*` or `?` with the backslash that escapes it in the rule;
- `base64offset` cuts by the number of characters, not of bytes, so a value beyond ASCII gets wrong ends;
- `utf16` before them encodes its byte order mark as UTF-8 (EF BB BF), not as FF FE;
- `cased` is lost where `windash`, `fieldref`, `wide`, ... follow it;
- `utf16le`, of which `wide` is the alias, is missing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sigma.modifiers import (
    SigmaBase64Modifier,
    SigmaBase64OffsetModifier,
    SigmaCaseSensitiveModifier,
    SigmaModifier,
    SigmaUTF16Modifier,
    SigmaValueModifier,
    SigmaWideModifier,
    modifier_mapping,
)
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import (
    Placeholder,
    SigmaCasedString,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaRegularExpression,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from converter.source import NotSupportedError, QuerySyntaxError


@dataclass
class CasedFieldReference(SigmaFieldReference):
    """A reference to a field that is compared with regard to case."""


def add_missing_modifiers() -> None:
    """Make `utf16le` known to pySigma's parser."""
    modifier_mapping.setdefault("utf16le", SigmaWideModifier)


def mend(rule: SigmaRule) -> None:
    """Mend the values of all detections of a rule, in place.

    Raises QuerySyntaxError for a regular expression that is no text: pySigma takes what YAML makes of it.
    """
    for detection in rule.detection.detections.values():
        for item in _items(detection):
            if any(
                isinstance(value, SigmaRegularExpression) and not isinstance(value.regexp, SigmaString)
                for value in item.value
            ):
                raise QuerySyntaxError(f"the regular expression for {item.field or 'keywords'} is no text")
            if any(modifier in _ENCODERS for modifier in item.modifiers):
                item.modifiers = [_ENCODERS.get(modifier, modifier) for modifier in item.modifiers]
                item.value = list(item.original_value or ())
                item.apply_modifiers()
            if SigmaCaseSensitiveModifier in item.modifiers:
                item.value = [_cased(value) for value in item.value]


def _items(detection: SigmaDetection) -> Iterator[SigmaDetectionItem]:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            yield from _items(item)
        else:
            yield item


def _cased(value: SigmaType) -> SigmaType:
    if isinstance(value, SigmaExpansion):
        return SigmaExpansion([_cased(item) for item in value.values])
    if isinstance(value, SigmaFieldReference):
        return CasedFieldReference(value.field, value.starts_with, value.ends_with)
    if isinstance(value, SigmaString):
        return SigmaCasedString.from_sigma_string(value)
    return value


def _bytes(value: SigmaString, modifiers: list[type[SigmaModifier[Any, Any]]]) -> bytes:
    """The value's bytes. The UTF-16 modifiers hold theirs as the characters whose UTF-8 they are."""
    if any(isinstance(part, SpecialChars | Placeholder) for part in value.s):
        raise NotSupportedError("base64 of a value with wildcards or placeholders")
    whole = "".join(map(str, value.s))
    if SigmaUTF16Modifier in modifiers:
        return b"\xff\xfe" + whole[1:].encode()
    return whole.encode()


class _Base64(SigmaValueModifier[SigmaString, SigmaString]):
    def modify(self, val: SigmaString) -> SigmaString:
        return SigmaString.from_str(b64encode(_bytes(val, self.applied_modifiers)).decode())


class _Base64Offset(SigmaValueModifier[SigmaString, SigmaExpansion]):
    """What of the encoding stays the same, for each place in a group of three bytes."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        data = _bytes(val, self.applied_modifiers)
        starts, ends = (0, 2, 3), (None, -3, -2)
        encoded = (b64encode(b" " * shift + data).decode() for shift in range(3))
        return SigmaExpansion(
            [
                SigmaString.from_str(text[starts[shift] : ends[(len(data) + shift) % 3]])
                for shift, text in enumerate(encoded)
            ]
        )


_ENCODERS: dict[type[SigmaModifier[Any, Any]], type[SigmaModifier[Any, Any]]] = {
    SigmaBase64Modifier: _Base64,
    SigmaBase64OffsetModifier: _Base64Offset,
}
