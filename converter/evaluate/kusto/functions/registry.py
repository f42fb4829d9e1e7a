"""The table of scalar functions, and how a plain function on values becomes a bound expression.

A signature is written as text: `string, [long], any... -> string`. A parameter in brackets can be left out,
dots take any number of them. `number` takes any numeric type, `any` every type. The result is a type, or
`first`/`common`: the type of the first argument, of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import (
    Evaluate,
    Expression,
    Row,
    coerce,
    common_type,
    convert,
    folded,
)
from converter.evaluate.kusto.types import NUMBERS, TYPE_NAMES, Type, widest
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

Implementation = Callable[..., Any]
Plain = TypeVar("Plain", bound=Implementation)
Builder = Callable[["Binder", ast.Call], Expression]

MAX_TEXT = 32_000_000
"""Characters of a string that a function makes; the engine's limit for a value of a table is a million."""

FUNCTIONS: dict[str, Builder] = {}
"""What a call of each function is bound with."""
BEYOND: set[str] = set()
"""Functions whose value is not that of their arguments alone: the time, other rows, other tables."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`kinds` are type names of the parameters; `required` of them must be given; the last may repeat."""

    kinds: tuple[str, ...]
    required: int
    repeats: bool
    result: str

    def kind(self, number: int) -> str:
        return self.kinds[min(number, len(self.kinds) - 1)]

    def accepts(self, count: int) -> bool:
        return self.required <= count and (self.repeats or count <= len(self.kinds))


def parse_signature(text: str) -> Signature:
    parameters, _, result = text.partition("->")
    kinds = [part.strip() for part in parameters.split(",") if part.strip()]
    repeats = bool(kinds) and kinds[-1].endswith("...")
    required = sum(not kind.startswith("[") for kind in kinds)
    bare = tuple(kind.strip("[]").removesuffix("...") for kind in kinds)
    return Signature(bare, required, repeats, result.strip())


def function(
    names: str, signature: str, *, nulls: bool = False, naming: str = ""
) -> Callable[[Plain], Plain]:
    """Register a function on values under one or more names.

    Unless `nulls`, it is not called where an argument is null: the result is null then. `naming`: "first" for
    functions whose column keeps the name of the first argument, or a prefix to that name ("type_").
    """
    parsed = parse_signature(signature)

    def register(implementation: Plain) -> Plain:
        for name in names.split():
            FUNCTIONS[name] = _plain(name, parsed, implementation, nulls, naming)
        return implementation

    return register


def special(names: str, *, beyond: bool = False) -> Callable[[Builder], Builder]:
    """Register a function that binds its call itself; `beyond`: it reads more than its arguments."""

    def register(builder: Builder) -> Builder:
        for name in names.split():
            FUNCTIONS[name] = builder
        BEYOND.update(names.split() if beyond else ())
        return builder

    return register


def _plain(
    name: str, signature: Signature, implementation: Implementation, nulls: bool, naming: str
) -> Builder:
    def build(binder: Binder, node: ast.Call) -> Expression:
        check_count(node, signature)
        arguments = [
            argument(binder.bind(item), signature.kind(number), item.position, f"{name}()")
            for number, item in enumerate(node.arguments)
        ]
        kind = result_type(signature.result, arguments, node.position, name)
        if signature.result == "common":
            arguments = [convert(item, kind) for item in arguments]
        try:
            expression = applied(implementation, arguments, kind, nulls, node.position)
        except SourceError as error:
            error.position = error.position or node.position
            raise
        return expression.named(_name(naming, arguments))

    return build


def check_count(node: ast.Call, signature: Signature) -> None:
    if not signature.accepts(len(node.arguments)):
        raise QuerySyntaxError(
            f"{node.function}() does not take {len(node.arguments)} arguments", node.position
        )


def _name(naming: str, arguments: Sequence[Expression]) -> str | None:
    first = arguments[0].name if arguments else None
    if not naming or first is None:
        return None
    return first if naming == "first" else f"{naming}{first}"


def argument(expression: Expression, kind: str, position: Position, what: str) -> Expression:
    """An argument brought to the kind of its parameter."""
    if kind == "any":
        return expression
    if kind == "number":
        if expression.type in NUMBERS:
            return expression
        if expression.type in (Type.DYNAMIC, Type.UNKNOWN):
            return convert(expression, Type.REAL)
        raise QuerySyntaxError(f"{what} takes a number, not {expression.type.value}", position)
    return coerce(expression, TYPE_NAMES[kind], position, what)


def result_type(result: str, arguments: list[Expression], position: Position, name: str) -> Type:
    if result == "first":
        return arguments[0].type
    if result == "common":
        return common_type(arguments, position, f"{name}()")
    if result == "widest":
        return widest([item.type for item in arguments])
    return TYPE_NAMES[result]


def applied(
    implementation: Implementation,
    arguments: Sequence[Expression],
    kind: Type,
    nulls: bool = False,
    position: Position | None = None,
) -> Expression:
    """A call on bound arguments; folded where all of them are constant. Errors of a run get the place."""
    evaluate = _caller(implementation, [item.evaluate for item in arguments], nulls)
    if position is not None:
        evaluate = _placed(evaluate, position)
    if kind is Type.STRING:
        evaluate = _text(evaluate, position)
    expression = Expression(
        kind,
        evaluate,
        constant=all(item.constant for item in arguments),
        row_free=all(item.row_free for item in arguments),
    )
    return folded(expression) if expression.constant else expression


def _text(evaluate: Evaluate, position: Position | None) -> Evaluate:
    """A string for null is the empty one; a string that outgrows all memory is refused before it does."""

    def run(row: Row) -> str:
        text: str | None = evaluate(row)
        if text is None:
            return ""
        if len(text) > MAX_TEXT:
            raise NotSupportedError(f"a string of over {MAX_TEXT} characters", position, code="kql-text")
        return text

    return run


def _caller(implementation: Implementation, functions: list[Evaluate], nulls: bool) -> Evaluate:
    if nulls:
        return lambda row: implementation(*[function(row) for function in functions])
    if len(functions) == 1:
        only = functions[0]
        return lambda row: None if (value := only(row)) is None else implementation(value)

    def call(row: Row) -> Any:
        values = []
        for function in functions:
            value = function(row)
            if value is None:
                return None
            values.append(value)
        return implementation(*values)

    return call


def _placed(evaluate: Evaluate, position: Position) -> Evaluate:
    def run(row: Row) -> Any:
        try:
            return evaluate(row)
        except SourceError as error:
            error.position = error.position or position
            raise

    return run


_REFUSED_PREFIXES = ("geo_", "series_", "graph_", "current_", "cursor_", "hll", "tdigest", "__")


def bind_call(binder: Binder, node: ast.Call) -> Expression:
    """A call of a built-in scalar function; a function that is not there is refused by name."""
    builder = FUNCTIONS.get(node.function)
    if builder is None:
        family = next((prefix for prefix in _REFUSED_PREFIXES if node.function.startswith(prefix)), None)
        code = f"kql-{family.strip('_') or 'internal'}" if family else "kql-function"
        raise NotSupportedError(f"function {node.function}()", node.position, code=code)
    return builder(binder, node)
