"""How large a rule may be: beyond these numbers it is refused by name, so that no input takes for ever.

Each number is beyond any rule that people write (Elastic's largest has 2,714 conditions, the longest sequence
four steps) and small enough that the rule converts, and is proved on generated cases, in ten seconds.
They are the converter's own. Elasticsearch has others, most of them wider:

- clauses: 4,096 in 8.0; since 8.1 a number that follows the heap and the threads, 1,024 at least, and some
  27,000 on a large node ("Search settings", `indices.query.bool.max_clause_count`). A list of values is one
  clause there (`terms`), and has up to 65,536 values ("Index modules", `index.max_terms_count`);
- a regular expression: 1,000 characters as it is written (`index.max_regex_length`) and 10,000 states
  (`max_determinized_states`; both "Regexp query");
- ES|QL: 1,000,000 characters, 500 commands, expressions 400 deep (`EsqlParser.MAX_LENGTH`,
  `LogicalPlanBuilder.MAX_QUERY_DEPTH`, `ExpressionBuilder.MAX_EXPRESSION_DEPTH`);
- EQL: no number of steps is documented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from math import prod
from typing import Any

from converter.ir import AnyField, Detection, Like, Regex, Wild
from converter.ir.detection import Pipeline, Sample, Sequence
from converter.ir.predicate import Node
from converter.ir.value import Comparison, Literal_, ValueNode
from converter.regex import parse_regex
from converter.regex.ast import Dialect, Repeat
from converter.regex.ast import Node as Expression
from converter.regex.walk import children
from converter.source import NotSupportedError, SourceError

MAX_CONDITIONS = 3000
"""Of a rule; each value of a list is one."""
MAX_STEPS = 12
"""Of a sequence or sample."""
MAX_RUNS = 60
"""Of its steps together, each run as many: where it must be written out, these are the steps."""
MAX_STAGES = 100
"""Of an ES|QL query; each of Elasticsearch's 500 commands is one."""
MAX_WILDCARDS = 100
"""In one pattern."""
MAX_STATES = 1000
"""Characters of one expression with its repeats written out: so many as Elasticsearch takes without that."""
MAX_ALL_STATES = 20_000
"""The same of all expressions of a rule."""


def check_rule_size(detection: Detection) -> None:
    """Raises NotSupportedError (code "too-large"), with the place, for a rule beyond one of the limits."""
    _parts(detection)
    states = 0
    for conditions, leaf in enumerate(_leaves(detection), 1):
        if conditions > MAX_CONDITIONS:
            raise _too_large(f"a rule of more than {MAX_CONDITIONS:,} conditions", leaf)
        if _wildcards(leaf) > MAX_WILDCARDS:
            raise _too_large(f"a pattern with more than {MAX_WILDCARDS} wildcards", leaf)
        expression = _expression(leaf)
        if expression is not None:
            size = _size(*expression)
            states += size
            if size > MAX_STATES:
                raise _too_large(
                    f"a regular expression of {size:,} characters with its repeats written out "
                    f"(more than {MAX_STATES:,})",
                    leaf,
                )
            if states > MAX_ALL_STATES:
                raise _too_large(
                    f"regular expressions of more than {MAX_ALL_STATES:,} characters together", leaf
                )


def _parts(detection: Detection) -> None:
    """The limits on steps and stages."""
    for node in _nodes(detection):
        if isinstance(node, Sequence | Sample) and len(node.steps) > MAX_STEPS:
            raise _too_large(f"a {_name(node)} of more than {MAX_STEPS} steps", node.steps[MAX_STEPS])
        if isinstance(node, Sequence) and written_out(node) > MAX_RUNS:
            raise _too_large(f"a sequence of more than {MAX_RUNS} steps with its runs written out", node)
        if isinstance(node, Pipeline) and len(node.stages) > MAX_STAGES:
            raise _too_large(f"a query of more than {MAX_STAGES} stages", node.stages[MAX_STAGES])


def written_out(sequence: Sequence) -> int:
    """How many steps the sequence has with its runs written out; a first run is a window, but where `until`
    can end it."""
    runs = [step.runs for step in sequence.steps]
    return sum(runs) if sequence.until is not None else 1 + sum(runs[1:])


def _name(node: Node | ValueNode) -> str:
    return type(node).__name__.lower()


def _too_large(what: str, node: Node | ValueNode) -> NotSupportedError:
    return NotSupportedError(what, node.pos, code="too-large")


def _nodes(root: Any) -> Iterator[Node | ValueNode]:
    """The node and all below it, in the order of the text."""
    stack = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(reversed(item))
        elif isinstance(item, Node | ValueNode):
            yield item
            stack.extend(reversed([getattr(item, part.name) for part in fields(item)]))


def _leaves(root: Detection) -> Iterator[Node | ValueNode]:
    """What holds no other node, and comparisons: a predicate's leaves, an expression's fields and values."""
    for node in _nodes(root):
        if isinstance(node, Comparison) or not any(
            _holds_nodes(getattr(node, part.name)) for part in fields(node)
        ):
            yield node


def _holds_nodes(value: Any) -> bool:
    return isinstance(value, Node | ValueNode) or (isinstance(value, tuple) and any(map(_holds_nodes, value)))


def _wildcards(leaf: Node | ValueNode) -> int:
    """How many wildcards a pattern has."""
    if isinstance(leaf, Like | AnyField):
        return sum(isinstance(part, Wild) for part in leaf.pattern)
    text = _pattern(leaf, "like")
    return text.count("*") + text.count("?") if text else 0


def _expression(leaf: Node | ValueNode) -> tuple[str, Dialect] | None:
    """A condition's regular expression."""
    if isinstance(leaf, Regex):
        return leaf.pattern, leaf.dialect
    text = _pattern(leaf, "rlike")
    return None if text is None else (text, "lucene")


def _pattern(leaf: Node | ValueNode, operator: str) -> str | None:
    """The text on the right of an operator of ES|QL."""
    if isinstance(leaf, Comparison) and leaf.op == operator and isinstance(leaf.right, Literal_):
        return str(leaf.right.value)
    return None


def _size(pattern: str, dialect: Dialect) -> int:
    """How long the expression is when every repeat is written out; what is no expression is refused later."""
    if len(pattern) > MAX_STATES:
        return len(pattern)
    try:
        return _written_out(parse_regex(pattern, dialect))
    except SourceError:
        return len(pattern)


def _written_out(node: Expression) -> int:
    below = sum(map(_written_out, children(node))) or 1
    if isinstance(node, Repeat):
        return prod((below, max(node.least, node.most or 0, 1)))
    return below
