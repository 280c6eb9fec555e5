"""With which upload each part of a record arrived, until the record's document names them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from cloud_sync.remote import RemoteRefused

_MOST = 1024
"""Records. More than are ever under way: what a batch leaves behind is forgotten by its sender at half of that."""


class Arrived:
    """The confirmed parts of records whose document is still to come. Any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: OrderedDict[str, dict[str, str]] = OrderedDict()

    def note(self, record: str, part: str, upload: str) -> None:
        """Remember that ``part`` of the record at the path ``record`` was confirmed; its last upload is what counts."""
        with self._lock:
            self._records.setdefault(record, {})[part] = upload
            self._records.move_to_end(record)
            while len(self._records) > _MOST:
                self._records.popitem(last=False)

    def uploads(self, record: str, parts: Iterable[str]) -> dict[str, str]:
        """Return the upload of each part that arrived. Raises `RemoteRefused` where one of ``parts`` did not."""
        with self._lock:
            known = dict(self._records.get(record, {}))
        missing = sorted(set(parts) - set(known))
        if missing:
            raise RemoteRefused(f"{record} came before its part {missing[0]}: nothing of it is kept; send its parts first")
        return known

    def forget(self, record: str) -> None:
        """Forget a record whose document is there."""
        with self._lock:
            self._records.pop(record, None)
