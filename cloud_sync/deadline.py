"""Calls that return in time, even when what they call does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import TypeVar

from cloud_sync.remote import RemoteStuck

T = TypeVar("T")


class DeadlineCaller:
    """Makes calls in one thread of its own.

    A remote promises to keep its ``timeout_s``, but public client libraries have hung for hours on a broken link. The thread
    of a call that does not return is given up: whoever gets `RemoteStuck` ends the process, and systemd starts a fresh one.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stuck: str | None = None
        # A daemon, so that a stuck call cannot keep the process from ending.
        threading.Thread(target=self._work, name="remote-calls", daemon=True).start()

    def call(self, what: str, call: Callable[[], T], timeout_s: float) -> T:
        """Return what ``call`` returns or raise what it raises, at the latest after ``timeout_s`` of monotonic time.

        ``what`` completes the sentence "the remote did not return from ..." of the `RemoteStuck` that is raised then, and at
        once by every later call.
        """
        if self._stuck is not None:
            raise RemoteStuck(self._stuck)
        future: Future[T] = Future()
        self._calls.put(lambda: _complete(future, call))
        if not wait([future], timeout_s).done:
            self._stuck = f"the remote did not return from {what} within {timeout_s:g} s: the sync process must be started anew"
            raise RemoteStuck(self._stuck)
        return future.result()

    def close(self) -> None:
        """Let the thread end once it has nothing to do."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


def _complete(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # raised again by `Future.result`, where somebody waits for it
        future.set_exception(error)
