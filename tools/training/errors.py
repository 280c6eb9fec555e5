"""Why a training or an evaluation cannot go on. Each message says what to do."""

from __future__ import annotations


class TrainingError(Exception):
    """Any fault of the data, the place for the bundle, or of what came out of a training."""


class TrainingDataMissing(TrainingError, FileNotFoundError):
    """The folder does not hold the data that this model is trained on."""


class TrainingDataUnusable(TrainingError, ValueError):
    """The data is there, but not as documented."""


class CalibrationFailed(TrainingError, ValueError):
    """The scores do not rise with the label: a model that has learnt nothing, or the opposite, gets no bundle."""


class ModelTooLarge(TrainingError, ValueError):
    """The converted network is larger than a kiosk allows."""


class QuantisationTooLossy(TrainingError, ValueError):
    """The quantised network is so much worse than the float one that it is not shipped."""


class PlaceTaken(TrainingError, FileExistsError):
    """What was to be written would replace something that is no bundle (or no run) of ours."""
