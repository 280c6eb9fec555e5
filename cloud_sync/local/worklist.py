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

    def examinations(self, find: str = "") -> Sequence[Entry]:
        """Return the lines of the list whose patient or id contains ``find``, the most urgent first, then the newest."""
        return [entry for entry in self._ordered if entry.is_examination and entry.matches(find)]

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
        return in_order([other for other in self._ordered if other.patient == entry.patient and other.site == entry.site])


def in_order(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Sort by time, the oldest first; the records of one boot among themselves by that boot's monotonic clock.

    A kiosk whose clock was never set sends its records by urgency, so their arrival does not say which came first; a wrong
    order would turn a rise into a fall.
    """
    by_time = sorted(entries, key=lambda entry: (entry.at, entry.seq))
    boots: dict[str, list[Entry]] = {}
    for entry in by_time:
        if entry.boot_id is not None and entry.monotonic_s is not None:
            boots.setdefault(entry.boot_id, []).append(entry)
    ordered = {boot: iter(sorted(same, key=lambda entry: entry.monotonic_s or 0.0)) for boot, same in boots.items()}
    # Each boot keeps the places that time gave it, and fills them in its own order.
    return [entry if entry.monotonic_s is None else next(ordered.get(entry.boot_id or "", iter([entry]))) for entry in by_time]
