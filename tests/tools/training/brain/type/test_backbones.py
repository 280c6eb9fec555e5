from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

from tests.tools.training.brain.type.making import made_up
from tools.training.brain.type import backbones


@pytest.mark.slow
def test_a_backbone_gets_a_row_with_intervals_and_sizes_and_is_not_trained_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = {"custom CNN": backbones.BACKBONES["custom CNN"]}
    monkeypatch.setattr(backbones, "BACKBONES", only)
    data, said = made_up(tmp_path / "data"), list[str]()
    table = backbones.measure(data, said.append, weights=tmp_path / "none", work_dir=tmp_path / "work")
    (row,) = table["rows"]
    assert row["network"] == "custom CNN"
    assert row["starts_from"] == "random"
    for metric in ("accuracy", "macro_auroc"):
        value, low, high = row[metric]
        assert 0 <= low <= value <= high <= 1
    assert row["parameters"] == 98_547
    assert row["int8_bytes"] < row["float_bytes"] / 2
    assert row["inference_ms"] > 0
    assert table["protocol"]["test_patients"] == 9
    assert table["protocol"]["training_slices"] == 24
    monkeypatch.setattr(backbones, "_trained", None)
    assert backbones.measure(data, said.append, weights=tmp_path / "none", work_dir=tmp_path / "work") == table


def test_six_networks_are_compared_and_one_starts_from_pretrained_weights() -> None:
    assert list(backbones.BACKBONES) == [
        "custom CNN",
        "MobileNetV2 1.0, pretrained",
        "MobileNetV2 1.0",
        "EfficientNet-B0",
        "ResNet50",
        "VGG16",
    ]
    assert [start for start, _ in backbones.BACKBONES.values()].count("ImageNet") == 1
