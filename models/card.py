"""A model's card: what it is for, what it was made from, what was measured, and what was not shown.

A bundle without a complete card does not load, because nobody could know what its answer means.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from models.answers import Answer, ClassAnswer, GateAnswer, ScoreAnswer, Task, parse_answer
from models.errors import CardIncomplete, WrongTask
from models.fields import Fields

QUANTILES = 11
"""Of each statistic under ``drift``: 0, 10, ..., 100 %."""
AnswerT = TypeVar("AnswerT", ScoreAnswer, ClassAnswer, GateAnswer)


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
    unit: str
    """Of ``n``: ``patients``, ``slices``, ..."""
    evidence: bool
    """False where the number is shown only so that nobody takes it for evidence."""
    note: str


@dataclass(frozen=True)
class Data:
    """One set of data that the model was trained or scored on."""

    name: str
    source: str
    n: int
    positives: int
    """Of ``n``; 0 where the classes are not two."""
    unit: str
    """Of ``n``: ``patients``, ``slices``, ..."""
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
class Quantisation:
    """What the network lost on its way from float to the integers that are shipped."""

    kind: str
    metric: str
    float_value: float
    quantised_value: float
    allowed_loss: float
    decisions_flipped: int
    decisions: int
    """How many decisions were compared."""
    note: str


@dataclass(frozen=True)
class Explanation:
    """How often a map of the model points at what experts have outlined (pointing game, Zhang et al., IJCV 2018)."""

    method: str
    population: str
    value: float
    interval: tuple[float, float]
    level: float
    n: int
    chance: float
    """What a map that points anywhere reaches."""
    note: str


@dataclass(frozen=True)
class Card:
    """Everything that a person needs in order to trust a bundle, or not to."""

    name: str
    version: str
    task: Task
    description: str
    licence: str
    intended_use: str
    not_shown: tuple[str, ...]
    data: tuple[Data, ...]
    input: InputContract
    metrics: tuple[Figure, ...]
    baselines: tuple[Figure, ...]
    """What trivial features (date, framing, slice position, ...) reach on the same people in the same splits."""
    answer: Answer
    quantisation: Quantisation | None
    """``None`` for a rule without a network."""
    explanation: tuple[Explanation, ...]
    drift: Mapping[str, tuple[float, ...]]
    """Eleven quantiles (0, 10, ..., 100 %) of each statistic of the training's inputs, and of the ``score``."""
    document: Mapping[str, Any]
    """The whole card as it was read, with the sections that only people read."""

    def answer_as(self, kind: type[AnswerT]) -> AnswerT:
        """Return `answer` where it is of this ``kind``; raises `WrongTask` for a bundle of another task."""
        if not isinstance(self.answer, kind):
            raise WrongTask(f"the bundle {self.name} {self.version} has the task {self.task}; another one is needed here")
        return self.answer


def parse_card(text: str, where: str) -> Card:
    """Read a card from TOML; raises `CardIncomplete` naming the first missing or unusable key and ``where`` it should be."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardIncomplete(f"{where} is no valid TOML: {error}") from error
    top = Fields(document, where)
    model = top.table("model")
    task = model.choice("task", Task)
    answers = task is not Task.GATE  # what a gate lets through and refuses is measured in sections of its own

    def needs(section: str) -> bool:
        return answers or top.has(section)

    return Card(
        name=model.word("name"),
        version=model.text("version"),
        task=task,
        description=model.text("description"),
        licence=model.text("licence"),
        intended_use=model.text("intended_use"),
        not_shown=model.texts("not_shown"),
        data=tuple(_data(fields) for fields in top.tables("data")),
        input=_input(top.table("input")),
        metrics=_figures(top, "metrics") if needs("metrics") else (),
        baselines=_figures(top, "baselines") if needs("baselines") else (),
        answer=parse_answer(task, top),
        quantisation=_quantisation(top.table("quantisation")) if top.has("quantisation") else None,
        explanation=tuple(_explanation(fields) for fields in top.tables("explanation")) if needs("explanation") else (),
        drift=_drift(top.table("drift")) if needs("drift") else {},
        document=document,
    )


def _data(fields: Fields) -> Data:
    n, positives = fields.count("n"), fields.count("positives", least=0)
    if positives > n:
        raise fields.unusable("positives", f"are more than n, {positives} of {n}")
    return Data(
        name=fields.text("name"),
        source=fields.text("source"),
        n=n,
        positives=positives,
        unit=fields.text("unit"),
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
    value, interval = _estimate(fields)
    return Figure(
        name=fields.text("name"),
        subject=fields.text("subject"),
        population=fields.text("population"),
        value=value,
        interval=interval,
        level=fields.probability("level"),
        n=fields.count("n"),
        unit=fields.text("unit"),
        evidence=fields.flag("evidence"),
        note=fields.text("note"),
    )


def _estimate(fields: Fields) -> tuple[float, tuple[float, float]]:
    low, value, high = fields.number("low"), fields.number("value"), fields.number("high")
    if not low <= value <= high:
        raise fields.unusable("value", f"lies outside its own interval ({low:g} to {high:g})")
    return value, (low, high)


def _quantisation(fields: Fields) -> Quantisation:
    before, after, allowed = fields.number("float"), fields.number("quantised"), fields.number("allowed_loss")
    if round(before - after, 4) > allowed:
        raise fields.unusable("quantised", f"({after:g}) loses more than {allowed:g} against float ({before:g})")
    return Quantisation(
        kind=fields.text("kind"),
        metric=fields.text("metric"),
        float_value=before,
        quantised_value=after,
        allowed_loss=allowed,
        decisions_flipped=fields.count("decisions_flipped", least=0),
        decisions=fields.count("decisions"),
        note=fields.text("note"),
    )


def _explanation(fields: Fields) -> Explanation:
    value, interval = _estimate(fields)
    return Explanation(
        method=fields.text("method"),
        population=fields.text("population"),
        value=value,
        interval=interval,
        level=fields.probability("level"),
        n=fields.count("n"),
        chance=fields.probability("chance"),
        note=fields.text("note"),
    )


def _drift(fields: Fields) -> dict[str, tuple[float, ...]]:
    found = {name: fields.numbers(name) for name in fields.names()}
    for name, quantiles in found.items():
        if len(quantiles) != QUANTILES or list(quantiles) != sorted(quantiles):
            raise fields.unusable(name, f"must be {QUANTILES} quantiles, from the lowest to the highest")
    return found
