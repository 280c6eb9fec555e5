"""What the portal can do, behind the HTTP server: each method is one request of it, and may take a while."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloud_sync.local.accounts import Accounts, Person, Role
from cloud_sync.local.audit import DOCUMENT_S, PARTS_S, Audit
from cloud_sync.local.cards import ModelCards
from cloud_sync.local.entries import line_of
from cloud_sync.local.faults import Altered, Damaged, NotAllowed, TooLarge
from cloud_sync.local.fleet import fleet_of
from cloud_sync.local.ledger import open_ledger, transaction
from cloud_sync.local.reader import LARGEST_SHOWN, CloudReader
from cloud_sync.local.readings import Readings
from cloud_sync.local.reviews import Reviews, Signed
from cloud_sync.local.signing_in import SigningIn
from cloud_sync.local.site import SiteSettings, site_info
from cloud_sync.local.worklist import Query, Worklist
from cloud_sync.paths import document_path, object_path


class Portal:
    """Thread-safe: one request at a time, which is enough for the doctors of one site.

    Every method may raise `OSError` and `sqlite3.Error`, and the `PortalFault`s that it names.
    """

    def __init__(
        self, folder: Path, models: Sequence[Path], monotonic: Callable[[], float], site: SiteSettings | None = None
    ) -> None:
        """``folder``: the embedded cloud's; ``models``: folders of the bundles whose cards can be shown.

        Raises `OSError`, `sqlite3.Error` and `CloudTooNew`.
        """
        self._lock = threading.Lock()
        self._settings = site or SiteSettings()
        self._ledger = open_ledger(folder)
        self.accounts = Accounts(self._ledger, folder)
        self.accounts.ensure_first(self._settings.id)
        self._signing_in = SigningIn(self.accounts, self._ledger, monotonic)
        self._audit = Audit(self._ledger, monotonic)
        self._readings = Readings(self._ledger)
        self._reviews = Reviews(self._ledger)
        self._reader = CloudReader(folder)
        self._worklist = Worklist(self._reader)
        self._cards = ModelCards(models)
        self._started = secrets.token_hex(4)

    def warm(self) -> None:
        """Read what is there, so that the first page need not."""
        with self._fresh():
            pass

    @contextmanager
    def signing_in(self) -> Iterator[SigningIn]:
        """Who signs in, and who is signed in."""
        with self._lock:
            yield self._signing_in

    def site(self, person: Person) -> dict[str, Any]:
        with self._lock:
            return site_info(self._reader, person.site, self._settings)

    def counts(self, person: Person) -> dict[str, int]:
        with self._fresh():
            return self._worklist.counts(person.site, self._readings.of)

    def worklist(self, person: Person, query: Query, after: str | None) -> dict[str, Any]:
        """Return a page of the list. Raises `BadRequest`."""
        with self._fresh():
            entries, following = self._worklist.page(person.site, query, self._readings.of, after)
            items = [line_of(entry, self._readings.of(entry.site, entry.id)) for entry in entries]
            return {"items": items, "next": following}

    def patients_of(self, person: Person) -> frozenset[str]:
        with self._lock:
            return self.accounts.patients_of(person)

    def patient(self, person: Person, patient: str) -> dict[str, Any]:
        with self._fresh():
            history = self._worklist.history(person.site, patient)
            return {"items": [line_of(entry, self._readings.of(entry.site, entry.id)) for entry in history]}

    def token(self, person: Person) -> str:
        """Return a text that changes whenever something that ``person`` may see has arrived or changed."""
        with self._fresh():
            beats = self._reader.heartbeats_below(f"sites/{person.site}/heartbeats/")
            heard = hashlib.sha256(repr(beats).encode()).hexdigest()[:12]
            versions = (self._worklist.version(person.site), self._readings.version(person.site), heard)
            return "-".join((self._started, *map(str, versions)))

    def open(self, person: Person, site: str, record: str) -> dict[str, Any]:
        """Write down that ``person`` opens the record, then return it.

        Raises `NotAllowed`, `NotHeld`, `Altered`, `Damaged` and `TooLarge`.
        """
        _require_site(person, site)
        with self._fresh():
            entry = self._worklist.entry(site, record)
            with self._change():
                self._audit.note_opening(person, record, entry.patient)
                self._readings.opened(site, record)
            return self._document(person, site, record)

    def document(self, person: Person, site: str, record: str) -> dict[str, Any]:
        """Return a record that ``person`` opened within a minute. Raises what `open` raises."""
        _require_site(person, site)
        with self._fresh():
            self._audit.require_opened(person, record, DOCUMENT_S)
            return self._document(person, site, record)

    def part(self, person: Person, site: str, record: str, name: str) -> bytes:
        """Return a file of a record that was opened. Raises `NotAllowed`, `NotHeld` and `FileDamaged`."""
        _require_site(person, site)
        path = object_path(site, record, name)
        with self._lock:
            self._audit.require_opened(person, record, PARTS_S)
            return self._reader.read_object(path)

    def reviews(self, person: Person, site: str, record: str) -> dict[str, Any]:
        """Return the reviews of a record that was opened. Raises `NotAllowed`."""
        _require_site(person, site)
        with self._lock:
            self._audit.require_opened(person, record, PARTS_S)
            return {"items": self._reviews.of_record(site, record)}

    def review(self, person: Person, site: str, record: str, signed: Signed) -> dict[str, Any]:
        """Keep what a doctor signed. Raises `NotAllowed`, `NotHeld`, `Altered` and `BadRequest`."""
        _require_site(person, site)
        if person.role is not Role.DOCTOR:
            raise NotAllowed("Doctors alone sign reviews.")
        with self._fresh():
            entry = self._worklist.entry(site, record)
            self._audit.require_opened(person, record, PARTS_S)
            if self._reader.document(entry.path).sha256 != signed.record_sha256:
                raise Altered("The record is not the one that was shown. Open it again.")
            with self._change():
                review = self._reviews.add(person, record, entry.patient, signed)
                self._readings.reviewed(site, record, signed.verdict)
            return review

    def fleet(self, person: Person) -> dict[str, Any]:
        with self._fresh():
            return {"items": fleet_of(self._reader, person.site, self._worklist.last_heard(person.site))}

    def audit(self, person: Person, record: str | None, uid: str | None, after: str | None) -> dict[str, Any]:
        """Return a page of the audit; that it was begun is an entry, too. Raises `NotAllowed` and `BadRequest`."""
        if person.role is not Role.ADMINISTRATOR:
            raise NotAllowed("Administrators alone read who opened what.")
        with self._lock:
            if after is None:
                self._audit.note(person, "open_audit")
            return self._audit.page(person.site, record=record, uid=uid, after=after)

    def card(self, bundle_sha256: str) -> dict[str, Any]:
        """Return a model's card. Raises `CardMissing` or `CardDamaged`."""
        return self._cards.card(bundle_sha256)

    def close(self) -> None:
        with self._lock:
            self._reader.close()
            self._ledger.close()

    @contextmanager
    def _fresh(self) -> Iterator[None]:
        """Hold the lock, with what has arrived meanwhile."""
        with self._lock:
            self._readings.refresh()
            self._worklist.refresh()
            yield

    @contextmanager
    def _change(self) -> Iterator[None]:
        try:
            with transaction(self._ledger):
                yield
        except BaseException:
            self._readings.forget()  # what was not written down did not happen
            raise

    def _document(self, person: Person, site: str, record: str) -> dict[str, Any]:
        held = self._reader.document(document_path(site, record))
        if held.content is None:
            raise TooLarge(f"The document has {held.size} bytes; this page shows at most {LARGEST_SHOWN}.")
        if hashlib.sha256(held.content).hexdigest() != held.sha256:
            raise Altered("The document on the server's disk is not the one that the kiosk sent. Tell the technician.")
        try:
            text = held.content.decode("utf-8")
        except UnicodeDecodeError:
            raise Damaged("The document is damaged: it is no text.") from None
        entry = self._worklist.entry(site, record)
        return {"json": text, "sha256": held.sha256, "summary": line_of(entry, self._readings.of(site, record))}


def _require_site(person: Person, site: str) -> None:
    if person.site != site:
        raise NotAllowed("This record is another site's.")
