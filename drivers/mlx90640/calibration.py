"""What the factory measured of one sensor, unpacked from its EEPROM (datasheet rev. 12, section 11.1).

Word numbers count from 0x2400. Nothing is re-quantised: Melexis's C library rounds sensitivities and coefficients to
16 and 8 bits to save memory, which costs it up to 0.001 K.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drivers.mlx90640.registers import PIXELS
from drivers.protocols import COLUMNS, ROWS

Floats = NDArray[np.float64]
Words = NDArray[np.int64]
IntOrWords = TypeVar("IntOrWords", int, Words)

_PIXEL_WORDS = slice(64, 64 + PIXELS)
_row = np.repeat(np.arange(ROWS), COLUMNS)
_column = np.tile(np.arange(COLUMNS), ROWS)
_parity = 2 * (_row & 1) + (_column & 1)
"""Which of the four averages of kta and kv a pixel uses: odd/odd, odd/even, even/odd, even/even row/column, counted from 1."""


@dataclass(frozen=True, eq=False)
class CompensationPixel:
    """The two pixels that see only the housing, one for each subpage (11.1.13 to 11.1.17)."""

    alpha: tuple[float, float]
    offset: tuple[float, float]
    kta: float
    kv: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """One sensor's constants. Arrays have one value for each of the 768 pixels, row by row."""

    k_vdd: float
    vdd_25: float
    kv_ptat: float
    kt_ptat: float
    v_ptat_25: float
    alpha_ptat: float
    gain: float
    tgc: float
    resolution: int
    ks_ta: float
    corner_c: tuple[float, float, float, float]
    """Where each of the four temperature ranges begins, °C."""
    ks_to: tuple[float, float, float, float]
    range_gain: tuple[float, float, float, float]
    compensation: CompensationPixel
    interleave: tuple[float, float, float]
    """IL_CHESS_C1 to C3: for reading in the pattern that the sensor was not calibrated in."""
    chess: bool
    """Whether it was calibrated in chess pattern, which is then the better one to read."""
    alpha: Floats
    """Sensitivity at 25 °C, the compensation pixel's share taken off."""
    offset: Floats
    kta: Floats
    kv: Floats
    bad: NDArray[np.bool_]
    """Pixels that the factory marked as broken (word 0) or as outliers (bit 0)."""

    @classmethod
    def from_eeprom(cls, eeprom: NDArray[np.uint16]) -> Calibration:
        """Unpack 832 words, whatever they hold: `drivers.mlx90640.eeprom.check` says whether they make sense."""
        words = eeprom.astype(np.int64)
        if words.shape != (832,):
            raise ValueError(f"An MLX90640's EEPROM has 832 words, not {words.shape}.")
        corner_c, ks_to, range_gain = _temperature_ranges(words)
        tgc = signed(int(words[60]), 8) / 32
        compensation = _compensation_pixel(words)
        return cls(
            k_vdd=signed(int(words[51]) >> 8, 8) * 32,
            vdd_25=((int(words[51]) & 0xFF) - 256) * 32 - 8192,
            kv_ptat=signed(int(words[50]) >> 10, 6) / 4096,
            kt_ptat=signed(int(words[50]), 10) / 8,
            v_ptat_25=int(words[49]),
            alpha_ptat=(int(words[16]) >> 12) / 4 + 8,
            gain=signed(int(words[48]), 16),
            tgc=tgc,
            resolution=(int(words[56]) >> 12) & 3,
            ks_ta=signed(int(words[60]) >> 8, 8) / 8192,
            corner_c=corner_c,
            ks_to=ks_to,
            range_gain=range_gain,
            compensation=compensation,
            interleave=(
                signed(int(words[53]), 6) / 16,
                signed(int(words[53]) >> 6, 5) / 2,
                signed(int(words[53]) >> 11, 5) / 8,
            ),
            chess=not int(words[10]) & 0x0800,
            alpha=_alpha(words) - tgc * sum(compensation.alpha) / 2,
            offset=_offset(words),
            kta=_kta(words),
            kv=_kv(words),
            bad=(words[_PIXEL_WORDS] == 0) | (words[_PIXEL_WORDS] & 1 == 1),
        )


def signed(value: IntOrWords, bits: int) -> IntOrWords:
    """Read the lowest ``bits`` of ``value`` as two's complement."""
    sign = 1 << (bits - 1)
    return ((value & (2 * sign - 1)) ^ sign) - sign


def _nibbles(words: Words, first: int, count: int) -> Words:
    """Four signed values from each word, the lowest first."""
    packed: Words = words[first : first + count, None] >> np.array([0, 4, 8, 12])
    return signed(packed, 4).ravel()


def _rows_and_columns(words: Words, first_row: int, first_column: int, scales: int) -> Words:
    """The part of a pixel's value that its row and its column share, [768]."""
    rows = _nibbles(words, first_row, 6)[_row] << ((scales >> 8) & 15)
    return rows + (_nibbles(words, first_column, 8)[_column] << ((scales >> 4) & 15))


def _alpha(words: Words) -> Floats:
    """11.1.8: pixel sensitivity."""
    scales = int(words[32])
    own = signed(words[_PIXEL_WORDS] >> 4, 6) * (1 << (scales & 15))
    total = int(words[33]) + _rows_and_columns(words, 34, 40, scales) + own
    return np.asarray(total / 2.0 ** ((scales >> 12) + 30), dtype=np.float64)


def _offset(words: Words) -> Floats:
    """11.1.3: pixel offset."""
    scales = int(words[16])
    own = signed(words[_PIXEL_WORDS] >> 10, 6) * (1 << (scales & 15))
    return (signed(int(words[17]), 16) + _rows_and_columns(words, 18, 24, scales) + own).astype(np.float64)


def _kta(words: Words) -> Floats:
    """11.1.6: how a pixel's offset follows Ta."""
    scale, own_scale = ((int(words[56]) >> 4) & 15) + 8, int(words[56]) & 15
    odd, even = int(words[54]), int(words[55])
    average = np.array([signed(odd >> 8, 8), signed(even >> 8, 8), signed(odd, 8), signed(even, 8)])
    own = signed(words[_PIXEL_WORDS] >> 1, 3) * (1 << own_scale)
    return np.asarray((own + average[_parity]) / 2.0**scale, dtype=np.float64)


def _kv(words: Words) -> Floats:
    """11.1.5: how a pixel's offset follows Vdd."""
    packed = int(words[52])
    average = np.array([signed(packed >> shift, 4) for shift in (12, 4, 8, 0)])
    return np.asarray(average[_parity] / 2.0 ** ((int(words[56]) >> 8) & 15), dtype=np.float64)


def _compensation_pixel(words: Words) -> CompensationPixel:
    alpha = signed(int(words[57]), 10) / 2.0 ** ((int(words[32]) >> 12) + 27)
    offset = signed(int(words[58]), 10)
    return CompensationPixel(
        alpha=(alpha, alpha * (1 + signed(int(words[57]) >> 10, 6) / 128)),
        offset=(offset, offset + signed(int(words[58]) >> 10, 6)),
        kta=signed(int(words[59]), 8) / 2.0 ** (((int(words[56]) >> 4) & 15) + 8),
        kv=signed(int(words[59]) >> 8, 8) / 2.0 ** ((int(words[56]) >> 8) & 15),
    )


_Four = tuple[float, float, float, float]


def _temperature_ranges(words: Words) -> tuple[_Four, _Four, _Four]:
    """11.1.9 to 11.1.11: corner temperatures, slopes and the gain with which each range begins."""
    packed = int(words[63])
    step = ((packed >> 12) & 3) * 10
    second = ((packed >> 4) & 15) * step
    corner = (-40.0, 0.0, float(second), float(second + ((packed >> 8) & 15) * step))
    low, high = int(words[61]), int(words[62])
    slopes = [signed(part, 8) / 2.0 ** ((packed & 15) + 8) for part in (low, low >> 8, high, high >> 8)]
    ks = (slopes[0], slopes[1], slopes[2], slopes[3])
    third = 1 + ks[1] * corner[2]
    return corner, ks, (1 / (1 + ks[0] * 40), 1.0, third, third * (1 + ks[2] * (corner[3] - corner[2])))
