"""Where the pretrained MobileNetV2 lies that the brain networks start from; docs/data.md says where it comes from."""

from __future__ import annotations

from pathlib import Path

from tools.training.errors import TrainingDataMissing

WEIGHTS = "mobilenet_v2_1.0_no_top_from_coral_ptq.weights.h5"


def find(data_dir: Path, given: Path | None = None) -> Path:
    """Return the file with the weights: ``given``, or `WEIGHTS` in one of two folders called ``weights``.

    They are looked for in ``data_dir``, then beside the folder that holds ``data_dir``. Raises `TrainingDataMissing`.
    """
    if given is not None:
        if given.is_file():
            return given
        raise TrainingDataMissing(f"{given} is missing; --weights takes MobileNetV2 from ImageNet (docs/data.md)")
    whole = data_dir.resolve()
    places = [folder / "weights" / WEIGHTS for folder in (whole, *whole.parents[1:2])]
    for place in places:
        if place.is_file():
            return place
    raise TrainingDataMissing(f"there is no {' and no '.join(map(str, places))}: MobileNetV2 from ImageNet (docs/data.md)")
