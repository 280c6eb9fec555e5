"""The variants of one model: pruned or not, trained with rounding or not, and converted in each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.training.compress.compressible import Compressible
from tools.training.convert import Kind, to_tflite
from tools.training.run import Run


@dataclass(frozen=True)
class Variant:
    """One file."""

    pruned: float
    """Share of the prunable weights that is nothing."""
    rounding: bool
    """Fine-tuned with rounded weights and activations."""
    kind: Kind

    @property
    def key(self) -> str:
        return f"pruned-{round(100 * self.pruned)}{'-rounding' if self.rounding else ''}-{self.kind}"


def variants(shares: tuple[float, ...]) -> Iterator[Variant]:
    """Yield the variants of a table, float without pruning first: what all others are held against."""
    for share in shares:
        yield from (Variant(share, False, kind) for kind in Kind)
        yield Variant(share, True, Kind.INT8)


def files(what: Compressible, shares: tuple[float, ...], run: Run) -> dict[Variant, bytes]:
    """Fine-tune and convert every variant; what is in the run's folder already is not made again."""
    found = {}
    for variant in variants(shares):

        def made(variant: Variant = variant) -> dict[str, Any]:
            model = tuned(what, variant.pruned, variant.rounding, run)
            return {"file": np.frombuffer(to_tflite(model, variant.kind, what.examples), dtype=np.uint8)}

        found[variant] = what.finished(run.once(f"{what.name}-{variant.key}", made)["file"].tobytes())
    return found


def tuned(what: Compressible, pruned: float, rounding: bool, run: Run) -> Any:
    """Return the model after fine-tuning: pruned while it learns, then (``rounding``) with what was pruned held at nothing."""
    from tools.training.compress.pruning import Pruning, prunable
    from tools.training.compress.rounding import RoundedWeights, kernels, with_rounded_activations

    model = what.fresh()
    steps = what.steps * what.epochs
    if pruned:
        fitted = what.compiled(model, steps)
        name = f"{what.name}-pruned-{round(100 * pruned)}"
        run.fit(
            fitted,
            what.batches,
            epochs=what.epochs,
            steps=what.steps,
            name=name,
            callbacks=[Pruning(prunable(model), pruned, steps)],
        )
    if rounding:
        fitted = what.compiled(with_rounded_activations(model), steps)
        held = [Pruning(prunable(model), pruned, 0)] if pruned else []
        name = f"{what.name}-pruned-{round(100 * pruned)}-rounding"
        callbacks = [RoundedWeights(kernels(model)), *held]
        run.fit(fitted, what.batches, epochs=what.epochs, steps=what.steps, name=name, callbacks=callbacks)
    return model
