"""A kiosk's remote that speaks to a scripted peer, and what it sends there."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cloud_sync.firebase.credential import Credential
from cloud_sync.firebase.http import Http
from cloud_sync.firebase.identity import KioskIdentity
from cloud_sync.firebase.remote import FirebaseRemote
from cloud_sync.pace import Pace
from cloud_sync.remote import RemoteError
from device.process.time import SystemTimekeeper
from tests.cloud_sync.firebase.peer import Peer
from tests.cloud_sync.samples import document, record_id

CREDENTIAL = Credential("demo", "key", "demo.appspot.com", "home", "kiosk-1", "refresh")
PATH = f"sites/home/records/{record_id(1)}"
PART = f"{PATH}/capture.npz"
DOCUMENT = json.dumps(document(1, None)).encode()
LARGE = bytes(range(256)) * 3000
"""768,000 bytes: three pieces."""


def remote_to(peer: Peer, bytes_per_s: float | None = None, *, storage: str = "") -> FirebaseRemote:
    time_ = SystemTimekeeper()
    endpoints = replace(peer.endpoints, storage=storage or peer.endpoints.storage)
    pace = Pace(time_, bytes_per_s)
    http = Http(time_, pace, connections=2)
    identity = KioskIdentity(CREDENTIAL, http, endpoints, time_)
    return FirebaseRemote(identity, http, pace, endpoints, CREDENTIAL.project, CREDENTIAL.bucket)


def fault(remote: FirebaseRemote, timeout_s: float = 5.0) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        remote.put_document(PATH, DOCUMENT, timeout_s)
    return caught.value
