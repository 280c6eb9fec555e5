"""The two lenses that the MLX90640 is sold with (datasheet rev. 12, sections 1 and 12: mean NETD of a pixel at 1 Hz)."""

from __future__ import annotations

from typing import Final

from drivers.protocols import Optics

WIDE: Final = Optics(field_of_view_deg=(110.0, 75.0), netd_1hz_k=0.14)
"""MLX90640ESF-BAA."""

NARROW: Final = Optics(field_of_view_deg=(55.0, 35.0), netd_1hz_k=0.25)
"""MLX90640ESF-BAB."""
