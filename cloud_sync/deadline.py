"""Calls that return in time, even when what they call does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from cloud_sync.remote import RemoteStuck

T = TypeVar("T")
TURN_S = 0.25
"""How often somebody who waits for several calls can look around."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call to make."""

    what: str
    """Completes the sentence "the remote did not return from ..."."""
    call: Callable[[], T]
    timeout_s: float


class NotBegun(Exception):
    """The call was not made, because one before it said that there is no use."""


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

    def call_all(
        self,
        calls: Sequence[Call[T]],
        *,
        go_on: Callable[[Exception], bool],
        turn: Callable[[], None],
    ) -> list[T | Exception]:
        """Make all calls, several at a time; return for each, in order, what it returned or raised.

        Once ``go_on`` says no to what one raised, no other is begun: those have `NotBegun`. ``turn`` is called every `TURN_S`
        meanwhile. Raises `RemoteStuck` where one does not return in its time.
        """
        results: list[T | Exception] = [NotBegun() for _ in calls]
        waiting = list(range(len(calls)))[::-1]
        running: dict[Future[T], tuple[int, float]] = {}
        while waiting or running:
            while waiting and len(running) < self._threads:
                number = waiting.pop()
                running[self._begin(calls[number].call)] = (number, time.monotonic() + calls[number].timeout_s)
            for future in wait(running, TURN_S, FIRST_COMPLETED).done:
                number, _ = running.pop(future)
                error = future.exception()
                if isinstance(error, Exception) and not go_on(error):
                    waiting.clear()
                results[number] = error if isinstance(error, Exception) else future.result()
            for number, deadline_s in running.values():
                if time.monotonic() > deadline_s:
                    raise self._give_up(calls[number].what, calls[number].timeout_s)
            turn()
        return results

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
