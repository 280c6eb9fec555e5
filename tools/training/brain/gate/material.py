"""The sets that the gate is trained, chosen and measured on: proper views of slices, and impostors of every kind.

Patients, sources and random draws of one part are never in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import SIDE, prepared
from models.errors import BadInput
from tools.training.brain.data import Slice, gliomas, of_split, tumour_types
from tools.training.brain.gate import derived, drawn, patterns
from tools.training.brain.gate.collected import CUT_OUT, FOLDER, PROPER, STRIPPED, Picture, collected, cut_out, random_cut
from tools.training.brain.gate.views import Rng, delivered, random_view
from tools.training.run import seed_of

BRAIN, TURNED, INVERTED, FRAMING, OTHER = range(5)
"""The network's outputs."""
LEARNT, SHOWN = 0.05, 0.1
"""Of the slices of a volume at its lower and at its upper end: there may be little of a head in them. So the outermost are not
learnt from, and a few more are reported by themselves."""
CUTS = {"photograph": 40, "face": 25, "texture or microscopy": 60, "thermogram of a chest": 3, "screen or diagram": 1}
"""Views for training of each collected picture."""


class Sample(NamedTuple):
    image: NDArray[np.uint8]
    """[SIDE, SIDE]: what the network sees, times 255."""
    label: int
    kind: str
    unit: str
    """Whose it is: patient, volume, picture or draw."""


Labelled = Iterable[tuple[NDArray[Any], int, str, str]]
"""Image, label, kind and unit."""


class Sizes(NamedTuple):
    """How much is made; less for a quick look."""

    views: int = 2
    """Of each proper slice."""
    derived: int = 400
    """Of each kind that is made of heads."""
    drawn: int = 250
    """Of each kind that is drawn."""
    checks: int = 150
    """Of each made kind, for choosing and for the figures."""
    epochs: int = 12
    epochs_without: int = 4
    """Of the networks that are trained without some kinds."""


class Heads(NamedTuple):
    """The proper slices of one part."""

    jun_cheng: list[Slice]
    lgg: list[Slice]
    """Without the ends."""
    ends: list[Slice]


def heads(data_dir: Path, part: str, end: float) -> Heads:
    """Return the proper slices of a part; ``end`` is the share of a volume's slices that is left out at either end."""
    lgg = of_split(gliomas(data_dir), part)
    middle = [one for one in lgg if end <= one.position <= 1 - end]
    return Heads(of_split(tumour_types(data_dir), part), middle, [one for one in lgg if one not in middle])


def sample(image: NDArray[Any], label: int, kind: str, unit: str) -> Sample | None:
    """Return what the network sees of ``image``, or ``None`` where it is refused before any network (constant)."""
    try:
        return Sample(np.rint(prepared(image) * 255).astype(np.uint8), label, kind, unit)
    except BadInput:
        return None


def proper(found: Heads, rng: Rng | None, views: int = 1) -> list[Sample]:
    """Return the slices as they are (``rng`` is ``None``: all three channels of LGG), or random views of them."""
    return [one for one in _proper(found, rng, views) if one is not None]


def _proper(found: Heads, rng: Rng | None, views: int) -> Iterator[Sample | None]:
    for one in found.jun_cheng:
        grey = one.grey()
        for _ in range(views):
            yield sample(grey if rng is None else random_view(grey, rng), BRAIN, "Jun Cheng", f"jun cheng {one.patient}")
    for one in found.lgg:
        channels = one.channels()
        for channel in range(3) if rng is None else rng.integers(0, 3, views):
            grey = channels[..., channel]
            yield sample(grey if rng is None else random_view(grey, rng), BRAIN, "LGG", f"lgg {one.patient}")


def ends(found: Heads) -> list[Sample]:
    """Return the lowest and highest slices as they are."""
    made = [
        sample(one.channels()[..., channel], BRAIN, "lowest" if one.position < 0.5 else "highest", f"lgg {one.patient}")
        for one in found.ends
        for channel in range(3)
    ]
    return [one for one in made if one is not None]


def of_heads(found: Heads, count: int, seed: int) -> list[Sample]:
    """Return ``count`` impostors of each kind that is made of heads."""
    groups = ((TURNED, derived.TURNED), (INVERTED, derived.INVERTED), (FRAMING, derived.FRAMING), (OTHER, derived.OTHER))
    made = []
    for label, makers in groups:
        for kind, make in makers.items():
            rng = np.random.default_rng(seed_of(seed, kind))
            for _ in range(count):
                one, channel = _any_of(found, rng)
                made.append(sample(make(channel, rng), label, kind, one.patient or "patients not transcribed"))
    return [one for one in made if one is not None]


def _any_of(found: Heads, rng: Rng) -> tuple[Slice, NDArray[np.uint8]]:
    from_lgg = rng.random() < 0.5
    pool = found.lgg if from_lgg else found.jun_cheng
    one = pool[int(rng.integers(len(pool)))]
    return one, one.channels()[..., int(rng.integers(3))] if from_lgg else one.grey()


DRAWN: Mapping[str, drawn.Maker] = {**drawn.MAKERS, **patterns.MAKERS}
UNTOUCHED = ("almost constant", "hot pixels")
"""Kinds that shading, blur and noise would turn into another one."""


def of_nothing(count: int, seed: int, without: Sequence[str] = ()) -> list[Sample]:
    """Return ``count`` drawn impostors of each kind but those in ``without``."""
    made = []
    for kind, make in DRAWN.items():
        if kind in without:
            continue
        rng = np.random.default_rng(seed_of(seed, kind))
        for number in range(count):
            image = make(rng)
            image = image if kind in UNTOUCHED else delivered(image, rng)
            made.append(sample(image, OTHER, kind, f"draw {number}"))
    return [one for one in made if one is not None]


def of_collection(pictures: Sequence[Picture], seed: int, *, cuts: bool) -> list[Sample]:
    """Return impostors of collected pictures: as they are, or `CUTS` views of each and as many cut-outs of photographs."""
    made = []
    for picture in pictures:
        rng = np.random.default_rng(seed_of(seed, picture.source, picture.group, picture.kind))
        grey = picture.grey()
        made.append(sample(grey, OTHER, picture.kind, _unit(picture)))
        many = CUTS.get(picture.kind, 10) if cuts else 0
        made += [sample(random_cut(grey, rng), OTHER, picture.kind, _unit(picture)) for _ in range(many)]
        if picture.kind == "photograph":
            made += [sample(cut_out(grey, rng), OTHER, CUT_OUT, _unit(picture)) for _ in range(25 if cuts else 5)]
    return [one for one in made if one is not None]


def _unit(picture: Picture) -> str:
    return f"{picture.source} {picture.group}"


class Collection(NamedTuple):
    """Collected pictures of one part."""

    impostors: list[Picture]
    proper: list[Picture]
    stripped: list[Picture]


def collection(data_dir: Path, part: str) -> Collection:
    mine = [one for one in collected(data_dir / FOLDER) if one.part == part]
    return Collection(
        [one for one in mine if not one.kind.startswith((PROPER, STRIPPED))],
        [one for one in mine if one.kind.startswith(PROPER)],
        [one for one in mine if one.kind.startswith(STRIPPED)],
    )


def stacked(samples: Sequence[Sample]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images [n, SIDE, SIDE] and labels [n]."""
    if not samples:
        return np.empty((0, SIDE, SIDE), np.uint8), np.empty(0, np.int64)
    return np.stack([one.image for one in samples]), np.array([one.label for one in samples])


def packed(samples: Sequence[Sample]) -> dict[str, NDArray[Any]]:
    """Return samples as arrays: images [n, SIDE, SIDE], label, kind and unit [n]."""
    images, label = stacked(samples)
    kinds, units = (np.array([one[k] for one in samples], dtype=np.str_) for k in (2, 3))
    return {"images": images, "label": label, "kind": kinds, "unit": units}


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> list[Sample]:
    """Return the samples of `packed`."""
    rest = (arrays[key].tolist() for key in ("label", "kind", "unit"))
    return [Sample(*one) for one in zip(arrays["images"], *rest, strict=True)]
