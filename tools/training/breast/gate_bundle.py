"""Makes the chest gate's bundle (`firstlight train chest-gate`), and measures it again.

Every figure is of patients to whom neither limits nor network nor threshold were fitted. The gate that is shipped was then
fitted in the same way to everybody.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.sim.body import Torso
from models.bundle import Bundle
from models.preprocess import relative
from tools.training.breast import impostors
from tools.training.breast.gate import Fitted, Samples, fit, joined
from tools.training.breast.gate_card import Shares, write_card
from tools.training.breast.gate_samples import DRAWN, PARTS, VIEWS, Material, make
from tools.training.breast.patients import fingerprint
from tools.training.breast.thermograms import Thermograms, load
from tools.training.cards import check_place, figure, write_bundle
from tools.training.clusters import cluster_mean
from tools.training.evaluation import Evaluation
from tools.training.progress import Say
from tools.training.run import Run
from tools.training.scores import Estimate
from tools.training.shares import exact_share

NEVER_TRAINED_ON = ("hand", "face", "photograph as temperatures")
"""Kinds that are also refused or not by a gate that has never seen their like."""


def train(data_dir: Path, out_dir: Path, *, seed: int, work_dir: Path, progress: Say = print) -> None:
    """Fit, measure, and write the bundle to ``out_dir``, which is replaced if it is a bundle already.

    The same seed gives the same bundle on the same machine. Takes a minute or two on one core.
    Raises `TrainingDataMissing`, `TrainingDataUnusable` or `PlaceTaken`; then nothing is written.
    """
    check_place(out_dir)
    data = load(data_dir)
    run = Run(work_dir, seed, about={"data": fingerprint(data)}, progress=progress)
    material = make(data, run, _all())
    progress(f"{len(material.chests.table)} views of {len(data)} patients, {DRAWN} impostors of each kind")
    shares = measure(data, material, seed, progress)
    shipped = fit_without(material, (), seed)
    from tools.training.breast.gate_network import to_file

    network = to_file(shipped)
    write_bundle(out_dir, network, write_card(data, shipped, shares, material, network, seed), _golden())
    progress(f"wrote {out_dir} ({len(network)} bytes)")


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Say = print) -> Evaluation:
    """Measure again: the gates of the held-out patients are fitted anew, with the seed on the card."""
    seed = int(Bundle.open(bundle_path).card.document["training"]["seed"])
    data = load(data_dir)
    with tempfile.TemporaryDirectory() as work:
        run = Run(Path(work), seed, about={"data": fingerprint(data)}, progress=progress)
        material = make(data, run, _all())
    shares = measure(data, material, seed, progress)
    rows = [figure("refused", kind, share, n, unit="images", note="") for kind, (share, n) in shares.refused.items()]
    rows += [figure("accepted", people, share, n, unit="images", note="") for people, (share, n, _) in shares.accepted.items()]
    return Evaluation(rows)


def fit_without(material: Material, left_out: Sequence[int], seed: int, unseen: Sequence[str] = ()) -> Fitted:
    """Return a gate fitted to nobody in the parts ``left_out``; the threshold is chosen on one of the other parts."""
    part = material.owner % PARTS
    used = [k for k in range(PARTS) if k not in left_out]
    threshold, fitted = used[0], used[1:]
    kinds = [kind for kind in impostors.KINDS if kind not in unseen]
    known = joined([material.impostors[kind].rows(np.isin(material.part[kind], used)) for kind in kinds])
    simulated = material.torsos.rows(np.arange(len(material.torsos.table)) % 2 == 0)
    proper = joined([material.chests.rows(np.isin(part, fitted)), simulated])
    return fit(proper, material.chests.rows(part == threshold), known, seed)


def measure(data: Thermograms, material: Material, seed: int, progress: Say) -> Shares:
    """Return what gates that saw neither the patients nor the pictures accept and refuse."""
    part = material.owner % PARTS
    passed = np.zeros(len(part), dtype=bool)
    simulated = material.torsos.rows(np.arange(len(material.torsos.table)) % 2 == 1)
    torsos = np.zeros((PARTS, len(simulated.table)), dtype=bool)
    refused: dict[str, NDArray[np.bool_]] = {kind: np.zeros(len(part), dtype=bool) for kind, part in material.part.items()}
    for k in range(PARTS):
        gate = fit_without(material, (k,), seed)
        passed[part == k] = _accepted(gate, material.chests.rows(part == k))
        torsos[k] = _accepted(gate, simulated)
        for kind, verdicts in refused.items():
            here = material.part[kind] == k
            verdicts[here] = ~_accepted(gate, material.impostors[kind].rows(here))
        progress(f"measured part {k + 1} of {PARTS}")
    without = fit_without(material, (0,), seed, NEVER_TRAINED_ON)
    unseen = {kind: ~_accepted(without, material.impostors[kind].rows(material.part[kind] == 0)) for kind in NEVER_TRAINED_ON}
    return Shares(
        {kind: (exact_share(verdicts), len(verdicts)) for kind, verdicts in refused.items()},
        {kind: (exact_share(verdicts), len(verdicts)) for kind, verdicts in unseen.items()},
        _populations(data, material, passed, torsos, seed),
    )


def _populations(
    data: Thermograms, material: Material, passed: NDArray[np.bool_], torsos: NDArray[np.bool_], seed: int
) -> dict[str, tuple[Estimate, int, int]]:
    whole = np.arange(len(passed)) % VIEWS == VIEWS - 1
    label = np.repeat(np.where(data.fold >= 0, data.label, -1), VIEWS)
    groups = {
        "held-out patients, all views": np.ones(len(passed), dtype=bool),
        "held-out patients, framed at random": ~whole,
        "held-out patients, whole thermogram": whole,
        "held-out patients called sick, all views": label == 1,
        "held-out patients called healthy, all views": label == 0,
    }
    found = {}
    for name, rows in groups.items():
        owner = material.owner[rows]
        found[name] = (cluster_mean(passed[rows], owner, seed), int(rows.sum()), len(np.unique(owner)))
    seeds = np.repeat(np.arange(torsos.shape[1]), PARTS)
    found["simulated torsos, each by the gates of all parts"] = (cluster_mean(torsos.T.ravel(), seeds, seed), torsos.size, 0)
    return found


def _all() -> dict[str, impostors.Kind]:
    return {**impostors.KINDS, **impostors.NOT_TOLD}


def _accepted(gate: Fitted, samples: Samples) -> NDArray[np.bool_]:
    return gate.accepts(samples.table, samples.prepared)


def _golden() -> NDArray[np.float32]:
    """Return made-up inputs: simulated torsos, and patterns."""
    torsos = [relative(Torso(seed=seed, asymmetry_k=seed / 4).celsius_at(0.0, 22.0).astype(np.float32)) for seed in range(6)]
    noise = np.random.default_rng(1).uniform(-1, 1, (4, *torsos[0].shape)).astype(np.float32)
    return np.concatenate([np.stack(torsos), noise])[..., None]
