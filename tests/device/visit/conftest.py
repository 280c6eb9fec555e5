from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.device.visit.booth import Booth


class MakeBooth(Protocol):
    def __call__(self, name: str = "kiosk", **settings: Any) -> Booth: ...


@pytest.fixture
def make_booth(tmp_path: Path) -> Iterator[MakeBooth]:
    """Make kiosks, each with a data directory by its name; the same name again is the same kiosk started again."""
    made: list[Booth] = []

    def make(name: str = "kiosk", **settings: Any) -> Booth:
        booth = Booth(tmp_path / name, **settings)
        made.append(booth)
        return booth

    yield make
    for booth in made:
        booth.close()


@pytest.fixture
def booth(make_booth: MakeBooth) -> Booth:
    return make_booth()
