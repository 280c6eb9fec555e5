"""The plots of a report, each as the bytes of a PNG. Drawn without a display (Agg)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tools.training.clusters import auroc_of
from tools.training.evaluation import Binary, Classified, Evaluation, Spread
from tools.training.operating import risk_coverage
from tools.training.reliability import TINY, ece, reliability
from tools.training.scores import Floats, Ints

INK, BLUE, ORANGE, GREY, PALE = "#1d2733", "#1f6fb2", "#c4571b", "#8a94a0", "#d6dde5"
SIZE_INCHES = (4.6, 3.9)
DPI = 130


def draw(evaluation: Evaluation) -> Iterator[tuple[str, str, bytes]]:
    """Yield a file name, a caption and the PNG for each plot of ``evaluation``."""
    for number, binary in enumerate(evaluation.binaries):
        for kind, function in BINARY.items():
            yield f"{kind}-{number}.png", f"{TITLE[kind]}: {binary.name} (n = {len(binary.label)})", _png(function, binary)
    for number, classified in enumerate(evaluation.classified):
        caption = f"{classified.name} (n = {len(classified.truth)})"
        for kind, of_classes in CLASSES.items():
            yield f"classes-{kind}-{number}.png", f"{TITLE[kind]}: {caption}", _png(of_classes, classified)
    for number, spread in enumerate(evaluation.spreads):
        yield f"spread-{number}.png", f"{spread.name} (n = {len(spread.values)})", _png(_spread, spread)


def roc_curve(label: Ints, score: Floats) -> tuple[Floats, Floats]:
    """Return false-positive and true-positive rate at every threshold, from (0, 0) to (1, 1)."""
    positives, negatives = _cumulated(label, score)
    return negatives / max(negatives[-1], 1), positives / max(positives[-1], 1)


def precision_recall_curve(label: Ints, score: Floats) -> tuple[Floats, Floats]:
    """Return recall and precision at every threshold; precision where nothing is called is that of the first call."""
    positives, negatives = _cumulated(label, score)
    precision = positives[1:] / (positives[1:] + negatives[1:])
    return np.asarray(positives / max(positives[-1], 1)), np.concatenate([precision[:1], precision])


def _cumulated(label: Ints, score: Floats) -> tuple[Floats, Floats]:
    """Return how many positives and negatives lie at or above each distinct score, from the highest; first none at all."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    called = label[order] == 1
    counts = [np.concatenate([[0], np.cumsum(one)[last]]).astype(np.float64) for one in (called, ~called)]
    return counts[0], counts[1]


def _roc(axes: Any, binary: Binary) -> None:
    _roc_line(axes, binary.label, binary.probability, BLUE, "")
    if binary.threshold is not None:
        called = binary.probability >= binary.threshold
        place = [called[binary.label == side].mean() for side in (0, 1)]
        axes.plot(*place, "o", color=ORANGE, ms=7, label=f"threshold {binary.threshold:.2f}")
    _chance(axes, "False-positive rate", "True-positive rate")


def _roc_of_classes(axes: Any, classified: Classified) -> None:
    colours = (BLUE, ORANGE, "#3d8b52", "#7b55a5", INK)
    for k, name in enumerate(classified.labels):
        label = (classified.truth == k).astype(np.int64)
        _roc_line(axes, label, classified.probability[:, k], colours[k % len(colours)], f"{name}, ")
    _chance(axes, "False-positive rate", "True-positive rate")


def _roc_line(axes: Any, label: Ints, score: Floats, colour: str, name: str) -> None:
    axes.plot(*roc_curve(label, score), color=colour, lw=2, label=f"{name}AUROC {auroc_of(label, score):.3f}")


def _chance(axes: Any, across: str, up: str) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls=":")
    _unit(axes, across, up)
    axes.legend(loc="lower right", frameon=False)


def _precision_recall(axes: Any, binary: Binary) -> None:
    axes.step(*precision_recall_curve(binary.label, binary.probability), where="pre", color=BLUE, lw=2)
    prevalence = float(binary.label.mean())
    axes.axhline(prevalence, color=GREY, lw=1, ls=":", label=f"prevalence {prevalence:.2f}")
    _unit(axes, "Recall (sensitivity)", "Precision (positive predictive value)")
    axes.legend(loc="lower left", frameon=False)


def _calibration(axes: Any, binary: Binary) -> None:
    _reliability(axes, binary.label, binary.probability, "Calibrated probability", "Share of positives")


def _calibration_of_classes(axes: Any, classified: Classified) -> None:
    right = (classified.probability.argmax(axis=1) == classified.truth).astype(np.int64)
    _reliability(axes, right, classified.probability.max(axis=1), "Probability of the answer", "Share of right answers")


def _reliability(axes: Any, came_true: Ints, probability: Floats, across: str, up: str) -> None:
    bins = reliability(came_true, probability)
    said, share, n = (np.array(column, dtype=np.float64) for column in zip(*bins, strict=True))
    low, high = _wilson(share, n)
    axes.errorbar(said, share, [share - low, high - share], fmt="o-", color=BLUE, capsize=2, ms=5, lw=1.5)
    for one in bins:
        axes.annotate(f"{one.n}", (one.probability, one.share), (5, -10), textcoords="offset points", color=GREY, fontsize=7)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls=":")
    error = f"expected calibration error {ece(came_true, probability):.3f}"
    axes.text(0.98, 0.04, error, transform=axes.transAxes, ha="right")
    _unit(axes, across, up)


def _wilson(share: Floats, n: Floats, z: float = 1.96) -> tuple[Floats, Floats]:
    """Return the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22:209-212, 1927)."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.minimum(middle - half, share), np.maximum(middle + half, share)


def _risk_coverage(axes: Any, binary: Binary) -> None:
    threshold = 0.5 if binary.threshold is None else binary.threshold
    points = risk_coverage(binary.label, np.clip(binary.probability, TINY, 1 - TINY), threshold)
    _risk(axes, np.array([one.coverage for one in points]), np.array([one.risk for one in points]), "Mean of both error rates")


def _risk_coverage_of_classes(axes: Any, classified: Classified) -> None:
    best = classified.probability.max(axis=1)
    order = np.argsort(-best, kind="stable")
    wrong = classified.probability.argmax(axis=1)[order] != classified.truth[order]
    answered = np.arange(1, len(order) + 1)
    _risk(axes, answered / len(order), np.cumsum(wrong) / answered, "Share of wrong answers")
    kept = float((best >= classified.least_probability).mean())
    axes.axvline(kept, color=ORANGE, lw=1.5, label=f"in use: {kept:.0%} answered")
    axes.legend(loc="upper left", frameon=False)


def _risk(axes: Any, coverage: Floats, risk: Floats, up: str) -> None:
    axes.plot(coverage, risk, color=BLUE, lw=2)
    axes.set(xlim=(0, 1.02), ylim=(0, max(0.05, 1.15 * float(risk.max()))), xlabel="Share that gets an answer", ylabel=up)


def _confusion(axes: Any, classified: Classified) -> None:
    k = len(classified.labels)
    answer = classified.probability.argmax(axis=1)
    counts = np.zeros((k, k), dtype=np.int64)
    np.add.at(counts, (classified.truth, answer), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row in range(k):
        for column in range(k):
            colour = "white" if share[row, column] > 0.5 else INK
            text = f"{counts[row, column]}\n{share[row, column]:.0%}"
            axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(k), classified.labels)
    axes.set_yticks(range(k), classified.labels, rotation=90, va="center")
    axes.set(xlabel="Answer", ylabel="Truth")
    axes.grid(visible=False)


def _spread(axes: Any, spread: Spread) -> None:
    values = np.asarray(spread.values, dtype=np.float64)
    finite = values[np.isfinite(values)]
    axes.hist(finite, bins=20, color=BLUE, edgecolor="white")
    axes.axvline(float(np.median(finite)), color=ORANGE, lw=1.5, label=f"median {np.median(finite):.3g} {spread.unit}".strip())
    axes.axvline(float(finite.mean()), color=INK, lw=1.5, ls="--", label=f"mean {finite.mean():.3g} {spread.unit}".strip())
    axes.set(xlabel=f"{spread.name}{f', {spread.unit}' if spread.unit else ''}", ylabel="How many")
    axes.legend(frameon=False)


def _unit(axes: Any, across: str, up: str) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=across, ylabel=up)


def _png(function: Callable[[Any, Any], None], what: Any) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.grid(color=PALE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    function(axes, what)
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
    return out.getvalue()


TITLE = {
    "roc": "ROC",
    "precision-recall": "Precision and recall",
    "calibration": "Reliability (cases in grey)",
    "risk-coverage": "Risk and coverage",
    "confusion": "Confusion",
}
BINARY: dict[str, Callable[[Any, Binary], None]] = {
    "roc": _roc,
    "precision-recall": _precision_recall,
    "calibration": _calibration,
    "risk-coverage": _risk_coverage,
}
CLASSES: dict[str, Callable[[Any, Classified], None]] = {
    "confusion": _confusion,
    "roc": _roc_of_classes,
    "calibration": _calibration_of_classes,
    "risk-coverage": _risk_coverage_of_classes,
}
