"""The list: what comes first, what is no examination, and what a device may have sent in place of a record."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.local.entries import Entry, Urgency, entry_of, line_of
from cloud_sync.local.portal import Portal
from cloud_sync.local.reader import LARGEST_SHOWN, CloudReader, Held, NotHeld
from cloud_sync.local.readings import UNREAD, State
from cloud_sync.local.remote import LocalRemote
from cloud_sync.local.worklist import PAGE, Query, Worklist
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


def unread(_: str, __: str) -> State:
    return UNREAD


def listed(worklist: Worklist, find: str = "") -> list[int]:
    return [int(entry.id, 16) for entry in worklist.page("home", Query(find=find), unread, None).entries]


def test_urgent_first_then_what_arrived_last_and_no_consents(remote: LocalRemote, worklist: Worklist) -> None:
    worklist.refresh()
    assert listed(worklist) == []
    for number in (1, 2, 3, 4, 6):  # 3 and 6 are urgent
        put(remote, document(number, None), None)
    put(remote, document(5, None, prediction=None, result="not_assessed"), None)
    put(remote, document(7, None, modality="consent", prediction=None, result=None, asymmetry=None), None)
    worklist.refresh()
    assert listed(worklist) == [6, 3, 5, 4, 2, 1]
    put(remote, document(0, None), None)
    worklist.refresh()
    assert listed(worklist) == [0, 6, 3, 5, 4, 2, 1]


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
    assert json.loads(json.dumps(line_of(entry, UNREAD), allow_nan=False))["difference_k"] is None


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
    others: list[dict[str, Any]] = [{"site": "other"}, {"patient": "P-2"}, {"modality": "consent", "result": None}]
    for number, changes in enumerate([{}, {}, *others]):
        put(remote, document(number, None, **{"patient": "P-1", **changes}), None)
    put(remote, document(8, None, patient=None), None)
    worklist.refresh()
    assert [int(other.id, 16) for other in worklist.history("home", "P-1")] == [1, 0]  # the oldest first, and no consent
    assert worklist.entry("home", record_id(8)).patient is None
    assert worklist.history("elsewhere", "P-1") == []


def test_a_history_without_a_clock_is_in_the_order_of_the_boot(remote: LocalRemote, worklist: Worklist) -> None:
    """The urgent record of the second visit arrives before the routine one of the first: it is the later one all the same."""
    boot = {"patient": "P-1", "clock_synchronised": False, "captured_at": "1970-01-01T00:03:00Z"}
    put(remote, document(1, None, patient="P-1", boot_id="before"), None)
    put(remote, document(3, None, **boot, boot_id="one", monotonic_s=900.0), None)
    put(remote, document(2, None, **boot, boot_id="one", monotonic_s=100.0), None)
    put(remote, document(4, None, **boot, boot_id="two", monotonic_s=50.0), None)
    put(remote, document(5, None, **boot, boot_id=None), None)
    worklist.refresh()
    assert [int(other.id, 16) for other in worklist.history("home", "P-1")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("find", "expected"), [("p-2", [2]), ("P-", [2, 1]), (record_id(4), [4]), ("nobody", []), ("-2", []), ("", [4, 2, 1])]
)
def test_a_patient_can_be_found(remote: LocalRemote, worklist: Worklist, find: str, expected: list[int]) -> None:
    for number, patient in ((1, "P-1"), (2, "P-2"), (4, None)):
        put(remote, document(number, None, patient=patient), None)
    worklist.refresh()
    assert listed(worklist, find) == expected


def test_what_is_not_there_is_not_held(remote: LocalRemote, worklist: Worklist, tmp_path: Path) -> None:
    with pytest.raises(NotHeld):
        worklist.entry("home", "none")
    reader = CloudReader(tmp_path / "cloud")
    with pytest.raises(NotHeld):
        reader.read_object("sites/home/records/none/capture.npz")
    with pytest.raises(NotHeld):
        reader.document("sites/home/records/none")
    reader.close()


def test_documents_of_other_collections_are_no_records(remote: LocalRemote, worklist: Worklist) -> None:
    remote.put_document("sites/home/kiosks/kiosk-1", b'{"result": "doctor_will_look"}', 5.0)
    worklist.refresh()
    assert listed(worklist) == []


def test_ten_thousand_records_are_paged_in_milliseconds(tmp_path: Path) -> None:
    """Of the processor's time, whatever else the machine does. Printed; asserted is that no page costs a multiple of 20 ms."""
    remote = LocalRemote(tmp_path / "cloud")
    with remote._transaction("many", 60.0) as database:
        rows = [
            (f"sites/home/records/{record_id(n)}", json.dumps(document(n, None)).encode(), "0", NOON.isoformat())
            for n in range(10_000)
        ]
        database.executemany("INSERT INTO documents (path, content, sha256, received_at) VALUES (?, ?, ?, ?)", rows)
    remote.close()
    portal = Portal(tmp_path / "cloud", [], time.monotonic)
    doctor = portal.accounts.find("doctor")
    assert doctor is not None
    began = time.thread_time()
    assert portal.counts(doctor)["total"] == 10_000
    reading_s = time.thread_time() - began
    queries = {
        "all": Query(),
        "routine": Query(urgency="routine"),
        "one patient": Query(find="P-7K2M-0003"),
        "one record": Query(find=record_id(4321)),
        "nothing": Query(find="nobody"),
        "to do": Query(reading="to_do"),
    }
    slowest = {}
    for name, query in queries.items():
        after, times, found = None, [], 0
        for _ in range(30):
            began = time.thread_time()
            page = portal.worklist(doctor, query, after)
            json.dumps(page)
            times.append((time.thread_time() - began) * 1000)
            found += len(page["items"])
            after = page["next"]
            if after is None:
                break
        slowest[name] = max(times)
        assert found == min(3000, {"routine": 6666, "one patient": 2500, "one record": 1, "nothing": 0}.get(name, 10_000))
    portal.close()
    print(f"read once: {reading_s * 1000:.0f} ms; slowest page, ms:", {name: round(ms, 1) for name, ms in slowest.items()})
    assert max(slowest.values()) < 200.0


def test_a_page_ends_where_the_next_begins(remote: LocalRemote, worklist: Worklist) -> None:
    for number in range(1, 2 * PAGE + 1):
        put(remote, document(3 * number, None), None)
    worklist.refresh()
    first = worklist.page("home", Query(), unread, None)
    second = worklist.page("home", Query(), unread, first.next)
    assert (len(first.entries), len(second.entries), second.next) == (PAGE, PAGE, None)
    assert not {entry.id for entry in first.entries} & {entry.id for entry in second.entries}
