"""Calls that end in time, whatever they call."""

from __future__ import annotations

import threading

import pytest

from cloud_sync.deadline import DeadlineCaller
from cloud_sync.remote import RemoteStuck


def test_results_and_errors_come_through() -> None:
    caller = DeadlineCaller()
    assert caller.call("adding", lambda: 1 + 1, 30.0) == 2
    with pytest.raises(KeyError, match="gone"):
        caller.call("looking", lambda: dict[str, int]()["gone"], 30.0)
    with pytest.raises(TimeoutError, match="own") as caught:  # the call's own time-out is no stuck call
        caller.call("waiting", _time_out, 30.0)
    assert not isinstance(caught.value, RemoteStuck)
    assert caller.call("still alive", lambda: "yes", 30.0) == "yes"
    caller.close()


def _time_out() -> None:
    raise TimeoutError("own")


def test_a_call_that_never_returns_is_given_up_and_so_is_the_caller() -> None:
    caller, release = DeadlineCaller(), threading.Event()
    with pytest.raises(RemoteStuck, match=r"did not return from storing a document within 0\.05 s"):
        caller.call("storing a document", lambda: release.wait(60.0), 0.05)
    with pytest.raises(RemoteStuck, match="storing a document"):
        caller.call("anything", lambda: 1, 30.0)
    release.set()
    caller.close()
