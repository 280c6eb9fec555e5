"""What can be told from an image without looking at the breasts. A model has to be better than this to have shown anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.preprocess import body_mask, relative
from tools.training.breast.marker import find_marker, paint_over
from tools.training.breast.thermograms import Thermograms
from tools.training.breast.views import NOMINAL, prepare, view
from tools.training.scores import Floats, Ints


def date_alone(data: Thermograms) -> Floats:
    """Return the day of acquisition as the only feature, [n, 1]; a missing date is its epoch's middle."""
    days = data.day.copy()
    for epoch in np.unique(data.epoch):
        unknown = np.isnan(days) & (data.epoch == epoch)
        days[unknown] = np.nanmedian(data.day[data.epoch == epoch])
    return days[:, None]


def room_framing_marker(data: Thermograms) -> Floats:
    """Return [n, 5]: the room's temperature, the body's share of the image, its width at two heights, the marker's area."""
    return np.array([_room_framing_marker(celsius) for celsius in data.celsius])


def asymmetry(data: Thermograms, seed: int) -> Floats:
    """Return [n, 4] from a nominal 24×32 view: differences between left and right, the classical reading of a thermogram."""
    rng = np.random.default_rng(seed)
    return np.array([_asymmetry(view(prepare(paint_over(celsius)), NOMINAL, rng)) for celsius in data.celsius])


def out_of_fold(features: Floats, label: Ints, fold: Ints) -> Floats:
    """Return each patient's score from a logistic regression fitted on the other folds (standardised, L2 with C = 1)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    score = np.zeros(len(label))
    for k in np.unique(fold):
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
        model.fit(features[fold != k], label[fold != k])
        score[fold == k] = model.decision_function(features[fold == k])
    return score


def _room_framing_marker(celsius: NDArray[np.float32]) -> list[float]:
    room = float(np.percentile(celsius, 2))
    body = celsius > (room + np.percentile(celsius, 90)) / 2
    return [room, body.mean(), body[40:60].mean(), body[90:110].mean(), float(find_marker(celsius).sum()) ** 0.5]


def _asymmetry(celsius: NDArray[np.float32]) -> list[float]:
    body = body_mask(celsius)
    image = relative(celsius)
    both = body & body[:, ::-1]
    difference = (image - image[:, ::-1])[both]
    left, right = image[:, 16:][both[:, 16:]], image[:, :16][both[:, :16]]
    return [
        float(np.abs(difference).mean()),
        float(np.percentile(np.abs(difference), 95)),
        abs(float(left.mean() - right.mean())),
        abs(float(left.std() - right.std())),
    ]
