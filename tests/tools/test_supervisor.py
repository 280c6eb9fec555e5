"""Keeping processes running: small real ones that die, refuse, hang and are killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.cli.supervisor import RESTARTS, STOP_SIGNALS, Child, ChildFailed, Supervisor

READY = """
import os, signal, socket, sys
with open({log!r}, "a") as log:
    print(os.getpid(), file=log)
def ready():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"STATUS=fine\\nREADY=1", os.environ["NOTIFY_SOCKET"])
"""
STAY = "ready(); signal.pause()"
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready()\nwhile True: signal.pause()"


class Nursery:
    """Children that write down each of their starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.notes: list[str] = []
        self.announced = 0

    def child(self, name: str, program: str) -> Child:
        code = READY.format(log=str(self._folder / name)) + program
        return Child(name, [sys.executable, "-c", code])

    def starts(self, name: str) -> list[int]:
        """The process ids of all starts, in order."""
        return [int(line) for line in (self._folder / name).read_text().split()]

    def is_alive(self, name: str) -> bool:
        """Whether any start of it still runs; one that was stopped before it wrote anything does not."""
        return (self._folder / name).exists() and any(_runs(pid) for pid in self.starts(name))

    def run(self, *children: Child, on_ready: Callable[[], object] = lambda: None, stop_timeout_s: float = 30.0) -> None:
        def announce() -> None:
            self.announced += 1
            on_ready()

        Supervisor(children, announce, self.notes.append, stop_timeout_s=stop_timeout_s, pause_s=0.01).run()


@pytest.fixture
def nursery(tmp_path: Path) -> Nursery:
    return Nursery(tmp_path)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_ctrl_c_a_stop_and_a_closed_terminal_end_all_of_it(nursery: Nursery, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    children = [nursery.child("one", STAY), nursery.child("two", STAY)]
    nursery.run(*children, on_ready=lambda: os.kill(os.getpid(), number))
    assert nursery.announced == 1
    assert nursery.notes == []
    assert not any(nursery.is_alive(name) for name in ("one", "two"))
    assert signal.getsignal(number) == before


def test_one_that_is_killed_comes_back_and_the_other_does_not_notice(nursery: Nursery, tmp_path: Path) -> None:
    def kill() -> None:
        os.kill(nursery.starts("one")[0], signal.SIGKILL)

    second_time = f"""
if len(open({str(tmp_path / "one")!r}).read().split()) == 2:
    os.kill(os.getppid(), signal.SIGTERM)
"""
    nursery.run(nursery.child("one", second_time + STAY), nursery.child("two", STAY), on_ready=kill)
    assert nursery.notes == ["one ended with exit code -9; starting it again, the others go on"]
    assert (len(nursery.starts("one")), len(nursery.starts("two")), nursery.announced) == (2, 1, 1)


def test_one_that_dies_at_once_is_given_up_and_the_others_are_stopped(nursery: Nursery) -> None:
    with pytest.raises(ChildFailed, match="one ended with exit code 5") as failed:
        nursery.run(nursery.child("one", "sys.exit(5)"), nursery.child("two", STAY))
    assert failed.value.code == 5
    assert len(nursery.starts("one")) == RESTARTS + 1
    assert len(nursery.notes) == RESTARTS
    assert nursery.announced == 0
    assert not nursery.is_alive("two")


def test_one_that_dies_again_and_again_later_keeps_nobody_from_working(nursery: Nursery, tmp_path: Path) -> None:
    def kill() -> None:
        os.kill(nursery.starts("one")[0], signal.SIGKILL)

    bad_days = f"""
starts = len(open({str(tmp_path / "one")!r}).read().split())
if 1 < starts < {RESTARTS + 4}:
    sys.exit(5)
if starts > 1:
    os.kill(os.getppid(), signal.SIGTERM)
"""
    nursery.run(nursery.child("one", bad_days + STAY), nursery.child("two", STAY), on_ready=kill)
    assert (len(nursery.starts("one")), len(nursery.starts("two"))) == (RESTARTS + 4, 1)
    pauses = [float(note.partition(" in ")[2].partition(" s")[0] or 0) for note in nursery.notes]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0 < pauses[-1], "the first is immediate, and then the pauses grow"


@pytest.mark.parametrize("code", [2, 9])
def test_what_does_not_heal_is_not_tried_again(nursery: Nursery, code: int) -> None:
    with pytest.raises(ChildFailed) as failed:
        nursery.run(nursery.child("one", f"sys.exit({code})"), nursery.child("two", STAY))
    assert (failed.value.code, len(nursery.starts("one")), nursery.notes) == (code, 1, [])


def test_one_that_does_not_want_to_end_is_killed_and_named(nursery: Nursery) -> None:
    stubborn, polite = nursery.child("stubborn", STUBBORN), nursery.child("polite", STAY)
    nursery.run(stubborn, polite, on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM), stop_timeout_s=0.5)
    assert nursery.notes == ["stubborn did not end within 0.5 s and was killed; saved records are safe"]
    assert not nursery.is_alive("stubborn")


def test_a_program_that_is_not_there_leaves_nothing_running(nursery: Nursery) -> None:
    with pytest.raises(FileNotFoundError):
        nursery.run(nursery.child("one", STAY), Child("two", ["/nonexistent/program"]))
    assert not nursery.is_alive("one")
