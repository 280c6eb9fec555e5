"""What is counted each week: it adds up, it ends after a year, it survives damage, and it names nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from device.process.time import VirtualTimekeeper
from device.store.database import Store
from device.store.salvage import salvage
from device.store.tallies import KEPT_PERIODS, Tally, period_of
from tests.device.store.samples import MOMENT, raw

BUNDLE, OTHER = "b" * 64, "c" * 64


@pytest.mark.parametrize(
    ("day", "week"),
    [((2026, 11, 20), "2026-W47"), ((2026, 11, 22), "2026-W47"), ((2026, 11, 23), "2026-W48"), ((2027, 1, 1), "2026-W53")],
)
def test_a_week_is_that_of_iso_8601(day: tuple[int, int, int], week: str) -> None:
    assert period_of(replace(MOMENT, wall=datetime(*day, 12, tzinfo=UTC))) == week


def test_without_a_date_it_is_the_boot() -> None:
    assert period_of(replace(MOMENT, synchronised=False)) == f"boot-{MOMENT.boot_id}"


def test_counts_add_up_and_stay(open_store: Callable[[], Store]) -> None:
    store = open_store()
    store.tally(BUNDLE, {"body_c": "4", "outcome": "abstained"})
    store.tally(BUNDLE, {"body_c": "4", "outcome": "above_threshold"})
    store.tally(OTHER, {"body_c": "4"})
    store.close()
    assert open_store().tallies(BUNDLE) == [
        Tally("2026-W47", "body_c", "4", 2),
        Tally("2026-W47", "outcome", "abstained", 1),
        Tally("2026-W47", "outcome", "above_threshold", 1),
    ]
    assert open_store().tallies(OTHER) == [Tally("2026-W47", "body_c", "4", 1)]


def test_a_year_of_weeks_is_kept(store: Store, timekeeper: VirtualTimekeeper) -> None:
    for _ in range(KEPT_PERIODS + 7):
        store.tally(BUNDLE, {"body_c": "4"})
        timekeeper.jump(timedelta(weeks=1))
    kept = [tally.period for tally in store.tallies(BUNDLE)]
    assert len(kept) == KEPT_PERIODS
    assert kept == sorted(kept)
    assert kept[-1] == "2028-W01"


def test_the_order_is_that_of_counting_whatever_the_clock_shows(store: Store, timekeeper: VirtualTimekeeper) -> None:
    store.tally(BUNDLE, {"body_c": "4"})
    timekeeper.synchronised = False
    store.tally(BUNDLE, {"body_c": "4"})
    timekeeper.synchronised = True
    timekeeper.jump(timedelta(weeks=3))
    store.tally(BUNDLE, {"body_c": "4"})
    first, second, third = (tally.period for tally in store.tallies(BUNDLE))
    assert (first, second[:5], third) == ("2026-W47", "boot-", "2026-W50")


def test_counts_are_salvaged_from_a_damaged_store(data_dir: Path, open_store: Callable[[], Store]) -> None:
    store = open_store()
    store.tally(BUNDLE, {"body_c": "4"})
    store.tally(BUNDLE, {"body_c": "4"})
    store.close()
    salvage(data_dir / "store" / "store.db", MOMENT, "for a test")
    assert open_store().tallies(BUNDLE) == [Tally("2026-W47", "body_c", "4", 2)]


def test_a_tally_has_no_time_finer_than_the_week_and_no_reference(data_dir: Path, store: Store) -> None:
    store.tally(BUNDLE, {"body_c": "4"})
    with raw(data_dir) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(tallies)")]
        assert columns == ["seq", "period", "bundle", "statistic", "cell", "times"]
        assert connection.execute("SELECT * FROM tallies").fetchall() == [(1, "2026-W47", BUNDLE, "body_c", "4", 1)]
