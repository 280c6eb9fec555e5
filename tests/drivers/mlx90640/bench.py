"""What the tests of the thermal camera share: a world on a virtual clock, and a sensor whose words tell their own number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.clock import VirtualClock
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.protocols import ThermalFrame
from drivers.sim.eeprom import make_eeprom
from drivers.sim.faults import Faults
from drivers.sim.i2c import SimI2CBus
from drivers.sim.mlx90640 import SimMLX90640
from drivers.sim.radiometry import View, render
from drivers.sim.world import World

GOLDEN = Path(__file__).parents[3] / ".." / "shared" / "data" / "mlx90640" / "mlx90640_golden.npz"


def golden() -> dict[str, NDArray[Any]]:
    if not GOLDEN.exists():
        pytest.skip("the golden vectors (shared/data/mlx90640) are not beside this checkout")
    with np.load(GOLDEN) as arrays:
        return dict(arrays)


def open_world(**options: Any) -> tuple[World, Mlx90640Camera, VirtualClock]:
    """``options`` are those of `World`."""
    clock = VirtualClock()
    world = World(clock, **options)
    return world, Mlx90640Camera(world.i2c, clock), clock


def frames(camera: Mlx90640Camera, clock: VirtualClock, count: int, every_s: float = 0.005) -> Iterator[ThermalFrame]:
    """Poll as a kiosk does, until ``count`` frames have come."""
    while count:
        frame = camera.poll()
        if frame is not None:
            count -= 1
            yield frame
        clock.sleep(every_s)


RESTART = 100


class NumberedSensor:
    """A sensor whose pixels' words are raised by the number of the measurement, so that a frame tells what it is made of."""

    def __init__(self, clock: VirtualClock, hz: int = 400_000) -> None:
        eeprom = make_eeprom()
        control = registers.CONTROL_AT_POWER_UP
        view = View(np.full((24, 32), 22.0), 1.0, 22.0, 30.0)
        scene = render(Calibration.from_eeprom(eeprom), view, control)
        self._counts = np.rint(scene.counts)
        self.auxiliary = scene.auxiliary
        self._last = self._restarts = 0
        self.began_s: dict[int, float] = {}
        self.faults = Faults()
        self.bus = SimI2CBus(clock, hz, self.faults)
        self.chip = SimMLX90640(clock, eeprom, self._measure, self.faults)
        self.bus.attach(registers.DEFAULT_ADDRESS, self.chip)

    def _measure(
        self, number: int, finished_s: float, control: int, subpage: int
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        if number <= self._last:  # opened again; a real sensor's words would not come back either
            self._restarts += 1
        self._last = number
        number += RESTART * self._restarts
        self.began_s[number] = finished_s - 1 / registers.refresh_hz(control)
        words = self._counts[registers.subpage_pixels(True, subpage)] + number
        return words.astype(np.int16).view(np.uint16), self.auxiliary

    def number_at(self, pixel: int, word: int) -> int:
        """Which measurement a pixel's word is of."""
        return int(np.uint16(word).view(np.int16) - self._counts[pixel])

    def numbers(self, frame: ThermalFrame) -> tuple[int, int]:
        """Which measurements the two halves of ``frame`` are; fails where one is a mixture."""
        found = []
        for subpage in (0, 1):
            pixels = registers.subpage_pixels(True, subpage)
            above = frame.raw[subpage][pixels].view(np.int16) - self._counts[pixels]
            assert (above == above[0]).all(), "one subpage holds words of two measurements"
            found.append(int(above[0]))
        return found[0], found[1]
