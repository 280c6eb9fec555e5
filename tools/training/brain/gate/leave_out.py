"""How a gate does on a kind of thing that it has never seen: networks trained without some kinds, tried on them.

The shipped network knows all of these kinds, so its refusals of them flatter it; what it will meet at work, nobody has drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.training.brain.gate import measure, network
from tools.training.brain.gate.checks import Checks
from tools.training.brain.gate.collected import CUT_OUT
from tools.training.brain.gate.material import Sample, Sizes, stacked
from tools.training.run import Run

GROUPS: Mapping[str, tuple[str, ...]] = {
    "faces and hands": ("drawn face", "face", "drawn hand"),
    "photographs and rooms": ("photograph", CUT_OUT, "empty room", "texture or microscopy"),
    "limbs, trunks and spines across": ("drawn limb across", "drawn trunk across", "drawn spine from the side"),
    "chests in projection": ("drawn chest in projection", "X-ray projection"),
    "thermograms": ("drawn chest in a thermogram", "thermogram of a chest"),
    "balls, fruits and phantoms": ("ball, fruit or phantom", "drawing of a head (Shepp-Logan)"),
    "writing, screens and shapes": ("writing", "screen or diagram", "shapes", "stripes and checks"),
    "noise and nothing": ("noise of any spectrum", "gradient", "almost constant", "hot pixels", "spectrum of a head"),
    "heads in pieces or with a tomogram's skull": ("shuffled pieces of a head", "head with a tomogram's skull"),
}


class LeftOut(NamedTuple):
    group: str
    refused: list[measure.Share]
    """Of each kind of the group."""
    accepted: float
    """Mean of the shares of proper test slices that the same network accepts at its own limits."""


def left_out(run: Run, training: Mapping[str, NDArray[np.generic]], val: Checks, test: Checks, sizes: Sizes) -> list[LeftOut]:
    """Train one network without each group, choose its limits on ``val`` and try it on the group in ``test``."""
    return [_without(run, group, kinds, training, val, test, sizes) for group, kinds in GROUPS.items()]


def _without(
    run: Run,
    group: str,
    kinds: tuple[str, ...],
    training: Mapping[str, NDArray[np.generic]],
    val: Checks,
    test: Checks,
    sizes: Sizes,
) -> LeftOut:
    rest = ~np.isin(training["kind"], kinds)
    images, label = np.asarray(training["images"])[rest], np.asarray(training["label"])[rest]
    half = np.random.default_rng(run.seed).permutation(len(images))[: len(images) // 2]
    model = network.fit(run, f"without {group}", images[half], label[half], sizes.epochs_without)

    probabilities = measure.both_ways(lambda some: network.logits(model, some))
    verdicts = measure.choose(probabilities(stacked(one)[0]) for one in populations(val))
    unseen = [one for one in test.impostors if one.kind in kinds]
    accepted = measure.shares(test.plain, probabilities, verdicts, accepted=True)
    return LeftOut(
        group,
        measure.shares(unseen, probabilities, verdicts, accepted=False),
        float(np.mean([one.share.value for one in accepted])),
    )


def populations(val: Checks) -> list[list[Sample]]:
    """Return the sets of proper slices each of which must be accepted: those of each data set, as they are."""
    kinds = dict.fromkeys(one.kind for one in val.plain)
    return [[one for one in val.plain if one.kind == kind] for kind in kinds]
