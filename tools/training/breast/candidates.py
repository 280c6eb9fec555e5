"""Among which models the choice is made."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    LOGISTIC = "asymmetry features, logistic regression"
    IMAGE = "small CNN"
    BOTH = "small CNN with asymmetry features"


class Candidate(NamedTuple):
    """One of the models among which the choice is made."""

    kind: Kind
    mixed_only: bool
    """Trained on the years with both classes alone, so that it cannot learn the date from the others."""

    @property
    def name(self) -> str:
        return f"{self.kind}, {'2013-2015' if self.mixed_only else 'all years'}"


CANDIDATES = tuple(Candidate(kind, mixed_only) for kind in Kind for mixed_only in (False, True))
