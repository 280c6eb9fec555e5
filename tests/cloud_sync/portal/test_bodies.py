"""The portal finds a body as the kiosk does: both are held to the same frames (there: tests/viewers/bodies.test.ts)."""

from __future__ import annotations

import json

import numpy as np
import pytest

from device.visit.body import find_body
from tests.checkout import ROOT

BODIES = json.loads((ROOT / "cloud_sync/portal/tests/viewers/bodies.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("frame", BODIES, ids=[frame["name"] for frame in BODIES])
def test_the_kiosk_finds_what_the_portal_is_tested_against(frame: dict[str, object]) -> None:
    found = find_body(np.array(frame["celsius"], np.float64).reshape(24, 32))
    expected = frame["body"]
    if expected is None:
        assert found is None
        return
    assert isinstance(expected, dict)
    assert found is not None
    assert found.midline == pytest.approx(expected["midline"], abs=1e-5)
    assert int(found.mask.sum()) == expected["pixels"]
    assert found.skin_c == pytest.approx(expected["skin_c"], abs=1e-5)
