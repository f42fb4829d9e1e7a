"""What is derived from the package's own grammars and tables, kept between processes: see `store`."""

from converter.kept.driver import built
from converter.kept.grammars import Parser, parser
from converter.kept.installed import libraries, version_of
from converter.kept.store import default_folder, derived, read_by
from converter.kept.tables import NotYaml, read_yaml, yaml_of

__all__ = [
    "NotYaml",
    "Parser",
    "built",
    "default_folder",
    "derived",
    "libraries",
    "parser",
    "read_by",
    "read_yaml",
    "version_of",
    "yaml_of",
]
