"""A store with a key, and the sync process's work on it, on a clock that moves only when it is told to; the emulators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from cloud_sync.remote import Remote
from cloud_sync.sync import Sync, SyncOptions
from device.process.notify import Notifier
from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from tests.cloud_sync.firebase.emulators import Absent, Emulators, running

MakeSync = Callable[[Remote], Sync]


@pytest.fixture
def timekeeper() -> VirtualTimekeeper:
    return VirtualTimekeeper(1000.0)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path, timekeeper: VirtualTimekeeper) -> Iterator[Store]:
    with Store.open(data_dir, timekeeper) as store:
        yield store


@pytest.fixture
def outbox(store: Store, data_dir: Path, timekeeper: VirtualTimekeeper) -> Iterator[Outbox]:
    with Outbox.open(data_dir, timekeeper) as outbox:
        yield outbox


@pytest.fixture
def make_sync(outbox: Outbox, data_dir: Path, timekeeper: VirtualTimekeeper) -> Iterator[MakeSync]:
    made: list[Sync] = []

    def make(remote: Remote) -> Sync:
        options = SyncOptions(call_deadline_s=5.0, grace_s=0.2)
        opener = load_opener(data_dir)
        sync = Sync(outbox, opener, remote, timekeeper, options=options, rng=Random(1), notifier=Notifier({}), handlers={})
        made.append(sync)
        return sync

    yield make
    for sync in made:
        sync.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give whichever test comes first the time for the emulators' start: 10 s on an idle machine, minutes on a crowded one."""
    for item in items:
        if "emulators" in getattr(item, "fixturenames", ()) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Auth, Firestore and Storage with the project's own rules; started in about 10 s. Others leave data: `clear()` first."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(running(tmp_path_factory.mktemp("emulators")))
        except Absent as absent:
            pytest.skip(f"Firebase's emulators do not run here: {absent}")
        yield started
