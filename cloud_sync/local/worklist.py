"""All records of the cloud in the order in which they should be looked at, kept up to date as they arrive."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cloud_sync.local.entries import Entry, entry_of
from cloud_sync.local.reader import CloudReader, NotHeld


class Worklist:
    """Reads each document once. Records never change, so what was read stays true."""

    def __init__(self, reader: CloudReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._ordered: list[Entry] = []
        self._seq = 0

    def refresh(self) -> None:
        """Read what has arrived. Raises `OSError` and `sqlite3.Error`; what was read before stays."""
        with self._lock:
            arrived = False
            for held in self._reader.documents_after(self._seq):
                entry = entry_of(held)
                if entry is not None:
                    self._entries[entry.path] = entry
                    arrived = True
                self._seq = held.seq
            if arrived:
                self._ordered = sorted(self._entries.values(), key=lambda entry: entry.order)

    @property
    def version(self) -> int:
        """Grows when something has arrived."""
        return self._seq

    def examinations(self) -> Sequence[Entry]:
        """Return the lines of the list, the most urgent first, then the newest."""
        return [entry for entry in self._ordered if entry.is_examination]

    def entry(self, path: str) -> Entry:
        """Return one record's line; raises `NotHeld`."""
        try:
            return self._entries[path]
        except KeyError:
            raise NotHeld("There is no such record here. The link may be old.") from None

    def history(self, entry: Entry) -> Sequence[Entry]:
        """Return every record of the same patient at the same site, the oldest first; of an unknown patient only this one."""
        if entry.patient is None:
            return [entry]
        same = [other for other in self._ordered if other.patient == entry.patient and other.site == entry.site]
        return sorted(same, key=lambda other: (other.at, other.seq))
