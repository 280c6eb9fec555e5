"""Logistic regression on a few features, as numbers that can be put anywhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.training.scores import Floats, Ints


class Logistic(NamedTuple):
    """logit = intercept + weight · (x − mean) / deviation."""

    mean: Floats
    deviation: Floats
    weight: Floats
    intercept: float

    def logit(self, features: Floats) -> Floats:
        return np.asarray(self.intercept + ((features - self.mean) / self.deviation) @ self.weight)


def fit(features: Floats, label: Ints, weight: Floats | None = None) -> Logistic:
    """Fit on [n, k] standardised features with both classes weighing alike and an L2 penalty (scikit-learn's C = 1).

    ``weight`` is each row's own, 1 unless given: with several views of each patient, one over their number.
    """
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit((features - mean) / deviation, label, sample_weight=weight)
    return Logistic(mean, deviation, np.asarray(model.coef_[0]), float(model.intercept_[0]))


def out_of_fold(features: Floats, label: Ints, fold: Ints) -> Floats:
    """Return each patient's logit from a regression fitted on the other folds."""
    score = np.zeros(len(label))
    for k in np.unique(fold):
        score[fold == k] = fit(features[fold != k], label[fold != k]).logit(features[fold == k])
    return score
