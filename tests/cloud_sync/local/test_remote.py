"""The embedded cloud: what it confirms is on the disk, and each of its faults has a name."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.local import database as index
from cloud_sync.local.files import FileDamaged, HashedFiles
from cloud_sync.local.remote import LARGEST_DOCUMENT, LocalRemote
from cloud_sync.remote import (
    Acknowledgement,
    Heartbeat,
    RemoteConflict,
    RemoteError,
    RemoteFull,
    RemoteRefused,
    RemoteUnavailable,
)

OBJECT = "sites/home/records/ab/capture.npz"
DOCUMENT = "sites/home/records/ab"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[LocalRemote]:
    remote = LocalRemote(tmp_path / "cloud")
    yield remote
    remote.close()


def test_what_is_confirmed_can_be_read_back_by_another_process(remote: LocalRemote, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"pixels").hexdigest()
    assert remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0).sha256 == sha256
    assert remote.put_document(DOCUMENT, b'{"a": 1}', 5.0).sha256 == hashlib.sha256(b'{"a": 1}').hexdigest()
    other = LocalRemote(tmp_path / "cloud")
    assert other.put_object(OBJECT, b"pixels", "application/x-npz", 5.0).sha256 == sha256
    other.close()
    assert HashedFiles(tmp_path / "cloud" / "objects").get(sha256) == b"pixels"


def test_other_bytes_under_the_same_name_are_a_conflict_and_change_nothing(remote: LocalRemote, tmp_path: Path) -> None:
    first = remote.put_object(OBJECT, b"first", "application/x-npz", 5.0)
    remote.put_document(DOCUMENT, b'{"a": 1}', 5.0)
    with pytest.raises(RemoteConflict, match="another file"):
        remote.put_object(OBJECT, b"second", "application/x-npz", 5.0)
    with pytest.raises(RemoteConflict, match="another document"):
        remote.put_document(DOCUMENT, b'{"a": 2}', 5.0)
    assert remote.put_object(OBJECT, b"first", "application/x-npz", 5.0) == first
    assert not (tmp_path / "cloud/objects" / hashlib.sha256(b"second").hexdigest()[:2]).exists()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"{", "no JSON"),
        (b"[1]", "JSON list"),
        (b"\xff\xfe", "no JSON"),
        (b'{"a": ' + b"[" * 100_000, "no JSON"),
        (b'{"a": "' + b"x" * LARGEST_DOCUMENT + b'"}', "more than"),
    ],
)
def test_what_is_no_document_is_refused(remote: LocalRemote, content: bytes, match: str) -> None:
    with pytest.raises(RemoteRefused, match=match):
        remote.put_document(DOCUMENT, content, 5.0)


@pytest.mark.parametrize("path", ["sites/../../etc/passwd", "/etc/passwd", "sites//records", "."])
def test_no_name_leads_out_of_the_folder(remote: LocalRemote, path: str) -> None:
    with pytest.raises(RemoteRefused, match="is no name"):
        remote.put_object(path, b"x", "text/plain", 5.0)
    with pytest.raises(RemoteRefused, match="is no name"):
        remote.put_document(path, b"{}", 5.0)


def test_everything_is_for_its_owner_alone(remote: LocalRemote, tmp_path: Path) -> None:
    remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0)
    remote.put_document(DOCUMENT, b"{}", 5.0)
    for path in (tmp_path / "cloud").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "cloud").stat().st_mode & 0o777 == 0o700


def test_a_file_that_rotted_is_written_again_and_never_served(remote: LocalRemote, tmp_path: Path) -> None:
    sha256 = remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0).sha256
    files = HashedFiles(tmp_path / "cloud" / "objects")
    (tmp_path / "cloud" / "objects" / sha256[:2] / sha256).write_bytes(b"pixelz")
    with pytest.raises(FileDamaged, match="no longer holds"):
        files.get(sha256)
    assert remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0).sha256 == sha256
    assert files.get(sha256) == b"pixels"


def test_what_a_killed_writer_left_is_swept_and_a_living_ones_file_is_not(tmp_path: Path) -> None:
    incoming = tmp_path / "cloud/objects/incoming"
    incoming.mkdir(parents=True)
    (incoming / "dead").write_bytes(b"half")
    (incoming / "alive").write_bytes(b"half")
    lock_it = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", lock_it, incoming / "alive"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    remote = LocalRemote(tmp_path / "cloud")
    remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0)
    remote.close()
    holder.communicate(b"\n")
    assert [path.name for path in incoming.iterdir()] == ["alive"]


def test_commands_are_answered_once(remote: LocalRemote) -> None:
    first = remote.queue_command("restart", {"when": "night"})
    second = remote.queue_command("restart", {})
    commands = remote.fetch_commands(5.0)
    assert [(command.id, command.kind, dict(command.value)) for command in commands] == [
        (first, "restart", {"when": "night"}),
        (second, "restart", {}),
    ]
    remote.acknowledge_command(Acknowledgement(first, False, "no"), 5.0)
    remote.acknowledge_command(Acknowledgement(first, True, "yes"), 5.0)  # the first answer stands
    assert [command.id for command in remote.fetch_commands(5.0)] == [second]
    assert remote._connect(5.0).execute("SELECT accepted, detail FROM commands WHERE id = ?", (first,)).fetchone() == (0, "no")


def test_a_folder_that_somebody_else_holds_is_unavailable_after_the_deadline(remote: LocalRemote, tmp_path: Path) -> None:
    remote.put_document(DOCUMENT, b"{}", 5.0)
    holder = sqlite3.connect(tmp_path / "cloud/cloud.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(RemoteUnavailable, match="locked"):
        remote.put_document("sites/home/records/cd", b"{}", 0.1)
    holder.execute("ROLLBACK")
    holder.close()
    remote.put_document("sites/home/records/cd", b"{}", 5.0)


def test_a_damaged_index_is_named_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud/cloud.db").write_bytes(b"no database " * 1000)
    remote = LocalRemote(tmp_path / "cloud")
    with pytest.raises(RemoteUnavailable, match=r"index .* is damaged .* restore it"):
        remote.put_document(DOCUMENT, b"{}", 5.0)
    assert (tmp_path / "cloud/cloud.db").read_bytes().startswith(b"no database")


def test_a_folder_of_a_newer_version_is_not_touched(remote: LocalRemote, tmp_path: Path) -> None:
    remote.put_document(DOCUMENT, b"{}", 5.0)
    remote.close()
    with sqlite3.connect(tmp_path / "cloud/cloud.db") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(RemoteUnavailable, match=r"layout 99, this Firstlight knows \d+: update Firstlight"):
        remote.put_document(DOCUMENT, b"{}", 5.0)


# -- a disk that is full or read-only


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_has_a_name_and_keeps_what_it_confirmed(small_disk: Path) -> None:
    remote = LocalRemote(small_disk / "cloud")
    remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0)
    with pytest.raises(RemoteFull, match=r"cannot write .* make room"):
        remote.put_object(OBJECT + "2", os.urandom(2 << 20), "application/x-npz", 5.0)
    _fill_with_documents(remote)
    sha256 = hashlib.sha256(b"pixels").hexdigest()
    assert HashedFiles(small_disk / "cloud/objects").get(sha256) == b"pixels"
    assert not list((small_disk / "cloud/objects/incoming").iterdir())
    remote.close()


def _fill_with_documents(remote: LocalRemote) -> None:
    def fill() -> None:
        for number in range(100):
            remote.put_document(f"sites/home/records/{number}", b'{"a": "' + b"x" * 50_000 + b'"}', 5.0)

    with pytest.raises(RemoteFull, match="make room"):
        fill()


def test_a_read_only_disk_has_a_name(small_disk: Path) -> None:
    remote = LocalRemote(small_disk / "cloud")
    remote.put_document(DOCUMENT, b"{}", 5.0)
    remote.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(RemoteFull, match="make it writable"):
        remote.put_document("sites/home/records/cd", b"{}", 5.0)
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    remote.put_document("sites/home/records/cd", b"{}", 5.0)
    remote.close()


def test_a_limit_on_file_size_is_a_full_disk_too(remote: LocalRemote) -> None:
    remote.put_object(OBJECT, b"pixels", "application/x-npz", 5.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(RemoteFull, match=os.strerror(errno.EFBIG)):
            remote.put_object(OBJECT + "2", bytes(200_000), "application/x-npz", 5.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    remote.put_object(OBJECT + "2", bytes(200_000), "application/x-npz", 5.0)


@pytest.mark.parametrize("make", [lambda path: path.write_text(""), lambda path: path.symlink_to("/nowhere/at/all")])
def test_a_folder_that_is_none_has_a_sentence(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "cloud")
    with pytest.raises(RemoteError, match="the local cloud in"):
        LocalRemote(tmp_path / "cloud").put_document(DOCUMENT, b"{}", 5.0)


def test_a_folder_of_an_older_version_is_brought_up_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cloud"
    folder.mkdir(mode=0o700)
    with sqlite3.connect(folder / index.NAME) as database:
        for statement in index._STEPS[0].split(";"):
            database.execute(statement)
        database.execute("PRAGMA user_version = 1")
        database.execute(
            "INSERT INTO documents (path, content, sha256, received_at) VALUES (?, ?, ?, ?)", (DOCUMENT, b"{}", "x", "y")
        )
    database.close()
    remote = LocalRemote(folder)
    remote.put_heartbeat(HEARTBEAT, 5.0)
    assert remote.put_document(DOCUMENT, b"{}", 5.0).sha256 == hashlib.sha256(b"{}").hexdigest()
    remote.close()


HEARTBEAT = Heartbeat("1.0.0", 3, 0, 10**9, 10**10, 0.1, ("the disk is nearly full",), True)


def test_a_heartbeat_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    remote, other = LocalRemote(tmp_path / "cloud"), LocalRemote(tmp_path / "cloud", kiosk="kiosk-2", site="elsewhere")
    remote.put_heartbeat(HEARTBEAT, 5.0)
    remote.put_heartbeat(dataclasses.replace(HEARTBEAT, waiting=4), 5.0)
    other.put_heartbeat(HEARTBEAT, 5.0)
    with sqlite3.connect(tmp_path / "cloud/cloud.db") as database:
        rows = database.execute("SELECT path, content FROM heartbeats ORDER BY path").fetchall()
    database.close()
    assert [path for path, _ in rows] == ["sites/elsewhere/heartbeats/kiosk-2", "sites/home/heartbeats/kiosk-1"]
    assert json.loads(rows[1][1]) == {
        "schema": 1,
        "version": "1.0.0",
        "waiting": 4,
        "laid_aside": 0,
        "disk_free_bytes": 10**9,
        "disk_total_bytes": 10**10,
        "sensor_noise_k": 0.1,
        "warnings": ["the disk is nearly full"],
        "clock_synchronised": True,
    }
    bad = LocalRemote(tmp_path / "cloud", kiosk="a/b")
    with pytest.raises(RemoteRefused, match="no name"):
        bad.put_heartbeat(HEARTBEAT, 5.0)
    for each in (remote, other, bad):
        each.close()


def test_a_model_is_fetched_in_pieces(remote: LocalRemote) -> None:
    remote.put_object("models/abc.tar", b"0123456789", "application/x-tar", 5.0)
    assert [remote.fetch_object("models/abc.tar", at, 4, 5.0) for at in (0, 4, 8, 12)] == [b"0123", b"4567", b"89", b""]
    with pytest.raises(RemoteRefused):
        remote.fetch_object("models/other.tar", 0, 4, 5.0)


class BusyTwice(sqlite3.Connection):
    """What SQLite says to the slower of two processes that switch a new file to write-ahead logging."""

    left = 2

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.left:
            self.left -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().execute(sql, *parameters)


def test_two_processes_may_make_the_index_at_once(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "new.db", factory=BusyTwice)
    index.use_wal(connection, 5.0)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.left = 2
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        index.use_wal(connection, 0.0)
    connection.close()
