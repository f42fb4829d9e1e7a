"""Texts with a structure: URLs, paths, command lines, versions, CSV, XML."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from converter.evaluate.kusto import values
from converter.evaluate.kusto.functions.registry import function
from converter.late import late

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@function("parse_url parseurl", "string -> dynamic")
def parse_url(text: str) -> dict[str, Any]:
    """Scheme, host, port, path, user, password, query parameters and fragment, all strings."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return _url_parts()
    if not parts.scheme:
        return _url_parts()
    return _url_parts(
        Scheme=parts.scheme,
        Host=_host(parts.netloc),
        Port="" if port is None else str(port),
        Path=parts.path,
        Username=parts.username or "",
        Password=parts.password or "",
        Query=_query(parts.query),
        Fragment=parts.fragment,
    )


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2]
    return re.sub(r":\d*$", "", host)


def _url_parts(Query: dict[str, str] | None = None, **found: str) -> dict[str, Any]:
    names = ("Scheme", "Host", "Port", "Path", "Username", "Password")
    parts: dict[str, Any] = {name: found.get(name, "") for name in names}
    parts["Query Parameters"] = Query or {}
    parts["Fragment"] = found.get("Fragment", "")
    return parts


def _query(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return {unquote(key): unquote(value) for key, _, value in pairs}


@function("parse_urlquery parseurlquery", "string -> dynamic")
def parse_urlquery(text: str) -> dict[str, Any]:
    return {"Query Parameters": _query(text.removeprefix("?"))}


_PATH = late(r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://)?(?P<root>[A-Za-z]:)?(?P<rest>.*)", re.DOTALL)


@function("parse_path", "string -> dynamic")
def parse_path(text: str) -> dict[str, str]:
    """Scheme, root, directory, file name, extension and alternate stream of a Windows or Unix path."""
    match = _PATH.fullmatch(text)
    scheme, root, rest = (
        (match["scheme"] or "", match["root"] or "", match["rest"]) if match else ("", "", text)
    )
    cut = max(rest.rfind("/"), rest.rfind("\\"))
    directory, name = (rest[:cut], rest[cut + 1 :]) if cut >= 0 else ("", rest)
    name, _, stream = name.partition(":")
    extension = name.rpartition(".")[2] if "." in name else ""
    return {
        "Scheme": scheme,
        "RootPath": root,
        "DirectoryPath": root + directory,
        "DirectoryName": re.split(r"[\\/]", directory)[-1],
        "Filename": name,
        "Extension": extension,
        "AlternateDataStreamName": stream,
    }


@function("parse_command_line", "string, string -> dynamic")
def parse_command_line(text: str, kind: str) -> list[str] | None:
    """The arguments as Windows programs split them (`CommandLineToArgvW`); null for another kind."""
    if kind.lower() != "windows":
        return None
    arguments: list[str] = []
    place = 0
    while True:
        while place < len(text) and text[place] in " \t":
            place += 1
        if place >= len(text):
            return arguments
        argument, place = _argument(text, place)
        arguments.append(argument)


def _argument(text: str, place: int) -> tuple[str, int]:
    """One argument from a place on, and the place behind it."""
    characters: list[str] = []
    quoted = False
    while place < len(text) and (quoted or text[place] not in " \t"):
        slashes = len(text) - place - len(text[place:].lstrip("\\"))
        following = text[place + slashes : place + slashes + 1]
        place += slashes
        if following != '"':
            characters.append("\\" * slashes)
            if following and (quoted or following not in " \t"):
                characters.append(following)
                place += 1
            continue
        characters.append("\\" * (slashes // 2))
        place += 1
        if slashes % 2:
            characters.append('"')
        elif quoted and text[place : place + 1] == '"':
            characters.append('"')
            place += 1
        else:
            quoted = not quoted
    return "".join(characters), place


@function("parse_version", "string -> decimal")
def parse_version(text: str) -> Decimal | None:
    """Up to four numbers between dots as one number that orders versions."""
    parts = text.strip().split(".")
    if len(parts) > 4 or not all(re.fullmatch(r"\d{1,8}", part) for part in parts):
        return None
    return Decimal("".join(part.zfill(8) for part in (*parts, *["0"] * (4 - len(parts)))))


@function("parse_csv", "string -> dynamic", naming="first")
def parse_csv(text: str) -> list[str]:
    """The fields of the first record."""
    return next(iter(csv.reader(io.StringIO(text, newline=""))), [""])


@function("parse_xml", "string -> dynamic", naming="first")
def parse_xml(text: str) -> Any:
    """XML as a bag: attributes as `@name`, mixed text as `#text`, repeated elements as an array."""
    if "<!DOCTYPE" in text:
        return None
    from xml.etree import ElementTree  # takes as long to load as ten of these modules

    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    return {root.tag: _xml_value(root)}


def _xml_value(element: Element) -> Any:
    bag: dict[str, Any] = {f"@{name}": values.to_text(value) for name, value in element.attrib.items()}
    for child in element:
        value = _xml_value(child)
        if child.tag in bag:
            earlier = bag[child.tag]
            bag[child.tag] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            bag[child.tag] = value
    text = (element.text or "").strip()
    if not bag:
        return text or None
    return {**bag, "#text": text} if text else bag
