"""Conversions and times. Source: Splunk Search Reference, "Conversion functions" and
"Date and Time functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from converter.evaluate.spl.expression import Builder, Call, Evaluate, Function, scalar, single
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.times import event_time, formatted, moment_at, parsed_time
from converter.evaluate.spl.values import Value, number, text
from converter.source import SourceError


def _to_number(value: Value, base: Value = 10) -> Value:
    of = number(base)
    if of in (None, 10):
        return number(value)
    try:
        return int(text(value), int(of or 10))
    except ValueError:
        return None


def _to_text(call: Call) -> tuple[Evaluate, bool]:
    argument = call.arguments[0]
    form = call.constant_text(1) if len(call.arguments) > 1 else None
    if len(call.arguments) > 1 and form not in _FORMS:
        raise call.refuse(f"with the form {form!r}")

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = single(argument.evaluate(fields, run), call)
        if value is None:
            return None
        if isinstance(value, bool):
            return "True" if value else "False"
        try:
            return _FORMS[form](value)
        except (ArithmeticError, ValueError):  # an infinite number
            return None

    return evaluate, False


def _hex(value: Value) -> Value:
    found = number(value)
    return None if found is None else f"0x{int(found):X}"


def _commas(value: Value) -> Value:
    found = number(value)
    if found is None:
        return None
    return f"{found:,}" if isinstance(found, int) else f"{found:,.2f}"


def _duration(value: Value) -> Value:
    found = number(value)
    if found is None:
        return None
    whole = int(found)
    days, rest = divmod(whole, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}+{clock}" if days else clock


_FORMS = {None: text, "hex": _hex, "commas": _commas, "duration": _duration}


def _moment(value: Value) -> float | None:
    try:
        return event_time(value)
    except SourceError:
        return None


def _format(moment: Value, form: Value) -> Value:
    seconds = number(moment)
    return None if seconds is None else formatted(seconds, text(form))


def _parse(value: Value, form: Value) -> Value:
    return parsed_time(text(value), text(form))


def _relative(moment: Value, modifier: Value) -> Value:
    seconds = _moment(moment)
    return None if seconds is None else _whole(moment_at(seconds, text(modifier)))


def _timed(function: Callable[[Value, Value], Value], sample: Value) -> Builder:
    """A function whose second argument is checked, where it is a constant, by a try on `sample`."""

    def build(call: Call) -> tuple[Evaluate, bool]:
        form = call.constant_text(1)
        if form is not None:
            try:
                function(sample, form)
            except SourceError as error:
                error.position = call.arguments[1].position
                raise
        return scalar(function)(call)

    return build


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _now(call: Call) -> tuple[Evaluate, bool]:
    return lambda fields, run: _whole(run.now(call.position)), False


CONVERSIONS: dict[str, Function] = {
    "tonumber": Function(1, 2, scalar(_to_number)),
    "tostring": Function(1, 2, _to_text),
    "strftime": Function(2, 2, _timed(_format, 0)),
    "strptime": Function(2, 2, _timed(_parse, "")),
    "relative_time": Function(2, 2, _timed(_relative, 0)),
    "now": Function(0, 0, _now),
    "time": Function(0, 0, _now),
}
