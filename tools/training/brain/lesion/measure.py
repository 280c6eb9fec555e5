"""What the network says about many slices, beside what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brain_lesion import OUTSIDE, score
from models.interpreter import Network
from models.lesion_input import SERIES, Cut, head, prepare
from tools.training.brain.data import Slice
from tools.training.brain.lesion.overlap import dice, hausdorff95, points_at
from tools.training.brain.lesion.sampling import Images, series_of
from tools.training.scores import Floats, Ints

Ask = Callable[[Images], Images]
"""From inputs [n, 144, 144, 3] in −1 to 1 to logits [n, 72, 72]."""
SETS: tuple[tuple[str, ...], ...] = (SERIES, ("flair",), ("t1c",))
"""The sets of series that are measured, and so answered."""
BATCH = 32


@dataclass(frozen=True)
class Measured:
    """One row for each slice, in the order in which they were given."""

    patient: NDArray[np.str_]
    kind: NDArray[np.str_]
    position: Floats
    label: Ints
    score: Floats
    dice: Floats
    """NaN where there is no tumour."""
    distance_px: Floats
    """95 % Hausdorff distance in pixels of the slice; NaN where there is no tumour, or none was found."""
    shared: Ints
    found: Ints
    truth: Ints
    """Pixels in both masks, in the network's, and in the expert's."""
    pointed: NDArray[np.bool_]
    """Whether the map's highest place lies in the expert's mask."""
    chance: Floats
    """Share of the head's square that is tumour: how often a random place lies in it."""

    def __len__(self) -> int:
        return len(self.label)

    def where(self, rows: NDArray[Any]) -> Measured:
        """Return these rows alone."""
        return Measured(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Slices with a tumour."""
        return np.asarray(self.label == 1)


def of_network(network: Network) -> Ask:
    """Return a shipped network as something to ask, one slice after another."""

    def ask(images: Images) -> Images:
        return np.stack([network(image)[0, ..., 0] for image in images])

    return ask


def of_keras(model: Any) -> Ask:
    """Return the float model as something to ask."""

    def ask(images: Images) -> Images:
        return np.asarray(model(images, training=False), dtype=np.float32)[..., 0]

    return ask


def measure(ask: Ask, slices: Sequence[Slice], names: tuple[str, ...], mask_from: float) -> Measured:
    """Ask about each of ``slices`` with these series alone; ``mask_from`` is the probability from which a pixel is tumour."""
    rows: list[tuple[Any, ...]] = []
    for some in _batches(slices):
        inputs = [input_of(one, names) for one in some]
        answers = ask(np.stack([image for image, _ in inputs]))
        rows += [_row(one, cells, cut, mask_from) for one, cells, (_, cut) in zip(some, answers, inputs, strict=True)]
    return Measured(*(np.array(column) for column in zip(*rows, strict=True)))


def best_mask_from(ask: Ask, slices: Sequence[Slice], candidates: Iterable[float]) -> float:
    """Return the probability from which a pixel counts as tumour that gives the highest mean Dice on slices with a tumour."""
    ill = [one for one in slices if one.tumour]
    grid = list(candidates)
    total = np.zeros(len(grid))
    for some in _batches(ill):
        inputs = [input_of(one, SERIES) for one in some]
        for one, cells, (_, cut) in zip(some, ask(np.stack([image for image, _ in inputs])), inputs, strict=True):
            logits, truth = cut.back(cells, OUTSIDE), one.mask()
            total += [dice(logits >= _logit(share), truth) for share in grid]
    return grid[int(np.argmax(total))]


def wobble(ask: Ask, slices: Sequence[Slice]) -> float:
    """Return by how much the score differs between views of a slice: median over slices of its standard deviation.

    Views: as it is, mirrored, and with the head's square shifted or widened by a twentieth.
    """
    spread = []
    for one in slices:
        series = series_of(one)
        cut = head(series)
        step = round(cut.side / 20)
        moved = (
            cut,
            Cut(cut.top + step, cut.left, cut.side, cut.rows, cut.columns),
            Cut(cut.top, cut.left - step, cut.side, cut.rows, cut.columns),
            cut.wider(1.05),
        )
        views = [prepare(series, place) * 2 - 1 for place in moved]
        answers = ask(np.stack([*views, views[0][:, ::-1]]))
        spread.append(float(np.std([score(cells) for cells in answers], ddof=1)))
    return float(np.median(spread))


def input_of(one: Slice, names: tuple[str, ...]) -> tuple[Images, Cut]:
    """Return the network's input and the square that it shows. The square is found in the series that are shown."""
    series = series_of(one)
    shown = {name: series[name] for name in names if name in series} or series
    cut = head(shown)
    return prepare(shown, cut) * 2 - 1, cut


def _row(one: Slice, cells: Images, cut: Cut, mask_from: float) -> tuple[Any, ...]:
    logits, truth = cut.back(cells, OUTSIDE), one.mask()
    found = logits >= _logit(mask_from)
    ill = bool(truth.any())
    return (
        one.patient,
        one.kind,
        one.position,
        int(one.tumour),
        score(cells),
        dice(found, truth) if ill else np.nan,
        hausdorff95(found, truth),
        int((found & truth).sum()),
        int(found.sum()),
        int(truth.sum()),
        ill and points_at(logits, truth),
        float(truth.sum() / min(cut.side**2, truth.size)),
    )


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _batches(slices: Sequence[Slice]) -> Iterator[Sequence[Slice]]:
    for start in range(0, len(slices), BATCH):
        yield slices[start : start + BATCH]
