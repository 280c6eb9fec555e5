"""Commands from the clinic: done once they are sound, refused with a reason, and answered either way."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cloud_sync.handlers import all_handlers
from cloud_sync.inbox import INBOX, READY, place
from cloud_sync.local.database import NAME
from cloud_sync.local.remote import LocalRemote
from cloud_sync.sync import Sync, SyncOptions
from device.kiosk.inbox import take_all
from device.process.config import Config, with_clinic
from device.process.notify import Notifier
from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.keys import load_opener
from device.store.outbox import Outbox
from models.bundle import SIGNATURE, SUMS, Bundle
from models.installed import Installed
from models.signature import new_key, sign
from tests.models.making import with_card

CARD = "c" * 64


class Clinic:
    """A kiosk with an embedded cloud, and somebody who sends it commands."""

    def __init__(self, data_dir: Path, outbox: Outbox, timekeeper: VirtualTimekeeper) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "cloud"
        self.remote = LocalRemote(self.folder)
        self.time = timekeeper
        self.fetched: list[tuple[int, int]] = []
        handlers = all_handlers(outbox, Config(), data_dir, self._fetch, timekeeper)
        self.sync = Sync(
            outbox, load_opener(data_dir), self.remote, timekeeper,
            options=SyncOptions(), rng=Random(1), notifier=Notifier({}), handlers=handlers,
        )  # fmt: skip

    def _fetch(self, path: str, offset: int, most: int) -> bytes:
        self.fetched.append((offset, most))
        self.time.sleep(1.0)
        return self.sync.call("fetching", lambda: self.remote.fetch_object(path, offset, most, 5.0))

    def send(self, kind: str, value: Mapping[str, Any]) -> tuple[bool | None, str | None]:
        return self.answer(self.remote.queue_command(kind, value))

    def answer(self, command_id: str) -> tuple[bool | None, str | None]:
        self.sync.once()
        with sqlite3.connect(self.folder / NAME) as database:
            row = database.execute("SELECT accepted, detail FROM commands WHERE id = ?", (command_id,)).fetchone()
        return (None if row[0] is None else bool(row[0])), row[1]


@pytest.fixture
def clinic(store: Store, outbox: Outbox, data_dir: Path, timekeeper: VirtualTimekeeper) -> Clinic:
    return Clinic(data_dir, outbox, timekeeper)


# -- configuration


def test_settings_are_checked_written_and_answered(clinic: Clinic) -> None:
    accepted, detail = clinic.send("configuration", {"capture": {"target_noise": "0.2 K"}, "sync": {"bandwidth": "256 kbit/s"}})
    assert (accepted, detail) == (True, "written to clinic.toml; the kiosk uses it from its next start")
    config, left_out = with_clinic(Config(), clinic.data_dir)
    assert left_out is None
    assert (config.capture.target_noise_k, config.sync.bandwidth_kbit_s) == (0.2, 256.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "holds no setting"),
        ({"sync": {"remote": "local:/elsewhere"}}, "cannot be set from afar"),
        ({"models": {"allow_unsigned": True}}, "cannot be set from afar"),
        ({"capture": {"longest": "1 year"}}, "'year' is not a unit"),
    ],
)
def test_settings_that_are_wrong_change_nothing(clinic: Clinic, value: dict[str, Any], said: str) -> None:
    accepted, detail = clinic.send("configuration", value)
    assert accepted is False
    assert said in str(detail)
    assert with_clinic(Config(), clinic.data_dir) == (Config(), None)


# -- cards


def test_a_card_is_revoked_once(clinic: Clinic, store: Store) -> None:
    assert clinic.send("revoke_card", {"card_ref": CARD}) == (True, "the card is revoked")
    assert store.is_revoked(CARD)
    assert clinic.send("revoke_card", {"card_ref": CARD}) == (True, "the card was revoked before")


@pytest.mark.parametrize("value", [{}, {"card_ref": 7}, {"card_ref": "04A3C6CAE26180"}, {"card_ref": "C" * 64}])
def test_what_is_no_reference_revokes_nothing(clinic: Clinic, value: dict[str, Any]) -> None:
    accepted, detail = clinic.send("revoke_card", value)
    assert accepted is False
    assert "no card's reference" in str(detail)
    assert "04A3C6CAE26180" not in str(detail)


# -- models


class Maker:
    """Makes signed bundles, and devices that trust them."""

    def __init__(self, folder: Path) -> None:
        self.keys = folder / "keys"
        self.keys.mkdir()
        new_key(self.keys / "maker")
        self._folder = folder

    def bundle(self, version: str = "0.9.1", *, signed: bool = True) -> Bundle:
        folder = self._folder / version
        folder.mkdir()
        path = with_card(folder, lambda card: card["model"].update(version=version))
        if signed:
            (path / SIGNATURE).write_bytes(sign(Bundle.open(path), self.keys / "maker")[1])
        return Bundle.open(path)


def packed(files: Mapping[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.type = len(content), kind
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def sparse(name: str, size: int) -> bytes:
    """Return an archive with a file that has ``size`` bytes, none of which is there."""
    made, member = io.BytesIO(), tarfile.TarInfo(name)
    member.pax_headers = {"GNU.sparse.map": f"0,0,{size},0", "GNU.sparse.size": str(size)}
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO())
    return made.getvalue()


def files_of(bundle: Bundle) -> dict[str, bytes]:
    signature = {} if bundle.signature is None else {SIGNATURE: bundle.signature}
    return {**bundle.files, SUMS: bundle.sums, **signature}


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    folder = tmp_path / "maker"
    folder.mkdir()
    return Maker(folder)


def publish(clinic: Clinic, sha256: str, content: bytes) -> None:
    clinic.remote.put_object(f"models/{sha256}.tar", content, "application/x-tar", 5.0)


def active_version(clinic: Clinic) -> str | None:
    return Installed(clinic.data_dir / "models").state("breast").active


def test_a_signed_model_is_fetched_activated_and_answered(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle()
    publish(clinic, bundle.sha256, packed(files_of(bundle)))
    command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
    assert clinic.answer(command) == (None, None), "nothing is answered before somebody activated it"
    assert (clinic.data_dir / INBOX / READY / bundle.sha256).is_dir()
    assert active_version(clinic) is None, "the sync process activates nothing"
    assert take_all(clinic.data_dir, maker.keys) == 1
    accepted, detail = clinic.answer(command)
    assert accepted is True
    assert "breast 0.9.1 is active" in str(detail)
    assert active_version(clinic) == bundle.sha256


def test_the_same_model_sent_again_is_looked_at_again(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle()
    publish(clinic, bundle.sha256, packed(files_of(bundle)))
    for _ in range(2):
        command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
        assert clinic.answer(command) == (None, None)
        assert take_all(clinic.data_dir, maker.keys) == 1
        assert clinic.answer(command)[0] is True


def test_an_unsigned_model_is_laid_down_and_refused(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle(signed=False)
    publish(clinic, bundle.sha256, packed(files_of(bundle)))
    command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
    clinic.answer(command)
    take_all(clinic.data_dir, maker.keys)
    accepted, detail = clinic.answer(command)
    assert accepted is False
    assert str(detail).startswith("SignatureMissing")
    assert active_version(clinic) is None


def test_no_link_leads_whoever_activates_out_of_the_inbox(clinic: Clinic, maker: Maker, tmp_path: Path) -> None:
    """The sync process owns the inbox; root looks into it."""
    bundle = maker.bundle()
    inbox, kept = clinic.data_dir / INBOX, tmp_path / "kept"
    kept.mkdir()
    bundle.path.rename(kept / bundle.sha256)
    inbox.mkdir(parents=True)
    (inbox / READY).symlink_to(kept)
    assert take_all(clinic.data_dir, maker.keys) == 0
    assert (kept / bundle.sha256 / SUMS).is_file(), "nothing is removed elsewhere"


def test_a_model_that_nobody_activates_is_answered_with_what_to_do(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle()
    publish(clinic, bundle.sha256, packed(files_of(bundle)))
    command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
    assert clinic.answer(command) == (None, None)
    clinic.time.sleep(700.0)
    accepted, detail = clinic.answer(command)
    assert accepted is True
    assert "firstlight models activate" in str(detail)


def test_a_large_model_comes_in_rounds(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle()
    content = packed(files_of(bundle)) + b"\0" * 1_500_000
    publish(clinic, bundle.sha256, content)
    command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
    rounds = 0
    while not (clinic.data_dir / INBOX / READY / bundle.sha256).is_dir():
        before = len(clinic.fetched)
        assert clinic.answer(command) == (None, None)
        assert 0 < len(clinic.fetched) - before <= 4, "records are looked at in between"
        rounds += 1
    assert rounds > 1
    assert [offset for offset, _ in clinic.fetched] == sorted({offset for offset, _ in clinic.fetched}), "no piece twice"


def tampered(bundle: Bundle) -> bytes:
    files = files_of(bundle)
    return packed({**files, "card.toml": files["card.toml"] + b"\n"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda bundle: b"no tar at all", "is no bundle"),
        (tampered, "another hash than its list says"),
        (
            lambda bundle: packed({**files_of(bundle), SUMS: b"0" * 64 + b"  card.toml\n"}),
            "another hash than the command names",
        ),
        (lambda bundle: packed({**files_of(bundle), "extra": b"1"}), "does not hold the files that its list names"),
        (lambda bundle: packed({**files_of(bundle), "../../outside": b"1"}), "no plain file"),
        (lambda bundle: packed({**files_of(bundle), "/etc/outside": b"1"}), "no plain file"),
        (lambda bundle: packed({**files_of(bundle), "link": b""}, tarfile.SYMTYPE), "no plain file"),
        (lambda bundle: sparse(SUMS, 1 << 40), "no plain file"),
        (lambda bundle: packed(files_of(bundle))[:3000], "is no bundle"),
    ],
)
def test_what_is_no_bundle_is_refused_and_leaves_nothing(
    clinic: Clinic, maker: Maker, tmp_path: Path, content: Callable[[Bundle], bytes], said: str
) -> None:
    bundle = maker.bundle()
    publish(clinic, bundle.sha256, content(bundle))
    accepted, detail = clinic.send("model", {"sha256": bundle.sha256})
    assert accepted is False
    assert said in str(detail)
    assert [path.suffix for path in (clinic.data_dir / INBOX).iterdir()] == [".for"]
    assert not list(tmp_path.rglob("outside"))


@pytest.mark.parametrize(
    "value", [{}, {"sha256": "../x"}, {"sha256": "a" * 64, "percent": 0}, {"sha256": "a" * 64, "percent": "5"}]
)
def test_a_command_that_names_no_bundle_is_refused(clinic: Clinic, value: dict[str, Any]) -> None:
    assert clinic.send("model", value)[0] is False


def test_a_model_that_was_never_published_is_refused(clinic: Clinic) -> None:
    accepted, detail = clinic.send("model", {"sha256": "a" * 64})
    assert accepted is False
    assert "cannot be fetched" in str(detail)


def test_a_share_of_the_kiosks_takes_it_and_a_larger_share_contains_the_smaller(clinic: Clinic) -> None:
    places = [place(f"kiosk-{number}", "command") for number in range(1000)]
    assert 70 < sum(each < 10 for each in places) < 130
    assert all(0 <= each < 100 for each in places)
    assert places == [place(f"kiosk-{number}", "command") for number in range(1000)], "the same at each call"
    assert place("kiosk-1", "command") != place("kiosk-1", "another")
    command = clinic.remote.queue_command("model", {"sha256": "a" * 64, "percent": 1e-9})
    accepted, detail = clinic.answer(command)
    assert accepted is True
    assert "not among the" in str(detail)
    assert clinic.fetched == []


def test_a_verdict_that_is_no_json_is_waited_for(clinic: Clinic, maker: Maker) -> None:
    bundle = maker.bundle()
    publish(clinic, bundle.sha256, packed(files_of(bundle)))
    command = clinic.remote.queue_command("model", {"sha256": bundle.sha256})
    clinic.answer(command)
    verdict = clinic.data_dir / INBOX / f"{bundle.sha256}.json"
    verdict.write_text("{")
    assert clinic.answer(command) == (None, None)
    verdict.write_text(json.dumps({"accepted": False, "detail": "no"}))
    assert clinic.answer(command) == (False, "no")
