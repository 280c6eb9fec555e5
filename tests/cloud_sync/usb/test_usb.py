"""Records on a stick: there, into the cloud, and the receipt back; and every way in which a stick can be bad."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_sync.local.database import open_database
from cloud_sync.local.remote import LocalRemote
from cloud_sync.remote import RemoteUnavailable
from cloud_sync.sync import Sync
from cloud_sync.upload import Uploader
from cloud_sync.usb.bundle import Bundle, open_bundle
from cloud_sync.usb.errors import BundleDamaged, BundleTooNew, SignerUnknown, StickUnusable
from cloud_sync.usb.importing import Imported, import_bundle
from cloud_sync.usb.keys import key_id, kiosk_key, public_pem
from cloud_sync.usb.kiosk import Exchanged, exchange
from cloud_sync.usb.receipts import write_receipt
from cloud_sync.usb.registry import RegisteredKey, registered_kiosks
from cloud_sync.usb.signed import write_table
from cloud_sync.usb.writing import write_bundles
from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.keys import RECIPIENT_KEY, create_keys, load_opener
from device.store.outbox import Outbox
from device.store.records import Lane
from device.store.waiting import waiting_records
from tests.cloud_sync.remotes import FaultyRemote
from tests.device.store.samples import sample_record
from tools.cli.main import cli


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def clinic(tmp_path: Path) -> Ed25519PrivateKey:
    """The key that receipts are signed with; its public half lies in ``tmp_path/usb-keys``."""
    key = Ed25519PrivateKey.generate()
    (tmp_path / "usb-keys").mkdir()
    (tmp_path / "usb-keys" / "clinic.pub").write_bytes(public_pem(key.public_key()))
    return key


@pytest.fixture
def saved(store: Store) -> list[str]:
    """Three records, the last one urgent."""
    lanes = (Lane.ROUTINE, Lane.ROUTINE, Lane.URGENT)
    return [store.save(sample_record(lane=lane, site="home")).id for lane in lanes]


@pytest.fixture
def to_stick(tmp_path: Path, data_dir: Path, stick: Path, timekeeper: VirtualTimekeeper) -> Callable[[], Exchanged]:
    return lambda: exchange(data_dir, stick, "home", "kiosk-1", timekeeper, trusted=tmp_path / "usb-keys")


def opened(data_dir: Path, path: Path) -> Bundle:
    key = kiosk_key(data_dir).public_key()
    return open_bundle(path, {key_id(key): RegisteredKey("home", "kiosk-1", key)})


def imported(data_dir: Path, bundle: Bundle, remote: FaultyRemote | LocalRemote) -> Imported:
    uploader = Uploader(remote, load_opener(data_dir), 5.0)
    try:
        return import_bundle(bundle, uploader)
    finally:
        uploader.close()


def documents(cloud: Path) -> list[str]:
    connection = open_database(cloud, 5.0)
    try:
        return [path.rsplit("/", 1)[1] for (path,) in connection.execute("SELECT path FROM documents ORDER BY seq")]
    finally:
        connection.close()


def test_a_stick_there_and_back(
    saved: list[str],
    to_stick: Callable[[], Exchanged],
    data_dir: Path,
    stick: Path,
    tmp_path: Path,
    outbox: Outbox,
    clinic: Ed25519PrivateKey,
) -> None:
    (written,) = to_stick().written
    assert written.records == 3
    assert outbox.counts().saved == 3, "nothing is synced before the cloud confirmed it"

    bundle = opened(data_dir, written.path)
    assert [record.id for record in bundle.records] == [saved[2], saved[0], saved[1]], "urgent first"
    confirmed = {done.id: done.sha256 for done in imported(data_dir, bundle, LocalRemote(tmp_path / "cloud")).confirmed}
    assert sorted(documents(tmp_path / "cloud")) == sorted(saved)
    write_receipt(written.path, bundle.site, bundle.kiosk, confirmed, clinic)

    again = to_stick()
    assert (again.receipts.acknowledged, again.receipts.problems, again.written) == (3, [], ())
    assert (outbox.counts().saved, outbox.counts().synced) == (0, 3)
    assert list(stick.iterdir()) == [], "bundle and receipt have done their work"


def test_the_kiosk_need_not_be_able_to_open_what_it_carries(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path
) -> None:
    own = data_dir / "keys" / RECIPIENT_KEY
    private = own.read_bytes()
    own.unlink()
    (written,) = to_stick().written
    own.write_bytes(private)  # at the clinic
    assert len(imported(data_dir, opened(data_dir, written.path), LocalRemote(tmp_path / "cloud")).confirmed) == 3


def test_nothing_of_a_patient_can_be_read_on_the_stick(saved: list[str], to_stick: Callable[[], Exchanged]) -> None:
    (written,) = to_stick().written
    content = written.path.read_bytes()
    assert b"P-ABCD" not in content
    assert b"noise_k" not in content


def test_the_same_record_both_ways_is_one(
    saved: list[str],
    to_stick: Callable[[], Exchanged],
    data_dir: Path,
    tmp_path: Path,
    make_sync: Callable[[LocalRemote], Sync],
) -> None:
    (written,) = to_stick().written
    report = make_sync(LocalRemote(tmp_path / "cloud")).once()
    assert len(report.confirmed) == 3
    result = imported(data_dir, opened(data_dir, written.path), LocalRemote(tmp_path / "cloud"))
    assert {done.id: done.sha256 for done in result.confirmed} == {done.id: done.sha256 for done in report.confirmed}
    assert len(documents(tmp_path / "cloud")) == 3


def test_a_receipt_for_other_bytes_confirms_nothing(
    saved: list[str], to_stick: Callable[[], Exchanged], stick: Path, outbox: Outbox, clinic: Ed25519PrivateKey
) -> None:
    (written,) = to_stick().written
    write_receipt(written.path, "home", "kiosk-1", {saved[0]: "0" * 64, "f" * 32: "1" * 64}, clinic)
    result = to_stick()
    assert result.receipts.acknowledged == 0
    assert len(result.receipts.problems) == 2
    assert "stays unsynced" in " ".join(result.receipts.problems)
    assert outbox.counts().saved == 3
    assert result.written[0].records == 3, "it is written again"


def test_a_receipt_of_a_stranger_is_not_believed(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, outbox: Outbox, clinic: Ed25519PrivateKey
) -> None:
    (written,) = to_stick().written
    hashes = {record.id: record.document_sha256 for record in opened(data_dir, written.path).records}
    write_receipt(written.path, "home", "kiosk-1", hashes, Ed25519PrivateKey.generate())
    result = to_stick()
    assert "not trusted" in result.receipts.problems[0]
    assert outbox.counts().saved == 3


def test_another_kiosks_receipt_is_left_alone(
    saved: list[str], to_stick: Callable[[], Exchanged], stick: Path, outbox: Outbox, clinic: Ed25519PrivateKey
) -> None:
    receipt = write_receipt(stick / "other.flusb", "home", "kiosk-2", {"f" * 32: "1" * 64}, clinic)
    assert to_stick().receipts.problems == []
    assert receipt.exists()


def test_large_backlogs_are_split(saved: list[str], data_dir: Path, stick: Path) -> None:
    written = write_bundles(waiting_records(data_dir), stick, "home", "kiosk-1", kiosk_key(data_dir), largest=5000)
    assert [file.records for file in written] == [1, 1, 1]
    ids = [record.id for file in written for record in opened(data_dir, file.path).records]
    assert sorted(ids) == sorted(saved)


def test_bundles_are_not_read_from_strangers(saved: list[str], to_stick: Callable[[], Exchanged]) -> None:
    (written,) = to_stick().written
    with pytest.raises(SignerUnknown, match=r"compare it with what the kiosk prints"):
        open_bundle(written.path, {})


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_bundle_that_is_cut_short(saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, share: float) -> None:
    (written,) = to_stick().written
    os.truncate(written.path, int(written.size_bytes * share))
    with pytest.raises(BundleDamaged, match="cut short"):
        opened(data_dir, written.path)


def test_each_changed_byte_is_noticed(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path
) -> None:
    (written,) = to_stick().written
    whole = written.path.read_bytes()
    for place in [*range(0, len(whole), 997), *range(len(whole) - 120, len(whole))]:
        written.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((BundleDamaged, SignerUnknown)):
            list(opened(data_dir, written.path).read())


def test_a_bundle_of_a_newer_firstlight(data_dir: Path, stick: Path) -> None:
    path = stick / "new.flusb"
    with path.open("wb") as file:
        file.write(b"FLUSB\0\0\1")
        write_table(file, b"FLUSB\0\0\1", {"schema": 2}, kiosk_key(data_dir))
    with pytest.raises(BundleTooNew, match="update Firstlight"):
        opened(data_dir, path)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"site": "home", "kiosk": "kiosk-1", "records": [{"id": "1"}]},
        {"site": "home", "kiosk": "kiosk-1", "records": 7},
        {
            "site": "home",
            "kiosk": "kiosk-1",
            "records": [
                {
                    "id": "1",
                    "lane": 0,
                    "document_sha256": "",
                    "parts": [
                        {
                            "name": "record.json",
                            "media_type": "",
                            "sha256": "",
                            "size_bytes": 1,
                            "offset": 8,
                            "sealed_bytes": 1 << 40,
                            "sealed_sha256": "",
                        }
                    ],
                }
            ],
        },
    ],
)
def test_a_signed_table_that_makes_no_sense(data_dir: Path, stick: Path, table: dict[str, object]) -> None:
    path = stick / "odd.flusb"
    with path.open("wb") as file:
        file.write(b"FLUSB\0\0\1")
        write_table(file, b"FLUSB\0\0\1", table, kiosk_key(data_dir))
    with pytest.raises(BundleDamaged, match="lacks something"):
        opened(data_dir, path)


def test_the_wrong_private_key_opens_nothing_and_invents_nothing(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path
) -> None:
    (written,) = to_stick().written
    create_keys(tmp_path / "other")
    uploader = Uploader(LocalRemote(tmp_path / "cloud"), load_opener(tmp_path / "other"), 5.0)
    result = import_bundle(opened(data_dir, written.path), uploader)
    uploader.close()
    assert result.confirmed == []
    assert [failed.error for failed in result.failed] == ["Unreadable"] * 3
    assert not (tmp_path / "cloud" / "cloud.db").exists() or documents(tmp_path / "cloud") == []


@pytest.mark.parametrize("foreign", [{"site": "away"}, {"site": "home", "kiosk": "kiosk-2"}])
def test_a_record_in_anothers_name_goes_nowhere(
    store: Store, to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path, foreign: dict[str, Any]
) -> None:
    store.save(sample_record(**foreign))
    own = store.save(sample_record(site="home", kiosk="kiosk-1")).id
    (written,) = to_stick().written
    result = imported(data_dir, opened(data_dir, written.path), LocalRemote(tmp_path / "cloud"))
    assert [confirmed.id for confirmed in result.confirmed] == [own] == documents(tmp_path / "cloud")
    assert [failed.error for failed in result.failed] == ["ForeignRecord"]
    assert "find out who wrote it" in result.failed[0].reason


def test_a_stick_of_another_site_is_refused_and_a_gateway_wants_to_know_whose_it_is(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path
) -> None:
    (written,) = to_stick().written
    keys = tmp_path / "trusted"
    (keys / "home").mkdir(parents=True)
    (keys / "home" / "kiosk-1.pub").write_bytes(public_pem(kiosk_key(data_dir).public_key()))
    words = ["cloud", "import-usb", str(written.path), "--kiosk-keys", str(keys)]
    words += ["--recipient-key", str(data_dir / "keys" / RECIPIENT_KEY)]
    away = CliRunner().invoke(cli, [*words, "--site", "away", "--remote", f"local:{tmp_path / 'cloud'}"])
    assert (away.exit_code, (tmp_path / "cloud").exists()) == (2, False)
    assert "not of 'away'" in away.output
    gateway = CliRunner().invoke(cli, [*words, "--remote", "firebase-gateway:account.json"])
    assert (gateway.exit_code, "--site" in gateway.output) == (2, True)


def test_a_cloud_that_goes_away_midway_leaves_a_receipt_for_the_rest(
    saved: list[str], to_stick: Callable[[], Exchanged], data_dir: Path, tmp_path: Path
) -> None:
    (written,) = to_stick().written
    left = 3

    def fault(path: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RemoteUnavailable("gone")

    result = imported(data_dir, opened(data_dir, written.path), FaultyRemote(tmp_path / "cloud", fault))
    assert len(result.confirmed) == 1
    assert [failed.given_up for failed in result.failed] == [False]


def test_a_stick_that_is_not_there(saved: list[str], data_dir: Path, tmp_path: Path, timekeeper: VirtualTimekeeper) -> None:
    with pytest.raises(StickUnusable, match="plugged in"):
        exchange(data_dir, tmp_path / "nowhere", "home", "kiosk-1", timekeeper)


def test_a_stick_that_fills_up_leaves_nothing_half(
    saved: list[str], data_dir: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StickUnusable, match="full"):
        write_bundles(waiting_records(data_dir), stick, "home", "kiosk-1", Ed25519PrivateKey.generate())
    assert list(stick.iterdir()) == []


def test_through_the_command_line(
    saved: list[str], data_dir: Path, stick: Path, tmp_path: Path, clinic: Ed25519PrivateKey
) -> None:
    runner = CliRunner()
    shown = runner.invoke(cli, ["sync", "--usb-key", "--data-dir", str(data_dir)])
    assert shown.exit_code == 0
    kiosk_keys = tmp_path / "kiosk-keys"
    (kiosk_keys / "home").mkdir(parents=True)
    assert "home/kiosk-1.pub" in shown.stderr
    (kiosk_keys / "home" / "kiosk-1.pub").write_text(shown.stdout.split("\n", 1)[1])
    assert shown.stdout.split()[0] in registered_kiosks(kiosk_keys)
    keys = ["--usb-keys", str(tmp_path / "usb-keys")]
    out = runner.invoke(cli, ["sync", "--to-usb", str(stick), *keys, "--data-dir", str(data_dir), "--json"])
    assert out.exit_code == 0, out.output
    (file,) = json.loads(out.output)["written"]
    receipt_key = tmp_path / "clinic.key"
    receipt_key.write_bytes(
        clinic.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    words = ["cloud", "import-usb", file["path"], "--recipient-key", str(data_dir / "keys" / RECIPIENT_KEY)]
    words += ["--kiosk-keys", str(kiosk_keys), "--remote", f"local:{tmp_path / 'cloud'}", "--receipt-key", str(receipt_key)]
    taken = runner.invoke(cli, words)
    assert taken.exit_code == 0, taken.output
    assert "3 confirmed, 0 not" in taken.output
    back = runner.invoke(cli, ["sync", "--to-usb", str(stick), *keys, "--data-dir", str(data_dir)])
    assert "3 records are confirmed by receipts" in back.output
    assert "nothing waits" in back.output
