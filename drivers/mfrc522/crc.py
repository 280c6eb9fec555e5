"""CRC_A of ISO/IEC 14443-3, annex B."""

from __future__ import annotations


def crc_a(data: bytes, preset: int = 0x6363) -> bytes:
    """Return the two check bytes of ``data``, low byte first as they are sent."""
    crc = preset
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4)
    return crc.to_bytes(2, "little")
