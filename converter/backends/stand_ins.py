"""pySigma's backends without what they load, a quarter of it, and nothing here asks for: Jinja, for templates
in pipelines; what pyparsing has for tests, and for showing its own advice. Whoever asks gets it then."""

from __future__ import annotations

import sys
import typing
from importlib import import_module
from types import ModuleType
from typing import Any

_LATER = ("jinja2", "jinja2.sandbox", "pyparsing.testing", "importlib.resources")


class _Later:
    """What a module is asked for, and has when it is called."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(import_module(self.module), self.name)(*arguments, **named)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):  # what the import system asks
            raise AttributeError(name)
        return _Later(self.__name__, name)


def load_backends() -> None:
    """Loads the part of pySigma that all backends are made of, with stand-ins. What it takes of
    `typing_extensions` for older Pythons, `typing` has."""
    modules: dict[str, ModuleType] = {name: _StandIn(name) for name in _LATER}
    modules["typing_extensions"] = typing
    stand_ins = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        import_module("sigma.conversion.base")
    finally:
        for name in stand_ins:
            del sys.modules[name]
