"""The shipped card is complete and consistent; any other that is not is refused by the name of what it lacks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from models.bundle import Bundle, default_bundle
from models.card import parse_card
from models.errors import CardIncomplete
from tests.models.making import at, with_card

FIGURE = ["name", "subject", "population", "value", "low", "high", "level", "n", "unit", "evidence", "note"]
REQUIRED = [
    *(f"model.{key}" for key in ("name", "version", "task", "description", "licence", "intended_use", "not_shown")),
    *(f"data.{key}" for key in ("name", "source", "n", "positives", "unit")),
    *(f"data.{key}" for key in ("split_unit", "splits", "known_bias", "licence")),
    *(f"input.{key}" for key in ("modality", "shape", "dtype", "unit", "orientation", "preprocessing")),
    *(f"metrics.{key}" for key in FIGURE),
    *(f"baselines.{key}" for key in FIGURE),
    *(f"calibration.{key}" for key in ("slope", "intercept", "method", "prevalence", "brier", "brier_of_prevalence")),
    *(f"threshold.{key}" for key in ("probability", "reason")),
    *(f"abstain.{key}" for key in ("low", "high", "reason")),
    *(f"quantisation.{key}" for key in ("kind", "metric", "float", "quantised", "allowed_loss", "decisions", "note")),
    *(f"risk_coverage.{key}" for key in ("coverage", "risk", "half_width")),
    *(f"explanation.{key}" for key in ("method", "population", "value", "low", "high", "level", "n", "chance", "note")),
    *("model", "data", "input", "metrics", "baselines", "calibration", "threshold", "abstain", "risk_coverage", "quantisation"),
    *("explanation", "drift"),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_card_without_any_one_of_its_parts_is_refused_by_name(tmp_path: Path, path: str) -> None:
    def drop(card: dict[str, Any]) -> None:
        table, key = at(card, path)
        del table[key]

    named = re.sub(r"^(metrics|baselines|data|risk_coverage|explanation)\.", r"\1[0].", path)
    with pytest.raises(CardIncomplete) as error:
        Bundle.open(with_card(tmp_path, drop))
    assert f"lacks {named};" in str(error.value)
    assert "card.toml" in str(error.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model.name", "  "),
        ("model.name", 3),
        ("model.name", "../outside"),
        ("model.task", "oracle"),
        ("model.not_shown", []),
        ("model.not_shown", "nothing"),
        ("data.n", 0),
        ("data.n", 12.5),
        ("data.n", True),
        ("data.positives", -1),
        ("data.positives", 10**6),
        ("quantisation.quantised", -1.0),
        ("quantisation.decisions_flipped", -1),
        ("input.shape", [1, -24, 32, 1]),
        ("metrics.value", float("nan")),
        ("metrics.evidence", 1),
        ("threshold.probability", 1.2),
        ("abstain.low", 0.9),
        ("metrics", []),
        ("calibration", []),
    ],
)
def test_a_value_that_says_nothing_is_refused_by_name(tmp_path: Path, path: str, value: Any) -> None:
    def change(card: dict[str, Any]) -> None:
        table, key = at(card, path)
        table[key] = value

    with pytest.raises(CardIncomplete, match=path.rpartition(".")[2]):
        Bundle.open(with_card(tmp_path, change))


def test_a_figure_outside_its_own_interval_is_refused(tmp_path: Path) -> None:
    def change(card: dict[str, Any]) -> None:
        card["metrics"][0]["low"] = 0.99

    with pytest.raises(CardIncomplete, match=r"metrics\[0\]\.value lies outside its own interval"):
        Bundle.open(with_card(tmp_path, change))


def test_figures_of_which_none_is_evidence_are_refused(tmp_path: Path) -> None:
    def change(card: dict[str, Any]) -> None:
        for figure in card["metrics"]:
            figure["evidence"] = False

    with pytest.raises(CardIncomplete, match="metrics holds no figure that counts as evidence"):
        Bundle.open(with_card(tmp_path, change))


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(CardIncomplete, match="no valid TOML"):
        parse_card("[model", "card.toml")


def test_the_shipped_card_counts_only_the_years_with_both_classes_as_evidence() -> None:
    card = Bundle.open(default_bundle("breast")).card
    for figure in (*card.metrics, *card.baselines):
        assert figure.evidence == (figure.population == "2013-2015"), figure
        assert figure.unit == "patients", figure
    assert [data.split_unit for data in card.data] == ["patient"]


def test_the_shipped_card_puts_the_confounders_beside_the_model() -> None:
    card = Bundle.open(default_bundle("breast")).card
    subjects = {figure.subject for figure in card.baselines if figure.evidence}
    assert {"date alone", "room temperature, framing and marker size"} <= subjects
    own = next(figure for figure in card.metrics if figure.name == "auroc" and figure.evidence)
    assert all(figure.n == own.n for figure in card.baselines if figure.evidence)


def test_the_shipped_card_says_what_was_not_shown() -> None:
    text = " ".join(Bundle.open(default_bundle("breast")).card.not_shown)
    for word in ("cancer", "MLX90640", "mammography", "biopsy", "FDA"):
        assert word in text
