"""Encodings and digests: base64, URL, compression, MD5, SHA, xxHash64."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import uuid
import zlib
from typing import Any
from urllib.parse import unquote_plus

from converter.evaluate.kusto import values
from converter.evaluate.kusto.functions.registry import MAX_TEXT, function
from converter.source import NotSupportedError


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _utf8(data: bytes | None) -> str | None:
    """The text of bytes; None where they are not UTF-8."""
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


@function("base64_encode_tostring base64_encodestring", "string -> string")
def base64_encode(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


@function("base64_decode_tostring base64_decodestring", "string -> string")
def base64_decode(text: str) -> str | None:
    return _utf8(_decoded(text))


@function("base64_decode_toarray", "string -> dynamic")
def base64_decode_array(text: str) -> list[int] | None:
    data = _decoded(text)
    return None if data is None else list(data)


@function("base64_encode_fromarray", "dynamic -> string")
def base64_encode_array(array: Any) -> str | None:
    if not isinstance(array, list) or not all(isinstance(item, int) and 0 <= item < 256 for item in array):
        return None
    return base64.b64encode(bytes(array)).decode("ascii")


@function("base64_encode_fromguid", "guid -> string")
def base64_encode_guid(value: str) -> str:
    return base64.b64encode(uuid.UUID(value).bytes_le).decode("ascii")


@function("base64_decode_toguid", "string -> guid")
def base64_decode_guid(text: str) -> values.Guid | None:
    data = _decoded(text)
    return values.Guid(uuid.UUID(bytes_le=data)) if data is not None and len(data) == 16 else None


@function("zlib_decompress_from_base64_string", "string -> string")
def zlib_decompress(text: str) -> str | None:
    return _inflated(text, zlib.MAX_WBITS)


@function("gzip_decompress_from_base64_string", "string -> string")
def gzip_decompress(text: str) -> str | None:
    return _inflated(text, zlib.MAX_WBITS | 16)


def _inflated(text: str, form: int) -> str | None:
    """The text that was compressed; null for what is no whole stream, refused where it is too large."""
    data = _decoded(text)
    if data is None:
        return None
    stream = zlib.decompressobj(form)
    try:
        found = stream.decompress(data, MAX_TEXT + 1)
    except zlib.error:
        return None
    if len(found) > MAX_TEXT:
        raise NotSupportedError(f"a string of over {MAX_TEXT} characters", code="kql-text")
    return _utf8(found) if stream.eof and not stream.unused_data else None


_SURELY_STORED = 48
"""Bytes below which the engine's compressor tries no Huffman codes of the text's own."""


def _stored(text: str) -> bytes:
    """The deflate block of a text that does not get smaller: its bytes as they are (RFC 1951, 3.2.4).

    Both pages print such a block. How the engine compresses other texts nothing says, and compressors differ:
    a text is taken if it is short and has no three bytes twice, so that there is nothing to save.
    """
    data = text.encode("utf-8", "surrogatepass")
    triples = [data[place : place + 3] for place in range(len(data) - 2)]
    if not 0 < len(data) < _SURELY_STORED or len(set(triples)) < len(triples):
        raise NotSupportedError("compression of an empty, a long or a repetitive text", code="kql-compress")
    return struct.pack("<BHH", 1, len(data), len(data) ^ 0xFFFF) + data


@function("zlib_compress_to_base64_string", "string -> string")
def zlib_compress(text: str) -> str:
    checksum = struct.pack(">I", zlib.adler32(text.encode("utf-8", "surrogatepass")))
    return base64.b64encode(b"\x78\x01" + _stored(text) + checksum).decode("ascii")


@function("gzip_compress_to_base64_string", "string -> string")
def gzip_compress(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    tail = struct.pack("<II", zlib.crc32(data), len(data))
    return base64.b64encode(head + _stored(text) + tail).decode("ascii")


# ---- URLs


def _form_byte(byte: int) -> str:
    character = chr(byte)
    if byte < 128 and (character.isalnum() or character in "-_.!*()"):
        return character
    return "+" if byte == 32 else f"%{byte:02x}"


@function("url_encode", "string -> string")
def url_encode(text: str) -> str:
    """Form encoding: a space is `+`, lower-case hexadecimal."""
    return "".join(_form_byte(byte) for byte in text.encode("utf-8", "surrogatepass"))


@function("url_encode_component", "string -> string")
def url_encode_component(text: str) -> str:
    """As `url_encode`, but a space is `%20`."""
    return url_encode(text).replace("+", "%20")


@function("url_decode", "string -> string")
def url_decode(text: str) -> str:
    return unquote_plus(text)


# ---- digests


def _bytes(value: Any) -> bytes:
    """What a value is hashed as: text in UTF-8, times and numbers as 8 little-endian bytes."""
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, int):
        return struct.pack("<q", values.wrap_long(value))
    if isinstance(value, float):
        return struct.pack("<d", value)
    return values.to_text(value).encode("utf-8", "surrogatepass")


@function("hash_md5", "string -> string")
def md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


@function("hash_sha1", "string -> string")
def sha1(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


@function("hash_sha256", "string -> string")
def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_PRIMES = (
    11400714785074694791,
    14029467366897019727,
    1609587929392839161,
    9650029242287828579,
    2870177450012600261,
)
_MASK = (1 << 64) - 1


def _rotate(number: int, bits: int) -> int:
    return (number << bits | number >> (64 - bits)) & _MASK


def _round(state: int, lane: int) -> int:
    return _rotate((state + lane * _PRIMES[1]) & _MASK, 31) * _PRIMES[0] & _MASK


def xxhash64(data: bytes, seed: int = 0) -> int:
    """xxHash64 (specification: "xxHash fast digest algorithm", 64 bits)."""
    one, two, three, four, five = _PRIMES
    place = 0
    if len(data) >= 32:
        states = [(seed + one + two) & _MASK, (seed + two) & _MASK, seed, (seed - one) & _MASK]
        while place + 32 <= len(data):
            for lane, word in enumerate(struct.unpack_from("<4Q", data, place)):
                states[lane] = _round(states[lane], word)
            place += 32
        total = sum(_rotate(state, bits) for state, bits in zip(states, (1, 7, 12, 18), strict=True)) & _MASK
        for state in states:
            total = ((total ^ _round(0, state)) * one + four) & _MASK
    else:
        total = (seed + five) & _MASK
    total = (total + len(data)) & _MASK
    while place + 8 <= len(data):
        total ^= _round(0, struct.unpack_from("<Q", data, place)[0])
        total = (_rotate(total, 27) * one + four) & _MASK
        place += 8
    if place + 4 <= len(data):
        total ^= struct.unpack_from("<I", data, place)[0] * one & _MASK
        total = (_rotate(total, 23) * two + three) & _MASK
        place += 4
    for byte in data[place:]:
        total = _rotate(total ^ byte * five & _MASK, 11) * one & _MASK
    total = (total ^ total >> 33) * two & _MASK
    total = (total ^ total >> 29) * three & _MASK
    return total ^ total >> 32


@function("hash hash_xxhash64", "any, [long] -> long")
def hash64(value: Any, modulus: int = 0) -> int:
    digest = values.wrap_long(xxhash64(_bytes(value)))
    return digest % modulus if modulus > 0 else digest
