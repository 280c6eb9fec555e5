"""The README's pictures can be made again, and are of what is there now."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checkout import ROOT
from tools.readme_pictures import DESK, draw
from tools.screenshots import SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height from a PNG's header (ISO/IEC 15948, 11.2.2)."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def test_every_picture_of_the_readme_can_be_made_again(tmp_path: Path, browser: Browser) -> None:
    draw(tmp_path, browser)
    named = set(re.findall(r"docs/screenshots/(\S+\.png)", (ROOT / "README.md").read_text(encoding="utf-8")))
    drawn = {picture.name for picture in tmp_path.glob("*.png")}
    assert named
    assert named <= drawn
    assert {picture.name for picture in (ROOT / "docs" / "screenshots").glob("*.png")} == drawn
    assert {size_of(picture) for picture in tmp_path.glob("*.png")} == {SIZES["800x480"], DESK}
