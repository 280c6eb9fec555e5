"""Frames as they travel over the air: bits, the least significant of each byte first (ISO/IEC 14443-3, 6.2.3)."""

from __future__ import annotations

from collections.abc import Sequence

Bits = tuple[int, ...]


def to_bits(data: bytes) -> Bits:
    return tuple(byte >> place & 1 for byte in data for place in range(8))


def from_bits(bits: Sequence[int]) -> bytes:
    """Pack ``bits``; the last byte is filled up with zeros."""
    return bytes(sum(bit << place for place, bit in enumerate(bits[start : start + 8])) for start in range(0, len(bits), 8))
