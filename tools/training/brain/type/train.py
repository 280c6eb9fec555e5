"""Trains the brain-type bundle (`firstlight train brain-type`).

The patients of the training split are not known, only that none of them is in another split: so it is trained on as one block.
Temperature, abstention and the kind of quantisation are chosen on the validation patients; the test patients are scored once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # on one thread its kernels sum in one order, and are 1.4 times as fast

import numpy as np

from models import drift
from models.brain_type import prepared
from models.interpreter import Network
from models.mr_slice import checked
from tools.training import quantisation
from tools.training.brain.data import CLASSIFICATION, TYPES, of_split, tumour_types
from tools.training.brain.phantom import head_phantom
from tools.training.brain.pretrained import find
from tools.training.brain.type import elsewhere, evaluate, fit, frozen, measure, network
from tools.training.brain.type.answers import probabilities
from tools.training.brain.type.card import Findings, write_card
from tools.training.brain.type.measure import Reading, Scored
from tools.training.brain.type.pictures import Pictures, load
from tools.training.cards import check_place, write_bundle
from tools.training.convert import Kind, to_tflite
from tools.training.errors import QuantisationTooLossy, TrainingDataMissing
from tools.training.reliability import ece_of_classes, nll
from tools.training.run import Run, set_up

Progress = Callable[[str], None]

EPOCHS = 24
EXAMPLES = 200
"""Training pictures from which the converter takes the ranges of activations."""
GOLDEN = 8


class Splits(NamedTuple):
    train: Pictures
    val: Pictures
    test: Pictures


class Converted(NamedTuple):
    """The network as it is shipped."""

    kind: Kind
    model: bytes
    val: Scored


def train(
    data_dir: Path,
    out_dir: Path,
    *,
    seed: int = 1,
    work_dir: Path,
    progress: Progress = print,
    weights: Path | None = None,
    epochs: int = EPOCHS,
) -> None:
    """Train, measure, and write the bundle to ``out_dir``, which is replaced if it is a bundle already.

    ``weights``: MobileNetV2 from ImageNet; without it, it is looked for as `tools.training.brain.pretrained.find` does. An
    interrupted training goes on from ``work_dir``. Raises a `TrainingError`; nothing is written then.
    """
    check_place(out_dir)
    set_up(seed)
    pretrained = find(data_dir, weights)
    splits = Splits(*(load(data_dir, split, network.SIDE) for split in Splits._fields))
    run = begun(data_dir, work_dir, pretrained, seed, progress)
    model = network.both_ways(fitted(splits.train, pretrained, run, epochs))
    model.save(work_dir / "final.keras")
    progress("converting and measuring")
    converted = converted_within_limits(model, splits, progress)
    found = _measured(data_dir, splits, model, converted, run, pretrained, epochs)
    inputs = np.stack([prepared(checked(head_phantom(k)[0]), network.SIDE)[0] for k in range(GOLDEN)])
    write_bundle(out_dir, converted.model, write_card(found), inputs)
    progress(f"wrote {out_dir} ({len(converted.model)} bytes, {converted.kind})")


def begun(data_dir: Path, work_dir: Path, weights: Path, seed: int, progress: Progress) -> Run:
    """Return the run in ``work_dir``: it is refused there for other data or other pretrained weights."""
    about = {"data": _sha256(data_dir / CLASSIFICATION), "weights": _sha256(weights), "side": network.SIDE}
    return Run(work_dir, seed, about=about, progress=progress)


def fitted(training: Pictures, weights: Path, run: Run, epochs: int = EPOCHS) -> Any:
    """Return the fine-tuned network, which sees a slice in one way; an interrupted training goes on where it stopped."""
    model = network.build(len(TYPES), side=network.SIDE)
    network.start_from(model, weights)
    steps = fit.steps_in(training)
    whole = fit.compiled(network.with_outline(model), steps * epochs)

    def epoch_of(epoch: int) -> Any:
        return fit.batches(training, len(TYPES), run.seed, epoch)

    run.fit(whole, epoch_of, epochs=epochs, steps=steps, name="brain-type")
    return model


def converted_within_limits(model: Any, splits: Splits, progress: Progress) -> Converted:
    """Return int8, or int16 activations where int8 loses too much on the validation patients.

    Raises `QuantisationTooLossy` where both do.
    """
    examples = network.to_range(splits.train.image[:: max(1, len(splits.train) // EXAMPLES)])
    floating = Scored.by(lambda image: network.outputs(model, image), splits.val)
    reason: QuantisationTooLossy | None = None
    for kind in (Kind.INT8, Kind.INT16X8):
        file = to_tflite(model, kind, examples)
        val = Scored.by(measure.outputs_of(file), splits.val)
        try:
            quantisation.require("accuracy", floating.right.mean(), val.right.mean())
            quantisation.require("macro_auroc", _auroc(floating), _auroc(val))
        except QuantisationTooLossy as error:
            progress(f"{kind}: {error}")
            reason = error
            continue
        return Converted(kind, file, val)
    assert reason is not None
    raise reason


def _measured(
    data_dir: Path, splits: Splits, model: Any, converted: Converted, run: Run, weights: Path, epochs: int
) -> Findings:
    seed, outputs = run.seed, measure.outputs_of(converted.model)
    reading = Reading.chosen_on(converted.val)
    test = Scored.by(outputs, splits.test)
    floating = Scored.by(lambda image: network.outputs(model, image), splits.test)
    return Findings(
        reading=reading,
        kind=converted.kind,
        slices={name: len(pictures) for name, pictures in splits._asdict().items()},
        patients={name: len(np.unique(getattr(splits, name).patient)) for name in ("val", "test")},
        metrics=measure.figures(test, reading, seed),
        baselines=[*_frozen(data_dir, splits.test, weights, seed), *evaluate.simple_baselines(data_dir, splits.test, seed)],
        calibration=_calibration(test, converted.val, reading),
        quantisation=_quantisation(floating, test, converted.kind),
        explanation=evaluate.explanations(test, outputs, reading, seed),
        drift=_drift(data_dir, converted.val, reading),
        confusion=measure.confusion(test),
        elsewhere=elsewhere.measure(data_dir, outputs, reading, network.SIDE, seed),
        side=network.SIDE,
        dtype=str(Network(converted.model).input.dtype),
        training=_training(seed, epochs, weights),
    )


def _frozen(data_dir: Path, test: Pictures, weights: Path, seed: int) -> list[dict[str, Any]]:
    slices = tumour_types(data_dir)
    train, others = of_split(slices, "train"), of_split(slices, "test")
    features = [frozen.features(part, weights) for part in (train, others)]
    probability = frozen.logistic(features[0], frozen.labels(train), features[1])
    name = "MobileNetV2 from ImageNet, not trained any further, and logistic regression (128 px)"
    return measure.baseline(name, test, probability, seed, "Trained on the training split; nothing tuned.")


def _calibration(test: Scored, val: Scored, reading: Reading) -> dict[str, float]:
    plain = Reading(1.0, reading.chosen, reading.curve)
    found = {}
    for name, scored in (("", test), ("_val", val)):
        for when, how in (("", reading), ("_before", plain)):
            probability = how.probabilities(scored)
            found[f"ece{when}{name}"] = ece_of_classes(scored.label, probability)
            found[f"nll{when}{name}"] = nll(scored.label, probability)
    return found


def _quantisation(floating: Scored, test: Scored, kind: Kind) -> dict[str, Any]:
    before, after = _auroc(floating), _auroc(test)
    quantisation.require("macro_auroc", before, after)
    note = f"Test patients; macro-AUROC {before:.4f} in float, {after:.4f} here. Chosen on the validation patients."
    flipped = floating.logits.argmax(axis=1) != test.logits.argmax(axis=1)
    return quantisation.section(kind, "accuracy", floating.right.mean(), test.right.mean(), flipped, note)


def _drift(data_dir: Path, val: Scored, reading: Reading) -> dict[str, tuple[float, ...]]:
    """Return the card's reference: inputs of the training split, and scores of the validation split.

    The network knows the slices it was trained on too well for its scores on them to be what a clinic will see.
    """
    slices = of_split(tumour_types(data_dir), "train")
    return drift.reference_of((one.grey() for one in slices), map(float, reading.probabilities(val).max(axis=1)))


def _auroc(scored: Scored) -> float:
    return measure.macro_auroc(scored.label, probabilities(scored.logits, 1.0))


def _training(seed: int, epochs: int, weights: Path) -> dict[str, Any]:
    return {
        "command": "firstlight train brain-type",
        "seed": seed,
        "epochs": epochs,
        "batch": fit.BATCH,
        "peak_rate": fit.PEAK_RATE,
        "procedure": "fine-tuned from ImageNet but for the first blocks; AdamW, warm-up and cosine, class weights, label "
        "smoothing 0.1, averaged weights; evidence outside the outlined tumour penalised, the tumour's outline learnt beside "
        "the type, and places weighted by it; rotation ±15°, shift, zoom, brightness, contrast, local histogram "
        "equalisation, noise, left-right flips. The last epoch is kept. The answer is the mean of what it sees in a slice and "
        "in its mirror image",
        "pretrained_sha256": _sha256(weights),
    }


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing; see docs/data.md for where it comes from")
    return hashlib.sha256(path.read_bytes()).hexdigest()
