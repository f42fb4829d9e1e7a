"""Cases on disk: `fixtures/events/<rule>/*.yaml`. The format is described in fixtures/README.md.

What is read of a folder's texts is kept (`kept/`) as plain data, as it is of rules: who converts one rule
does not wait for all cases of all rules to be read. Texts with an error are read each time.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml

from converter.events import case as case_format
from converter.events import placed_yaml
from converter.events.case import Case, Expectation
from converter.events.placed_yaml import Placed, parse
from converter.frozen import dataclass
from converter.kept import derived, read_by
from converter.source import Position, SourceError

Document: TypeAlias = dict[str, Any]

_TIME = "@timestamp"
# What a source derives from the time of the event, and so moves with it.
_MOVED_WITH_TIME = ("event.created", "event.ingested")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_OFFSET = re.compile(
    r"(?P<sign>[+-])(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?"
    r"(?:(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,3}))?s)?"
)


def load_fixtures(folder: Path) -> dict[str, list[Case]]:
    """All cases under `folder`, by rule id, in the order of paths and of cases within a file.

    The documents of all files in one folder are known to all cases of that folder.
    Raises SourceError (path, line, column) for a folder or file that cannot be read, an unknown key, a
    document, field or name that does not exist or comes twice, and a timeline that is not in time order.
    """
    if not folder.is_dir():
        raise SourceError("no such folder", path=str(folder))
    paths = sorted(folder.rglob("*.yaml"))
    texts = {path: _text(path) for path in paths}
    origins = {path: path.relative_to(folder).as_posix() for path in paths}
    sources = (part for path in paths for part in (origins[path], texts[path]))
    version = read_by(yaml.__version__, __file__, placed_yaml.__file__, case_format.__file__)
    cases = derived(("fixtures", version, *sources), lambda: _values(_loaded(texts, origins)))
    return {rule_id: [Case(*values) for values in found] for rule_id, found in cases.items()}


def _values(cases: Mapping[str, Sequence[Case]]) -> dict[str, list[tuple[Any, ...]]]:
    names = [one.name for one in dataclasses.fields(Case)]
    return {
        rule_id: [tuple(getattr(one, name) for name in names) for one in found]
        for rule_id, found in cases.items()
    }


def _loaded(texts: Mapping[Path, str], origins: Mapping[Path, str]) -> dict[str, list[Case]]:
    by_folder: dict[Path, list[_File]] = {}
    for path, text in texts.items():
        by_folder.setdefault(path.parent, []).append(_read(text, str(path), origins[path]))
    cases: dict[str, list[Case]] = {}
    names: dict[tuple[str, str], str] = {}
    for files in by_folder.values():
        documents = _documents(files)
        for file in files:
            for placed in file.cases:
                found = list(_cases(placed, file, documents))
                named = [(place, case.name, case.origin) for place, case in found]
                named += [(placed, case.group, case.origin) for _, case in found[:1] if case.group]
                for place, name, origin in named:
                    if earlier := names.get((file.rule_id, name)):
                        raise place.error(f"the case {name!r} was already defined at {earlier}")
                    names[file.rule_id, name] = origin
                cases.setdefault(file.rule_id, []).extend(case for _, case in found)
    return cases


@dataclass(frozen=True, slots=True)
class _File:
    origin: str
    rule_id: str
    documents: dict[str, tuple[Placed, Placed]]
    cases: list[Placed]


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(error.strerror or "cannot be read", path=str(path)) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise SourceError("not UTF-8", place, str(path)) from None


def _read(text: str, path: str, origin: str) -> _File:
    top = parse(text, path).record("a fixture file", ("rule",), ("documents", "cases"))
    documents = top["documents"].entries("documents") if "documents" in top else {}
    cases = top["cases"].items("cases") if "cases" in top else []
    return _File(origin, top["rule"].text("rule"), documents, cases)


def _documents(files: list[_File]) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for file in files:
        for name, (key, placed) in file.documents.items():
            if name in documents:
                raise key.error(f"the document {name!r} comes twice in this folder")
            document = placed.plain()
            if not isinstance(document, dict):
                raise placed.error("a document must be a mapping")
            if _moment(document.get(_TIME)) is None:
                raise placed.error(f"a document needs {_TIME}, as in 2025-03-04T10:15:30.250Z")
            documents[name] = document
    return documents


def _cases(placed: Placed, file: _File, documents: dict[str, Document]) -> Iterator[tuple[Placed, Case]]:
    """The case, or each of its parts, beside its place."""
    fields = placed.record("a case", ("name", "expect"), ("timeline", "parts", "targets", "tags"))
    if ("timeline" in fields) == ("parts" in fields):
        raise placed.error("a case has either a timeline or parts")
    case = Case(
        rule_id=file.rule_id,
        name=fields["name"].text("name"),
        expect=cast(Expectation, fields["expect"].choice("expect", ("match", "no_match"))),
        timeline=(),
        origin=f"{file.origin}:{placed.position.line}",
        targets=_words(fields["targets"], "a target") if "targets" in fields else None,
        tags=_words(fields["tags"], "a tag") if "tags" in fields else (),
    )
    if "timeline" in fields:
        yield placed, replace(case, timeline=_timeline(fields["timeline"], documents))
        return
    parts = fields["parts"].items("parts")
    if not parts:
        raise fields["parts"].error("the case has no parts")
    for part in parts:
        one = part.record("a part of a case", ("name", "timeline"), ())
        yield (
            part,
            replace(
                case,
                name=one["name"].text("name"),
                timeline=_timeline(one["timeline"], documents),
                origin=f"{file.origin}:{part.position.line}",
                group=case.name,
            ),
        )


def _timeline(placed: Placed, documents: dict[str, Document]) -> tuple[Document, ...]:
    """The events of a timeline, in time order."""
    steps = placed.items("timeline")
    if not steps:
        raise placed.error("the timeline is empty")
    timeline: list[Document] = []
    for step in steps:
        event = _event(step, documents)
        if timeline and event[_TIME] < timeline[-1][_TIME]:
            raise step.error(f"the timeline is not in time order: {event[_TIME]} after {timeline[-1][_TIME]}")
        timeline.append(event)
    return tuple(timeline)


def _words(placed: Placed, what: str) -> tuple[str, ...]:
    return tuple(item.text(what) for item in placed.items(f"{what.removeprefix('a ')}s"))


def _event(placed: Placed, documents: dict[str, Document]) -> Document:
    """The named document with the step's changes; unchanged parts are shared with other events."""
    fields = placed.record("a step of a timeline", ("document",), ("set", "unset", "at"))
    name = fields["document"].text("document")
    if name not in documents:
        raise fields["document"].error(f"there is no document {name!r} in this folder")
    event = dict(documents[name])
    if "unset" in fields:
        for item in fields["unset"].items("unset"):
            _unset(event, item)
    if "set" in fields:
        for key, value in fields["set"].entries("set").values():
            _set(event, key, value)
    if "at" in fields:
        _move(event, fields["at"])
    return event


def _own_parent(event: Document, key: Placed, create: bool) -> tuple[Document, str]:
    """The mapping that holds the last part of a dotted key, copied so that no other event shares it."""
    *above, last = key.text("a field").split(".")
    holder = event
    for part in above:
        inner = holder.get(part, {} if create else None)
        if not isinstance(inner, dict):
            raise key.error(f"{part!r} of {'.'.join([*above, last])!r} is not a mapping in the document")
        holder[part] = holder = dict(inner)
    return holder, last


def _set(event: Document, key: Placed, value: Placed) -> None:
    holder, last = _own_parent(event, key, create=True)
    if last == _TIME and holder is event:
        raise key.error(f"{_TIME} is moved with `at`, so that what depends on it moves along")
    holder[last] = value.plain()


def _unset(event: Document, key: Placed) -> None:
    holder, last = _own_parent(event, key, create=False)
    if last not in holder:
        raise key.error(f"the document has no field {key.text('a field')!r}")
    del holder[last]


def _offset(placed: Placed) -> timedelta:
    text = placed.text("at")
    match = _OFFSET.fullmatch(text)
    if match is None or len(text) < 2:
        raise placed.error("`at` is an offset like +1.999s, +2m or +13h44m29.5s, at most milliseconds fine")
    offset = timedelta(
        days=int(match["days"] or 0),
        hours=int(match["hours"] or 0),
        minutes=int(match["minutes"] or 0),
        seconds=int(match["seconds"] or 0),
        milliseconds=int((match["fraction"] or "").ljust(3, "0")),
    )
    return -offset if match["sign"] == "-" else offset


def _move(event: Document, placed: Placed) -> None:
    try:
        offset = _offset(placed)
        event[_TIME] = _shifted(event[_TIME], offset)
        for dotted in _MOVED_WITH_TIME:
            group, field = dotted.split(".")
            inner = event.get(group)
            if isinstance(inner, dict) and _moment(inner.get(field)) is not None:
                event[group] = {**inner, field: _shifted(inner[field], offset)}
    except OverflowError:
        raise placed.error("`at` leads out of the calendar") from None


def _moment(value: Any) -> datetime | None:
    """A time as the documents write it, to the millisecond and in UTC; None for anything else."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _shifted(timestamp: str, offset: timedelta) -> str:
    moment = datetime.fromisoformat(timestamp) + offset
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
