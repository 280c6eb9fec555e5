"""One process's way into the store: opens it, notices when it was replaced, salvages it when it is damaged.

Shared by the kiosk's `Store` and the sync process's `Outbox`. How much is checked when it is opened: file header, version,
table definitions, and every page of all tables but the payloads (`PRAGMA integrity_check(TABLE)`). Payloads are nearly all
of the file, so reading them would make the start slower with every image; damage there is found when a part is read,
because SQLite sees a broken page chain and AES-GCM every flipped bit.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from device.process.moment import Timekeeper
from device.store.errors import StoreClosed, StoreCorrupt, StoreFailing
from device.store.faults import disk_faults, sqlite_faults
from device.store.files import SHARED_FOLDER, make_folder, sync_folder
from device.store.lock import FolderLock
from device.store.salvage import draft_path, finish_salvage, salvage
from device.store.schema import SMALL_TABLES, definitions, migrate, require_known
from device.store.sqlite import connect, create, seal_draft

Identity: TypeAlias = tuple[int, int]
"""Device and inode: which file this is, whatever its name."""

_OPENINGS = 5


def store_path(data_dir: Path) -> Path:
    return data_dir / "store" / "store.db"


class Database:
    """A connection to ``DIR/store/store.db`` that outlives the file.

    After `StoreCorrupt` the next use salvages the store and goes on with the new one. All methods raise `StoreError`.
    """

    def __init__(self, data_dir: Path, timekeeper: Timekeeper) -> None:
        """Open the store in ``data_dir``; create, migrate or salvage it where needed."""
        self.path = store_path(data_dir)
        self._timekeeper = timekeeper
        self._mutex = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: Identity | None = None
        self._damage: tuple[Identity | None, str] | None = None
        self._closed = False
        with disk_faults(self.path.parent):
            make_folder(self.path.parent, SHARED_FOLDER)
        self._lock = FolderLock(self.path.parent / "store.lock")
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction: on the disk when the block ends, undone when it raises."""
        with self._current() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # it is rolled back already, or the next use finds out why not
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Use the connection outside a transaction."""
        with self._current() as connection:
            yield connection

    def close(self) -> None:
        """Close for good; further use raises `StoreClosed`. May be called twice."""
        with self._mutex:
            self._closed = True
            self._disconnect()
            self._lock.close()

    @contextmanager
    def _current(self) -> Iterator[sqlite3.Connection]:
        """Hold the shared lock and the connection to the file that now has the store's name."""
        with self._mutex:
            for _ in range(_OPENINGS):
                if self._closed:
                    raise StoreClosed(f"the store {self.path} was closed; open it again")
                if self._connection is None:
                    self._open()
                with self._lock.held(exclusive=False):
                    if self._connection is not None and self._identity == self._identity_now():
                        with self._noticing_damage():
                            yield self._connection
                        return
                self._disconnect()  # another process has put a salvaged store in its place
            raise StoreFailing(
                f"the store {self.path} was replaced {_OPENINGS} times in a row; look at its alarms and the disk"
            )

    @contextmanager
    def _noticing_damage(self) -> Iterator[None]:
        try:
            with sqlite_faults(self.path), disk_faults(self.path):
                yield
        except StoreCorrupt as fault:
            self._damage = (self._identity, str(fault))
            self._disconnect()
            raise

    def _open(self) -> None:
        self._disconnect()
        with self._lock.held(exclusive=True), disk_faults(self.path), sqlite_faults(self.path):
            finish_salvage(self.path)
            if not self.path.exists():
                self._create()
            if self._damage is not None and self._damage[0] == self._identity_now():
                salvage(self.path, self._timekeeper.now(), self._damage[1])
            self._damage = None
            try:
                self._connect()
            except StoreCorrupt as fault:
                salvage(self.path, self._timekeeper.now(), str(fault))
                self._connect()

    def _create(self) -> None:
        draft = draft_path(self.path)
        draft.unlink(missing_ok=True)
        try:
            with sqlite_faults(draft):
                seal_draft(create(draft), draft)
            draft.rename(self.path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(self.path.parent)

    def _connect(self) -> None:
        with sqlite_faults(self.path):
            self._require_known()
            connection = connect(self.path)
            try:
                migrate(connection)
                _check(connection, self.path)
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        self._identity = self._identity_now()

    def _require_known(self) -> None:
        """Look at the version without being able to write, so that a newer store stays untouched."""
        connection = connect(self.path, read_only=True)
        try:
            require_known(connection, self.path)
        finally:
            connection.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
            self._identity = None

    def _identity_now(self) -> Identity | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return (status.st_dev, status.st_ino)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreCorrupt` unless the tables are the ones that this software makes, and all pages of the small ones sound."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pristine:
        migrate(pristine)
        if definitions(connection) != definitions(pristine):
            raise StoreCorrupt(f"the store {path} is damaged (its table definitions were changed); it is salvaged now")
    for table in SMALL_TABLES:
        verdict = connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0]
        if verdict != "ok":
            raise StoreCorrupt(f"the store {path} is damaged ({verdict}); it is salvaged now")
