"""From raw words to temperatures: our arithmetic against Adafruit's, on words that came over the same simulated bus."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from drivers.adapters.adafruit import AdafruitCamera
from drivers.adapters.warning import KnownDefects
from drivers.clock import VirtualClock
from drivers.errors import DriverNotInstalled
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration
from drivers.mlx90640.camera import OPEN_AIR_K, Mlx90640Camera
from drivers.mlx90640.temperature import Thermometer
from drivers.protocols import ThermalFrame
from drivers.sim.body import Torso
from drivers.sim.world import World
from tools.bench.figure import Figure
from tools.bench.timing import interleaved

AT_LEAST = 20
EMISSIVITY = 0.98


def measure() -> Iterator[Figure]:
    """Yield the time for one frame, and how far the two drivers are apart on the same words."""
    clock = VirtualClock()
    world = World(clock)
    world.body = Torso()
    frame = Mlx90640Camera(world.i2c, clock, emissivity=EMISSIVITY).capture(5.0)
    ours = _our_call(frame, world.sensor.eeprom)
    what = "temperature computation, one frame"
    try:
        theirs = _their_call(frame, world, clock)
    except DriverNotInstalled as error:
        mine = 1e6 * interleaved(ours, lambda: None, 100)[0]
        yield Figure(what, mine, "µs", f"≥ {AT_LEAST} × faster", met=False, detail=f"no peer: {error}")
        return
    mine, adafruit = (1e6 * seconds for seconds in interleaved(ours, theirs, 20))
    yield Figure(what, mine, "µs", f"≥ {AT_LEAST} × faster", adafruit / mine >= AT_LEAST, "Adafruit", adafruit)
    yield from _whole_frames()


def _our_call(frame: ThermalFrame, eeprom: object) -> Callable[[], object]:
    thermometer = Thermometer(Calibration.from_eeprom(np.asarray(eeprom, dtype=np.uint16)))
    subpages = [(words[: registers.RAM_WORDS].view(np.int16), int(words[registers.RAM_WORDS])) for words in frame.raw]

    def call() -> None:
        for number, (words, control) in enumerate(subpages):
            found = thermometer.surroundings(words, control)
            thermometer.object_c(words, control, number, found, EMISSIVITY, found.ambient_c - OPEN_AIR_K)

    return call


def _their_call(frame: ThermalFrame, world: World, clock: VirtualClock) -> Callable[[], object]:
    """The same two steps of Adafruit's driver: Ta, then To, for both subpages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KnownDefects)
        camera = AdafruitCamera(world.i2c, clock, emissivity=EMISSIVITY)
    driver = camera._driver
    result = [math.nan] * registers.PIXELS
    subpages = [[*words[: registers.RAM_WORDS + 1].tolist(), number] for number, words in enumerate(frame.raw)]

    def call() -> None:
        for words in subpages:
            driver._CalculateTo(words, EMISSIVITY, driver._GetTa(words) - OPEN_AIR_K, result)

    return call


def _whole_frames() -> Iterator[Figure]:
    """CPU time of a frame from the bus to °C, the simulated chip included (it is the same for both)."""
    seconds = {}
    for name, make in (("ours", Mlx90640Camera), ("Adafruit", AdafruitCamera)):
        clock = VirtualClock()
        world = World(clock)
        world.body = Torso()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", KnownDefects)
            camera = make(world.i2c, clock, emissivity=EMISSIVITY)
        camera.capture(5.0)
        start = time.process_time()
        for _ in range(20):
            camera.capture(5.0)
        seconds[name] = (time.process_time() - start) / 20
    ours, theirs = 1000 * seconds["ours"], 1000 * seconds["Adafruit"]
    yield Figure("a frame off the simulated bus, CPU", ours, "ms", "less than the peer", ours < theirs, "Adafruit", theirs)
