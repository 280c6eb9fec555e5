"""One line of the worklist, read from a document that a kiosk sent. A document that cannot be read is a line too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud_sync.fields import flag_of, number_of, text_of
from cloud_sync.local.reader import LARGEST_SHOWN, Held
from cloud_sync.local.readings import State
from cloud_sync.summary import EXAMINATIONS, urgency_of
from cloud_sync.summary import Urgency as Urgency

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What the list and a patient's history show of one record."""

    seq: int
    path: str
    site: str
    id: str
    received_at: str
    captured_at: str | None
    """ISO 8601, UTC, as the kiosk's clock showed it."""
    clock_synchronised: bool
    """False: ``captured_at`` may be wrong by years."""
    boot_id: str | None
    monotonic_s: float | None
    """Seconds since that boot of the kiosk: the order that can be trusted, whatever its clock showed."""
    patient: str | None
    patient_confirmed: bool
    kiosk: str | None
    modality: str | None
    urgency: Urgency
    outcome: str | None
    result: str | None
    probability: float | None
    difference_k: float | None
    uncertainty_k: float | None
    lesion_ml: float | None
    lesion_uncertainty_ml: float | None
    problem: str | None
    """Why the document cannot be shown; ``None`` where it can."""

    @property
    def is_examination(self) -> bool:
        """Whether it belongs on the worklist. A consent does not, a document that cannot be read does."""
        return self.problem is not None or self.modality in EXAMINATIONS or self.result is not None

    def matches(self, find: str) -> bool:
        """Whether the patient's reference or the id begins with ``find``, which is case-folded."""
        return self.id.casefold().startswith(find) or (self.patient or "").casefold().startswith(find)

    @property
    def order(self) -> tuple[int, int]:
        """Urgent first, then what arrived last. Never changes, so a page of the list has a place to go on from."""
        return (self.urgency, -self.seq)

    @property
    def at(self) -> datetime:
        """When it was captured, as well as that can be known.

        A clock that was never set, or that says "tomorrow", puts nothing in order; then the time of arrival does.
        """
        received = _time(self.received_at) or datetime.fromtimestamp(0, UTC)
        captured = _time(self.captured_at)
        if captured is None or not self.clock_synchronised or captured > received + timedelta(days=1):
            return received
        return captured


class Unreadable(ValueError):
    """A document is not what a kiosk writes; the message is shown in its place."""


def line_of(entry: Entry, state: State) -> dict[str, Any]:
    """Return the line as docs/data-model.md has it; what a device wrote is checked once more by the page."""
    return {
        "schema": SCHEMA,
        "record": entry.id,
        "site": entry.site,
        "kiosk": entry.kiosk,
        "patient": entry.patient,
        "patient_confirmed": entry.patient_confirmed,
        "modality": entry.modality,
        "captured_at": entry.captured_at,
        "clock_synchronised": entry.clock_synchronised,
        "received_at": entry.received_at,
        "urgency": entry.urgency.word,
        "rank": int(entry.urgency),
        "outcome": entry.outcome,
        "result": entry.result,
        "probability": entry.probability,
        "difference_k": entry.difference_k,
        "uncertainty_k": entry.uncertainty_k,
        "lesion_ml": entry.lesion_ml,
        "lesion_uncertainty_ml": entry.lesion_uncertainty_ml,
        "reading": state.reading,
        "last_verdict": state.last_verdict,
        "to_do": state.reading != "reviewed",
        "problem": entry.problem,
    }


def parse(held: Held) -> dict[str, Any]:
    """Return the document as a table; raises `Unreadable`."""
    if held.content is None:
        raise Unreadable(f"The document has {held.size} bytes; this page shows at most {LARGEST_SHOWN}.")
    try:
        document = json.loads(held.content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The document is damaged: it is no JSON.") from error
    if not isinstance(document, dict):
        raise Unreadable("The document is damaged: it is no record.")
    return document


def entry_of(held: Held) -> Entry | None:
    """Return the line for a document, ``None`` where it is no record at all (a document of another collection)."""
    match held.path.split("/"):
        case ["sites", site, "records", record_id]:
            pass
        case _:
            return None
    try:
        document, problem = parse(held), None
    except Unreadable as error:
        document, problem = {}, str(error)
    return Entry(
        seq=held.seq,
        path=held.path,
        site=site,
        id=record_id,
        received_at=held.received_at,
        captured_at=text_of(document, "captured_at"),
        clock_synchronised=flag_of(document, "clock_synchronised") is True,
        boot_id=text_of(document, "boot_id"),
        monotonic_s=number_of(document, "monotonic_s"),
        patient=text_of(document, "patient"),
        patient_confirmed=flag_of(document, "patient_confirmed") is True,
        kiosk=text_of(document, "kiosk"),
        modality=text_of(document, "modality"),
        urgency=urgency_of(document),
        outcome=text_of(document, "prediction", "outcome"),
        result=text_of(document, "result"),
        probability=number_of(document, "prediction", "probability"),
        difference_k=number_of(document, "asymmetry", "difference_k"),
        uncertainty_k=number_of(document, "asymmetry", "uncertainty_k"),
        lesion_ml=number_of(document, "mri", "lesion_ml"),
        lesion_uncertainty_ml=number_of(document, "mri", "lesion_uncertainty_ml"),
        problem=problem,
    )


def _time(value: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return time if time.tzinfo else None
