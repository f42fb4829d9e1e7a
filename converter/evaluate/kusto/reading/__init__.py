"""What the grammar's rules build: a module for each part of the language."""

from converter.evaluate.kusto.reading.expressions import Expressions
from converter.evaluate.kusto.reading.literals import Literals
from converter.evaluate.kusto.reading.nested import NestedOperators
from converter.evaluate.kusto.reading.operators import Operators
from converter.evaluate.kusto.reading.statements import Sources, Statements


class Builder(Statements, Sources, Operators, NestedOperators, Expressions, Literals):
    """The syntax tree of a query, from lark's tree of it."""


__all__ = ["Builder"]
