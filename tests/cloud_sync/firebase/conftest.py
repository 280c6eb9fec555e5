"""A peer that can be scripted, and a kiosk's remote that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cloud_sync.firebase.remote import FirebaseRemote
from tests.cloud_sync.firebase.peer import Peer
from tests.cloud_sync.firebase.scripted import remote_to


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def remote(peer: Peer) -> Iterator[FirebaseRemote]:
    remote = remote_to(peer)
    yield remote
    remote.close()
