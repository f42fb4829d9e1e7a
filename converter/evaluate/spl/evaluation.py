"""Expressions of `eval` and `where`, from text to closures.

A name with other characters than letters, digits and `_` stands in single quotes; `a.b` is a
concatenation. Source: Splunk Search Reference, "eval", "where", "Evaluation functions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from converter.evaluate.spl import arithmetic, comparison
from converter.evaluate.spl.expression import BEYOND, Call, Evaluate, Expression, of_kinds, remembered
from converter.evaluate.spl.functions import FUNCTIONS, OF_THE_RUN, REGEX_ARGUMENTS
from converter.evaluate.spl.grammars import parse_assignments, parse_expression
from converter.evaluate.spl.rows import Predicate, Run
from converter.evaluate.spl.search import compile_terms
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.terms import read_terms
from converter.evaluate.spl.values import Value, getter_names, number
from converter.kept.nodes import Token, Tree
from converter.source import NotSupportedError, Position, QuerySyntaxError

_BARE_LITERALS = frozenset({"true", "false", "null"})
_LETTERS = re.compile(r'\\(["\\ntr]|.)', re.DOTALL)


def compile_expression(source: str, command: Command, offset: int = 0) -> Expression:
    """An expression that begins at `offset` of the command's arguments.

    Raises QuerySyntaxError, and NotSupportedError for a function that is not known.
    """
    reader = _Reader(command, offset)
    return reader.whole(_only(parse_expression(source, command, offset)))


def compile_condition(source: str, command: Command, offset: int = 0) -> Expression:
    """An expression that must be a condition."""
    expression = compile_expression(source, command, offset)
    if not expression.boolean and not expression.null:
        raise QuerySyntaxError(f"{command.name} needs a condition, not a value", expression.position)
    return expression


def compile_assignments(source: str, command: Command) -> list[tuple[str, Expression]]:
    """The arguments of `eval`: names and their expressions, in order."""
    reader = _Reader(command, 0)
    assignments: list[tuple[str, Expression]] = []
    for tree in parse_assignments(source, command, 0).children:
        assert isinstance(tree, Tree)
        target, value = tree.children
        assert isinstance(target, Tree) and isinstance(value, Tree)
        name = _target(str(target.children[0]))
        expression = reader.whole(value)
        if "{" in name:
            raise NotSupportedError(f"a computed field name: {name}", reader.position(target))
        if expression.boolean:
            message = f"a condition can't be assigned to {name}; use if()"
            raise QuerySyntaxError(message, expression.position)
        assignments.append((name, expression))
    return assignments


def search_predicate(source: str, command: Command, offset: int) -> Predicate:
    """Search terms in a string, as `searchmatch` and `transaction` take them."""
    test = compile_terms(read_terms(source, command, offset))
    if test is None:
        raise NotSupportedError("a subsearch or time modifier here", command.at(offset))
    return test


def _target(token: str) -> str:
    return token[1:-1] if token[0] in "'\"" else token


def _only(tree: Tree[Token]) -> Tree[Token]:
    child = tree.children[0]
    assert isinstance(child, Tree)
    return child


class _Reader:
    def __init__(self, command: Command, offset: int) -> None:
        self.command = command
        self.offset = offset
        self._parts = 0

    def position(self, item: Tree[Token] | Token) -> Position:
        start = item.start_pos if isinstance(item, Token) else item.meta.start_pos
        return self.command.at(self.offset + (start or 0))

    def expression(self, tree: Tree[Token]) -> Expression:
        """One node. The names of the methods are the grammar's rules."""
        method: Callable[[Tree[Token]], Expression] = getattr(self, f"_{tree.data}")
        found = method(tree)
        self._parts += 1
        return found

    def whole(self, tree: Tree[Token]) -> Expression:
        """A node that is no part of another: its answers are remembered."""
        found, parts = self._counted(tree)
        if parts == 1:
            return found
        return replace(found, evaluate=of_kinds(found.fields, remembered(found, parts)))

    def _counted(self, tree: Tree[Token]) -> tuple[Expression, int]:
        """A node, and how many there are in it."""
        before = self._parts
        return self.expression(tree), self._parts - before

    def _group(self, tree: Tree[Token]) -> Expression:
        return self.expression(_only(tree))

    def _several(self, tree: Tree[Token]) -> list[Expression]:
        return [self.expression(child) for child in tree.children if isinstance(child, Tree)]

    def _logic(self, tree: Tree[Token], combine: Callable[[list[Evaluate]], Evaluate]) -> Expression:
        counted = [self._counted(child) for child in tree.children if isinstance(child, Tree)]
        items = [item for item, _ in counted]
        for item in items:
            if not item.boolean and not item.null:
                raise QuerySyntaxError("AND, OR, XOR and NOT need conditions, not values", item.position)
        fields = _fields(items)
        evaluate = combine([remembered(item, parts, fields) for item, parts in counted])
        return Expression(evaluate, self.position(tree), boolean=True, fields=fields)

    def _conjunction(self, tree: Tree[Token]) -> Expression:
        return self._logic(tree, comparison.conjunction)

    def _disjunction(self, tree: Tree[Token]) -> Expression:
        return self._logic(tree, comparison.disjunction)

    def _exclusive(self, tree: Tree[Token]) -> Expression:
        return self._logic(tree, comparison.exclusive)

    def _negated(self, tree: Tree[Token]) -> Expression:
        return self._logic(tree, lambda items: comparison.negation(items[0]))

    def _comparison(self, tree: Tree[Token]) -> Expression:
        sign = next(str(child) for child in tree.children if isinstance(child, Token))
        left, right = self._several(tree)
        evaluate = comparison.comparison(left, sign, right, self.position(tree))
        return Expression(evaluate, self.position(tree), boolean=True, fields=left.fields | right.fields)

    def _equality(self, tree: Tree[Token]) -> Expression:
        left, right = self._several(tree)
        evaluate = comparison.comparison(left, "=", right, self.position(tree))
        return Expression(evaluate, self.position(tree), boolean=True, fields=left.fields | right.fields)

    def _membership(self, tree: Tree[Token], negated: bool = False) -> Expression:
        item, *choices = self._several(tree)
        evaluate = comparison.membership(item, choices, negated, self.position(tree))
        return Expression(evaluate, self.position(tree), boolean=True, fields=_fields([item, *choices]))

    def _not_membership(self, tree: Tree[Token]) -> Expression:
        return self._membership(tree, negated=True)

    def _like(self, tree: Tree[Token], negated: bool = False) -> Expression:
        item, pattern = self._several(tree)
        call = Call("like", (item, pattern), self.position(tree))
        evaluate, _ = FUNCTIONS["like"].build(call)
        if negated:
            evaluate = comparison.negation(evaluate)
        return Expression(evaluate, self.position(tree), boolean=True, fields=call.fields)

    def _not_like(self, tree: Tree[Token]) -> Expression:
        return self._like(tree, negated=True)

    def _sum(self, tree: Tree[Token]) -> Expression:
        operands = self._several(tree)
        for operand in operands:
            if operand.boolean:
                raise QuerySyntaxError("arithmetic needs values, not conditions", operand.position)
        signs = [child for child in tree.children if isinstance(child, Token)]
        steps = [
            (str(sign), operand.evaluate, self.position(sign))
            for sign, operand in zip(signs, operands[1:], strict=True)
        ]
        evaluate = arithmetic.operations(operands[0].evaluate, steps)
        return Expression(evaluate, self.position(tree), fields=_fields(operands))

    _product = _sum

    def _sign(self, tree: Tree[Token]) -> Expression:
        sign = str(tree.children[0])
        (item,) = self._several(tree)
        if sign == "." or item.boolean:
            raise QuerySyntaxError(f"unexpected {sign!r}", self.position(tree))
        if sign == "+":
            return item
        if item.number_literal:
            constant = -item.constant
            return Expression(
                lambda fields, run: constant, item.position, constant=constant, number_literal=True
            )
        evaluate = arithmetic.negative(item.evaluate, self.position(tree))
        return Expression(evaluate, self.position(tree), fields=item.fields)

    def _number(self, tree: Tree[Token]) -> Expression:
        constant = number(str(tree.children[0]))
        return Expression(
            lambda fields, run: constant, self.position(tree), constant=constant, number_literal=True
        )

    def _string(self, tree: Tree[Token], regular: bool = False) -> Expression:
        constant = self._letters(str(tree.children[0])[1:-1], self.position(tree), regular)
        return Expression(lambda fields, run: constant, self.position(tree), constant=constant)

    def _letters(self, inner: str, position: Position, regular: bool) -> str:
        r"""A string's letters: `\\` and `\"` are one letter, before others a backslash stands for itself.

        In a regular expression `\t` is a tab either way; elsewhere the documentation says that it is one,
        and nothing of `\n` and `\r`.
        """

        def one(found: re.Match[str]) -> str:
            letter = found.group(1)
            if letter in '"\\':
                return letter
            if regular or letter not in "ntr":
                return found.group()
            if letter == "t":
                return "\t"
            raise NotSupportedError(f"\\{letter} in a text that is no regular expression", position)

        return _LETTERS.sub(one, inner)

    def _field(self, tree: Tree[Token]) -> Expression:
        name = str(tree.children[0])
        if name.lower() in _BARE_LITERALS:
            message = f"{name} without (): a literal in some versions, a field's name in others"
            raise NotSupportedError(message, self.position(tree))
        return field_expression(name, self.position(tree))

    def _quoted_field(self, tree: Tree[Token]) -> Expression:
        return field_expression(str(tree.children[0])[1:-1], self.position(tree))

    def _call(self, tree: Tree[Token]) -> Expression:
        name = str(tree.children[0])[:-1].strip()
        position = self.position(tree)
        if name == "searchmatch":
            return self._searchmatch(tree, position)
        function = FUNCTIONS.get(name)
        if function is None:
            raise NotSupportedError(f"function {name}()", position, code="spl-function")
        trees = [child for child in tree.children if isinstance(child, Tree)]
        if len(trees) < function.least or (function.most is not None and len(trees) > function.most):
            raise QuerySyntaxError(f"{name}() does not take {len(trees)} arguments", position)
        regular = REGEX_ARGUMENTS.get(name, ())
        arguments = tuple(
            self._string(child, regular=True)
            if child.data == "string" and place in regular
            else self.expression(child)
            for place, child in enumerate(trees)
        )
        call = Call(name, arguments, position)
        evaluate, boolean = function.build(call)
        fields = call.fields | {BEYOND} if name in OF_THE_RUN else call.fields
        return Expression(evaluate, position, boolean=boolean, null=name == "null", fields=fields)

    def _searchmatch(self, tree: Tree[Token], position: Position) -> Expression:
        arguments = [child for child in tree.children if isinstance(child, Tree)]
        if len(arguments) != 1 or arguments[0].data != "string":
            raise QuerySyntaxError("searchmatch() needs one string", position)
        token = arguments[0].children[0]
        assert isinstance(token, Token)
        start = self.offset + (token.start_pos or 0) + 1
        terms = self._letters(str(token)[1:-1], position, regular=True)
        test = search_predicate(terms, self.command, start)
        everything = frozenset((BEYOND,))
        return Expression(lambda fields, run: test(fields), position, boolean=True, fields=everything)


def field_expression(name: str, position: Position) -> Expression:
    """A field's value."""
    names = getter_names(name)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        for key in names:
            value = fields.get(key)
            if value is not None:
                return value
        return None

    if len(names) == 1:
        return Expression(lambda fields, run: fields.get(name), position, fields=frozenset((name,)))
    return Expression(evaluate, position, fields=frozenset((name,)))


def _fields(items: list[Expression]) -> frozenset[str]:
    return frozenset[str]().union(*(item.fields for item in items))
