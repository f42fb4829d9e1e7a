"""Sigma YAML text -> pySigma's rules, with the places of what is wrong in it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.evaluate.sigma.mending import add_missing_modifiers, mend
from converter.source import NotSupportedError, Position, QuerySyntaxError

Rule: TypeAlias = SigmaRule | SigmaCorrelationRule


@dataclass(frozen=True, slots=True)
class Document:
    """A rule, and of a detection rule the conditions as pySigma parses them: any of them is enough."""

    rule: Rule
    conditions: tuple[Any, ...] = ()


class _Loader(yaml.CSafeLoader):
    """YAML in which a key stands once: YAML's own loaders drop all but the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else None)
        return super().construct_mapping(node, deep)


def load(text: str) -> list[Document]:
    """All rules and correlations of a text, filters applied, references resolved, referenced ones first.

    Raises QuerySyntaxError for what is no Sigma, NotSupportedError for what pySigma can't take.
    """
    add_missing_modifiers()
    with warnings.catch_warnings():
        # pySigma tries each regular expression in Python, which warns of sets that PCRE reads otherwise.
        warnings.simplefilter("ignore", FutureWarning)
        return _read(text)


def _read(text: str) -> list[Document]:
    try:
        documents = list(yaml.load_all(text, _Loader))
        for document in documents:
            if document is not None and not isinstance(document, dict):
                raise QuerySyntaxError("a Sigma document is a mapping of keys to values")
        collection = SigmaCollection.from_dicts(documents)
        rules = [_document(rule) for rule in collection.rules]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else None
        raise QuerySyntaxError(f"not YAML: {error.problem}", place) from None
    except yaml.YAMLError as error:
        raise QuerySyntaxError(f"not YAML: {' '.join(str(error).split())}") from None
    except SigmaError as error:
        raise QuerySyntaxError(f"not a Sigma rule: {error}") from None
    except RecursionError:
        raise NotSupportedError("a rule nested so deep") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # pySigma takes many values as they come: one of another type fails inside of it.
        raise QuerySyntaxError(f"not a Sigma rule: {error}") from None
    if not rules:
        raise QuerySyntaxError("no Sigma rule in the text")
    return rules


def _document(rule: Rule) -> Document:
    if isinstance(rule, SigmaCorrelationRule):
        return Document(rule)
    mend(rule)
    return Document(rule, tuple(condition.parsed for condition in rule.detection.parsed_condition))


def place_of(text: str, key: str) -> Position | None:
    """Where a key first stands in the text, with or without modifiers."""
    return next((place for place, found in _keys(text) if found.split("|")[0] == key), None)


def _keys(text: str) -> Iterator[tuple[Position, str]]:
    waiting = list(yaml.compose_all(text, yaml.CSafeLoader))[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(reversed(node.value))
        elif isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                yield Position(key.start_mark.line + 1, key.start_mark.column + 1), str(key.value)
            waiting.extend(value for _, value in reversed(node.value))
