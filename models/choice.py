"""Which bundle is used: the active one, else the one before, else the shipped one; and only one that has passed its trial here.

The trial runs in a child process while the caller does something else: `Search` starts it, `Search.result` waits for it. A
bundle that was tried out at its activation, or at an earlier start, has a stamp and costs no trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

from models.bundle import Bundle, default_bundle
from models.errors import BundleCorrupt, ModelError
from models.installed import Installed
from models.stamps import Stamps
from models.trial import DEADLINE_S, Trial
from models.trust import Trust, establish_trust

M = TypeVar("M")


class Origin(StrEnum):
    """Where a bundle comes from."""

    CONFIGURED = "configured"
    ACTIVE = "active"
    PREVIOUS = "previous"
    SHIPPED = "shipped"


@dataclass(frozen=True)
class Candidate:
    """A bundle that might be used, if everything is right with it."""

    path: Path
    origin: Origin
    allow_unsigned: bool = False


@dataclass(frozen=True)
class Chosen(Generic[M]):
    """The model that is used."""

    model: M
    bundle: Bundle
    origin: Origin
    trust: Trust
    passed_over: tuple[ModelError, ...]
    """Why each bundle that should have been used instead is not."""


def candidates(
    name: str, installed: Installed, configured: Path | None = None, *, allow_unsigned: bool = False
) -> tuple[list[Candidate], list[ModelError]]:
    """Return the bundles of ``name`` in the order in which they are to be used, and what is wrong with the list itself.

    Where the configuration names one, it is that one or none: another would be a surprise.
    """
    if configured is not None:
        return [Candidate(configured, Origin.CONFIGURED, allow_unsigned)], []
    shipped = Candidate(default_bundle(name), Origin.SHIPPED)
    try:
        state = installed.state(name)
    except BundleCorrupt as error:
        return [shipped], [error]
    if state.active is None:
        return [shipped], []
    found = []
    for origin, sha256 in ((Origin.ACTIVE, state.active), (Origin.PREVIOUS, state.previous)):
        if sha256 is not None:
            found.append(Candidate(installed.path(name, sha256), origin, allow_unsigned or sha256 in state.unsigned))
    return [*found, shipped], []


class Search(Generic[M]):
    """Looks for the first candidate that can be used. `close` it, or enter it as a context, so that no child is left."""

    def __init__(
        self,
        found: tuple[list[Candidate], list[ModelError]],
        *,
        keys: Path,
        stamps: Stamps,
        load: Callable[[Bundle], M],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Verify the first of ``found`` (see `candidates`) and, where it needs one, begin its trial. Raises nothing."""
        self._left, faults = list(found[0]), found[1]
        self._faults = list(faults)
        self._keys, self._stamps, self._load, self._deadline_s = keys, stamps, load, deadline_s
        self._current: tuple[Candidate, Bundle, Trust] | None = None
        self._trial: Trial | None = None
        self._advance()

    def __enter__(self) -> Search[M]:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._trial is not None:
            self._trial.close()
            self._trial = None

    def result(self) -> Chosen[M]:
        """Wait for the trial and load. Raises the `ModelError` of the last candidate where none can be used."""
        while self._current is not None:
            candidate, bundle, trust = self._current
            try:
                if self._trial is not None:
                    self._trial.finish()
                    self._stamps.keep(bundle.sha256)
                model = self._load(bundle)
            except ModelError as error:
                self._faults.append(error)
                self._advance()
            else:
                self.close()
                return Chosen(model, bundle, candidate.origin, trust, tuple(self._faults))
        raise self._faults[-1]

    def _advance(self) -> None:
        """Go on to the next candidate that is whole and trusted."""
        self.close()
        self._current = None
        while self._left and self._current is None:
            candidate = self._left.pop(0)
            try:
                bundle = Bundle.open(candidate.path)
                trust = establish_trust(bundle, self._keys, allow_unsigned=candidate.allow_unsigned)
                if not self._stamps.has(bundle.sha256):
                    self._trial = Trial(bundle, deadline_s=self._deadline_s)
            except ModelError as error:
                self._faults.append(error)
            else:
                self._current = candidate, bundle, trust
