"""How much worse than the float network a quantised one may be, and that none is shipped that is worse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.training.errors import QuantisationTooLossy

ALLOWED_LOSS = {"accuracy": 0.005, "auroc": 0.005, "dice": 0.005}
"""Half a percentage point of accuracy, 0.005 of AUROC or Dice."""


def allowed_loss(metric: str) -> float:
    """Return the allowed loss of a metric, found by its name: ``macro_auroc`` is an AUROC. Raises `ValueError`."""
    for name, loss in ALLOWED_LOSS.items():
        if name in metric.lower():
            return loss
    raise ValueError(f"there is no rule for {metric}; one is there for {', '.join(ALLOWED_LOSS)}")


def require(metric: str, floating: float, quantised: float) -> None:
    """Raise `QuantisationTooLossy` where the quantised network loses more of ``metric`` than is allowed, or is no number."""
    allowed = allowed_loss(metric)
    if not floating - quantised <= allowed + 1e-12:
        raise QuantisationTooLossy(
            f"quantised, {metric} falls from {floating:.4f} to {quantised:.4f}, by more than {allowed}; ship int16 "
            "activations, train with quantisation in mind (tools/training/compress), or ship float32"
        )


def section(kind: str, metric: str, floating: float, quantised: float, flipped: NDArray[np.bool_], note: str) -> dict[str, Any]:
    """Return the card's section ``quantisation`` after `require`; ``flipped`` is true where the answer is another one."""
    require(metric, floating, quantised)
    return {
        "kind": kind,
        "metric": metric,
        "float": float(floating),
        "quantised": float(quantised),
        "allowed_loss": allowed_loss(metric),
        "decisions_flipped": int(flipped.sum()),
        "decisions": len(flipped),
        "note": note,
    }
