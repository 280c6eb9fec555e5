"""Writes the gate's card from what was measured. Every number on it comes from here; the words are for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.brain_gate import MODALITY, NAME, SIDE, TURNED, Verdicts, prepared
from tools.training.brain.gate import drawn, measure, patterns, words
from tools.training.brain.gate.checks import Checks
from tools.training.brain.gate.leave_out import LeftOut
from tools.training.brain.gate.material import BRAIN, Sample, Sizes, stacked
from tools.training.brain.gate.measure import Model, Share, shares
from tools.training.brain.phantom import head_phantom
from tools.training.cards import figure
from tools.training.clusters import auroc_of, cluster_auroc
from tools.training.quantisation import section
from tools.training.scores import Floats

SPLITS = "Jun Cheng and LGG: training, validation and test by patient, as the data comes"
PREPROCESSING = "mr-slice-square-1"


class Findings(NamedTuple):
    """Everything that was measured, for the card."""

    model: Model
    floating: Model
    trivial: Callable[[NDArray[np.uint8]], Floats]
    trivial_least: float
    """Probability of the trivial baseline from which it accepts as many proper slices as the gate must."""
    verdicts: Verdicts
    val: Checks
    test: Checks
    counts: dict[str, int]
    """Images of each kind that were trained on."""
    left_out: Sequence[LeftOut]
    bytes: int
    seed: int
    sizes: Sizes

    def aurocs(self) -> tuple[float, float]:
        """Return the AUROC of proper test slices against impostors, of the float and of the int8 network."""
        images, label = stacked([*self.test.plain, *self.test.impostors])
        proper = (label == BRAIN).astype(np.int64)
        return auroc_of(proper, self.floating(images)[:, 0]), auroc_of(proper, self.model(images)[:, 0])


def write_card(found: Findings) -> dict[str, Any]:
    """Return the whole card, in the order in which a person reads it."""
    return {
        "model": _model(),
        "data": words.data(found.counts, found.test),
        "input": _input(),
        "threshold": _threshold(found),
        "gate": {TURNED: [0.0, found.verdicts.most_turned]},
        "accepted": accepted_rows(found.test, found.model, found.verdicts),
        "refused": refused_rows(found.test, found.model, found.verdicts),
        "left_out": _left_out(found),
        "elsewhere": _elsewhere(found),
        "not_decided": _not_decided(found),
        "metrics": [_auroc(found.test, found.model, found.seed)],
        "baselines": _baselines(found),
        "quantisation": _quantisation(found),
        "training": _training(found),
    }


def figures_of(test: Checks, model: Model, verdicts: Verdicts, seed: int) -> list[dict[str, Any]]:
    """Return what `firstlight evaluate` holds against the card."""
    refused = [{**row, "name": "refused", "population": row["kind"]} for row in refused_rows(test, model, verdicts)]
    accepted = [{**row, "name": "accepted"} for row in accepted_rows(test, model, verdicts)]
    return [_auroc(test, model, seed), *({**row, "value": row["share"]} for row in (*accepted, *refused))]


def accepted_rows(test: Checks, model: Model, verdicts: Verdicts) -> list[dict[str, Any]]:
    populations = (
        (test.plain, "{}, test patients, as they are"),
        (test.views, "{}, test patients, random views"),
        (test.ends, "LGG, test patients, the {} tenth of a volume (often no head)"),
        (test.elsewhere, "{} (source never trained on)"),
    )
    return [
        {"population": form.format(one.kind.removeprefix("proper: ")), **_row(one, "patients or groups")}
        for samples, form in populations
        for one in shares(samples, model, verdicts, accepted=True)
    ]


def refused_rows(test: Checks, model: Model, verdicts: Verdicts) -> list[dict[str, Any]]:
    found = shares(test.impostors, model, verdicts, accepted=False)
    return [{"kind": one.kind, "made_how": words.made_how(one.kind), **_row(one, words.unit(one.kind))} for one in found]


def _row(one: Share, unit: str) -> dict[str, Any]:
    value, low, high = one.share
    return {"share": value, "low": low, "high": high, "n": one.units, "unit": unit, "images": one.images}


def golden_inputs() -> NDArray[np.float32]:
    """Return made-up inputs [k, 64, 64, 1]: six heads, and one of every second drawn kind. They belong to nobody."""
    rng = np.random.default_rng(7)
    makers = list({**drawn.MAKERS, **patterns.MAKERS}.values())[::2]
    images = [head_phantom(seed)[0] for seed in range(6)] + [make(rng) for make in makers]
    return np.stack([prepared(image) for image in images])[..., None]


def _model() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": "0.1.0",
        "task": "gate",
        "description": "A small int8 convolutional network that says whether an image is a slice of a head by magnetic "
        "resonance, upright and in its frame, before a brain model answers.",
        "licence": "Apache-2.0",
        "intended_use": "To keep the brain models from answering on what they were not trained on. It is no check of a "
        "patient's identity, of the body's side, of the sequence, or of the quality of an image.",
        "not_shown": list(words.NOT_SHOWN),
    }


def _input() -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, SIDE, SIDE, 1],
        "dtype": "int8",
        "unit": "any: a slice is scaled by its own 1st and 99.5th percentile, float32 0 to 1",
        "orientation": "row 0 at the top: front of the head in axial slices, crown in others; its right or left at the left",
        "preprocessing": PREPROCESSING,
    }


def _threshold(found: Findings) -> dict[str, Any]:
    return {
        "probability": found.verdicts.least,
        "reason": f"The highest probability of a head, upright or not, at which {1 - (1 - measure.WANTED) / 2:.2%} of each of "
        "both sets of validation slices pass (Jun Cheng, and LGG without the lowest and highest tenth of a volume); the limit "
        f"for turned heads costs no more than the same again. So {measure.WANTED:.1%} of each pass both. Impostors had no say.",
    }


def _left_out(found: Findings) -> list[dict[str, Any]]:
    return [
        {
            "kinds": one.group,
            "kind": share.kind,
            **_row(share, words.unit(share.kind)),
            "accepted_meanwhile": one.accepted,
        }
        for one in found.left_out
        for share in one.refused
    ]


def _elsewhere(found: Findings) -> list[dict[str, Any]]:
    """Return why slices of other sources are refused: the accepted share alone would not tell."""
    images, _ = stacked(found.test.elsewhere)
    probabilities, kinds = found.model(images), np.array([one.kind for one in found.test.elsewhere])
    head = Verdicts.domain(probabilities) >= found.verdicts.least
    turned = head & (Verdicts.turned(probabilities) > found.verdicts.most_turned)
    return [
        {
            "population": kind.removeprefix("proper: "),
            "images": int((kinds == kind).sum()),
            "refused_as_turned": float(turned[kinds == kind].mean()),
            "refused_as_no_head": float((~head)[kinds == kind].mean()),
            "note": words.WEB if kind.startswith("web") else "nothing of this source was trained on",
        }
        for kind in dict.fromkeys(kinds.tolist())
    ]


def _not_decided(found: Findings) -> list[dict[str, Any]]:
    return [
        {"kind": one.kind, "accepted": one.share.value, "images": one.images, "note": words.NOT_DECIDED}
        for one in shares(found.test.stripped, found.model, found.verdicts, accepted=True)
    ]


def _auroc(test: Checks, model: Model, seed: int) -> dict[str, Any]:
    return figure("auroc", *_auroc_of([*test.plain, *test.impostors], lambda some: model(some)[:, 0], seed), **_AUROC)


_AUROC: dict[str, Any] = {
    "unit": "patients, pictures and draws",
    "note": "Of the probability of a proper slice. Easy impostors dominate; the table of what is refused tells more.",
}


def _auroc_of(samples: Sequence[Sample], score: Callable[[NDArray[np.uint8]], Floats], seed: int) -> Any:
    images, label = stacked(samples)
    owner = np.array([f"{one.label} {one.kind} {one.unit}" if one.label else one.unit for one in samples])
    estimate = cluster_auroc((label == BRAIN).astype(np.int64), score(images), owner, seed)
    return "proper test slices against impostors", estimate, len(np.unique(owner))


def _baselines(found: Findings) -> list[dict[str, Any]]:
    test, subject = found.test, "eight plain numbers (boosted trees)"
    auroc = figure("auroc", *_auroc_of([*test.plain, *test.impostors], found.trivial, found.seed), **_AUROC, subject=subject)
    rows = [auroc]
    for name, samples, accepted in (
        ("accepted", test.plain, True),
        ("refused", test.impostors, False),
    ):
        passed = found.trivial(stacked(samples)[0]) >= found.trivial_least
        units = np.array([f"{one.kind} {one.unit}" for one in samples])
        share = measure.share(name, passed if accepted else ~passed, units)
        note = "Its threshold accepts as many validation slices as the gate's. Mean over images, whatever their kind."
        population = "proper test slices, as they are" if accepted else "impostors of all kinds"
        rows.append(
            figure(f"share {name}", population, share.share, share.units, unit="patients or images", note=note, subject=subject)
        )
    return rows


def _quantisation(found: Findings) -> dict[str, Any]:
    images, _ = stacked([*found.test.plain, *found.test.impostors])
    flipped = found.verdicts.accepted(found.model(images)) != found.verdicts.accepted(found.floating(images))
    note = "Proper test slices as they are, and impostors; both networks with the limits that were chosen for int8."
    return section("int8", "auroc", *found.aurocs(), flipped, note)


def _training(found: Findings) -> dict[str, Any]:
    return {
        "command": f"firstlight train brain-gate --data DIR --out BUNDLE --seed {found.seed}",
        "seed": found.seed,
        "images": sum(found.counts.values()),
        "proper": sum(count for kind, count in found.counts.items() if kind in ("Jun Cheng", "LGG")),
        "epochs": found.sizes.epochs,
        "network": f"five convolutions, {found.bytes} bytes as int8",
        "views": "zoom 0.75 to 1.12, turn ±15°, shift ±6 %, stretch ±8 %, mirrored left to right at random; coil shading, "
        "contrast, blur, Rician noise, a person's window, JPEG, 8 to 16 bits",
        "made_impostors_of_a_kind": found.sizes.checks,
    }
