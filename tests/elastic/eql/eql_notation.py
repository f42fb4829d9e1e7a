"""Detections as short text: predicates as in notation.py, with scripts and steps spelled out."""

from __future__ import annotations

import json

from notation import show as show_leaf

from converter.ir import (
    And,
    Detection,
    EventQuery,
    Key,
    Limited,
    Not,
    Or,
    Predicate,
    Sample,
    Script,
    Sequence,
    Step,
)
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value


def show(detection: Detection) -> str:
    """One line for an event query, else the steps in brackets."""
    match detection:
        case EventQuery(predicate):
            return show_predicate(predicate)
        case Limited(base, pipes):
            return show(base) + "".join(f" | {name} {count}" for name, count in pipes)
        case Sequence(steps, maxspan, until):
            head = "sequence" + (f" {maxspan}ms" if maxspan is not None else "")
            tail = f" until {_step(until)}" if until else ""
            return " ".join([head, *map(_step, steps)]) + tail
        case Sample(steps):
            return " ".join(["sample", *map(_step, steps)])
        case _:
            raise TypeError(detection)


def show_predicate(predicate: Predicate) -> str:
    """A predicate in one line."""
    match predicate:
        case And(items):
            return "(" + " and ".join(map(show_predicate, items)) + ")"
        case Or(items):
            return "(" + " or ".join(map(show_predicate, items)) + ")"
        case Not(item):
            return f"not {show_predicate(item)}"
        case Script(expression):
            return f"script {show_value(expression)}"
        case _:
            return show_leaf(predicate)


def show_value(value: Value) -> str:
    """An expression, each operation in parentheses."""
    match value:
        case FieldValue(name):
            return name
        case Literal_(constant):
            return json.dumps(constant, ensure_ascii=False)
        case Call(function, arguments, ignore_case):
            return f"{function}{'~' if ignore_case else ''}({', '.join(map(show_value, arguments))})"
        case Arithmetic(op, left, right):
            return f"({show_value(left)} {op} {show_value(right)})"
        case Comparison(op, left, right, ignore_case):
            return f"({show_value(left)} {op}{'~' if ignore_case else ''} {show_value(right)})"
        case IsNull(item):
            return f"({show_value(item)} is null)"
        case Logic("not", (item,)):
            return f"not {show_value(item)}"
        case Logic(op, items):
            return "(" + f" {op} ".join(map(show_value, items)) + ")"
        case _:
            raise TypeError(value)


def _step(step: Step) -> str:
    keys = ", ".join(_key(key) for key in step.keys)
    runs = f" x{step.runs}" if step.runs > 1 else ""
    return f"{'!' if step.absent else ''}[{show_predicate(step.predicate)}]{runs}" + (
        f" by {keys}" if keys else ""
    )


def _key(key: Key) -> str:
    return ("?" if key.optional else "") + key.field
