"""The evaluators of one rule's translations. They read the emitted text, as it lies on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from converter.evaluate.result import TargetQuery
from converter.events.indicators import lookup_of
from converter.harness.parity import Translated
from converter.source import SourceError
from converter.taxonomy.columns import schemas_of

Schemas = Mapping[str, Mapping[str, str]]


class Queries:
    """The evaluators of one rule's translations, each compiled once: when its cases are run, or before
    (`prepare`), while another process makes them."""

    def __init__(self, translations: Sequence[Translated]) -> None:
        self.translations = translations
        self._schemas = {one.profile.name: schemas_of(one.profile) for one in translations}
        self._found: dict[str, TargetQuery | SourceError] = {}
        self._loaded: set[str] = set()

    def of(self, translated: Translated) -> TargetQuery:
        """Raises SourceError for a text that its language's evaluator can't run."""
        self.prepare(translated)
        found = self._found[translated.profile.name]
        if isinstance(found, SourceError):
            raise found
        return found

    def is_loaded(self, translated: Translated) -> bool:
        """Whether one of the same language is compiled, and with it the language's grammar loaded."""
        return translated.profile.target in self._loaded

    def prepare(self, translated: Translated) -> None:
        """Compiles it, if it is not."""
        name = translated.profile.name
        if name not in self._found:
            self._loaded.add(translated.profile.target)
            try:
                self._found[name] = compile_translation(translated, self._schemas)
            except SourceError as problem:
                self._found[name] = problem


def compile_translation(translated: Translated, schemas: Mapping[str, Schemas]) -> TargetQuery:
    """The evaluator of the translation's language.

    Raises SourceError for text that it can't run.
    """
    profile, text = translated.profile, translated.text
    if profile.target == "sigma":
        from converter.evaluate.sigma import compile_sigma

        return compile_sigma(text)
    if profile.target == "splunk":
        from converter.evaluate.spl import compile_spl, precedence_sensitive

        if precedence_sensitive(text):
            raise SourceError("the search means different things by Splunk's two orders of OR and AND")
        return compile_spl(text, lookups=lookup_of((), profile))
    from converter.evaluate.kusto import compile_kusto

    return compile_kusto(text, schemas=schemas[profile.name])
