"""Every model of the registry leads to functions of the shape that the commands call."""

from __future__ import annotations

import inspect

import pytest

from tools.training.registry import MODELS

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")


@pytest.mark.parametrize("name", MODELS)
def test_a_model_can_be_trained_and_evaluated(name: str) -> None:
    train = inspect.signature(MODELS[name].train()).parameters
    assert list(train)[:2] == ["data_dir", "out_dir"]
    assert {"seed", "work_dir", "progress"} <= train.keys()
    assert ("weights" in train) == MODELS[name].pretrained
    assert list(inspect.signature(MODELS[name].evaluate()).parameters)[:3] == ["bundle_path", "data_dir", "progress"]
