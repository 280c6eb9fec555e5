"""The emulators run with the project's rules: without them nothing below tests anything."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.cloud_sync.firebase.emulators import Emulators, owner


def test_everything_is_refused_to_nobody_and_allowed_to_the_owner(emulators: Emulators) -> None:
    document = f"http://{emulators.firestore_host}/v1/{emulators.documents}/sites/north"
    owner(document, {"fields": {"name": {"stringValue": "North"}}}, method="PATCH")
    assert owner(document, method="GET")["fields"]["name"]["stringValue"] == "North"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(document, timeout=20)
    emulators.clear()
    with pytest.raises(RuntimeError, match="404"):
        owner(document, method="GET")


def test_a_person_and_a_kiosk_get_tokens(emulators: Emulators) -> None:
    emulators.create_user("doctor-1", email="doctor@north.example", password="a long password", role="doctor", site="north")
    person = emulators.sign_in("doctor@north.example", "a long password")
    assert (person.uid, len(person.id_token.split("."))) == ("doctor-1", 3)
    kiosk = emulators.sign_in_custom("kiosk-north-hall", role="kiosk", site="north", kiosk="hall")
    assert kiosk.refresh_token
    emulators.clear()


def test_objects_can_be_cleared(emulators: Emulators) -> None:
    base = f"http://{emulators.storage_host}/v0/b/{emulators.bucket}/o"
    owner(f"{base}?name=a/b", {"any": "thing"})
    assert [item["name"] for item in owner(base, method="GET")["items"]] == ["a/b"]
    emulators.clear_storage()
    assert owner(base, method="GET")["items"] == []
