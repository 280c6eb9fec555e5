"""Calls that return in time, even when what they call does not."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from cloud_sync.remote import RemoteStuck

T = TypeVar("T")
TURN_S = 0.25
"""How often somebody who waits for several calls can look around."""


@dataclass(frozen=True)
class Call:
    """One call to make."""

    what: str
    """Completes the sentence "the remote did not return from ..."."""
    call: Callable[[], object]
    timeout_s: float
    about: Any = None
    """For who gets the result."""


class DeadlineCaller:
    """Makes calls in threads of its own.

    A remote promises to keep its ``timeout_s``, but public client libraries have hung for hours on a broken link. The thread
    of a call that does not return is given up: whoever gets `RemoteStuck` ends the process, and systemd starts a fresh one.
    """

    def __init__(self, threads: int = 1) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stuck: str | None = None
        self._threads = threads
        for number in range(threads):
            # Daemons, so that a stuck call cannot keep the process from ending.
            threading.Thread(target=self._work, name=f"remote-calls-{number + 1}", daemon=True).start()

    def call(self, what: str, call: Callable[[], T], timeout_s: float) -> T:
        """Return what ``call`` returns or raise what it raises, at the latest after ``timeout_s`` of monotonic time.

        ``what`` completes the sentence "the remote did not return from ..." of the `RemoteStuck` that is raised then, and at
        once by every later call.
        """
        future = self._begin(call)
        if not wait([future], timeout_s).done:
            raise self._give_up(what, timeout_s)
        return future.result()

    def work(
        self,
        calls: Iterable[Call],
        done: Callable[[Call, object], Sequence[Call] | None],
        turn: Callable[[], bool],
    ) -> None:
        """Make calls, several at a time, and those that follow from them.

        ``done`` gets each call with what it returned, or with the `Exception` that it raised, and returns the calls that are to
        be made next, before all others; ``None``: none is begun any more. ``turn`` is called every `TURN_S` meanwhile; once it
        says ``False``, none is begun any more either. Raises `RemoteStuck` where a call does not return in its time.
        """
        waiting, running, beginning = deque(calls), dict[Future[Any], tuple[Call, float]](), True
        while running or (beginning and waiting):
            while beginning and waiting and len(running) < self._threads:
                call = waiting.popleft()
                running[self._begin(call.call)] = (call, time.monotonic() + call.timeout_s)
            for future in wait(running, TURN_S, FIRST_COMPLETED).done:
                call, _ = running.pop(future)
                error = future.exception()
                following = done(call, error if isinstance(error, Exception) else future.result())
                beginning = beginning and following is not None
                waiting.extendleft(reversed(following or ()))
            for call, deadline_s in running.values():
                if time.monotonic() > deadline_s:
                    raise self._give_up(call.what, call.timeout_s)
            beginning = turn() and beginning

    def close(self) -> None:
        """Let the threads end once they have nothing to do."""
        for _ in range(self._threads):
            self._calls.put(None)

    def _begin(self, call: Callable[[], T]) -> Future[T]:
        if self._stuck is not None:
            raise RemoteStuck(self._stuck)
        future: Future[T] = Future()
        self._calls.put(lambda: _complete(future, call))
        return future

    def _give_up(self, what: str, timeout_s: float) -> RemoteStuck:
        self._stuck = f"the remote did not return from {what} within {timeout_s:g} s: the sync process must be started anew"
        return RemoteStuck(self._stuck)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


def _complete(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # raised again by `Future.result`, where somebody waits for it
        future.set_exception(error)
