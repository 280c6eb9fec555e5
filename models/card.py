"""A model's card: what it is for, what it was made from, what was measured, and what was not shown.

A bundle without a complete card does not load, because nobody could know what its answer means.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.errors import CardIncomplete
from models.fields import Fields


@dataclass(frozen=True)
class Figure:
    """One measured number with its interval and with whom it was measured on."""

    name: str
    """``auroc``, ``sensitivity``, ..."""
    subject: str
    """What was scored: ``this model``, ``date alone``, ..."""
    population: str
    value: float
    interval: tuple[float, float]
    level: float
    """Of the interval: 0.95."""
    n: int
    """Units (patients) behind the number."""
    evidence: bool
    """False where the number is shown only so that nobody takes it for evidence."""
    note: str


@dataclass(frozen=True)
class Data:
    """What the model was trained and scored on."""

    name: str
    source: str
    n: int
    positives: int
    split_unit: str
    """``patient``: nobody is in the training and in the test part of one split."""
    splits: str
    known_bias: str
    licence: str


@dataclass(frozen=True)
class InputContract:
    """What the model takes."""

    modality: str
    shape: tuple[int, ...]
    dtype: str
    unit: str
    orientation: str
    preprocessing: str
    """Name of the function in `models.preprocess` that the network was trained behind."""


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
class Card:
    """Everything that a person needs in order to trust a bundle, or not to."""

    name: str
    version: str
    description: str
    licence: str
    intended_use: str
    not_shown: tuple[str, ...]
    data: Data
    input: InputContract
    metrics: tuple[Figure, ...]
    baselines: tuple[Figure, ...]
    """What trivial features (date, framing, ...) reach on the same people in the same splits."""
    calibration: Calibration
    threshold: Threshold
    abstain: Abstention
    gate: Mapping[str, tuple[float, float]]
    """Lowest and highest accepted value of each feature of the input gate."""
    document: Mapping[str, Any]
    """The whole card as it was read, with the sections that only people read."""


def parse_card(text: str, where: str) -> Card:
    """Read a card from TOML; raises `CardIncomplete` naming the first missing or unusable key and ``where`` it should be."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardIncomplete(f"{where} is no valid TOML: {error}") from error
    top = Fields(document, where)
    model = top.table("model")
    return Card(
        name=model.text("name"),
        version=model.text("version"),
        description=model.text("description"),
        licence=model.text("licence"),
        intended_use=model.text("intended_use"),
        not_shown=model.texts("not_shown"),
        data=_data(top.table("data")),
        input=_input(top.table("input")),
        metrics=_figures(top, "metrics"),
        baselines=_figures(top, "baselines"),
        calibration=_calibration(top.table("calibration")),
        threshold=_threshold(top.table("threshold")),
        abstain=_abstention(top.table("abstain"), top.table("threshold").probability("probability")),
        gate=top.table("gate").intervals(),
        document=document,
    )


def _data(fields: Fields) -> Data:
    return Data(
        name=fields.text("name"),
        source=fields.text("source"),
        n=fields.count("n"),
        positives=fields.count("positives"),
        split_unit=fields.text("split_unit"),
        splits=fields.text("splits"),
        known_bias=fields.text("known_bias"),
        licence=fields.text("licence"),
    )


def _input(fields: Fields) -> InputContract:
    return InputContract(
        modality=fields.text("modality"),
        shape=fields.counts("shape"),
        dtype=fields.text("dtype"),
        unit=fields.text("unit"),
        orientation=fields.text("orientation"),
        preprocessing=fields.text("preprocessing"),
    )


def _figures(top: Fields, name: str) -> tuple[Figure, ...]:
    figures = tuple(_figure(fields) for fields in top.tables(name))
    if not any(figure.evidence for figure in figures):
        raise top.unusable(name, "holds no figure that counts as evidence")
    return figures


def _figure(fields: Fields) -> Figure:
    low, value, high = fields.number("low"), fields.number("value"), fields.number("high")
    if not low <= value <= high:
        raise fields.unusable("value", f"lies outside its own interval ({low:g} to {high:g})")
    return Figure(
        name=fields.text("name"),
        subject=fields.text("subject"),
        population=fields.text("population"),
        value=value,
        interval=(low, high),
        level=fields.probability("level"),
        n=fields.count("n"),
        evidence=fields.flag("evidence"),
        note=fields.text("note"),
    )


def _calibration(fields: Fields) -> Calibration:
    return Calibration(
        slope=fields.number("slope"),
        intercept=fields.number("intercept"),
        method=fields.text("method"),
        prevalence=fields.probability("prevalence"),
        brier=fields.number("brier"),
        brier_of_prevalence=fields.number("brier_of_prevalence"),
    )


def _threshold(fields: Fields) -> Threshold:
    return Threshold(probability=fields.probability("probability"), reason=fields.text("reason"))


def _abstention(fields: Fields, threshold: float) -> Abstention:
    low, high = fields.probability("low"), fields.probability("high")
    if not low <= threshold <= high:
        raise fields.unusable("low", f"and high ({low:g} to {high:g}) do not enclose the threshold {threshold:g}")
    return Abstention(low=low, high=high, reason=fields.text("reason"))
