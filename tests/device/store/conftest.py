"""A store in a fresh folder, and things to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from device.store.sealing import RecordOpener


@pytest.fixture
def timekeeper() -> VirtualTimekeeper:
    return VirtualTimekeeper(100.0)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def open_store(data_dir: Path, timekeeper: VirtualTimekeeper) -> Iterator[Callable[[], Store]]:
    """Open the store as often as a test wants; all of them are closed at its end."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store.open(data_dir, timekeeper, reserve_bytes=0))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def open_outbox(data_dir: Path, timekeeper: VirtualTimekeeper) -> Iterator[Callable[[], Outbox]]:
    opened: list[Outbox] = []

    def open_one() -> Outbox:
        opened.append(Outbox.open(data_dir, timekeeper))
        return opened[-1]

    yield open_one
    for outbox in opened:
        outbox.close()


@pytest.fixture
def outbox(store: Store, open_outbox: Callable[[], Outbox]) -> Outbox:
    return open_outbox()


@pytest.fixture
def opener(store: Store, data_dir: Path) -> RecordOpener:
    return load_opener(data_dir)
