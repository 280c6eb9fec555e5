"""Networks that were damaged, or made by somebody who means harm: a shipped one, changed by a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.bundle import IDENTIFIER

_TELLING = (0, 1, 4, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFC, 0xFFFF_FFFF)
"""Lengths and offsets that go wrong in their own ways: nothing, one, the ends of each width."""


def _bits(model: bytearray, rng: np.random.Generator) -> None:
    """Flip one to sixteen bits, as a worn memory card does."""
    for place in rng.integers(0, 8 * len(model), rng.integers(1, 17)):
        model[place // 8] ^= 1 << (place % 8)


def _truncated(model: bytearray, rng: np.random.Generator) -> None:
    """Cut the end off, as a full disk does."""
    del model[int(rng.integers(8, len(model))) :]


def _offsets(model: bytearray, rng: np.random.Generator) -> None:
    """Replace one to four aligned words, which in a FlatBuffer are mostly offsets and lengths."""
    for place in rng.integers(2, len(model) // 4, rng.integers(1, 5)):
        word = int(rng.choice(_TELLING)) if rng.random() < 0.5 else int(rng.integers(0, 2 * len(model)))
        model[4 * place : 4 * place + 4] = word.to_bytes(4, "little")


def _zeroed(model: bytearray, rng: np.random.Generator) -> None:
    """Set a region to zero, as a lost page does."""
    start = int(rng.integers(8, len(model)))
    end = min(len(model), start + int(rng.integers(1, 1 << int(rng.integers(1, 13)))))
    model[start:end] = bytes(end - start)


def _spliced(model: bytearray, rng: np.random.Generator) -> None:
    """Copy a region over another one."""
    length = int(rng.integers(1, max(2, min(256, len(model) // 4))))
    source, target = (int(place) for place in rng.integers(8, len(model) - length, 2))
    model[target : target + length] = model[source : source + length]


KINDS: dict[str, Callable[[bytearray, np.random.Generator], None]] = {
    "bits": _bits,
    "truncated": _truncated,
    "offsets": _offsets,
    "zeroed": _zeroed,
    "spliced": _spliced,
}


def mutated(model: bytes, kind: str, seed: int) -> bytes:
    """Return ``model`` changed by one of `KINDS`; the same seed gives the same bytes. The file identifier stays."""
    changed = bytearray(model)
    KINDS[kind](changed, np.random.default_rng([seed, *kind.encode()]))
    changed[4:8] = IDENTIFIER
    return bytes(changed)
