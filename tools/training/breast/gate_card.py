"""Writes the chest gate's card from what was measured."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models import chest_gate
from models.interpreter import Network
from models.preprocess import COLUMNS, ROWS, relative
from tools.training import quantisation
from tools.training.breast import impostors
from tools.training.breast.gate import REFUSED, Fitted
from tools.training.breast.gate_samples import Material, torso_images
from tools.training.breast.thermograms import Thermograms
from tools.training.scores import Estimate, auroc

VERSION = "0.2.0"
COMPARED = 100
"""Simulated torsos on which the file is compared with what was fitted."""
NOT_SHOWN = (
    "It has not been tried on an image from a real sensor, nor on a real hand, face, back, belly or clothed person: all of "
    "these were drawn from simple shapes, or not tried at all. A back or a belly will probably pass.",
    "It does not tell a chest that is upside down, nor left from right: an image and its mirror image are the same to it. What "
    "guards both is the driver's fixed orientation, and how the sensor is mounted.",
    "It does not tell a person from a model of one, nor whose chest it is.",
    "All chests are of one hospital and one camera, seen through a simulated sensor; arms raised, nobody clothed.",
)


class Shares(NamedTuple):
    """What was measured on people and things to which nothing was fitted."""

    refused: dict[str, tuple[Estimate, int]]
    """By kind: share and number."""
    unseen: dict[str, tuple[Estimate, int]]
    """The same by gates that were trained without this kind."""
    accepted: dict[str, tuple[Estimate, int, int]]
    """By population: share, images, patients (0: simulated)."""


def write_card(
    data: Thermograms, gate: Fitted, shares: Shares, material: Material, network: bytes, seed: int
) -> dict[str, Any]:
    """Return the whole card, in the order in which a person reads it."""
    return {
        "model": {
            "name": chest_gate.NAME,
            "version": VERSION,
            "task": "gate",
            "description": "Says whether a thermal image shows a chest from the front, in °C: limits of seven plain "
            "features, and a "
            "network of one hidden layer that knows where a chest is warm.",
            "licence": "Apache-2.0",
            "intended_use": "To keep the breast model from answering about what it was not made for. It is no protection "
            "against "
            "somebody who means to deceive it.",
            "not_shown": list(NOT_SHOWN),
        },
        "data": [_data(data)],
        "input": {
            "modality": chest_gate.MODALITY,
            "shape": [1, ROWS, COLUMNS, 1],
            "dtype": "float32",
            "unit": "°C before preprocessing, float32 [24, 32]",
            "orientation": "row 0 at the top; the patient's right is at the left of the image",
            "preprocessing": chest_gate.PREPROCESSING,
        },
        "gate": {name: list(limits) for name, limits in gate.limits.items()},
        "threshold": {
            "probability": gate.threshold,
            "reason": f"{REFUSED:.1%} of the views of a fifth of the patients, whom the network has not seen, lie below it.",
        },
        "refused": [_refused(kind, *found) for kind, found in shares.refused.items()],
        "accepted": [_accepted(name, *found) for name, found in shares.accepted.items()],
        "never_trained_on": [
            {**_share(*found), "kind": kind, "note": "refused by a gate whose network has seen no hand, face or photograph"}
            for kind, found in shares.unseen.items()
        ],
        "quantisation": _quantisation(gate, material, network, seed),
        "training": {"command": f"firstlight train chest-gate --data DIR --out BUNDLE --seed {seed}", "seed": seed},
    }  # fmt: skip


def _data(data: Thermograms) -> dict[str, Any]:
    return {
        "name": "DMR-IR, frontal, static: one thermogram for each patient, raw temperatures or rescaled pictures",
        "source": "Database for Mastology Research, Visual Lab, Universidade Federal Fluminense; L. F. Silva et al., "
        "J. Med. Imaging Health Inform. 4(1):92-100, 2014",
        "n": len(np.unique(data.patient)),
        "positives": 0,
        "unit": "patients",
        "split_unit": "patient",
        "splits": "five parts by patient number; whoever is measured was used neither for limits nor for network or "
        "threshold. Three "
        "forms of the gate had been looked at on all of these patients before this one, so its figures flatter it a little",
        "known_bias": "One hospital, one camera, arms raised. Each patient is seen as a simulated sensor would see the "
        "thermogram.",
        "licence": "offered for research; no image is part of the bundle",
    }


def _refused(kind: str, share: Estimate, n: int) -> dict[str, Any]:
    made = {**impostors.KINDS, **impostors.NOT_TOLD}[kind]
    how = made.made_how + (", a view of each patient whom the gate has not seen" if made.from_chest else "")
    told = " (this gate is not expected to tell it)" if kind in impostors.NOT_TOLD else ""
    return {"kind": kind, **_share(share, n), "made_how": how + told}


def _accepted(population: str, share: Estimate, n: int, patients: int) -> dict[str, Any]:
    note = f"of {patients} patients, who were resampled" if patients else "made up; the network has seen others of their kind"
    return {"population": population, **_share(share, n), "note": note}


def _share(share: Estimate, n: int) -> dict[str, Any]:
    return {"share": share.value, "low": share.low, "high": share.high, "n": n}


def _quantisation(gate: Fitted, material: Material, network: bytes, seed: int) -> dict[str, Any]:
    """Compare the file with what was fitted, on simulated torsos; the drawn faces are what the AUROC sets them against."""
    images, loaded = torso_images(seed, COMPARED), Network(network)
    logits = np.array([float(loaded(relative(image)).item()) for image in images])
    impostor = gate.logit(material.impostors["face"].prepared)
    own = gate.logit(material.torsos.prepared[: len(images)])
    label = np.repeat([1, 0], [len(images), len(impostor)])
    limit = np.log(gate.threshold / (1 - gate.threshold))
    return quantisation.section(
        "float32 weights, activations, input and output", "auroc of simulated torsos against drawn faces",
        auroc(label, np.concatenate([own, impostor])), auroc(label, np.concatenate([logits, impostor])),
        (own >= limit) != (logits >= limit), "Nothing is quantised: the file against what was fitted.",
    )  # fmt: skip
