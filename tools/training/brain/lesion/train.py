"""Trains the lesion bundle (`firstlight train brain-lesion`).

The training patients of both collections teach the network; everything that is chosen (kind of quantisation, where a mask
begins, calibration, threshold, band) is chosen on the validation patients of LGG; the test patients are asked once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # on one thread its kernels sum in one order, and are 1.4 times as fast

import numpy as np
from numpy.typing import NDArray

from models import drift
from models.interpreter import Network
from models.lesion_input import SERIES, checked, head, prepare
from tools.training.brain import pretrained
from tools.training.brain.data import JUN_CHENG, LGG, Slice
from tools.training.brain.lesion import measure, network, reading
from tools.training.brain.lesion.card import Choices, write_card
from tools.training.brain.lesion.findings import Data, find
from tools.training.brain.lesion.measure import SETS, Measured, of_keras, of_network
from tools.training.brain.lesion.sampling import Images, read, series_of
from tools.training.brain.lesion.slim import slim
from tools.training.brain.phantom import head_phantom
from tools.training.cards import check_place, write_bundle
from tools.training.convert import Kind, to_tflite
from tools.training.errors import ModelTooLarge, QuantisationTooLossy, TrainingDataMissing
from tools.training.progress import Say
from tools.training.quantisation import require, section
from tools.training.run import Run, set_up
from tools.training.scores import auroc

COMMAND = "firstlight train brain-lesion --data DIR --out DIR"
EPOCHS = 32
PROCEDURE = (
    "Adam, warm-up and cosine; Dice + binary cross-entropy + a term of the slice's own; turned, scaled, sheared, bent, "
    "mirrored, shaded, and with series left out. The last epoch is kept. Length and mirror images were chosen on 24 "
    "patients of the training and validation splits; versions 0.1.0 and 0.2.0 asked the same test patients before (Dice "
    "0.782 and 0.792)."
)
MODEL_LIMIT = 1_000_000
"""Bytes."""
CANDIDATES = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)
EXAMPLES = 200
"""Training slices from which the converter takes the ranges of the activations; a third with fewer series."""
GOLDEN = 6


def train(data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Say) -> None:
    """Train, measure, and write the bundle to ``out_dir``. About an hour and a half on one core; it goes on from ``work_dir``.

    The pretrained encoder is looked for as `tools.training.brain.pretrained.find` does.

    Raises a `tools.training.errors.TrainingError`; then nothing is written to ``out_dir``.
    """
    check_place(out_dir)
    set_up(seed)
    data, weights = Data.read(data_dir), pretrained.find(data_dir)
    model = network.both_ways(trained(data, run_in(data_dir, weights, work_dir, seed, progress), EPOCHS, weights, progress))
    model.save(work_dir / "final.keras")
    converted, chosen = choose(model, data, progress)
    found = find(of_network(Network(converted)), data, chosen.mask_from, progress)
    training = {"command": COMMAND, "seed": seed, "epochs": EPOCHS, "procedure": PROCEDURE, **_float(model, data, chosen)}
    write_bundle(out_dir, converted, write_card(data, chosen, found, seed, training), golden_inputs(seed))
    progress(f"wrote {out_dir} ({len(converted)} bytes, {chosen.kind})")


def run_in(data_dir: Path, weights: Path | None, work_dir: Path, seed: int, progress: Say) -> Run:
    """Return the run in ``work_dir``: it is refused there for other data or other pretrained weights."""
    about = {"lgg": _sha256(data_dir / LGG), "jun_cheng": _sha256(data_dir / JUN_CHENG)}
    if weights is not None:
        about["weights"] = _sha256(weights)
    return Run(work_dir, seed, about=about, progress=progress)


def trained(data: Data, run: Run, epochs: int, weights: Path | None, progress: Say) -> Any:
    """Return the float network, trained or taken from where ``run`` stopped."""
    from tools.training.brain.lesion.fit import fit

    prepared = read([*data.train, *data.types_train])
    progress(f"{len(prepared)} slices to train on, {int(prepared.glioma.sum())} of them of gliomas with three series")
    return fit(prepared, read(data.val), run, epochs=epochs, weights=weights)


def choose(model: Any, data: Data, progress: Say) -> tuple[bytes, Choices]:
    """Return the converted network and what the validation patients decide.

    Raises `QuantisationTooLossy`, `ModelTooLarge` or `CalibrationFailed`.
    """
    floating = of_keras(model)
    mask_from = measure.best_mask_from(floating, data.val, CANDIDATES)
    before = measure.measure(floating, data.val, SERIES, mask_from)
    progress(f"validation, float: AUROC {auroc(before.label, before.score):.4f}, Dice {_dice(before):.4f} from {mask_from}")
    converted, kind, after = _converted(model, data, mask_from, before, progress)
    ask = of_network(Network(converted))
    wobble = measure.wobble(ask, data.val[::4])
    validation = {names: after if names == SERIES else measure.measure(ask, data.val, names, mask_from) for names in SETS}
    chosen = {names: reading.choose(part, wobble) for names, part in validation.items()}
    readings = {names: one for names, (one, _) in chosen.items()}
    flipped = readings[SERIES].called(before.score) != readings[SERIES].called(after.score)
    note = (
        f"Validation patients; Dice of slices with a tumour falls from {_dice(before):.4f} to {_dice(after):.4f} (allowed "
        f"0.005 "
        "too). Decisions: slices called at the threshold."
    )
    aurocs = [auroc(part.label, part.score) for part in (before, after)]
    return converted, Choices(
        kind=kind,
        bytes=len(converted),
        mask_from=mask_from,
        wobble=wobble,
        readings=readings,
        curve=chosen[SERIES][1],
        validation=validation,
        quantisation=section(kind, "auroc", aurocs[0], aurocs[1], flipped, note),
        drift=_drift(data, validation[SERIES], readings[SERIES]),
    )


def golden_inputs(seed: int) -> NDArray[np.float32]:
    """Return inputs of made-up heads, with all series and with single ones, float32 [6, 144, 144, 3] in −1 to 1."""
    inputs = []
    for index in range(GOLDEN):
        image, lesion = head_phantom(seed_of_phantom(seed, index), lesion=index % 2 == 0)
        every = {"t1": np.where(lesion, image * 0.5, image), "flair": image, "t1c": np.sqrt(image)}
        series = checked({name: every[name] for name in SETS[index % len(SETS)]})
        inputs.append(prepare(series, head(series)) * 2 - 1)
    return np.stack(inputs)


def seed_of_phantom(seed: int, index: int) -> int:
    return 1000 * seed + index


def _converted(model: Any, data: Data, mask_from: float, before: Measured, progress: Say) -> tuple[bytes, str, Measured]:
    """Return the smallest kind that loses little enough on the validation patients."""
    for kind in (Kind.INT8, Kind.INT16X8):
        converted = slim(to_tflite(model, kind, _examples(data.train, data.types_train)))
        if len(converted) > MODEL_LIMIT:
            raise ModelTooLarge(f"the network takes {len(converted)} bytes; at most {MODEL_LIMIT} are allowed")
        after = measure.measure(of_network(Network(converted)), data.val, SERIES, mask_from)
        measured = f"AUROC {auroc(after.label, after.score):.4f}, Dice {_dice(after):.4f}, {len(converted)} bytes"
        progress(f"validation, {kind}: {measured}")
        try:
            require("auroc", auroc(before.label, before.score), auroc(after.label, after.score))
            require("dice", _dice(before), _dice(after))
        except QuantisationTooLossy as error:
            if kind is Kind.INT16X8:
                raise
            progress(f"{error}")
            continue
        return converted, str(kind), after
    raise AssertionError("the loop returns or raises")


def _examples(lgg: Sequence[Slice], types: Sequence[Slice]) -> list[Images]:
    """Return inputs as they are in use: most with all series, some with fewer, and slices of the other collection."""
    share = EXAMPLES // 5
    chosen = [(one, SETS[0]) for one in _spread(lgg, 2 * share)]
    chosen += [(one, SETS[1 + index % (len(SETS) - 1)]) for index, one in enumerate(_spread(lgg[1:], 2 * share))]
    chosen += [(one, ("t1c",)) for one in _spread(types, share)]
    return [measure.input_of(one, names)[0] for one, names in chosen]


def _spread(slices: Sequence[Slice], n: int) -> Sequence[Slice]:
    return slices[:: max(1, len(slices) // n)][:n]


def _float(model: Any, data: Data, chosen: Choices) -> dict[str, Any]:
    """Return what the float network reaches on the test patients, beside which the shipped one stands."""
    part = measure.measure(of_keras(model), data.test, SERIES, chosen.mask_from)
    return {"float_test_auroc": auroc(part.label, part.score), "float_test_dice": _dice(part), "network_bytes": chosen.bytes}


def _drift(data: Data, validation: Measured, read_as: reading.Reading) -> dict[str, tuple[float, ...]]:
    """Return what a kiosk's inputs and scores are compared with: every series of the training slices, validation scores."""
    images = [series for one in _spread(data.train, 300) for series in series_of(one).values()]
    images += [series for one in _spread(data.types_train, 100) for series in series_of(one).values()]
    return drift.reference_of(images, read_as.probability(validation.score).tolist())


def _dice(part: Measured) -> float:
    return float(part.dice[part.seen].mean())


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise TrainingDataMissing(f"{path} is missing; see docs/data.md for where it comes from")
    return hashlib.sha256(path.read_bytes()).hexdigest()
