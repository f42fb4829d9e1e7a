"""Commands that compute a field's value: eval, rex, bin, spath, convert.

Source: Splunk Search Reference, the pages of these commands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from converter.evaluate.spl.arguments import Cursor, integer, only, plain, words
from converter.evaluate.spl.commands.filters import refuse_subsearches
from converter.evaluate.spl.evaluation import compile_assignments
from converter.evaluate.spl.expression import assigning
from converter.evaluate.spl.functions.json_paths import at_path, field_value
from converter.evaluate.spl.patterns import Found, finder, substituted
from converter.evaluate.spl.plan import Planner, Step, annotating
from converter.evaluate.spl.rows import Row, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.times import bin_start, formatted, span
from converter.evaluate.spl.values import Value, collapsed, number, several, text
from converter.late import late
from converter.source import NotSupportedError, QuerySyntaxError, SourceError

_CTIME = "%m/%d/%Y %H:%M:%S"
_PART = r"(?:\\.|(?!(?P=mark)).)*"
_SED = late(rf"s(?P<mark>.)(?P<regex>{_PART})(?P=mark)(?P<to>{_PART})(?P=mark)(?P<flags>.*)")


def evaluate(command: Command, planner: Planner) -> Step:
    """Assignments, each of which sees the ones before it."""
    refuse_subsearches(command)
    assignments = compile_assignments(command.arguments, command)

    copied = assigning(assignments)

    def annotate(row: Row, run: Run) -> Row:
        fields = copied(row.fields)
        for name, expression in assignments:
            fields[name] = expression.evaluate(fields, run)
        return row.with_fields(fields)

    return annotating(annotate, [name for name, _ in assignments])


def rex(command: Command, planner: Planner) -> Step:
    """Named groups of a PCRE as fields; where it does not match, nothing changes. `mode=sed` replaces."""
    cursor = Cursor(command)
    options = {"field": words, "max_match": integer, "mode": words}
    found: dict[str, Any] = dict(cursor.options(options))
    position = cursor.position
    token = cursor.takes("STRING")
    if token is None:
        raise NotSupportedError("rex with an expression that is not quoted", position, code="spl-regex")
    found.update(cursor.options(options))
    cursor.finish()
    field = found.get("field", "_raw")
    try:
        if found.get("mode") == "sed":
            return annotating(_sed(field, plain(token)))
        find = finder(plain(token))
    except SourceError as error:
        error.position = position
        raise
    if "mode" in found:
        raise QuerySyntaxError(f"rex: unknown mode {found['mode']}", position)
    if not re.search(r"\(\?P?<[A-Za-z_]", plain(token)):
        raise QuerySyntaxError("rex needs a named group", position)
    limit = found.get("max_match", 1)

    def annotate(row: Row, run: Run) -> Row:
        matches = [match for value in several(row.fields.get(field)) for match in find(text(value))]
        groups = _groups(matches[:limit] if limit else matches)
        return row.with_fields({**row.fields, **groups}) if groups else row

    return annotating(annotate, list(_group_names(plain(token))))


def _group_names(pattern: str) -> Mapping[str, None]:
    return dict.fromkeys(re.findall(r"\(\?P?<([A-Za-z_]\w*)>", pattern))


def _groups(matches: list[Found]) -> dict[str, Value]:
    taken: dict[str, list[str]] = {}
    for match in matches:
        for name, value in match.names.items():
            if value is not None:
                taken.setdefault(name, []).append(value)
    return {name: collapsed(list(values)) for name, values in taken.items()}


def _sed(field: str, script: str) -> Callable[[Row, Run], Row]:
    parsed = _SED.fullmatch(script)
    if parsed is None or parsed["flags"] not in ("", "g"):
        raise NotSupportedError(f"rex mode=sed with {script}", code="spl-sed")
    mark = parsed["mark"]
    pattern, replacement = (parsed[part].replace(f"\\{mark}", mark) for part in ("regex", "to"))
    finder(pattern)

    def annotate(row: Row, run: Run) -> Row:
        value = row.fields.get(field)
        if value is None:
            return row
        changed = [
            substituted(text(one), pattern, replacement, first_only=parsed["flags"] != "g")
            for one in several(value)
        ]
        return row.with_fields({**row.fields, field: collapsed(list(changed))})

    return annotate


def bin_values(command: Command, planner: Planner) -> Step:
    """`bin _time span=5m`: the start of the span that a time lies in; numbers become "from-to"."""
    cursor = Cursor(command)
    options = {"span": words, "aligntime": only("epoch", words)}
    found: dict[str, Any] = dict(cursor.options(options))
    name = cursor.name()
    target = cursor.name() if cursor.takes_word("as") else name
    found.update(cursor.options(options))
    if cursor.takes_word("as"):
        target = cursor.name()
    cursor.finish()
    if "span" not in found:
        raise NotSupportedError("bin without a span", command.position, code="spl-bin")
    place = _time_bin(found["span"], command) if name == "_time" else _number_bin(found["span"], command)

    def annotate(row: Row, run: Run) -> Row:
        value = number(row.fields.get(name))
        return row if value is None else row.with_fields({**row.fields, target: place(value)})

    return annotating(annotate, [target])


def _time_bin(text_: str, command: Command) -> Callable[[float], Value]:
    try:
        length, unit = span(text_)
    except QuerySyntaxError as error:
        raise QuerySyntaxError(error.message, command.position) from None
    if length <= 0:
        raise QuerySyntaxError(f"not a span of time: {text_}", command.position)

    def place(value: float) -> Value:
        start = bin_start(value, length, unit)
        return int(start) if float(start).is_integer() else start

    return place


def _number_bin(text_: str, command: Command) -> Callable[[float], Value]:
    width = number(text_)
    if width is None or width <= 0:
        raise NotSupportedError(f"bin span={text_} on numbers", command.position, code="spl-bin")

    def place(value: float) -> Value:
        start = value // width * width
        return f"{text(start)}-{text(start + width)}"

    return place


def spath(command: Command, planner: Planner) -> Step:
    """`spath input=f path=a.b output=c`."""
    cursor = Cursor(command)
    options = {"input": words, "path": words, "output": words}
    found: dict[str, Any] = dict(cursor.options(options))
    if not cursor.done:
        found.setdefault("path", cursor.name())
        found.update(cursor.options(options))
    cursor.finish()
    if "path" not in found:
        raise NotSupportedError("spath without a path", command.position, code="spl-spath")
    source, path = found.get("input", "_raw"), found["path"]
    target = found.get("output", path)

    def annotate(row: Row, run: Run) -> Row:
        try:
            values = at_path(json.loads(text(row.fields.get(source))), path)
        except ValueError:
            return row
        kept = [field_value(value) for value in values if value is not None]
        return row.with_fields({**row.fields, target: collapsed(kept)}) if kept else row

    return annotating(annotate, [target])


def convert(command: Command, planner: Planner) -> Step:
    """`convert timeformat="..." ctime(f) AS g`: seconds as a text."""
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options({"timeformat": words}))
    form = found.get("timeformat", _CTIME)
    conversions: list[tuple[str, str]] = []
    while not cursor.done:
        position = cursor.position
        function = cursor.name()
        if function != "ctime":
            raise NotSupportedError(f"convert {function}()", position, code="spl-function")
        field = cursor.group()[0].strip().strip('"')
        conversions.append((field, cursor.name() if cursor.takes_word("as") else field))
        cursor.takes("COMMA")

    def annotate(row: Row, run: Run) -> Row:
        fields = dict(row.fields)
        for field, target in conversions:
            seconds = number(fields.get(field))
            if seconds is not None:
                fields[target] = formatted(seconds, form)
        return row.with_fields(fields)

    return annotating(annotate, [target for _, target in conversions])
