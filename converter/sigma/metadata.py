"""An Elastic rule's metadata in SigmaHQ's style (Sigma specification 2.1, "Sigma Rule Convention")."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from converter.elastic.rule import Rule, Threat

NAMESPACE = uuid.UUID("5f0c9c35-4d0f-5c4b-9a61-6a4a0f9b7d2e")
"""The namespace of the UUIDv5 of every Sigma rule that the converter writes."""
MAX_TITLE = 110
MIN_DESCRIPTION = 16
_SMALL = frozenset(
    "a an and as at by for from in new of on or over the through to via with without".split()  # noqa: SIM905
)
_BANNED = frozenset({"none", "pentest", "penetration"})
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?", re.IGNORECASE)
_SECTION = re.compile(
    r"^#+\s*false positive[^\n]*\n(.*?)(?=^#+\s|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_BULLET = re.compile(r"^\s*[-*]\s+(.*?)(?=^\s*[-*]\s|\Z)", re.MULTILINE | re.DOTALL)
_BRANCH = re.compile(r"https://github\.com/(?!.*/[0-9a-z]{40}/).*\.\w{1,3}$")
_LINK = re.compile(r"https?://[^\s<>()\[\]\"']*[^\s<>()\[\]\"'.,;:!?]")
_LICENSES = {"elastic license v2": "Elastic-2.0", "apache license 2.0": "Apache-2.0", "mit": "MIT"}


def identifier(rule: Rule, label: str = "") -> str:
    """UUIDv5 of the source rule's id, and of the label where a file has several rules."""
    return str(uuid.uuid5(NAMESPACE, f"{rule.rule_id}/{label}" if label else rule.rule_id))


def metadata(
    rule: Rule, notes: tuple[str, ...], label: str = "", suffix: str | None = None
) -> dict[str, Any]:
    """The keys before `logsource`. `suffix`: of the title; by default the label."""
    if suffix is None:
        suffix = f" - {_words(label)}" if label else ""
    data: dict[str, Any] = {
        "title": title(rule.name, MAX_TITLE - len(suffix)) + suffix,
        "id": identifier(rule, label),
        **_related(rule),
        "status": "experimental",
        "description": description(rule, notes),
    }
    references = list(dict.fromkeys(_references(rule)))
    if references:
        data["references"] = references
    data["author"] = ", ".join(rule.author) or "Elastic"
    if rule.created:
        data["date"] = date.fromisoformat(rule.created)
    if rule.updated and rule.updated != rule.created:
        data["modified"] = date.fromisoformat(rule.updated)
    if found := list(dict.fromkeys(tags(rule))):
        data["tags"] = found
    return data


def _related(rule: Rule) -> dict[str, Any]:
    """The source rule, where its id is a UUID, as Sigma wants."""
    try:
        uuid.UUID(rule.rule_id)
    except ValueError:
        return {}
    return {"related": [{"id": rule.rule_id, "type": "derived"}]}


def title(name: str, longest: int = MAX_TITLE) -> str:
    """SigmaHQ's title case: words begin with a capital, small words do not; no dot at the end."""
    text = _line(name).rstrip(".")
    text = re.sub(r"^Detects?\s+", "", text)
    words = [
        word if word.lower() in _SMALL and index else _capital(word)
        for index, word in enumerate(text.split(" "))
    ]
    text = " ".join(
        word.lower() if word.lower() in _SMALL and index else word for index, word in enumerate(words)
    )
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0]


def description(rule: Rule, notes: tuple[str, ...]) -> str:
    """The rule's description and what the translation loses; always a whole sentence long."""
    text = _line(rule.description)
    if len(text) < MIN_DESCRIPTION:
        text = f"Detects {rule.name}. {text}".strip()
    return "\n".join([text, *notes]) if notes else text


def tags(rule: Rule) -> Iterator[str]:
    """`attack.<tactic>`, then the techniques."""
    mitre = [threat for threat in rule.threats if "ATT&CK" in threat.framework]
    for threat in mitre:
        if threat.tactic_name:
            yield "attack." + threat.tactic_name.lower().replace(" ", "-")
    for threat in mitre:
        yield from _techniques(threat)


def false_positives(rule: Rule) -> list[str]:
    """The rule's own, then those of the note's section of that name; "Unknown" where there are none."""
    found = [_sentence(text) for text in rule.false_positives]
    section = _SECTION.search(rule.note)
    if section:
        found += [_sentence(bullet) for bullet in _BULLET.findall(section.group(1))]
    kept = [text for text in dict.fromkeys(found) if len(text) > 3 and not _banned(text)]
    return kept or ["Unknown"]


def level(rule: Rule) -> str:
    """Sigma has Elastic's severities, by the same names."""
    return rule.severity if rule.severity in ("low", "medium", "high", "critical") else "medium"


def license_of(rule: Rule) -> str | None:
    """The licence as an SPDX identifier; as the rule says it where it has none."""
    return _LICENSES.get(rule.license.lower(), rule.license) or None


def _techniques(threat: Threat) -> Iterator[str]:
    """A tag for each id that is one of ATT&CK's."""
    for technique in threat.techniques:
        for item in (technique, *technique.subtechniques):
            if _TECHNIQUE.fullmatch(item.id):
                yield f"attack.{item.id.lower()}"


def _capital(word: str) -> str:
    first = next((place for place, char in enumerate(word) if char.isalpha()), None)
    if first is None or not word.islower():
        return word
    return word[:first] + word[first].upper() + word[first + 1 :]


def _sentence(text: str) -> str:
    """The first sentence, without Markdown, beginning with a capital."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", _line(re.sub(r"[*`]", "", text)))
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z])", plain, maxsplit=1)[0]
    return first[:1].upper() + first[1:]


def _line(text: str) -> str:
    """The text on one line, without control characters."""
    return _BLANK.sub(" ", text).strip()


def _banned(text: str) -> bool:
    return any(word.lower().strip() in _BANNED for word in text.split(" "))


def _words(label: str) -> str:
    """`step1b` -> `Step 1b`."""
    return re.sub(r"(?<=[a-z])(?=\d)", " ", label.replace("_", " ")).capitalize()


def _references(rule: Rule) -> Iterator[str]:
    """The rule's own; where it has none, the links in its description, as a description alone has none."""
    links = [link for link in rule.references if _is_reference(link)]
    for link in links or _LINK.findall(rule.description):
        yield _plain(link)


def _plain(link: str) -> str:
    """A link to a file on a GitHub branch, as SigmaHQ lets it stand: to its source view."""
    return f"{link}?plain=1" if _BRANCH.match(link) else link


def _is_reference(link: str) -> bool:
    return link.startswith("http") and not link.startswith("https://attack.mitre.org/")
