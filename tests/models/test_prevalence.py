"""Bayes with what a card says, checked against counting people."""

from __future__ import annotations

import dataclasses

import pytest

from models.bundle import Bundle, default_bundle
from models.card import Card
from models.errors import CardIncomplete
from models.prediction import Outcome
from models.prevalence import Share, predictive_values


@pytest.fixture(scope="module")
def card() -> Card:
    return Bundle.open(default_bundle("breast")).card


def with_figures(card: Card, sensitivity: Share, specificity: Share) -> Card:
    figures = []
    for figure in card.metrics:
        share = {"sensitivity": sensitivity, "specificity": specificity}.get(figure.name)
        figures.append(
            figure if share is None else dataclasses.replace(figure, value=share.value, interval=(share.low, share.high))
        )
    return dataclasses.replace(card, metrics=tuple(figures))


def test_the_values_are_those_of_a_thousand_people(card: Card) -> None:
    exact = with_figures(card, Share(0.9, 0.9, 0.9), Share(0.8, 0.8, 0.8))
    found = predictive_values(exact, 0.01)
    ill_above, well_above, ill_below, well_below = 9.0, 198.0, 1.0, 792.0
    assert found.positive.value == pytest.approx(ill_above / (ill_above + well_above))
    assert found.negative.value == pytest.approx(well_below / (ill_below + well_below))
    assert found.positive.low == pytest.approx(found.positive.high)


def test_the_interval_is_no_wider_than_the_corners_and_no_narrower_than_either_side_alone(card: Card) -> None:
    sensitivity, specificity = Share(0.76, 0.57, 0.90), Share(0.5, 0.31, 0.66)
    found = predictive_values(with_figures(card, sensitivity, specificity), 0.4).positive

    def positive(sensitivity: float, specificity: float) -> float:
        return 0.4 * sensitivity / (0.4 * sensitivity + 0.6 * (1 - specificity))

    assert positive(0.57, 0.31) < found.low < min(positive(0.57, 0.5), positive(0.76, 0.31))
    assert positive(0.90, 0.66) > found.high > max(positive(0.90, 0.5), positive(0.76, 0.66))


def test_a_rarer_illness_makes_the_same_answer_mean_less(card: Card) -> None:
    rare, common = predictive_values(card, 0.005), predictive_values(card, 0.4)
    assert rare.positive.high < common.positive.value
    assert rare.positive.value < 0.02, "a screening population"
    assert rare.negative.value > common.negative.value


def test_an_answer_below_the_threshold_still_leaves_some_who_are_ill(card: Card) -> None:
    found = predictive_values(card, 0.1)
    below = found.ill_given(Outcome.BELOW_THRESHOLD)
    assert below is not None
    assert below.low <= below.value <= below.high
    assert below.value == pytest.approx(1 - found.negative.value)
    assert found.ill_given(Outcome.ABOVE_THRESHOLD) == found.positive
    assert found.ill_given(Outcome.ABSTAINED) is None
    assert found.ill_given(Outcome.OUT_OF_DOMAIN) is None


def test_a_perfect_specificity_gives_no_division_by_zero(card: Card) -> None:
    found = predictive_values(with_figures(card, Share(0.9, 0.8, 1.0), Share(1.0, 0.9, 1.0)), 0.01)
    assert 0.9 < found.positive.value <= 1.0
    assert found.positive.low < 0.2


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 2.0])
def test_a_prevalence_is_a_share(card: Card, prevalence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        predictive_values(card, prevalence)


def test_without_sensitivity_nothing_is_said(card: Card) -> None:
    without = dataclasses.replace(card, metrics=tuple(one for one in card.metrics if one.name != "sensitivity"))
    with pytest.raises(CardIncomplete, match="sensitivity"):
        predictive_values(without, 0.01)
