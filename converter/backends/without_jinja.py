"""pySigma's backends without Jinja, a seventh of what they load: it is for templates in pipelines, and none
here has one. Whoever makes a template gets Jinja then."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


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


def load_templates() -> None:
    """Loads the one module of pySigma that imports Jinja, with stand-ins for it."""
    stand_ins = {name: _StandIn(name) for name in ("jinja2", "jinja2.sandbox") if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        import_module("sigma.processing.templates")
    finally:
        for name in stand_ins:
            del sys.modules[name]
