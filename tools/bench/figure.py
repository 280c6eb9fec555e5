"""One measured figure, as it is printed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``, beside a peer's value where there is one, and the bar that it is held against."""

    what: str
    value: float
    unit: str
    bar: str
    met: bool
    peer: str | None = None
    peer_value: float | None = None
    detail: str = ""

    @property
    def ratio(self) -> float | None:
        """Peer divided by ours: above one, ours is smaller."""
        return self.peer_value / self.value if self.peer_value is not None and self.value else None

    def line(self) -> str:
        """Return the figure as one line of text."""
        beside = f"  ({self.peer}: {self.peer_value:.4g} {self.unit}, {self.ratio:.3g}×)" if self.ratio is not None else ""
        detail = f"  {self.detail}" if self.detail else ""
        return (
            f"{'met   ' if self.met else 'MISSED'}  {self.what}: {self.value:.4g} {self.unit}{beside}  bar {self.bar}{detail}"
        )

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the ``percent``-th percentile; with fewer than 100 values it leans on the largest."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
