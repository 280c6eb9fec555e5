"""Everything that is measured on patients whom a model has not seen, before a card is written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import drift
from tools.training.breast import asymmetry, confounders, logistic
from tools.training.breast.candidates import CANDIDATES, Candidate
from tools.training.breast.controlled import Controlled, control
from tools.training.breast.crossval import CrossValidation, Scores
from tools.training.breast.patients import Images, full_frames, nominal_views, repeated_views
from tools.training.breast.pointing import Pointing, pointing_game
from tools.training.breast.thermograms import Thermograms
from tools.training.operating import Operating, choose
from tools.training.progress import Say
from tools.training.run import seed_of
from tools.training.scores import Floats

DATE, TRACES, ALL = "date alone", "room temperature, framing and marker size", "date, room temperature, framing and marker size"
ASYMMETRY = "left-right asymmetry alone, one nominal view"


class Findings(NamedTuple):
    """Everything that was measured, for the card."""

    data: Thermograms
    nested: Scores
    """Each fold's candidate chosen without it: what is reported."""
    own: Scores
    """Out-of-fold scores of the candidate that is shipped: what it is calibrated on."""
    each: dict[Candidate, Floats]
    """Out-of-fold scores of every candidate, in float."""
    full_frame: Scores
    """The shipped candidate on whole thermograms that fill the field of view, with face and marker."""
    repeats: Floats
    """[n, REPEATS]: out-of-fold scores of the shipped candidate on random views."""
    operating: Operating
    baselines: dict[str, Floats]
    controlled: Controlled
    """The nested score beside the confounders, on 2013-2015."""
    pointing: Pointing
    reference: dict[str, tuple[float, ...]]
    """Quantiles for the drift monitor."""
    shipped: Candidate
    seed: int


def measure(validation: CrossValidation, data: Thermograms, prepared: list[Images], seed: int, progress: Say) -> Findings:
    """Return everything; ``validation`` holds one row for each of ``data``, of which ``prepared`` are the thermograms."""
    nominal, mixed = validation.patients.nominal, data.mixed
    nested = validation.out_of_fold(lambda k: validation.choose((k,)), nominal)
    shipped = validation.choose(())
    progress(f"chosen: {shipped.name}; for the folds: {', '.join(nested.chosen)}")
    each = {candidate: validation.floating(candidate, nominal) for candidate in CANDIDATES}
    own = validation.out_of_fold(lambda _: shipped, nominal)
    repeats = np.stack([_scores(validation, shipped, images) for images in repeated_views(prepared, seed)], axis=1)
    operating = choose(data.label[mixed], own.shipped[mixed], float(np.median(repeats[mixed].std(axis=1))))
    baselines = _baselines(data, nominal)
    views = nominal_views(prepared, seed)
    return Findings(
        data=data,
        nested=nested,
        own=own,
        each=each,
        full_frame=validation.out_of_fold(lambda _: shipped, full_frames(data, seed)),
        repeats=repeats,
        operating=operating,
        baselines=baselines,
        controlled=_control(data, nested.shipped, baselines[ALL], seed),
        pointing=_point(validation, shipped, operating, data, views, seed),
        reference=drift.reference_of(views, operating.platt.probability(own.shipped).tolist()),
        shipped=shipped,
        seed=seed,
    )


def _scores(validation: CrossValidation, candidate: Candidate, images: Images) -> Floats:
    return validation.out_of_fold(lambda _: candidate, images).shipped


def _baselines(data: Thermograms, nominal: Images) -> dict[str, Floats]:
    date, traces = confounders.date_alone(data), confounders.room_framing_marker(data)
    tables = {DATE: date, TRACES: traces, ALL: np.hstack([date, traces]), ASYMMETRY: asymmetry.features(nominal)}
    return {name: logistic.out_of_fold(table, data.label, data.fold) for name, table in tables.items()}


def _control(data: Thermograms, score: Floats, confounder_score: Floats, seed: int) -> Controlled:
    rows = data.mixed
    table = np.hstack([confounders.date_alone(data), confounders.room_framing_marker(data)])
    return control(data.label[rows], data.fold[rows], score[rows], table[rows], confounder_score[rows], seed)


def _point(
    validation: CrossValidation,
    shipped: Candidate,
    operating: Operating,
    data: Thermograms,
    views: list[NDArray[np.float32]],
    seed: int,
) -> Pointing:
    loaded = {k: validation.fitted(shipped, (k,)).network() for k in validation.folds}

    def probability_of(index: int, seen: Images) -> float:
        score = float(loaded[int(data.fold[index])](seen).item())
        return float(operating.platt.probability(np.array(score)))

    return pointing_game(views, probability_of, seed_of(seed, "pointing"))
