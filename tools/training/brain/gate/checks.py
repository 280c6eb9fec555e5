"""What a trained gate is tried on: proper slices and impostors of patients, sources and draws that it has not learnt from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate import material
from tools.training.brain.gate.material import BRAIN, OTHER, Sample, packed, unpacked
from tools.training.brain.gate.web import web_images
from tools.training.run import Run, seed_of

TOMOGRAM = "computed tomogram, head (web)"


class Checks(NamedTuple):
    """Samples of one part."""

    plain: list[Sample]
    """Proper slices as they are."""
    views: list[Sample]
    """One random view of each: other framing, window, coil, noise, depth."""
    ends: list[Sample]
    """Lowest and highest slices."""
    elsewhere: list[Sample]
    """Proper slices of sources that nothing was trained on."""
    stripped: list[Sample]
    """Brains without a skull."""
    impostors: list[Sample]


def checks(data_dir: Path, part: str, seed: int, count: int) -> Checks:
    """Return the checks of a part, ``count`` impostors of each kind that is made; the same seed gives the same."""
    found = material.heads(data_dir, part, material.SHOWN)
    collection = material.collection(data_dir, part)
    web = web_images(data_dir) if part == "test" else []
    rng = np.random.default_rng(seed_of(seed, "views", part))
    return Checks(
        plain=material.proper(found, None),
        views=material.proper(found, rng),
        ends=material.ends(found),
        elsewhere=[
            *_as_they_are((one.grey(), BRAIN, one.kind, one.kind) for one in collection.proper),  # one person each
            *_as_they_are((one.grey(), BRAIN, f"web, {one.source}", one.group) for one in web if not one.tomogram),
        ],
        stripped=_as_they_are((one.grey(), BRAIN, one.kind, one.group) for one in collection.stripped),
        impostors=[
            *material.of_heads(found, count, seed_of(seed, "heads", part)),
            *material.of_nothing(count, seed_of(seed, "nothing", part)),
            *material.of_collection(collection.impostors, seed_of(seed, "collection", part), cuts=False),
            *_as_they_are((one.grey(), OTHER, TOMOGRAM, one.group) for one in web if one.tomogram),
        ],
    )


def kept(run: Run, part: str, data_dir: Path, count: int) -> Checks:
    """Return `checks`, made once in a run."""

    def compute() -> dict[str, NDArray[Any]]:
        made = checks(data_dir, part, run.seed, count)
        return {f"{field} {key}": value for field in Checks._fields for key, value in packed(getattr(made, field)).items()}

    arrays = run.once(f"checks {part}", compute)
    keys = ("images", "label", "kind", "unit")
    return Checks(*(unpacked({key: arrays[f"{field} {key}"] for key in keys}) for field in Checks._fields))


def _as_they_are(images: material.Labelled) -> list[Sample]:
    made = [material.sample(*one) for one in images]
    return [one for one in made if one is not None]
