"""Work in a copy of this process: what makes one rule's answer come sooner on several cores. It may tell of
its parts as they are made, so that what they are needed for begins before the last of them is there.

    the copy    makes part 1, part 2, part 3, the result
    this one       something else, takes part 1, part 2 ...

A copy has all that the work refers to, and what it loads beside is its own; only its parts and its result are
sent, by one pickler: an object that is in several of them is one object here, too. What is sent waits in the
copy until it is taken, so that neither process waits for the other. Copies are Linux' fork, which takes some
10 ms; elsewhere a process would start anew, and this one does all.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import sys
from collections import deque
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Generic, TypeAlias, TypeVar

_LENGTH = 8
"""Bytes in which a message says how long it is."""
_CHUNK = 1 << 18
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")
Telling: TypeAlias = Callable[[Callable[[_Part], None]], _Result]
"""Work that is given what it calls with each part."""
_meanwhile: list[Callable[[], None]] = []


def meanwhile(work: Callable[[], None]) -> None:
    """Has the work done when this process waits for a copy: what is loaded then costs no time. It may never
    be done."""
    _meanwhile.append(work)


class Stream(Generic[_Part, _Result]):
    """Work begun in a copy, whose number and pipe these are; without them work that is still to be done."""

    def __init__(self, work: Telling[_Part, _Result], copy: int = 0, pipe: int | None = None) -> None:
        self._work = work
        self._copy = copy
        self._pipe = pipe
        self._parts: deque[_Part] = deque()
        self._results: list[_Result] = []
        self._messages = _Messages()

    @property
    def is_working(self) -> bool:
        """Whether a copy is at it still: what else is to be done costs no time then."""
        self._take(wait=False)
        return self._pipe is not None

    def parts(self) -> Iterator[_Part]:
        """The parts as they come, as long as the copy is at work: what is needed of the others is in the
        result."""
        while self.is_working:
            if self._parts:
                yield self._parts.popleft()
            else:
                self._wait()

    def result(self) -> _Result:
        """The result, as soon as it is there. What a copy failed at is done here: an error is raised where it
        would be without copies."""
        while self.is_working:
            self._parts.clear()
            self._wait()
        return self._results[0] if self._results else self._work(lambda _: None)

    def _wait(self) -> None:
        """Does what is to be done meanwhile, or waits for something to be sent."""
        if _meanwhile:
            _meanwhile.pop()()
        else:
            self._take(wait=True)

    def _take(self, wait: bool) -> None:
        """Takes what has been sent; `wait`: for something to be sent, where nothing is."""
        while self._pipe is not None and (wait or select.select([self._pipe], [], [], 0)[0]):
            wait = False
            sent = os.read(self._pipe, _CHUNK)
            if not sent:
                self._end()
            for is_part, made in self._messages.of(sent):
                (self._parts if is_part else self._results).append(made)

    def _end(self) -> None:
        assert self._pipe is not None
        os.close(self._pipe)
        self._pipe = None
        os.waitpid(self._copy, 0)


def streamed(work: Telling[_Part, _Result], jobs: int) -> Stream[_Part, _Result]:
    """Begins the work in a copy, where there may be several processes."""
    if jobs < 2 or sys.platform != "linux":
        return Stream(work)
    taken, given = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(taken)
        _do(work, given)
    os.close(given)
    return Stream(work, copy, taken)


def begun(work: Callable[[], _Result], jobs: int) -> Stream[Any, _Result]:
    """As `streamed`, of work that tells of no parts."""
    return streamed(lambda _: work(), jobs)


def _do(work: Telling[_Part, _Result], pipe: int) -> None:
    """What a copy does: it ends without a word, and without what this process does at its end."""
    try:
        sender = _Sender(pipe)
        sender.send((False, work(lambda part: sender.send((True, part)))))
        sender.finish()
    except BaseException:
        os._exit(1)
    os._exit(0)


class _Sender:
    """Sends messages as far as there is room in the pipe, the rest with the next ones."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._message = BytesIO()
        self._pickler = pickle.Pickler(self._message, pickle.HIGHEST_PROTOCOL)
        self._left = bytearray()
        os.set_blocking(pipe, False)

    def send(self, message: tuple[bool, Any]) -> None:
        self._pickler.dump(message)
        text = self._message.getvalue()
        self._message.seek(0)
        self._message.truncate()
        self._left += len(text).to_bytes(_LENGTH, "big") + text
        with contextlib.suppress(BlockingIOError):
            self._write()

    def finish(self) -> None:
        os.set_blocking(self._pipe, True)
        self._write()

    def _write(self) -> None:
        while self._left:
            del self._left[: os.write(self._pipe, self._left)]


class _Messages:
    """Reads messages of one pickler, whose pieces come as they may."""

    def __init__(self) -> None:
        self._sent = bytearray()
        self._message = BytesIO()
        self._unpickler = pickle.Unpickler(self._message)

    def of(self, sent: bytes) -> list[tuple[bool, Any]]:
        """The messages that are whole with this piece."""
        self._sent += sent
        found, start = [], 0
        while (text := start + _LENGTH) <= len(self._sent):
            end = text + int.from_bytes(self._sent[start:text], "big")
            if end > len(self._sent):
                break
            self._message.seek(0)
            self._message.truncate()
            self._message.write(self._sent[text:end])
            self._message.seek(0)
            found.append(self._unpickler.load())
            start = end
        del self._sent[:start]
        return found
