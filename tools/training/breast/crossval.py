"""Cross-validation over the given patient folds, nested: which model is used for a fold is chosen without that fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from models.interpreter import Network
from tools.training.breast.candidates import CANDIDATES, Candidate
from tools.training.breast.patients import Images, Masks, Patients
from tools.training.scores import Floats, Ints, auroc

EXAMPLE_VIEWS = 4
"""Views of each training patient from which the ranges of a quantised network are taken."""


class Backend(Protocol):
    """Fits a model; the real one is `tools.training.breast.backend`."""

    def fit(self, candidate: Candidate, inputs: Images, label: Ints, name: str) -> Any:
        """``inputs`` [patients, views, 24, 32, 2]; ``name`` is this fit's own."""

    def score(self, model: Any, inputs: Images) -> Floats: ...

    def convert(self, candidate: Candidate, model: Any, examples: Images, name: str) -> bytes: ...


class Fitted(NamedTuple):
    """A model without the patients of some folds, as it was trained and as it will run."""

    model: Any
    file: bytes

    def network(self) -> Network:
        """Return it as the kiosk loads it."""
        return Network(self.file)


class Scores(NamedTuple):
    """One score for each patient, each from a model that never saw the patient."""

    shipped: Floats
    """As the kiosk would compute it."""
    floating: Floats
    chosen: tuple[str, ...]
    """The candidate's name for each fold."""


class CrossValidation:
    """Fits each candidate without some of the folds, once, and scores patients with models that never saw them."""

    def __init__(self, patients: Patients, backend: Backend) -> None:
        self.patients = patients
        self.folds = tuple(int(k) for k in np.unique(patients.fold))
        self._backend = backend
        self._models: dict[tuple[Candidate, frozenset[int]], Any] = {}
        self._files: dict[tuple[Candidate, frozenset[int]], bytes] = {}

    def without(self, candidate: Candidate, left_out: Sequence[int]) -> Any:
        """Return ``candidate`` fitted on the patients of all folds but ``left_out``."""
        key = (candidate, frozenset(left_out))
        if key not in self._models:
            rows = self._training(candidate, left_out)
            inputs, label = self.patients.training[rows], self.patients.label[rows]
            self._models[key] = self._backend.fit(candidate, inputs, label, _name(candidate, left_out))
        return self._models[key]

    def fitted(self, candidate: Candidate, left_out: Sequence[int]) -> Fitted:
        """Return ``candidate`` as it was trained and as it will run; its ranges come from its own training views."""
        model = self.without(candidate, left_out)
        key = (candidate, frozenset(left_out))
        if key not in self._files:
            rows = self._training(candidate, left_out)
            examples = self.patients.training[rows][:, :EXAMPLE_VIEWS].reshape(-1, *self.patients.training.shape[2:])
            self._files[key] = self._backend.convert(candidate, model, examples, _name(candidate, left_out))
        return Fitted(model, self._files[key])

    def choose(self, left_out: Sequence[int]) -> Candidate:
        """Return the candidate with the best AUROC on the mixed years, cross-validated over the folds not in ``left_out``."""
        return max(CANDIDATES, key=lambda candidate: self.quality(candidate, left_out))

    def quality(self, candidate: Candidate, left_out: Sequence[int]) -> float:
        """Return the mean over the judged views of a candidate's out-of-fold AUROC on the mixed years, without ``left_out``."""
        scored = self.patients.mixed & ~np.isin(self.patients.fold, left_out)
        score = self.inner_scores(candidate, left_out)
        return float(np.mean([auroc(self.patients.label[scored], view[scored]) for view in score.T]))

    def inner_scores(self, candidate: Candidate, left_out: Sequence[int]) -> Floats:
        """Return [n, JUDGED_VIEWS]: each patient's score by a model that saw neither their fold nor ``left_out``; 0 in the
        latter."""
        score = np.zeros(self.patients.judged.shape[:2])
        for k in self.folds:
            if k in left_out:
                continue
            here = self.patients.fold == k
            images = self.patients.judged[here]
            found = self._backend.score(self.without(candidate, (*left_out, k)), images.reshape(-1, *images.shape[2:]))
            score[here] = found.reshape(images.shape[:2])
        return score

    def out_of_fold(self, choice: Callable[[int], Candidate], images: Images) -> Scores:
        """Return a score for each of ``images`` [n, 24, 32, 2], one per patient; ``choice`` names each fold's candidate."""
        shipped, floating, chosen = np.zeros(len(images)), np.zeros(len(images)), []
        for k in self.folds:
            here = self.patients.fold == k
            candidate = choice(k)
            fitted = self.fitted(candidate, (k,))
            network = fitted.network()
            shipped[here] = [float(network(image).item()) for image in images[here]]
            floating[here] = self._backend.score(fitted.model, images[here])
            chosen.append(candidate.name)
        return Scores(shipped, floating, tuple(chosen))

    def floating(self, candidate: Candidate, images: Images) -> Floats:
        """Return the out-of-fold score for each of ``images`` [n, 24, 32, 2] as the model was trained, before conversion."""
        score = np.zeros(len(images))
        for k in self.folds:
            here = self.patients.fold == k
            score[here] = self._backend.score(self.without(candidate, (k,)), images[here])
        return score

    def _training(self, candidate: Candidate, left_out: Sequence[int]) -> Masks:
        rows = ~np.isin(self.patients.fold, left_out)
        return rows & self.patients.mixed if candidate.mixed_only else rows


def _name(candidate: Candidate, left_out: Sequence[int]) -> str:
    years = "mixed" if candidate.mixed_only else "all"
    return f"{candidate.kind.name.lower()}-{years}-without-{'-'.join(map(str, sorted(left_out))) or 'nobody'}"
