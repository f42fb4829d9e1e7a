"""What fields and log sources are called where: YAML tables and their loader (docs/taxonomy.md)."""

from converter.taxonomy.load import load_taxonomy
from converter.taxonomy.model import Cell, Profile, Record, Shape, Taxonomy

__all__ = ["Cell", "Profile", "Record", "Shape", "Taxonomy", "load_taxonomy"]
