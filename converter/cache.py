"""What is said and written of each rule, kept between runs: only what changed is converted again.

An entry's name is the hash of all that a rule's outcome depends on: the rule as it was read, with its places;
its hand-written cases; the settings; the user's own taxonomy; the package's own files, and the versions of
every library beside it. An upgrade therefore finds no entry. Entries are `marshal`'s bytes behind a checksum
(reading one runs no code): a damaged one is no entry, and is written again. The folder may be deleted at any
time.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property, partial
from hashlib import sha256
from operator import itemgetter
from pathlib import Path

from converter.elastic.rule import Rule
from converter.frozen import dataclass
from converter.kept import libraries, store
from converter.pipeline import Settings, run_for
from converter.report.account import Account, account, account_of, plain

_FORM = 2
"""Of marshal's forms the last in which equal data are equal bytes, however often Python refers to them."""


def run_cached(
    rules: Sequence[Rule],
    settings: Settings,
    folder: Path | None,
    jobs: int | None = None,
    done: Callable[[], None] | None = None,
) -> tuple[list[Account], int]:
    """The rules' accounts in their order, out of the folder where it has them, and how many were converted.

    `folder` None: no cache. A folder that cannot be written costs nothing but the time.
    """
    tell = partial(account, profiles=settings.profiles)
    if folder is None:
        return run_for(rules, settings, tell, jobs, done), len(rules)
    kept = Cache(folder, settings)
    found = [kept.load(rule) for rule in rules]
    for one in found:
        if one is not None and done is not None:
            done()
    missing = [rule for rule, one in zip(rules, found, strict=True) if one is None]
    made = run_for(missing, settings, tell, jobs, done)
    for rule, one in zip(missing, made, strict=True):
        kept.store(rule, one)
    rest = iter(made)
    return [next(rest) if one is None else one for one in found], len(missing)


@dataclass(frozen=True)
class Cache:
    """The entries of one folder for runs with these settings."""

    folder: Path
    settings: Settings

    def load(self, rule: Rule) -> Account | None:
        """The rule's account, if there is a sound entry."""
        body = store.read(self._place(rule))
        if body is None:
            return None
        try:
            return account_of(marshal.loads(body))
        except (ValueError, TypeError, AttributeError, EOFError):
            return None

    def store(self, rule: Rule, told: Account) -> None:
        """Keeps the account; not that of a rule that could not be read, which costs little to read again."""
        if told.row.error is None:
            with suppress(OSError):
                store.write(self._place(rule), marshal.dumps(plain(told), _FORM))

    def _place(self, rule: Rule) -> Path:
        cases = self.settings.fixtures.get(rule.rule_id, ())
        parts = (self._common, repr(rule), repr(sorted(rule.places.items(), key=itemgetter(0))), repr(cases))
        name = sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
        return self.folder / name[:2] / name

    @cached_property
    def _common(self) -> str:
        """What all rules' outcomes depend on."""
        own = self.settings.taxonomy
        settings = replace(self.settings, fixtures={}, taxonomy=None)
        return "\0".join((_package(), repr(settings), "" if own is None else _folder_hash(own)))


@cache
def _package() -> str:
    """The hash of the package's files, and of the versions of Python and of all libraries."""
    return "\n".join((sys.version, _folder_hash(Path(__file__).parent), *sorted(libraries())))


def _folder_hash(folder: Path) -> str:
    """The hash of all files below the folder, but for what Python compiled and what npm installed, which a
    lock file among them names."""
    digest = sha256()
    for path in sorted(_files(folder)):
        content = sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", "node_modules")]
        yield from (Path(place) / name for name in names)
