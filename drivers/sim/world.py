"""One simulated kiosk: its wires, the chips on them, and what is around it."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration
from drivers.mlx90640.optics import WIDE
from drivers.protocols import Optics
from drivers.sim.body import Body, EmptyRoom
from drivers.sim.cards import SimCard, card_from_uid
from drivers.sim.eeprom import make_eeprom
from drivers.sim.faults import Faults
from drivers.sim.i2c import SimI2CBus
from drivers.sim.mfrc522 import SimMFRC522
from drivers.sim.mlx90640 import SimMLX90640
from drivers.sim.radiometry import NoiseFree, View, measure, render
from drivers.sim.spi import SimSPIBus

if TYPE_CHECKING:
    from drivers.sim.indicator import SimIndicator
    from drivers.sim.photo import SimPhotoCamera

SELF_HEATING_K = 8.0
WARM_UP_S = 60.0
"""Time constant: after four minutes (datasheet section 5) 0.15 K are left."""
_WARM_AFTER = 12
_ROOM = EmptyRoom()


class World:
    """Everything simulated around one kiosk, with time from one clock.

    ``body`` and ``ambient_c`` may be assigned, ``tap`` and ``pull`` called and ``faults`` switched from any thread; the buses
    belong to the thread of the drivers.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int = 1,
        optics: Optics = WIDE,
        eeprom: NDArray[np.uint16] | None = None,
        i2c_hz: int = 400_000,
        warm: bool = True,
    ) -> None:
        """``warm``: the sensor has been switched on for long; otherwise it is switched on now."""
        self.body: Body | None = None
        self.ambient_c = 22.0
        self.supply_v = 3.3
        self.optics = optics
        self.clock = clock
        self.reader = SimMFRC522(clock)
        self.faults = Faults(reader=self.reader.faults)
        self.spi = SimSPIBus(self.reader, clock)
        self.i2c = SimI2CBus(clock, i2c_hz, self.faults)
        self.sensor = SimMLX90640(clock, make_eeprom(seed) if eeprom is None else eeprom, self._measure, self.faults)
        self.i2c.attach(registers.DEFAULT_ADDRESS, self.sensor)
        self._powered_s = clock.monotonic() - (1e6 if warm else 0.0)
        self._rng = np.random.default_rng(seed)
        self._calibration = Calibration.from_eeprom(self.sensor.eeprom)
        self._broken = self.sensor.eeprom[-registers.PIXELS :] == 0
        """[768]: pixels that the factory gave up, which may send anything."""
        self._rendered: tuple[tuple[object, ...], NoiseFree] | None = None

    @cached_property
    def lamp(self) -> SimIndicator:
        """What the patient sees and hears beside the screen."""
        from drivers.sim.indicator import SimIndicator

        return SimIndicator(self.clock)

    @cached_property
    def photo(self) -> SimPhotoCamera:
        """The visible-light camera."""
        from drivers.sim.photo import SimPhotoCamera

        return SimPhotoCamera(self.clock)

    def connect_reader(self) -> SimSPIBus:
        """Return a new bus to the reader, which also becomes `spi`: closing a reader closes its bus for good."""
        self.spi = SimSPIBus(self.reader, self.clock)
        return self.spi

    def tap(self, card: SimCard | str) -> None:
        """Lay a card on the reader, beside those that lie there; a string is a UID in hexadecimal digits."""
        self.reader.cards = (*self.reader.cards, card_from_uid(card) if isinstance(card, str) else card)

    def pull(self) -> None:
        """Take all cards away."""
        self.reader.cards = ()

    def die_c(self, at_s: float) -> float:
        """The temperature of the sensor's chip: the room's, and 8 K more once it is warm."""
        warm_up = (at_s - self._powered_s) / WARM_UP_S
        return self.ambient_c + SELF_HEATING_K * (1.0 if warm_up > _WARM_AFTER else 1 - math.exp(-max(0.0, warm_up)))

    def _measure(
        self, number: int, finished_s: float, control: int, subpage: int
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        del number
        scene = self._scene(finished_s, control)
        pixels = registers.subpage_pixels(bool(control & registers.CHESS), subpage)
        noise_k = self.optics.netd_1hz_k * math.sqrt(registers.refresh_hz(control))
        words = measure(scene, pixels, noise_k, self._rng)
        broken = self._broken[pixels]
        words[broken] = self._rng.integers(0, 0x10000, np.count_nonzero(broken))
        return words, scene.auxiliary

    def _scene(self, at_s: float, control: int) -> NoiseFree:
        """The noise-free words now; computed anew only where something changed."""
        body, room_c, die_c = self.body or _ROOM, self.ambient_c, self.die_c(at_s)
        key = (body, room_c, die_c, self.supply_v, control, at_s if body.moves else None)
        if self._rendered is None or self._rendered[0] != key:
            view = View(body.celsius_at(at_s, room_c), body.emissivity, room_c, die_c, self.supply_v)
            self._rendered = key, render(self._calibration, view, control)
        return self._rendered[1]
