"""The evaluators by the name that the command line gives their languages."""

from __future__ import annotations

from collections.abc import Callable

from converter.evaluate.result import CompiledQuery


def compile_query(language: str, text: str) -> CompiledQuery:
    """Compile `text`. Raises SourceError for what is not of the language or not supported."""
    return _COMPILERS[language](text)


def _eql(text: str) -> CompiledQuery:
    from converter.evaluate.elastic import compile_eql

    return compile_eql(text)


def _kuery(text: str) -> CompiledQuery:
    from converter.evaluate.elastic.languages import compile_kuery

    return compile_kuery(text)


def _lucene(text: str) -> CompiledQuery:
    from converter.evaluate.elastic.languages import compile_lucene

    return compile_lucene(text)


def _esql(text: str) -> CompiledQuery:
    from converter.evaluate.elastic.languages import compile_esql

    return compile_esql(text)


def _sigma(text: str) -> CompiledQuery:
    from converter.evaluate.sigma import compile_sigma

    return compile_sigma(text)


def _spl(text: str) -> CompiledQuery:
    from converter.evaluate.spl import compile_spl

    return compile_spl(text)


def _kusto(text: str) -> CompiledQuery:
    from converter.evaluate.kusto import compile_kusto

    return compile_kusto(text)


_COMPILERS: dict[str, Callable[[str], CompiledQuery]] = {
    "eql": _eql,
    "kuery": _kuery,
    "lucene": _lucene,
    "esql": _esql,
    "sigma": _sigma,
    "spl": _spl,
    "kql": _kusto,
}
