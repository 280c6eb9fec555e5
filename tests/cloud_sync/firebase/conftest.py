"""Firebase's own emulators, once for all tests that talk to a cloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.cloud_sync.firebase.emulators import Absent, Emulators, running


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Auth, Firestore and Storage with the project's own rules; started in about 10 s. Others leave data: `clear()` first."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(running(tmp_path_factory.mktemp("emulators")))
        except Absent as absent:
            pytest.skip(f"Firebase's emulators do not run here: {absent}")
        yield started
