from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import anomaly_scores
from models.brain_anomaly import AnomalyModel
from models.prediction import Outcome
from tests.tools.training.brain.anomaly.making import data
from tools.training.brain.phantom import head_phantom
from tools.training.errors import TrainingDataUnusable
from tools.training.run import Run, set_up

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

from tools.training.brain.anomaly import network
from tools.training.brain.anomaly.evaluate import evaluate
from tools.training.brain.anomaly.slices import load
from tools.training.brain.anomaly.train import train
from tools.training.evaluation import Verdict, compare


class Anything:
    def refusal(self, slice_: object) -> str | None:
        return None


def test_a_bundle_comes_out_that_answers_and_measures_as_its_card_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anomaly_scores, "FEWEST_SLICES", 10)
    folder, said = data(tmp_path / "data"), list[str]()
    train(folder, tmp_path / "bundle", seed=1, work_dir=tmp_path / "work", progress=said.append, epochs=2)
    model = AnomalyModel.load(tmp_path / "bundle", gate=Anything())
    answer = model.assess(head_phantom(3, 120)[0])
    assert answer.outcome is not Outcome.OUT_OF_DOMAIN
    assert answer.residual_map is not None
    assert answer.residual_map.shape == (120, 120)
    again = evaluate(tmp_path / "bundle", folder, progress=said.append)
    rows = compare(model.card.document, again.figures)
    assert {row.verdict for row in rows} == {Verdict.SAME}
    assert any("int8" in line for line in said)
    train(folder, tmp_path / "twin", seed=1, work_dir=tmp_path / "other", progress=said.append, epochs=2)
    assert AnomalyModel.load(tmp_path / "twin", gate=Anything()).assess(head_phantom(3, 120)[0]).bundle_sha256 == (
        answer.bundle_sha256
    ), "the same seed gives the same bundle"


def test_too_few_slices_for_an_average_that_shows_nobody_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataUnusable, match="at least 1000 are needed"):
        train(data(tmp_path / "data"), tmp_path / "bundle", seed=1, work_dir=tmp_path / "work", progress=print)
    assert not (tmp_path / "bundle").exists()


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    set_up(1)
    images = load(data(tmp_path / "data"), "train").image
    whole = network.fit(images, epochs=2, run=Run(tmp_path / "whole", 1, progress=lambda line: None))

    def stop(line: str) -> None:
        if "epoch 1 of 2" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.fit(images, epochs=2, run=Run(tmp_path / "part", 1, progress=stop))
    rest = network.fit(images, epochs=2, run=Run(tmp_path / "part", 1, progress=lambda line: None))
    for one, other in zip(whole.variables, rest.variables, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other)), one.path


def test_the_discriminator_does_not_run_away() -> None:
    set_up(2)
    import keras

    images = np.random.default_rng(1).uniform(-1, 1, (16, 64, 64, 1)).astype(np.float32)
    model = network.Daegan()
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    first = {name: float(value) for name, value in model.train_step(images).items()}
    for _ in range(8):
        last = {name: float(value) for name, value in model.train_step(images).items()}
    assert first["k"] > 0, "k rises while D's error on G(x) is small beside its error on x"
    assert 0 <= last["k"] <= 1
    assert last["real"] < first["real"]
    assert np.isfinite(list(last.values())).all()
