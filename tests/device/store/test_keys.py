"""Keys are made once, kept privately, and found where systemd puts them."""

from __future__ import annotations

import shutil
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from device.process.time import VirtualTimekeeper
from device.store.catalogue import open_record
from device.store.database import Store
from device.store.errors import BadKey, KeyMissing, StoreReadOnly
from device.store.keys import (
    create_keys,
    key_path,
    load_opener,
    load_recipient,
    load_recipient_key,
    load_site_key,
    parse_recipient,
    public_pem,
)
from device.store.sealing import RecordOpener
from tests.device.store.samples import sample_record
from tests.device.users import unprivileged

NAMES = ("site.key", "recipient.pub", "recipient.key")


def test_the_first_start_makes_the_keys(data_dir: Path) -> None:
    create_keys(data_dir)
    assert stat.S_IMODE((data_dir / "keys").stat().st_mode) == 0o700
    assert sorted(path.name for path in (data_dir / "keys").iterdir()) == sorted(NAMES)
    assert [stat.S_IMODE((data_dir / "keys" / name).stat().st_mode) for name in NAMES] == [0o600] * 3
    assert len(set(load_site_key(data_dir))) > 8
    assert load_recipient_key(data_dir).public_key() == load_recipient(data_dir)


def test_the_next_start_keeps_them(data_dir: Path) -> None:
    create_keys(data_dir)
    before = [(data_dir / "keys" / name).read_bytes() for name in NAMES]
    create_keys(data_dir)
    assert [(data_dir / "keys" / name).read_bytes() for name in NAMES] == before


def test_two_kiosks_have_different_keys(tmp_path: Path) -> None:
    create_keys(tmp_path / "a")
    create_keys(tmp_path / "b")
    assert load_site_key(tmp_path / "a") != load_site_key(tmp_path / "b")


def test_processes_that_start_together_agree(data_dir: Path) -> None:
    together = threading.Barrier(8)
    faults: list[BaseException] = []

    def start() -> None:
        try:
            together.wait(10)
            create_keys(data_dir)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(path.name for path in (data_dir / "keys").iterdir()) == sorted(NAMES)
    assert load_recipient_key(data_dir).public_key() == load_recipient(data_dir)


def test_a_start_that_was_killed_is_completed(data_dir: Path) -> None:
    create_keys(data_dir)
    key = load_recipient_key(data_dir)
    (data_dir / "keys" / "recipient.pub").unlink()
    create_keys(data_dir)
    assert load_recipient(data_dir) == key.public_key()


def test_a_clinics_key_stays_alone(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    clinic = X25519PrivateKey.generate()
    (data_dir / "keys").mkdir(parents=True)
    (data_dir / "keys" / "recipient.pub").write_bytes(public_pem(clinic.public_key()))
    record = sample_record()
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        store.save(record)
    assert not (data_dir / "keys" / "recipient.key").exists()
    with pytest.raises(KeyMissing, match=r"there is no key at .*recipient.key"):
        load_opener(data_dir)
    assert open_record(data_dir, record.id, RecordOpener(clinic)).document["id"] == record.id


@pytest.mark.parametrize("form", ["raw", "pem"])
def test_a_recipient_can_be_passed_in_and_then_no_key_is_made(data_dir: Path, timekeeper: VirtualTimekeeper, form: str) -> None:
    clinic = X25519PrivateKey.generate()
    recipient = clinic.public_key().public_bytes_raw() if form == "raw" else public_pem(clinic.public_key())
    record = sample_record()
    with Store.open(data_dir, timekeeper, recipient=recipient, reserve_bytes=0) as store:
        store.save(record)
    assert not (data_dir / "keys").exists()
    assert open_record(data_dir, record.id, RecordOpener(clinic)).document["id"] == record.id


def test_the_kiosk_does_not_need_the_private_key(data_dir: Path, timekeeper: VirtualTimekeeper) -> None:
    create_keys(data_dir)
    (data_dir / "keys" / "recipient.key").unlink()
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        store.save(sample_record())


def test_systemds_credentials_win_and_nothing_else_is_touched(
    tmp_path: Path, data_dir: Path, timekeeper: VirtualTimekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_keys(tmp_path / "credentials")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials" / "keys"))
    assert key_path(data_dir, "site.key") == tmp_path / "credentials" / "keys" / "site.key"
    record = sample_record()
    with Store.open(data_dir, timekeeper, reserve_bytes=0) as store:
        store.save(record)
    assert not (data_dir / "keys").exists()
    assert len(load_site_key(data_dir)) == 32
    assert open_record(data_dir, record.id, load_opener(data_dir)).document["id"] == record.id


def test_a_credential_that_is_not_there_leaves_the_file(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert key_path(data_dir, "site.key") == data_dir / "keys" / "site.key"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_keys_made_by_openssl_work(data_dir: Path) -> None:
    folder = data_dir / "keys"
    folder.mkdir(parents=True)
    subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", folder / "recipient.key"], check=True, timeout=30)
    subprocess.run(
        ["openssl", "pkey", "-in", folder / "recipient.key", "-pubout", "-out", folder / "recipient.pub"],
        check=True,
        timeout=30,
    )
    assert load_recipient_key(data_dir).public_key() == load_recipient(data_dir)


def test_a_missing_key_says_what_to_do(data_dir: Path) -> None:
    for load in (load_site_key, load_recipient, load_recipient_key):
        with pytest.raises(KeyMissing, match="start the kiosk once to make it, or copy it there"):
            load(data_dir)


def test_a_key_that_may_not_be_read_says_so(data_dir: Path) -> None:
    create_keys(data_dir)
    with unprivileged(), pytest.raises((KeyMissing, StoreReadOnly)):
        load_recipient_key(data_dir)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused(data_dir: Path, content: bytes) -> None:
    (data_dir / "keys").mkdir(parents=True)
    for name in NAMES:
        (data_dir / "keys" / name).write_bytes(content)
    with pytest.raises(BadKey, match=r"site.key holds \d+ bytes, a site key has 32"):
        load_site_key(data_dir)
    with pytest.raises(BadKey, match=r"recipient.pub is no X25519 public key; make a pair with `openssl"):
        load_recipient(data_dir)
    with pytest.raises(BadKey, match=r"recipient.key is no X25519 private key"):
        load_recipient_key(data_dir)


def test_a_key_of_another_kind_is_refused(data_dir: Path) -> None:
    create_keys(data_dir)
    keys = data_dir / "keys"
    with pytest.raises(BadKey, match="the recipient's public key is no X25519 public key"):
        parse_recipient((keys / "recipient.key").read_bytes())
    (keys / "recipient.key").write_bytes((keys / "recipient.pub").read_bytes())
    with pytest.raises(BadKey):
        load_recipient_key(data_dir)
