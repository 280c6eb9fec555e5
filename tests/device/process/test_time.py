"""Time that is never guessed, and a virtual clock whose wall can lie."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from device.process import synchronised, time
from device.process.moment import Moment, moment_from_json, moment_to_json, wall_text
from device.process.release import BUILT
from device.process.time import SystemTimekeeper, VirtualTimekeeper, boot_id

WALL = datetime(2026, 11, 20, 9, 30, 12, 123456, UTC)


def test_the_boot_id_is_the_kernels() -> None:
    assert boot_id() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_without_a_boot_id_each_process_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time, "BOOT_ID_FILE", tmp_path / "none")
    boot_id.cache_clear()
    try:
        assert uuid.UUID(boot_id()) != uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        assert boot_id() == boot_id()
    finally:
        boot_id.cache_clear()


def test_the_system_timekeeper_does_not_go_backwards() -> None:
    timekeeper = SystemTimekeeper()
    before = timekeeper.now()
    timekeeper.sleep(0.001)
    timekeeper.sleep(-1.0)
    after = timekeeper.now()
    assert after.monotonic_s - before.monotonic_s >= 0.001
    assert after.boot_id == before.boot_id
    assert after.wall.tzinfo is UTC


def test_timesyncds_file_means_synchronised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(synchronised, "TIMESYNCD_FILE", tmp_path / "synchronized")
    monkeypatch.setattr(synchronised, "PROCESS_STATUS", tmp_path / "unreadable")  # so the kernel is not asked
    assert not synchronised.system_clock_synchronised()
    (tmp_path / "synchronized").touch()
    assert synchronised.system_clock_synchronised()


@pytest.mark.parametrize(("state", "expected"), [(0, True), (5, False), (-1, False)], ids=["set", "TIME_ERROR", "forbidden"])
def test_the_kernels_answer_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: int, expected: bool) -> None:
    class Libc:
        def __init__(self, name: None, use_errno: bool) -> None:
            pass

        def adjtimex(self, buffer: object) -> int:
            return state

    status = tmp_path / "status"
    status.write_text("Name:\tkiosk\nSeccomp:\t0\nSeccomp_filters:\t0\n")
    monkeypatch.setattr(synchronised, "TIMESYNCD_FILE", tmp_path / "none")
    monkeypatch.setattr(synchronised, "PROCESS_STATUS", status)
    monkeypatch.setattr("ctypes.CDLL", Libc)
    assert synchronised.system_clock_synchronised() is expected


def test_inside_a_system_call_filter_the_kernel_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def killed(*arguments: object, **options: object) -> None:
        raise AssertionError("a system call filter would have killed this process")

    status = tmp_path / "status"
    status.write_text("Seccomp:\t2\nSeccomp_filters:\t3\n")
    monkeypatch.setattr(synchronised, "TIMESYNCD_FILE", tmp_path / "none")
    monkeypatch.setattr(synchronised, "PROCESS_STATUS", status)
    monkeypatch.setattr("ctypes.CDLL", killed)
    assert not synchronised.system_clock_synchronised()


def test_adjtimex_really_answers_here() -> None:
    assert isinstance(synchronised.system_clock_synchronised(), bool)


def test_a_clock_before_the_release_is_never_synchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "system_clock_synchronised", lambda: True)
    assert SystemTimekeeper().now().synchronised
    monkeypatch.setattr(time, "BUILT", datetime(2999, 1, 1, tzinfo=UTC))
    assert not SystemTimekeeper().now().synchronised
    assert not VirtualTimekeeper(wall=datetime(1970, 1, 1, tzinfo=UTC)).now().synchronised


def test_virtual_time_moves_when_somebody_sleeps() -> None:
    timekeeper = VirtualTimekeeper(5.0, wall=WALL)
    timekeeper.sleep(16.0)
    timekeeper.sleep(-3.0)
    now = timekeeper.now()
    assert (timekeeper.monotonic(), now.monotonic_s, now.wall) == (21.0, 21.0, WALL + timedelta(seconds=16))


def test_a_jump_of_the_wall_clock_leaves_monotonic_time_alone() -> None:
    timekeeper = VirtualTimekeeper(5.0, wall=WALL)
    before = timekeeper.now()
    timekeeper.jump(timedelta(days=-3650))
    after = timekeeper.now()
    assert after.seconds_since(before) == 0.0
    assert after.wall == WALL - timedelta(days=3650)
    timekeeper.sleep(1.0)
    timekeeper.set_wall(WALL)
    assert timekeeper.now().wall == WALL
    assert timekeeper.monotonic() == 6.0


def test_whether_it_is_synchronised_can_be_set() -> None:
    timekeeper = VirtualTimekeeper(synchronised=False)
    assert not timekeeper.now().synchronised
    timekeeper.synchronised = True
    assert timekeeper.now().synchronised


def test_after_a_reboot_nobody_knows_how_long_it_took() -> None:
    timekeeper = VirtualTimekeeper(100.0, wall=WALL)
    before = timekeeper.now()
    timekeeper.reboot(start_s=2.0)
    after = timekeeper.now()
    assert after.boot_id != before.boot_id
    assert (after.monotonic_s, after.wall) == (2.0, WALL)
    assert after.seconds_since(before) is None


def test_wall_time_as_text_is_utc_to_the_millisecond() -> None:
    assert wall_text(WALL) == "2026-11-20T09:30:12.123Z"
    assert wall_text(WALL.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2026-11-20T09:30:12.123Z"
    with pytest.raises(ValueError, match="has no time zone; pass an aware datetime"):
        wall_text(WALL.replace(tzinfo=None))


def test_a_moment_survives_json() -> None:
    moment = Moment("boot", 1234.5, WALL.replace(microsecond=123000), False)
    document = moment_to_json(moment)
    assert document == {
        "captured_at": "2026-11-20T09:30:12.123Z",
        "clock_synchronised": False,
        "boot_id": "boot",
        "monotonic_s": 1234.5,
    }
    assert moment_from_json({**document, "id": "more"}) == moment


@pytest.mark.parametrize("change", [{"monotonic_s": "soon"}, {"captured_at": "yesterday"}, {"captured_at": 5}])
def test_what_is_no_moment_is_refused(change: dict[str, object]) -> None:
    document = {**moment_to_json(VirtualTimekeeper().now()), **change}
    with pytest.raises(ValueError, match="no moment"):
        moment_from_json(document)
    with pytest.raises(ValueError, match="'boot_id'"):
        moment_from_json({})


def test_the_release_is_not_in_the_future() -> None:
    assert datetime.now(UTC) >= BUILT
