"""All records of the cloud in the order in which they should be looked at, kept up to date as they arrive."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from cloud_sync.local.entries import Entry, entry_of
from cloud_sync.local.faults import BadRequest
from cloud_sync.local.reader import CloudReader, NotHeld
from cloud_sync.local.readings import State
from cloud_sync.paths import document_path

PAGE = 100
READINGS = ("unread", "opened", "reviewed", "to_do", "all")
URGENCIES = ("look_first", "not_assessed", "routine")
MODALITIES = ("thermal", "mri")
_ORDER = attrgetter("order")
StateOf = Callable[[str, str], State]


@dataclass(frozen=True)
class Query:
    """What of the list is wanted; raises `BadRequest` for a word that it does not know."""

    reading: str = "all"
    urgency: str | None = None
    modality: str | None = None
    find: str = ""
    """Beginning of a patient's reference or of a record's id, in whatever case."""
    patients: frozenset[str] | None = None
    """Only these; ``None``: all."""

    def __post_init__(self) -> None:
        known = ((self.reading, READINGS), (self.urgency, (None, *URGENCIES)), (self.modality, (None, *MODALITIES)))
        if any(word not in words for word, words in known):
            raise BadRequest("This is no filter of the list.")

    def wants(self, entry: Entry, state: State, find: str) -> bool:
        return (
            (self.urgency is None or entry.urgency.word == self.urgency)
            and (self.modality is None or entry.modality == self.modality)
            and (self.patients is None or entry.patient in self.patients)
            and (
                self.reading == "all"
                or state.reading == self.reading
                or (self.reading == "to_do" and state.reading != "reviewed")
            )
            and (not find or entry.matches(find))
        )


class Page(NamedTuple):
    entries: Sequence[Entry]
    next: str | None
    """Where the next page begins; ``None``: this was the last one."""


class Worklist:
    """Reads each document once: records never change, so what was read stays true. Belongs to one thread at a time."""

    def __init__(self, reader: CloudReader) -> None:
        self._reader = reader
        self._entries: dict[str, Entry] = {}
        self._examinations: dict[str, list[Entry]] = defaultdict(list)
        self._histories: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._seq = 0

    def refresh(self) -> None:
        """Read what has arrived. Raises `OSError` and `sqlite3.Error`; what was read before stays."""
        grown = set()
        try:
            for held in self._reader.documents_after(self._seq):
                entry = entry_of(held)
                if entry is not None and entry.is_examination:
                    self._entries[entry.path] = entry
                    self._examinations[entry.site].append(entry)
                    grown.add(entry.site)
                    if entry.patient is not None:
                        self._histories[entry.site, entry.patient].append(entry)
                self._seq = held.seq
        finally:
            for site in grown:
                self._examinations[site].sort(key=_ORDER)

    def version(self, site: str) -> int:
        """Grows when an examination of ``site`` has arrived."""
        return len(self._examinations.get(site, ()))

    def page(self, site: str, query: Query, state_of: StateOf, after: str | None) -> Page:
        """Return the entries that ``query`` wants, at most `PAGE`. Raises `BadRequest` where ``after`` is no place."""
        entries = self._examinations.get(site, [])
        begin = 0 if after is None else bisect_right(entries, _place(after), key=_ORDER)
        find = query.find.casefold()
        wanted: list[Entry] = []
        for index in range(begin, len(entries)):
            entry = entries[index]
            if query.wants(entry, state_of(site, entry.id), find):
                wanted.append(entry)
                if len(wanted) > PAGE:
                    last = wanted[PAGE - 1]
                    return Page(wanted[:PAGE], f"{int(last.urgency)}.{last.seq}")
        return Page(wanted, None)

    def counts(self, site: str, state_of: StateOf) -> dict[str, int]:
        readings = [state_of(site, entry.id).reading for entry in self._examinations.get(site, [])]
        reviewed = readings.count("reviewed")
        return {"unread": readings.count("unread"), "to_do": len(readings) - reviewed, "total": len(readings)}

    def entry(self, site: str, record: str) -> Entry:
        """Return one record's line; raises `NotHeld` and `BadPath`."""
        try:
            return self._entries[document_path(site, record)]
        except KeyError:
            raise NotHeld("There is no such record here. The link may be old.") from None

    def history(self, site: str, patient: str) -> Sequence[Entry]:
        """Return every record of a patient, the oldest first."""
        return in_order(self._histories.get((site, patient), []))

    def last_heard(self, site: str) -> dict[str, str]:
        """Return each kiosk that has sent something, and when the last of it arrived."""
        newest = sorted(self._examinations.get(site, []), key=attrgetter("seq"))
        return {entry.kiosk: entry.received_at for entry in newest if entry.kiosk is not None}


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


def _place(after: str) -> tuple[int, int]:
    rank, _, seq = after.partition(".")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in (rank, seq)):
        raise BadRequest("This is no place in the list.")
    return (int(rank), -int(seq))
