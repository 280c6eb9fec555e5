"""A card has the sections that its task needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.answers import ClassAnswer, GateAnswer, ScoreAnswer, Task
from models.bundle import Bundle, default_bundle
from models.card import Card, parse_card
from models.errors import CardIncomplete, WrongTask
from tests.models.making import at
from tools.training import toml

CURVE = [{"coverage": 1.0, "risk": 0.06, "least_probability": 0.0}, {"coverage": 0.9, "risk": 0.03, "least_probability": 0.7}]
SHARE = {"share": 0.995, "low": 0.99, "high": 1.0, "n": 400}


def shipped() -> dict[str, Any]:
    return dict(Bundle.open(default_bundle("breast")).card.document)


def of_classes() -> dict[str, Any]:
    """Return a whole card of a model that tells three kinds apart."""
    card = shipped()
    for section in ("threshold", "gate"):
        card.pop(section, None)
    measured = {"temperature": 1.4, "method": "one temperature", "ece": 0.02, "ece_before": 0.05, "nll": 0.2, "nll_before": 0.3}
    return card | {
        "model": card["model"] | {"name": "kinds", "task": "classes"},
        "classes": {"labels": ["one", "two", "three"]},
        "calibration": measured,
        "abstain": {"least_probability": 0.7, "reason": "chosen on the curve"},
        "risk_coverage": CURVE,
    }


def of_gate() -> dict[str, Any]:
    """Return a whole card of a gate that is a rule."""
    card = shipped()
    for section in (
        "threshold",
        "calibration",
        "abstain",
        "risk_coverage",
        "metrics",
        "baselines",
        "quantisation",
        "explanation",
        "drift",
    ):
        card.pop(section, None)
    return card | {
        "model": card["model"] | {"name": "of-chests", "task": "gate"},
        "gate": {"warmest_c": [28.5, 38.2]},
        "refused": [{"kind": "noise", "made_how": "normal, 3 K", **SHARE}],
        "accepted": [{"population": "thermograms of chests", **SHARE}],
    }


def parsed(card: dict[str, Any]) -> Card:
    return parse_card(toml.dumps(card), "card.toml")


def test_a_score() -> None:
    card = parsed(shipped())
    answer = card.answer_as(ScoreAnswer)
    assert card.task is Task.SCORE
    assert answer.abstain.low < answer.threshold.probability < answer.abstain.high
    assert answer.risk_coverage[0].coverage == 1.0


def test_classes() -> None:
    answer = parsed(of_classes()).answer_as(ClassAnswer)
    assert answer.labels == ("one", "two", "three")
    assert (answer.temperature, answer.least_probability) == (1.4, 0.7)
    assert [point.at for point in answer.risk_coverage] == [0.0, 0.7]


def test_a_gate_that_is_a_rule_needs_no_metrics_and_no_quantisation() -> None:
    card = parsed(of_gate())
    answer = card.answer_as(GateAnswer)
    assert answer.limits == {"warmest_c": (28.5, 38.2)}
    assert answer.threshold is None
    assert (card.metrics, card.quantisation) == ((), None)


def test_a_gate_that_is_a_network() -> None:
    card = of_gate() | {"threshold": {"probability": 0.5, "reason": "chosen on others"}}
    del card["gate"]
    answer = parsed(card).answer_as(GateAnswer)
    assert answer.limits == {}
    assert answer.threshold is not None
    assert answer.threshold.probability == 0.5


@pytest.mark.parametrize("card", [of_classes, of_gate])
def test_another_task_gives_no_score(card: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(WrongTask, match=r"has the task (classes|gate); another one is needed here"):
        parsed(card()).answer_as(ScoreAnswer)


CLASSES = [
    "classes",
    "classes.labels",
    *(f"calibration.{key}" for key in ("temperature", "method", "ece", "ece_before", "nll", "nll_before")),
    "abstain.least_probability",
    "abstain.reason",
    "risk_coverage",
]
GATE = [
    *("refused", "refused.kind", "refused.share", "refused.low", "refused.high", "refused.n", "refused.made_how"),
    *("accepted", "accepted.population", "accepted.share", "accepted.low", "accepted.high", "accepted.n"),
]


@pytest.mark.parametrize(("make", "path"), [*((of_classes, path) for path in CLASSES), *((of_gate, path) for path in GATE)])
def test_without_any_one_of_its_parts_it_is_refused(make: Callable[[], dict[str, Any]], path: str) -> None:
    card = make()
    table, key = at(card, path)
    del table[key]
    with pytest.raises(CardIncomplete, match=f"lacks .*{key};"):
        parsed(card)


@pytest.mark.parametrize(
    ("make", "path", "value"),
    [
        (of_classes, "classes.labels", ["one"]),
        (of_classes, "classes.labels", ["one", "one"]),
        (of_classes, "calibration.temperature", 0.0),
        (of_classes, "abstain.least_probability", 1.5),
        (of_gate, "gate", {}),
        (of_gate, "gate.warmest_c", [30.0]),
        (of_gate, "gate.warmest_c", [40.0, 30.0]),
        (of_gate, "gate.warmest_c", ["low", "high"]),
        (of_gate, "accepted.share", 0.5),
        (of_gate, "accepted.n", 0),
        (shipped, "drift", {"score": [0.1, 0.9]}),
        (shipped, "drift", {"score": [float(-i) for i in range(11)]}),
        (shipped, "drift", {"score": ["low"] * 11}),
        (shipped, "explanation", [{"value": 0.4, "low": 0.5, "high": 0.6}]),
    ],
)
def test_a_value_that_says_nothing_is_refused(make: Callable[[], dict[str, Any]], path: str, value: Any) -> None:
    card = make()
    table, key = at(card, path)
    table[key] = value
    with pytest.raises(CardIncomplete, match=path.rpartition(".")[2]):
        parsed(card)


def test_drift_and_explanations_are_read() -> None:
    pointed = {"value": 0.41, "low": 0.3, "high": 0.5, "level": 0.95, "n": 90, "chance": 0.05, "note": "none"}
    card = parsed(
        shipped()
        | {"explanation": [{"method": "occlusion", "population": "slices with a lesion", **pointed}]}
        | {"drift": {"score": [i / 10 for i in range(11)]}}
    )
    assert card.drift["score"][5] == 0.5
    assert card.explanation[0].interval == (0.3, 0.5)
    assert card.explanation[0].chance == 0.05
