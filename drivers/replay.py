"""A recorded capture as a thermal camera: the recorded words travel through the real driver again, bit for bit."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.clock import Clock
from drivers.errors import BadRecording
from drivers.mlx90640 import registers
from drivers.mlx90640.calibration import Calibration
from drivers.sim.i2c import SimI2CBus
from drivers.sim.mlx90640 import SimMLX90640


@dataclass(frozen=True, eq=False)
class Recording:
    """The raw half of a record: ``raw`` uint16 [frames, 2, 834], ``eeprom`` uint16 [832]."""

    raw: NDArray[np.uint16]
    eeprom: NDArray[np.uint16]

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read an exported record (``.npz``); raises `BadRecording`."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                recording = cls(arrays["raw"], arrays["eeprom"])
        except FileNotFoundError as error:
            raise BadRecording(f"There is no recording at {path}.") from error
        except KeyError as error:
            raise BadRecording(f"{path} is no exported record: the array {error} is missing.") from error
        except (OSError, EOFError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise BadRecording(f"{path} is no exported record: {error}") from error
        recording.check(path)
        return recording

    def check(self, path: Path) -> None:
        """Raise `BadRecording` unless a sensor could have sent this in the pattern and resolution that it is set to again."""
        if self.raw.dtype != np.uint16 or self.raw.ndim != 3 or self.raw.shape[1:] != (2, 834) or not len(self.raw):
            raise BadRecording(f"{path}: raw should be uint16 [frames, 2, 834], not {self.raw.dtype} {list(self.raw.shape)}.")
        if self.eeprom.dtype != np.uint16 or self.eeprom.shape != (registers.EEPROM_WORDS,):
            raise BadRecording(f"{path}: eeprom should be uint16 [832], not {self.eeprom.dtype} {list(self.eeprom.shape)}.")
        calibration = Calibration.from_eeprom(self.eeprom)
        settings = (registers.CHESS if calibration.chess else 0) | calibration.resolution << 10
        if ((self.raw[:, :, 832] & (registers.CHESS | 0x0C00)) != settings).any():
            raise BadRecording(f"{path} was recorded with another pattern or resolution than the sensor was calibrated in.")


class Replay:
    """Serves the recorded words in order; from the beginning again after the last, or never more."""

    def __init__(self, recording: Recording) -> None:
        self._raw = recording.raw

    def __call__(
        self, number: int, finished_s: float, control: int, subpage: int
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        del finished_s
        words = self._raw[(number - 1) // 2 % len(self._raw), subpage]
        pixels = registers.subpage_pixels(bool(control & registers.CHESS), subpage)
        return words[pixels], words[registers.PIXELS : registers.RAM_WORDS]


def replay_bus(recording: Recording, clock: Clock, *, once: bool) -> SimI2CBus:
    """Return a bus with a sensor that measures what was recorded. ``once``: it falls silent after the last frame."""
    at_most = 2 * len(recording.raw) if once else None
    bus = SimI2CBus(clock)
    bus.attach(registers.DEFAULT_ADDRESS, SimMLX90640(clock, recording.eeprom, Replay(recording), at_most=at_most))
    return bus
