"""What tells the titles of a rule's several Sigma rules apart: the log source, where they differ in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from converter.sigma.conventions import spelling
from converter.sigma.draft import DetectionDraft, Logsource


def suffixes(detections: Sequence[DetectionDraft]) -> list[str]:
    """For each detection of a rule " - Linux", " - File Rename"; with a number where that is not enough."""
    products = {item.logsource.product for item in detections}
    kinds = {_kind(item.logsource) for item in detections}
    words = [
        " ".join(
            spelling(part)
            for several, text in (
                (len(products) > 1, item.logsource.product),
                (len(kinds) > 1, _kind(item.logsource)),
            )
            if several and text
            for part in re.split(r"[_.]", text)
        )
        for item in detections
    ]
    counts = Counter(words)
    return [
        f" - {' '.join(filter(None, (text, str(number) if counts[text] > 1 or not text else '')))}"
        for number, text in enumerate(words, 1)
    ]


def _kind(logsource: Logsource) -> str | None:
    return logsource.category or logsource.service
