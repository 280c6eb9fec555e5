"""Cross-validation over the given patient folds, nested: which network is used for a fold is chosen without that fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.interpreter import Network
from tools.training.scores import Floats, Ints, auroc

Images = NDArray[np.float32]
Masks = NDArray[np.bool_]


class Candidate(NamedTuple):
    """One of the networks among which the choice is made."""

    name: str
    mirror: bool
    """The network also sees the mirror image."""
    mixed_only: bool
    """Trained on the years with both classes alone, so that it cannot learn the date from the others."""


CANDIDATES = (
    Candidate("plain, all years", mirror=False, mixed_only=False),
    Candidate("plain, 2013-2015", mirror=False, mixed_only=True),
    Candidate("with mirror image, all years", mirror=True, mixed_only=False),
    Candidate("with mirror image, 2013-2015", mirror=True, mixed_only=True),
)


class Patients(NamedTuple):
    """One row for each patient."""

    training: Images
    """[n, views, 24, 32]: preprocessed random views."""
    nominal: Images
    """[n, 24, 32]: the preprocessed view that is scored."""
    label: Ints
    fold: Ints
    mixed: Masks


class Backend(Protocol):
    """Fits a network; the real one is `tools.training.breast.network`."""

    def fit(self, images: Images, label: Ints, *, mirror: bool, epochs: int, seed: int) -> Any: ...

    def score(self, model: Any, images: Images) -> Floats: ...

    def to_int8(self, model: Any, examples: Images) -> bytes: ...


class Fitted(NamedTuple):
    """A network without the patients of some folds, as it was trained and as it will run."""

    model: Any
    int8: bytes


class Scores(NamedTuple):
    """One score for each patient, each from a network that never saw the patient."""

    quantised: Floats
    floating: Floats
    chosen: tuple[str, ...]
    """The candidate's name for each fold."""


class CrossValidation:
    """Fits each candidate without some of the folds, once, and scores patients with networks that never saw them."""

    def __init__(
        self, patients: Patients, backend: Backend, *, epochs: int, seed: int, progress: Callable[[str], None]
    ) -> None:
        self.patients = patients
        self.folds = tuple(int(k) for k in np.unique(patients.fold))
        self._backend = backend
        self._epochs = epochs
        self._seed = seed
        self._progress = progress
        self._models: dict[tuple[str, frozenset[int]], Any] = {}
        self._int8: dict[tuple[str, frozenset[int]], bytes] = {}

    def without(self, candidate: Candidate, left_out: Sequence[int]) -> Any:
        """Return ``candidate`` fitted on the patients of all folds but ``left_out``."""
        key = (candidate.name, frozenset(left_out))
        if key not in self._models:
            training = self._training(candidate, left_out)
            label = np.repeat(self.patients.label[training], self.patients.training.shape[1])
            images = self.patients.training[training].reshape(-1, *self.patients.training.shape[2:])
            self._models[key] = self._backend.fit(images, label, mirror=candidate.mirror, epochs=self._epochs, seed=self._seed)
            self._progress(f"{candidate.name}, without folds {sorted(left_out)}")
        return self._models[key]

    def fitted(self, candidate: Candidate, left_out: Sequence[int]) -> Fitted:
        """Return ``candidate`` as a float and as an int8 network; its ranges come from its own training views."""
        model = self.without(candidate, left_out)
        key = (candidate.name, frozenset(left_out))
        if key not in self._int8:
            examples = self.patients.training[self._training(candidate, left_out)][:, :4].reshape(-1, 24, 32)
            self._int8[key] = self._backend.to_int8(model, examples)
        return Fitted(model, self._int8[key])

    def choose(self, left_out: Sequence[int]) -> Candidate:
        """Return the candidate with the best AUROC on the mixed years, cross-validated over the folds not in ``left_out``."""
        inner = [k for k in self.folds if k not in left_out]
        scored = self.patients.mixed & np.isin(self.patients.fold, inner)

        def quality(candidate: Candidate) -> float:
            score = np.zeros(len(self.patients.label))
            for k in inner:
                here = self.patients.fold == k
                score[here] = self._backend.score(self.without(candidate, (*left_out, k)), self.patients.nominal[here])
            return auroc(self.patients.label[scored], score[scored])

        return max(CANDIDATES, key=quality)

    def out_of_fold(self, choice: Callable[[int], Candidate], images: Images) -> Scores:
        """Return a score for each of ``images`` [n, 24, 32], one per patient; ``choice`` names each fold's candidate."""
        quantised, floating, chosen = np.zeros(len(images)), np.zeros(len(images)), []
        for k in self.folds:
            here = self.patients.fold == k
            candidate = choice(k)
            network = self.fitted(candidate, (k,))
            quantised[here] = run_int8(network.int8, images[here])
            floating[here] = self._backend.score(network.model, images[here])
            chosen.append(candidate.name)
        return Scores(quantised, floating, tuple(chosen))

    def _training(self, candidate: Candidate, left_out: Sequence[int]) -> Masks:
        training = ~np.isin(self.patients.fold, left_out)
        return training & self.patients.mixed if candidate.mixed_only else training


def run_int8(model: bytes, images: Images) -> Floats:
    """Return the scores of an int8 network, through the same loader that the kiosk uses."""
    network = Network(model)
    return np.array([float(network(image).item()) for image in images])
