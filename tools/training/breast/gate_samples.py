"""The images on which the chest gate is fitted and measured, each already as the gate sees it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivers.sim.body import Torso
from tools.training.breast import impostors
from tools.training.breast.gate import Images, Samples
from tools.training.breast.impostors import Kind
from tools.training.breast.marker import paint_over
from tools.training.breast.thermograms import Thermograms
from tools.training.breast.views import full_frame, prepare, random_framing, view
from tools.training.run import Run, seed_of
from tools.training.scores import Ints

VIEWS = 5
"""Of each patient: all but one framed at random, the last one the whole thermogram with face and marker."""
DRAWN = 1000
"""Impostors of each kind that is drawn; of those that are made of chests there is one for each patient."""
TORSOS = 400
PARTS = 5
"""Patients are in the part that the remainder of their number says; whoever is measured is in no part that was fitted."""


class Material(NamedTuple):
    chests: Samples
    owner: Ints
    """Whose view each of ``chests`` is."""
    impostors: dict[str, Samples]
    part: dict[str, Ints]
    """In which part each impostor is: that of the patient it is made of, else any."""
    torsos: Samples
    """Simulated chests: every second one is a proper input for the network, the others are measured."""


def make(data: Thermograms, run: Run, kinds: dict[str, Kind]) -> Material:
    """Return everything; what an interrupted run has made already is not made again."""
    views = run.once("gate-views", lambda: {"views": _views(data, run.seed)})["views"]
    owner = np.repeat(data.patient, VIEWS)
    found, part = {}, {}
    for name, kind in kinds.items():
        source = np.arange(0, len(views), VIEWS) if kind.from_chest else np.arange(DRAWN) * VIEWS % len(views)
        found[name] = _stored(run, f"gate-{name}", partial(_made, kind, views, source, run, name))
        part[name] = (owner[source] if kind.from_chest else np.arange(DRAWN)) % PARTS
    return Material(
        _stored(run, "gate-chests", lambda: views),
        owner,
        found,
        part,
        _stored(run, "gate-torsos", lambda: torso_images(run.seed)),
    )


def _views(data: Thermograms, seed: int) -> Images:
    rng = np.random.default_rng(seed_of(seed, "gate views"))
    views = []
    for celsius in data.celsius:
        prepared = prepare(paint_over(celsius))
        views += [view(prepared, random_framing(rng), rng) for _ in range(VIEWS - 1)] + [full_frame(celsius, rng)]
    return np.stack(views)


def _made(kind: Kind, views: Images, source: NDArray[Any], run: Run, name: str) -> Images:
    rng = np.random.default_rng(seed_of(run.seed, "impostors", name))
    return np.stack([impostors.make(kind, rng, views[index]) for index in source])


def torso_images(seed: int, count: int = TORSOS) -> Images:
    """Return ``count`` simulated chests, somewhat out of place and of all skin temperatures that the kiosk's own tests use."""
    rng = np.random.default_rng(seed_of(seed, "torsos"))
    images = []
    for index in range(count):
        torso = Torso(
            distance=rng.uniform(0.9, 1.15),
            x=rng.uniform(-0.05, 0.05),
            skin_c=rng.uniform(31.5, 35),
            asymmetry_k=rng.uniform(-1.5, 1.5),
            vessels_k=rng.uniform(0, 0.8),
            seed=index,
        )
        ideal = torso.celsius_at(0.0, rng.uniform(18, 25))
        images.append(ideal + rng.normal(0, rng.uniform(0.05, 0.3), ideal.shape))
    return np.stack(images).astype(np.float32)


def _stored(run: Run, name: str, images: Any) -> Samples:
    def compute() -> dict[str, NDArray[Any]]:
        samples = Samples.of(images())
        return {"table": np.array(json.dumps(samples.table)), "prepared": samples.prepared}

    arrays = run.once(name.replace(" ", "-").replace(",", ""), compute)
    return Samples(json.loads(str(arrays["table"])), arrays["prepared"])
