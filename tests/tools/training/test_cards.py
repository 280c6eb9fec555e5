"""What every card and bundle has in common: figures, golden outputs, and that nothing of somebody else's is replaced."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import CARD, Bundle, default_bundle
from models.errors import CardIncomplete
from models.golden import Golden
from models.interpreter import Network
from tools.training.cards import check_place, deciles, figure, plain, write_bundle
from tools.training.errors import ModelTooLarge, PlaceTaken
from tools.training.scores import Estimate


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return Bundle.open(default_bundle("breast"))


def document(bundle: Bundle) -> dict[str, Any]:
    return tomllib.loads((bundle.path / CARD).read_text(encoding="utf-8"))


def inputs() -> np.ndarray:
    shape = Network(Bundle.open(default_bundle("breast")).model).input.shape
    return np.random.default_rng(1).normal(size=(4, *shape[1:])).astype(np.float32)


def test_a_bundle_is_written_opened_and_replaced(tmp_path: Path, shipped: Bundle) -> None:
    first = write_bundle(tmp_path / "made", shipped.model, document(shipped), inputs())
    golden = Golden.of(first)
    assert golden is not None
    golden.check(Network(first.model))
    again = write_bundle(tmp_path / "made", shipped.model, document(shipped), inputs())
    assert again.sha256 == first.sha256
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_raw_and_real_golden_inputs_are_the_same(tmp_path: Path, shipped: Bundle) -> None:
    network = Network(shipped.model)
    raw = np.concatenate([network.input.quantise(one) for one in inputs()])
    real = write_bundle(tmp_path / "real", shipped.model, document(shipped), inputs())
    assert write_bundle(tmp_path / "raw", shipped.model, document(shipped), raw).sha256 == real.sha256


def test_an_incomplete_card_leaves_the_previous_bundle(tmp_path: Path, shipped: Bundle) -> None:
    first = write_bundle(tmp_path / "made", shipped.model, document(shipped), inputs())
    card = document(shipped)
    del card["threshold"]
    with pytest.raises(CardIncomplete, match="threshold"):
        write_bundle(tmp_path / "made", shipped.model, card, inputs())
    assert Bundle.open(tmp_path / "made").sha256 == first.sha256


def test_what_is_no_bundle_is_not_replaced(tmp_path: Path, shipped: Bundle) -> None:
    (tmp_path / "thesis.tex").write_text("the only copy")
    with pytest.raises(PlaceTaken, match="no bundle"):
        write_bundle(tmp_path, shipped.model, document(shipped), inputs())
    assert (tmp_path / "thesis.tex").read_text() == "the only copy"
    check_place(tmp_path / "new")


def test_a_network_without_golden_inputs_is_refused(tmp_path: Path, shipped: Bundle) -> None:
    with pytest.raises(ValueError, match="golden inputs"):
        write_bundle(tmp_path / "made", shipped.model, document(shipped))
    assert not (tmp_path / "made").exists()


def test_a_large_network_is_refused(tmp_path: Path, shipped: Bundle) -> None:
    with pytest.raises(ModelTooLarge, match="3000001 bytes"):
        write_bundle(tmp_path / "made", shipped.model + bytes(3_000_001 - len(shipped.model)), document(shipped), inputs())


def test_numpy_numbers_become_plain_ones() -> None:
    found = plain({"a": np.float32(0.5), "b": [np.int64(3), np.bool_(True)], "c": np.arange(2), "d": {"e": None, "f": "x"}})
    assert found == {"a": 0.5, "b": [3, True], "c": [0, 1], "d": {"f": "x"}}
    assert type(found["b"][1]) is bool


def test_a_figure_says_of_how_many_what() -> None:
    found = figure("auroc", "test", Estimate(0.9, 0.8, 0.95), 28, unit="patients", note="made up")
    assert (found["n"], found["unit"], found["level"], found["subject"]) == (28, "patients", 0.95, "this model")


def test_deciles_are_eleven_quantiles_in_order() -> None:
    assert deciles(np.arange(101)) == [float(k) for k in range(0, 101, 10)]
