from __future__ import annotations

import argon2
import pytest

from device.process.moment import Moment
from device.process.time import VirtualTimekeeper
from device.visit import pin

TIME = VirtualTimekeeper(1000.0)


def moment(at_s: float, boot: str = "a") -> Moment:
    return Moment(boot, at_s, TIME.now().wall, synchronised=False)


def test_the_right_pin_matches_and_no_other() -> None:
    kept = pin.hash_pin("271828")
    assert pin.pin_matches("271828", kept)
    assert not any(pin.pin_matches(wrong, kept) for wrong in ("271829", "27182", "2718281", "", "abc"))


def test_an_independent_implementation_agrees() -> None:
    assert argon2.PasswordHasher().verify(pin.hash_pin("1234"), "1234")
    assert pin.pin_matches("1234", argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash("1234"))


def test_equal_pins_are_kept_differently() -> None:
    assert pin.hash_pin("1234") != pin.hash_pin("1234")
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in pin.hash_pin("1234")


@pytest.mark.parametrize("kept", ["", "garbage", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
def test_a_damaged_hash_matches_nothing(kept: str) -> None:
    assert not pin.pin_matches("1234", kept)


@pytest.mark.parametrize("chosen", ["", "123", "123456789", "12a4", "１２３４", " 1234", "-123"])
def test_what_is_no_pin_cannot_be_chosen(chosen: str) -> None:
    assert not pin.acceptable(chosen)
    with pytest.raises(ValueError, match="4 to 8 digits"):
        pin.hash_pin(chosen)


def test_the_pause_grows_from_the_fifth_wrong_pin_to_an_hour() -> None:
    assert [pin.pause_s(failures) for failures in range(8)] == [0, 0, 0, 0, 0, 30, 60, 120]
    assert pin.pause_s(12) == pin.pause_s(10_000) == 3600


def test_the_pause_runs_down_on_the_monotonic_clock() -> None:
    failed = moment(500.0)
    assert [pin.remaining_s(5, failed, moment(at_s)) for at_s in (500.0, 510.0, 530.0, 9999.0)] == [30, 20, 0, 0]
    assert pin.remaining_s(4, failed, moment(500.0)) == 0


def test_a_reboot_shortens_nothing() -> None:
    failed = moment(500.0)
    assert pin.remaining_s(5, failed, moment(0.0, "b")) == 30
    assert pin.remaining_s(5, failed, moment(20.0, "b")) == 10
    assert pin.remaining_s(5, failed, moment(31.0, "b")) == 0


def test_without_a_moment_the_whole_pause_is_left() -> None:
    assert pin.remaining_s(5, None, moment(500.0)) == 30
