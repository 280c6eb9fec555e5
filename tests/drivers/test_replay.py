"""A record, played again through the driver."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.errors import BadDeviceURL, BadRecording, DeadlineExceeded
from drivers.open import open_thermal_camera
from drivers.protocols import ThermalFrame
from drivers.sim.body import Torso
from drivers.sim.eeprom import make_eeprom
from tests.drivers.mlx90640.bench import frames, open_world


def record(path: Path, count: int) -> list[ThermalFrame]:
    world, camera, clock = open_world(eeprom=make_eeprom(outliers=(40,)))
    world.body = Torso()
    got = list(frames(camera, clock, count))
    np.savez(path, raw=np.stack([frame.raw for frame in got]), eeprom=camera.eeprom, celsius=np.zeros((24, 32)))
    return got


def test_bit_for_bit(tmp_path: Path) -> None:
    recorded = record(tmp_path / "record.npz", 5)
    clock = VirtualClock()
    camera = open_thermal_camera(f"replay:{tmp_path / 'record.npz'}?once=yes", clock)
    played: list[ThermalFrame] = []
    while len(played) < len(recorded):
        if (frame := camera.poll()) is not None:
            played.append(frame)
        clock.sleep(0.01)
    with pytest.raises(DeadlineExceeded):  # once, and no more
        camera.capture(5.0)
    for one, other in zip(recorded, played, strict=True):
        assert (one.celsius == other.celsius).all()
        assert (one.raw[:, :833] == other.raw[:, :833]).all()
        assert (one.bad == other.bad).all()
        assert (one.ambient_c, one.supply_v) == (other.ambient_c, other.supply_v)


def test_begins_again_after_the_last_frame(tmp_path: Path) -> None:
    recorded = record(tmp_path / "record.npz", 3)
    clock = VirtualClock()
    camera = open_thermal_camera(f"replay:{tmp_path / 'record.npz'}", clock)
    played: list[NDArray[np.float32]] = []
    while len(played) < 7:
        if (frame := camera.poll()) is not None:
            played.append(frame.celsius)
        clock.sleep(0.01)
    assert all((celsius == recorded[index % 3].celsius).all() for index, celsius in enumerate(played))


def test_recordings_that_are_none(tmp_path: Path) -> None:
    raw, eeprom = np.zeros((2, 2, 834), dtype=np.uint16), make_eeprom()
    good = raw.copy()
    good[:, :, 832] = 0x1901
    np.savez(tmp_path / "no_eeprom.npz", raw=good)
    np.savez(tmp_path / "shape.npz", raw=good[0], eeprom=eeprom)
    np.savez(tmp_path / "empty.npz", raw=good[:0], eeprom=eeprom)
    np.savez(tmp_path / "type.npz", raw=good.astype(float), eeprom=eeprom)
    np.savez(tmp_path / "short.npz", raw=good, eeprom=eeprom[:100])
    np.savez(tmp_path / "pattern.npz", raw=raw, eeprom=eeprom)
    np.save(tmp_path / "array.npz", good)
    (tmp_path / "text.npz").write_text("nothing")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "short.npz").read_bytes()[:500])
    cases = {
        "no_eeprom": "eeprom.*is missing",
        "shape": "raw should be",
        "empty": "raw should be",
        "type": "raw should be",
        "short": "eeprom should be",
        "pattern": "another pattern",
        "text": "no exported record",
        "cut": "no exported record",
        "missing": "no recording",
    }
    for name, says in cases.items():
        with pytest.raises(BadRecording, match=says):
            open_thermal_camera(f"replay:{tmp_path / name}.npz", VirtualClock())


def test_bad_option(tmp_path: Path) -> None:
    with pytest.raises(BadDeviceURL, match="no or yes"):
        open_thermal_camera("replay:x.npz?once=maybe", VirtualClock())
