"""Sigma YAML text -> pySigma's rules, with the places of what is wrong in it."""

from __future__ import annotations

import warnings
from typing import Any, TypeAlias

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.evaluate.sigma.mending import add_missing_modifiers, mend
from converter.evaluate.sigma.places import place_of_error
from converter.frozen import dataclass
from converter.late import late
from converter.source import NotSupportedError, Position, QuerySyntaxError

_OBJECT = late(r"<(?:\w+\.)*(\w+) object at 0x\w+>")

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
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            mark = key_node.start_mark
            if not isinstance(key, str):
                what = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "a list or map"
                message = f"a key is a text; found {what}"
                raise QuerySyntaxError(message, Position(mark.line + 1, mark.column + 1))
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", mark)
            seen.add(key)
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
                raise QuerySyntaxError("a Sigma document is a mapping of keys to values", Position(1, 1))
        collection = SigmaCollection.from_dicts(documents)
        rules = [_document(rule) for rule in collection.rules]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else None
        raise QuerySyntaxError(f"not YAML: {error.problem}", place) from None
    except yaml.YAMLError as error:
        raise QuerySyntaxError(f"not YAML: {' '.join(str(error).split())}") from None
    except SigmaError as error:
        # an object of pySigma in a message is told by its type
        message = _OBJECT.sub(r"\1", str(error))
        raise QuerySyntaxError(f"not a Sigma rule: {message}", place_of_error(text, message)) from None
    except RecursionError:
        raise NotSupportedError("a rule nested so deep") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # pySigma takes many values as they come: one of another type fails inside of it.
        raise QuerySyntaxError(f"not a Sigma rule: {error}", place_of_error(text, str(error))) from None
    if not rules:
        raise QuerySyntaxError("no Sigma rule in the text", Position(1, 1))
    return rules


def _document(rule: Rule) -> Document:
    if isinstance(rule, SigmaCorrelationRule):
        return Document(rule)
    mend(rule)
    return Document(rule, tuple(condition.parsed for condition in rule.detection.parsed_condition))
