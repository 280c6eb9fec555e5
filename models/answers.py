"""The sections of a card that turn what a network gives into an answer: one shape for each task of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from models.fields import Fields


class Task(StrEnum):
    """What kind of answer a model gives."""

    SCORE = "score"
    """One calibrated probability, a threshold, and a band without an answer."""
    CLASSES = "classes"
    """One of several labels, or none of them where the most probable one is not probable enough."""
    GATE = "gate"
    """Whether an image is of the kind that another model was made for."""


@dataclass(frozen=True)
class Calibration:
    """Platt scaling: probability = 1 / (1 + exp(−(slope · score + intercept)))."""

    slope: float
    intercept: float
    method: str
    prevalence: float
    """Share of positives among those it was fitted on; the probability means nothing at another one without correction."""
    brier: float
    brier_of_prevalence: float
    """Brier score of always answering the prevalence: what a useless model reaches."""


@dataclass(frozen=True)
class Threshold:
    probability: float
    reason: str


@dataclass(frozen=True)
class Abstention:
    """The band of probabilities in which the model does not answer."""

    low: float
    high: float
    reason: str


@dataclass(frozen=True)
class RiskPoint:
    """What remains wrong (``risk``) among the share of cases that get an answer (``coverage``)."""

    coverage: float
    risk: float
    at: float
    """The setting that gives this point: half the band's width, or the least probability of an answer."""


@dataclass(frozen=True)
class ScoreAnswer:
    calibration: Calibration
    threshold: Threshold
    abstain: Abstention
    risk_coverage: tuple[RiskPoint, ...]


@dataclass(frozen=True)
class ClassAnswer:
    labels: tuple[str, ...]
    """In the order of the network's output."""
    temperature: float
    """What the logits are divided by before the softmax (Guo et al., ICML 2017)."""
    least_probability: float
    """Of the most probable label; below it there is no answer."""
    reason: str
    risk_coverage: tuple[RiskPoint, ...]


@dataclass(frozen=True)
class GateAnswer:
    limits: Mapping[str, tuple[float, float]]
    """Lowest and highest accepted value of each feature; empty where only a network decides."""
    threshold: Threshold | None
    """Of the network's probability that the image is of the right kind; ``None`` where only the limits decide."""


Answer: TypeAlias = ScoreAnswer | ClassAnswer | GateAnswer


def parse_answer(task: Task, top: Fields) -> Answer:
    """Read the sections that ``task`` needs; raises `CardIncomplete` naming the first missing or unusable key."""
    match task:
        case Task.SCORE:
            return _score(top)
        case Task.CLASSES:
            return _classes(top)
        case Task.GATE:
            return _gate(top)


def _score(top: Fields) -> ScoreAnswer:
    calibration, threshold = top.table("calibration"), _threshold(top.table("threshold"))
    return ScoreAnswer(
        calibration=Calibration(
            slope=calibration.number("slope"),
            intercept=calibration.number("intercept"),
            method=calibration.text("method"),
            prevalence=calibration.probability("prevalence"),
            brier=calibration.number("brier"),
            brier_of_prevalence=calibration.number("brier_of_prevalence"),
        ),
        threshold=threshold,
        abstain=_abstention(top.table("abstain"), threshold.probability),
        risk_coverage=_curve(top, "half_width"),
    )


def _classes(top: Fields) -> ClassAnswer:
    classes, calibration, abstain = top.table("classes"), top.table("calibration"), top.table("abstain")
    labels = classes.texts("labels")
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise classes.unusable("labels", "must hold at least two, each once")
    temperature = calibration.number("temperature")
    if temperature <= 0:
        raise calibration.unusable("temperature", f"is {temperature:g}; it must be above 0")
    for key in ("ece", "ece_before", "nll", "nll_before"):
        calibration.number(key)
    calibration.text("method")
    return ClassAnswer(
        labels=labels,
        temperature=temperature,
        least_probability=abstain.probability("least_probability"),
        reason=abstain.text("reason"),
        risk_coverage=_curve(top, "least_probability"),
    )


def _gate(top: Fields) -> GateAnswer:
    limits = top.table("gate").intervals() if top.has("gate") else {}
    threshold = _threshold(top.table("threshold")) if top.has("threshold") else None
    if not limits and threshold is None:
        raise top.unusable("gate", "is empty and there is no threshold; a gate needs one of them")
    for made_up in top.tables("refused"):
        made_up.text("kind")
        made_up.text("made_how")
        _check_share(made_up)
    for proper in top.tables("accepted"):
        proper.text("population")
        _check_share(proper)
    return GateAnswer(limits, threshold)


def _check_share(fields: Fields) -> None:
    low, share, high = fields.probability("low"), fields.probability("share"), fields.probability("high")
    fields.count("n")
    if not low <= share <= high:
        raise fields.unusable("share", f"lies outside its own interval ({low:g} to {high:g})")


def _curve(top: Fields, setting: str) -> tuple[RiskPoint, ...]:
    return tuple(
        RiskPoint(point.probability("coverage"), point.number("risk"), point.number(setting))
        for point in top.tables("risk_coverage")
    )


def _threshold(fields: Fields) -> Threshold:
    return Threshold(probability=fields.probability("probability"), reason=fields.text("reason"))


def _abstention(fields: Fields, threshold: float) -> Abstention:
    low, high = fields.probability("low"), fields.probability("high")
    if not low <= threshold <= high:
        raise fields.unusable("low", f"and high ({low:g} to {high:g}) do not enclose the threshold {threshold:g}")
    return Abstention(low=low, high=high, reason=fields.text("reason"))
