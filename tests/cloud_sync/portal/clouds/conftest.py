"""The portal in a browser, on both of its clouds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cloud_sync.local.dist import DIST
from tests.cloud_sync.portal.clouds.doctor import Doctor
from tests.cloud_sync.portal.clouds.embedded import embedded
from tests.cloud_sync.portal.clouds.emulated import emulated
from tests.cloud_sync.portal.clouds.stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Visit = Callable[..., Doctor]


@pytest.fixture(scope="session")
def pages() -> Path:
    """The folder that `npm run build` made."""
    folder = Path(os.environ.get("FIRSTLIGHT_PORTAL_PAGES") or DIST)
    if not (folder / "index.html").is_file():
        pytest.skip("the portal is not built: ./test does it, or `npm ci && npm run build` in cloud_sync/portal")
    return folder


@pytest.fixture(scope="package", params=["embedded", "firebase"])
def stage(request: pytest.FixtureRequest, pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Each of the two clouds, once for all tests; each test brings records of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        with embedded(folder / "cloud", pages) as running:
            yield running
    else:
        with emulated(request.getfixturevalue("emulators"), folder, pages) as running:
            yield running


@pytest.fixture
def visit(browser: Browser, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open the portal in a new tab, as often as wanted."""
    doctors: list[Doctor] = []

    def start(who: str | None = None, **options: object) -> Doctor:
        doctor = Doctor(browser, stage, **options)  # type: ignore[arg-type]
        doctors.append(doctor)
        return doctor.sign_in(who) if who else doctor

    yield start
    for doctor in doctors:
        doctor.close(request.node.name)
