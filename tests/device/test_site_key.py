"""A site key that is not the one that the cards were registered under is noticed, and nobody is registered twice unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.kiosk.assembly import KEY_ALARM, build
from device.kiosk.site_key import same_site_key
from device.process.config import Config
from device.process.time import VirtualTimekeeper
from device.screen.scripted import ScriptedScreen
from device.store.keys import SITE_KEY, key_path
from drivers.sim.world import World


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path


def test_the_first_key_is_noted_and_another_one_noticed(data_dir: Path) -> None:
    assert same_site_key(data_dir, b"a" * 32)
    assert same_site_key(data_dir, b"a" * 32)
    assert not same_site_key(data_dir, b"b" * 32)
    assert same_site_key(data_dir, b"a" * 32), "the note is never replaced"


def test_the_note_gives_the_key_away_to_nobody(data_dir: Path) -> None:
    same_site_key(data_dir, b"a" * 32)
    note = data_dir / "store" / "site.check"
    assert (b"a" * 32).hex().encode() not in note.read_bytes()
    assert oct(note.stat().st_mode & 0o777) == "0o600"


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="store"):
        same_site_key(tmp_path, b"a" * 32)


def alarms(data_dir: Path) -> list[str]:
    """Start the kiosk on ``data_dir``, and return the kinds of its alarms."""
    time = VirtualTimekeeper()
    kiosk = build(Config().simulated(), data_dir, time, ScriptedScreen(), world=World(time))
    try:
        return [alarm.kind for alarm in kiosk.archive.alarms()]
    finally:
        kiosk.close()


def test_a_kiosk_with_another_key_raises_an_alarm_until_the_old_one_is_back(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    assert alarms(data_dir) == []
    key = key_path(data_dir, SITE_KEY)
    old = key.read_bytes()
    key.unlink()
    assert alarms(data_dir) == [KEY_ALARM]
    assert alarms(data_dir) == [KEY_ALARM]
    key.write_bytes(old)
    assert alarms(data_dir) == []
