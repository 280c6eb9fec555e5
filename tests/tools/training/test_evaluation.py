"""A remade figure is held against the card's, and a difference is not overlooked."""

from __future__ import annotations

from typing import Any

import pytest

from tools.training.cards import figure
from tools.training.evaluation import Verdict, compare, on_card
from tools.training.scores import Estimate


def one(value: float = 0.9, n: int = 28, name: str = "auroc", subject: str = "this model") -> dict[str, Any]:
    return figure(name, "test", Estimate(value, 0.8, 0.95), n, unit="patients", note="made up", subject=subject)


def card(**sections: Any) -> dict[str, Any]:
    return {"metrics": [one()], "baselines": [one(0.85, subject="date alone")], **sections}


def test_rounding_is_no_difference() -> None:
    rows = compare(card(), [one(0.90004), one(0.85, subject="date alone")])
    assert [row.verdict for row in rows] == [Verdict.SAME, Verdict.SAME]


@pytest.mark.parametrize("changed", [one(0.9003), one(n=27)])
def test_another_value_or_number_of_patients_differs(changed: dict[str, Any]) -> None:
    rows = compare(card(), [changed])
    assert [row.verdict for row in rows] == [Verdict.DIFFERS, Verdict.NOT_REMADE]
    assert rows[0].card == (0.9, 0.8, 0.95)


def test_a_figure_that_the_card_lacks_is_shown_too() -> None:
    rows = compare(card(), [one(name="dice")])
    assert [row.verdict for row in rows] == [Verdict.NOT_REMADE, Verdict.NOT_REMADE, Verdict.NOT_ON_CARD]


def test_a_gates_shares_and_pointing_games_are_figures_too() -> None:
    interval = {"low": 0.9, "high": 1.0, "n": 40}
    document = {
        "refused": [{"kind": "hands", "share": 0.99, "made_how": "drawn", **interval}],
        "accepted": [{"population": "chests", "share": 1.0, **interval}],
        "explanation": [{"method": "cam", "population": "test", "value": 0.95, "chance": 0.1, **interval}],
    }
    assert [(row["name"], row["population"], row["value"]) for row in on_card(document)] == [
        ("refused", "hands", 0.99),
        ("accepted", "chests", 1.0),
        ("pointing game, cam", "test", 0.95),
    ]
    remade = {"name": "refused", "population": "hands", "value": 0.99, **interval}
    assert compare(document, [remade])[0].verdict is Verdict.SAME
