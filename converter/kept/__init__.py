"""What is derived from the package's own grammars and tables, kept between processes: see `store`."""

from converter.kept.grammars import parser
from converter.kept.store import default_folder, derived
from converter.kept.tables import read_yaml

__all__ = ["default_folder", "derived", "parser", "read_yaml"]
