"""The conversions by the name that a taxonomy cell gives them."""

from __future__ import annotations

from collections.abc import Mapping

from converter.lowering.conversions.address import address
from converter.lowering.conversions.always import always
from converter.lowering.conversions.approximate import assumed, first, other_database
from converter.lowering.conversions.argument_count import argument_count
from converter.lowering.conversions.base import Conversion
from converter.lowering.conversions.by_value import by_value
from converter.lowering.conversions.codes import codes
from converter.lowering.conversions.command_line import argument
from converter.lowering.conversions.cut import beyond, until
from converter.lowering.conversions.device_path import device_path
from converter.lowering.conversions.either import either
from converter.lowering.conversions.fallback import fallback
from converter.lowering.conversions.flags import flags
from converter.lowering.conversions.given import given, partly
from converter.lowering.conversions.halves import after, before, holding
from converter.lowering.conversions.hexadecimal import hexadecimal
from converter.lowering.conversions.items import items
from converter.lowering.conversions.java_map import java_map
from converter.lowering.conversions.line import line
from converter.lowering.conversions.lowered import lowered
from converter.lowering.conversions.objects import objects
from converter.lowering.conversions.one_or_items import one_or_items
from converter.lowering.conversions.pair import pair
from converter.lowering.conversions.paths import directory, extension, file_name
from converter.lowering.conversions.registry_values import hive, number
from converter.lowering.conversions.renamed import renamed
from converter.lowering.conversions.same import joined, key, same
from converter.lowering.conversions.told import told
from converter.lowering.conversions.values import digest, enum, values
from converter.lowering.conversions.w3c import encoded, filled
from converter.lowering.conversions.words import words

CONVERSIONS: Mapping[str, Conversion] = {
    "same": same,
    "key": key,
    "joined": joined,
    "file_name": file_name,
    "extension": extension,
    "directory": directory,
    "argument": argument,
    "argument_count": argument_count,
    "values": values,
    "enum": enum,
    "hash": digest,
    "fallback": fallback,
    "device_path": device_path,
    "hexadecimal": hexadecimal,
    "hive": hive,
    "number": number,
    "told": told,
    "assumed": assumed,
    "by": by_value,
    "either": either,
    "address": address,
    "java_map": java_map,
    "before": before,
    "after": after,
    "holding": holding,
    "until": until,
    "beyond": beyond,
    "filled": filled,
    "encoded": encoded,
    "renamed": renamed,
    "other_database": other_database,
    "first": first,
    "given": given,
    "partly": partly,
    "items": items,
    "pair": pair,
    "objects": objects,
    "one_or_items": one_or_items,
    "always": always,
    "line": line,
    "lowered": lowered,
    "words": words,
    "flags": flags,
    "codes": codes,
}
