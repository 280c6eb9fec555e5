"""What was sealed opens with the right key, at its own place, unchanged; and in no other way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from device.store.errors import SealBroken
from device.store.records import Part
from device.store.saving import seal_record
from device.store.sealing import RecordOpener, SealedPart, Sealer
from tests.device.store.samples import sample_record

KEY = X25519PrivateKey.generate()
SEALER = Sealer(KEY.public_key())
OPENER = RecordOpener(KEY)
RECORD = sample_record()
PARTS = seal_record(RECORD, SEALER).parts


def test_a_sealed_record_opens() -> None:
    opened = OPENER.open(RECORD.id, PARTS)
    assert opened.document["quality"] == {"noise_k": 0.098}
    assert opened.parts["capture.npz"] == RECORD.parts[0]


def test_raw_key_bytes_do_as_well() -> None:
    assert RecordOpener(KEY.private_bytes_raw()).open(RECORD.id, PARTS) == OPENER.open(RECORD.id, PARTS)


def test_it_is_rfc_9180_with_the_place_as_info() -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    info = b"firstlight record part 1\0" + RECORD.id.encode() + b"\0capture.npz"
    assert suite.decrypt(PARTS[1].sealed, KEY, info=info) == RECORD.parts[0].content
    assert len(PARTS[1].sealed) == PARTS[1].size_bytes + 48


def test_sealing_twice_gives_other_bytes() -> None:
    part = RECORD.parts[0]
    assert SEALER.seal(RECORD.id, part).sealed != SEALER.seal(RECORD.id, part).sealed


def test_another_key_does_not_open() -> None:
    with pytest.raises(SealBroken, match=f"record.json of record {RECORD.id} does not open; it was sealed to another key"):
        RecordOpener(X25519PrivateKey.generate()).open(RECORD.id, PARTS)


@pytest.mark.parametrize("position", [0, 31, 32, 1000, -1], ids=["key", "key's end", "first", "middle", "tag"])
def test_a_flipped_bit_is_noticed(position: int) -> None:
    sealed = bytearray(PARTS[1].sealed)
    sealed[position] ^= 1
    with pytest.raises(SealBroken, match=r"capture.npz of record .* does not open"):
        OPENER.open(RECORD.id, [PARTS[0], replace(PARTS[1], sealed=bytes(sealed))])


@pytest.mark.parametrize("length", [0, 10, 32, 47])
def test_a_part_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        OPENER.open_part(RECORD.id, replace(PARTS[1], sealed=PARTS[1].sealed[:length]))


def test_a_part_does_not_open_as_another_records() -> None:
    with pytest.raises(SealBroken):
        OPENER.open("0" * 32, PARTS)


def test_a_part_does_not_open_under_another_name() -> None:
    with pytest.raises(SealBroken):
        OPENER.open_part(RECORD.id, replace(PARTS[1], name="photo.jpg"))


def test_a_part_that_is_missing_is_noticed() -> None:
    with pytest.raises(SealBroken, match=r"capture.npz differ from what record.json lists"):
        OPENER.open(RECORD.id, PARTS[:1])


def test_a_part_that_was_added_is_noticed() -> None:
    extra = SEALER.seal(RECORD.id, Part("photo.jpg", "image/jpeg", b"somebody else"))
    with pytest.raises(SealBroken, match=r"photo.jpg differ"):
        OPENER.open(RECORD.id, [*PARTS, extra])


def test_a_part_that_was_sealed_again_is_noticed() -> None:
    """Whoever can write the store knows the public key, but not what the document lists."""
    forged = SEALER.seal(RECORD.id, Part("capture.npz", "application/x-npz", b"somebody else"))
    with pytest.raises(SealBroken, match=r"capture.npz differ"):
        OPENER.open(RECORD.id, [PARTS[0], forged])


def test_a_hash_that_was_changed_is_noticed() -> None:
    with pytest.raises(SealBroken, match="is not what its hash says"):
        OPENER.open_part(RECORD.id, replace(PARTS[1], sha256="0" * 64))


def test_a_record_without_a_document_is_none() -> None:
    with pytest.raises(SealBroken, match=r"has no record.json"):
        OPENER.open(RECORD.id, PARTS[1:])


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"parts": 3}', b'{"parts": {"a": {}}}', b"\xff"])
def test_a_document_that_is_none_is_noticed(content: bytes) -> None:
    with pytest.raises(SealBroken, match="is no document"):
        OPENER.open(RECORD.id, [SEALER.seal(RECORD.id, Part("record.json", "application/json", content))])


def test_a_document_keeps_what_json_can_hold() -> None:
    part = SEALER.seal(RECORD.id, Part("record.json", "application/json", json.dumps({"parts": {}, "ä": [1.5, None]}).encode()))
    assert OPENER.open(RECORD.id, [part]).document == {"parts": {}, "ä": [1.5, None]}


def test_a_repr_shows_no_content() -> None:
    part = SealedPart("a.png", "image/png", "0" * 64, 3, b"xyz")
    assert "xyz" not in repr(part)
    assert "image" * 2 not in repr(RECORD.parts[0])
    assert "P-ABCD" not in repr(OPENER.open(RECORD.id, PARTS))
