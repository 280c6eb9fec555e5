"""The list: what comes first, what is no examination, and what a device may have sent in place of a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.local import views
from cloud_sync.local.entries import Entry, Urgency, entry_of
from cloud_sync.local.reader import LARGEST_SHOWN, CloudReader, Held, NotHeld
from cloud_sync.local.remote import LocalRemote
from cloud_sync.local.worklist import Worklist
from tests.cloud_sync.samples import NOON, document, put, record_id


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[LocalRemote]:
    remote = LocalRemote(tmp_path / "cloud")
    yield remote
    remote.close()


@pytest.fixture
def worklist(tmp_path: Path) -> Iterator[Worklist]:
    reader = CloudReader(tmp_path / "cloud")
    yield Worklist(reader)
    reader.close()


def held(content: bytes, received_at: str = NOON.isoformat(), seq: int = 1) -> Held:
    size = len(content)
    return Held(
        seq, f"sites/home/records/{record_id(seq)}", content if size <= LARGEST_SHOWN else None, size, "0" * 64, received_at
    )


def read(record: dict[str, Any] | list[Any] | str, received_at: str = NOON.isoformat()) -> Entry:
    entry = entry_of(held(json.dumps(record).encode(), received_at))
    assert entry is not None
    return entry


def test_urgent_first_then_the_newest_and_no_consents(remote: LocalRemote, worklist: Worklist) -> None:
    worklist.refresh()
    assert worklist.examinations() == []
    for number in (1, 2, 3, 4, 6):  # 3 and 6 are urgent; a higher number is older
        put(remote, document(number, None), None)
    put(remote, document(5, None, prediction=None, result="not_assessed"), None)
    put(remote, document(7, None, modality="consent", prediction=None, result=None, asymmetry=None), None)
    worklist.refresh()
    assert [int(entry.id, 16) for entry in worklist.examinations()] == [3, 6, 5, 1, 2, 4]
    put(remote, document(0, None), None)
    worklist.refresh()
    assert [int(entry.id, 16) for entry in worklist.examinations()] == [0, 3, 6, 5, 1, 2, 4]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Urgency.ROUTINE),
        ({"result": "doctor_will_look"}, Urgency.LOOK_FIRST),
        ({"prediction": {"outcome": "above_threshold"}}, Urgency.LOOK_FIRST),
        ({"prediction": {"outcome": "abstained"}, "result": "doctor_will_look"}, Urgency.LOOK_FIRST),
        ({"prediction": {"outcome": "abstained"}, "result": "not_assessed"}, Urgency.NOT_ASSESSED),
        ({"prediction": {"outcome": "out_of_domain"}}, Urgency.NOT_ASSESSED),
        ({"prediction": None}, Urgency.NOT_ASSESSED),
        ({"result": "a new word"}, Urgency.NOT_ASSESSED),
    ],
)
def test_only_what_was_assessed_is_routine(changes: dict[str, Any], expected: Urgency) -> None:
    assert read(document(1, None, **changes)).urgency is expected


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 50_000, "no JSON"),
        (b"[1]", "no record"),
        (b"x" * 70_000, "70000 bytes"),
    ],
)
def test_what_cannot_be_read_is_a_line_of_its_own_that_asks_for_a_look(content: bytes, match: str) -> None:
    entry = entry_of(held(content))
    assert entry is not None
    assert entry.problem is not None
    assert match in entry.problem
    assert (entry.urgency, entry.is_examination, entry.at) == (Urgency.NOT_ASSESSED, True, NOON)


def test_values_of_another_kind_are_no_values() -> None:
    odd = document(1, None, patient=7, asymmetry={"difference_k": "much", "uncertainty_k": True}, prediction=[1], captured_at=3)
    entry = read(odd | {"clock_synchronised": "yes", "kiosk": ["a"], "quality": "good"})
    assert (entry.patient, entry.difference_k, entry.uncertainty_k, entry.outcome, entry.kiosk) == (
        None,
        None,
        None,
        None,
        None,
    )
    assert not entry.clock_synchronised
    shown = views.record(held(json.dumps(odd).encode()), entry, [entry], {})
    assert shown["prediction"] is None
    assert json.loads(json.dumps(shown, allow_nan=False))["parts"] == []


def test_numbers_that_json_does_not_know_are_no_numbers() -> None:
    content = json.dumps(document(1, None, asymmetry={"difference_k": float("nan"), "uncertainty_k": float("inf")})).encode()
    entry = entry_of(held(content))
    assert entry is not None
    assert (entry.difference_k, entry.uncertainty_k) == (None, None)


def test_long_texts_are_cut() -> None:
    assert len(read(document(1, None, patient="P" * 5000)).patient or "") == 300


def test_a_clock_that_was_never_set_orders_nothing() -> None:
    assert read(document(1, None)).at == NOON - timedelta(days=1, minutes=7)
    assert read(document(1, None, clock_synchronised=False)).at == NOON
    assert read(document(1, None, captured_at="2036-11-20T12:00:00Z")).at == NOON
    assert read(document(1, None, captured_at="yesterday")).at == NOON
    assert read(document(1, None, captured_at="2026-11-20T12:00:00")).at == NOON  # no time zone


def test_a_history_is_of_one_patient_at_one_site(remote: LocalRemote, worklist: Worklist) -> None:
    for number, changes in enumerate([{}, {}, {"site": "other"}, {"patient": "P-2"}, {"modality": "consent"}]):
        put(remote, document(number, None, **{"patient": "P-1", **changes}), None)
    put(remote, document(8, None, patient=None), None)
    worklist.refresh()
    entry = worklist.entry(f"sites/home/records/{record_id(0)}")
    assert [int(other.id, 16) for other in worklist.history(entry)] == [4, 1, 0]  # the oldest first
    nobody = worklist.entry(f"sites/home/records/{record_id(8)}")
    assert worklist.history(nobody) == [nobody]


def test_a_history_without_a_clock_is_in_the_order_of_the_boot(remote: LocalRemote, worklist: Worklist) -> None:
    """The urgent record of the second visit arrives before the routine one of the first: it is the later one all the same."""
    boot = {"patient": "P-1", "clock_synchronised": False, "captured_at": "1970-01-01T00:03:00Z"}
    put(remote, document(1, None, patient="P-1", boot_id="before"), None)
    put(remote, document(3, None, **boot, boot_id="one", monotonic_s=900.0), None)
    put(remote, document(2, None, **boot, boot_id="one", monotonic_s=100.0), None)
    put(remote, document(4, None, **boot, boot_id="two", monotonic_s=50.0), None)
    put(remote, document(5, None, **boot, boot_id=None), None)
    worklist.refresh()
    entry = worklist.entry(f"sites/home/records/{record_id(2)}")
    assert [int(other.id, 16) for other in worklist.history(entry)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("find", "expected"), [("p-2", [2]), ("P-", [1, 2]), (record_id(4), [4]), ("nobody", []), ("", [1, 2, 4])]
)
def test_a_patient_can_be_found(remote: LocalRemote, worklist: Worklist, find: str, expected: list[int]) -> None:
    for number, patient in ((1, "P-1"), (2, "P-2"), (4, None)):
        put(remote, document(number, None, patient=patient), None)
    worklist.refresh()
    assert [int(entry.id, 16) for entry in worklist.examinations(find)] == expected


def test_what_is_not_there_is_not_held(remote: LocalRemote, worklist: Worklist, tmp_path: Path) -> None:
    with pytest.raises(NotHeld):
        worklist.entry("sites/home/records/none")
    reader = CloudReader(tmp_path / "cloud")
    with pytest.raises(NotHeld):
        reader.read_object("sites/home/records/none/capture.npz")
    with pytest.raises(NotHeld):
        reader.document("sites/home/records/none")
    reader.close()


def test_documents_of_other_collections_are_no_records(remote: LocalRemote, worklist: Worklist) -> None:
    remote.put_document("sites/home/kiosks/kiosk-1", b'{"result": "doctor_will_look"}', 5.0)
    worklist.refresh()
    assert worklist.examinations() == []
