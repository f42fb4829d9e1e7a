"""Builds converter/elastic/ecs_types.tsv, the types of Elasticsearch fields, from schema files.

    python scripts/build_ecs_types.py ecs_flat.json.gz non-ecs-schema.json converter/elastic/ecs_types.tsv

`ecs_flat.json.gz` is what the ECS project generates as `ecs_flat` (name -> field, with multi-fields);
`non-ecs-schema.json` is what Elastic's detection rules add to it (index pattern -> names, nested or
dotted -> type). ECS wins over the latter, and within it the first index pattern in the file wins.
`keyword` is the default of a name that is not listed, so only the other types are written.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_HEADER = "# field\ttype; built by scripts/build_ecs_types.py; a field that is not listed is a keyword\n"
_WINLOGBEAT = {"winlog.process.pid": "long", "winlog.process.thread.id": "long"}
"""What neither file has: Winlogbeat, "Exported fields", of those that the taxonomy knows."""
_INTEGRATIONS = {
    "aws.cloudtrail.read_only": "boolean",
    "gen_ai.usage.completion_tokens": "integer",
    "gen_ai.usage.prompt_tokens": "integer",
    "okta.authentication_context.authentication_step": "integer",
    "okta.client.ip": "ip",
    "okta.security_context.as.number": "integer",
    "okta.security_context.is_proxy": "boolean",
}
"""Likewise: elastic/integrations, `fields.yml` of aws.cloudtrail, aws_bedrock.invocation and okta.system."""
_NO_VALUE = {"object", "geo_point"}


def ecs_types(path: Path) -> dict[str, str]:
    """Name -> type for each ECS field and multi-field."""
    fields: Mapping[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    types = {}
    for name, field in fields.items():
        types[name] = field["type"]
        for other in field.get("multi_fields", ()):
            types[other["flat_name"]] = other["type"]
    return types


def other_types(path: Path) -> dict[str, str]:
    """Name -> type for each field that rules use beyond ECS."""
    types: dict[str, str] = {}
    for fields in json.loads(path.read_text(encoding="utf-8")).values():
        for name, kind in _flat(fields, ""):
            types.setdefault(name, kind)
    return types


def _flat(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, kind in fields.items():
        if isinstance(kind, str):
            yield prefix + name, kind
        else:
            yield from _flat(kind, f"{prefix}{name}.")


def main(ecs: str, other: str, out: str) -> None:
    """Write the table `out` from the two schema files."""
    types = _WINLOGBEAT | _INTEGRATIONS | other_types(Path(other)) | ecs_types(Path(ecs))
    lines = [
        f"{name}\t{kind}\n"
        for name, kind in sorted(types.items())
        if kind not in _NO_VALUE and kind != "keyword"
    ]
    Path(out).write_text(_HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
