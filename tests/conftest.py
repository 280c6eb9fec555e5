"""What tests of several rooms need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tools.screenshots import CHROMIUM, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests: two at a time do not work in one thread."""
    pytest.importorskip("playwright", reason="the package playwright is missing (extra dev)")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; set CHROMIUM")
    with chromium() as running:
        yield running
