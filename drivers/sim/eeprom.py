"""A made-up calibration: laid out as the datasheet says, with values of the size that real sensors have, of no real sensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivers.mlx90640.registers import CONTROL_AT_POWER_UP, DEFAULT_ADDRESS, EEPROM_WORDS, PIXELS

_OUTLIER = 1
_INTERLEAVED = 0x0800


def make_eeprom(
    seed: int = 1,
    *,
    tgc: float = 0.0,
    chess: bool = True,
    broken: Sequence[int] = (),
    outliers: Sequence[int] = (),
) -> NDArray[np.uint16]:
    """Return the 832 words of one made-up sensor; another ``seed`` is another sensor.

    ``tgc`` is a multiple of 1/32; ``chess``: the pattern it was calibrated in; ``broken`` and ``outliers``: pixels 0 to 767.
    """
    rng = np.random.default_rng(seed)
    words = np.zeros(EEPROM_WORDS, dtype=np.int64)
    words[0:10] = [0x00A5, 0x4321, 0, 0x2061, 5, 0x0320, 0x03E0, *rng.integers(1, 0xFFFF, 3)]
    words[10] = 0 if chess else _INTERLEAVED
    words[12] = CONTROL_AT_POWER_UP
    words[15] = 0xBE00 | DEFAULT_ADDRESS
    _offset(words, rng)
    _sensitivity(words, rng)
    _general(words, rng, tgc)
    words[64:] = _pixels(rng)
    words[64 + np.array(broken, dtype=np.intp)] = 0
    words[64 + np.array(outliers, dtype=np.intp)] |= _OUTLIER
    return (words & 0xFFFF).astype(np.uint16)


def _pack(nibbles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Four signed values to a word, the first in the lowest bits."""
    packed: NDArray[np.int64] = ((nibbles.reshape(-1, 4) & 15) << np.array([0, 4, 8, 12])).sum(axis=1)
    return packed


def _byte_pair(high: int, low: int) -> int:
    return (high & 0xFF) << 8 | (low & 0xFF)


def _offset(words: NDArray[np.int64], rng: np.random.Generator) -> None:
    words[16] = 0x4 << 12 | 2 << 8 | 1 << 4 | 0  # alpha PTAT 9; scales of row, column and remainder
    words[17] = -60 + rng.integers(-6, 7)
    words[18:24] = _pack(rng.integers(-3, 4, 24))
    words[24:32] = _pack(rng.integers(-4, 5, 32))


def _sensitivity(words: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Falls towards the corners, as behind a wide lens."""
    words[32] = 8 << 12 | 8 << 8 | 9 << 4 | 5
    words[33] = 13500 + rng.integers(-400, 401)
    row, column = np.linspace(-1, 1, 24), np.linspace(-1, 1, 32)
    words[34:40] = _pack(np.rint(3 - 8 * row**2).astype(np.int64))
    words[40:48] = _pack(np.rint(4 - 10 * column**2).astype(np.int64))


def _general(words: NDArray[np.int64], rng: np.random.Generator, tgc: float) -> None:
    words[48] = 5800 + rng.integers(-300, 301)  # gain
    words[49] = 12200 + rng.integers(-60, 61)  # V PTAT 25
    words[50] = (9 & 0x3F) << 10 | (341 + int(rng.integers(-4, 5)))  # Kv PTAT, Kt PTAT
    words[51] = _byte_pair(-98 + int(rng.integers(-5, 6)), 0x78 + int(rng.integers(-4, 5)))  # Kvdd, Vdd 25
    words[52] = 0x6454  # average kv of the four parities
    words[53] = (14 & 0x1F) << 11 | (8 & 0x1F) << 6 | (6 & 0x3F)  # IL_CHESS_C3, C2, C1
    words[54] = _byte_pair(58, 54)  # average kta
    words[55] = _byte_pair(53, 51)
    words[56] = 2 << 12 | 4 << 8 | 5 << 4 | 2  # resolution 18 bit; scales of kv, kta, kta's remainder
    words[57] = (3 & 0x3F) << 10 | 110  # compensation pixel: alpha
    words[58] = (2 & 0x3F) << 10 | (-72 & 0x3FF)  # offset
    words[59] = _byte_pair(5, 40)  # kv, kta
    words[60] = _byte_pair(-10, round(tgc * 32))  # KsTa, TGC
    words[61] = _byte_pair(-100, -100)  # KsTo of ranges 2 and 1
    words[62] = _byte_pair(-96, -98)  # of ranges 4 and 3
    words[63] = 2 << 12 | 6 << 8 | 8 << 4 | 9  # step 20 K: ranges begin at -40, 0, 160 and 280 °C; scale 2^17


def _pixels(rng: np.random.Generator) -> NDArray[np.int64]:
    """Each pixel's own share of offset (6 bits), sensitivity (6 bits) and kta (3 bits)."""
    offset, alpha = rng.integers(-24, 25, PIXELS), rng.integers(-20, 21, PIXELS)
    kta = rng.integers(-2, 3, PIXELS)
    words = (offset & 0x3F) << 10 | (alpha & 0x3F) << 4 | (kta & 0x7) << 1
    return np.where(words == 0, 1 << 4, words)  # all zeros would mark the pixel as broken
