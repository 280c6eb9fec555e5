"""The portal's FHIR download: valid R4, and the very bundle that the exporter makes of the same record."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from cloud_sync.fhir.bundle import Reviewed, record_bundle
from tests.checkout import ROOT
from tests.cloud_sync.samples import document

PORTAL = ROOT / "cloud_sync" / "portal"
RECEIVED = "2026-11-20T12:00:00+00:00"
REVIEWS = (
    Reviewed("د. أمل <img src=x onerror=alert(1)>", "disagree", "انظر الصورة", "2026-11-21T07:00:00+00:00"),
    Reviewed("Dr Ada", "recall", "", "2026-11-21T08:00:00+00:00"),
)
SCRIPT = """
import { readFileSync } from "node:fs";
import { bundleOf } from "./fhir.mjs";
const made = [];
for (const { record, reviews } of JSON.parse(readFileSync(0, "utf8"))) made.push(await bundleOf(record, reviews));
process.stdout.write(JSON.stringify(made));
"""

Make = Callable[[list[dict[str, Any]], tuple[Reviewed, ...]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def portal_makes(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """The portal's own code, in Node."""
    esbuild = PORTAL / "node_modules" / ".bin" / "esbuild"
    node = shutil.which("node")
    if node is None or not esbuild.exists():
        pytest.skip("Node or the portal's packages are not here (cd cloud_sync/portal && npm ci)")
    folder = tmp_path_factory.mktemp("fhir")
    source = PORTAL / "src" / "report" / "fhir.ts"
    subprocess.run(
        [esbuild, source, "--bundle", "--format=esm", "--log-level=error", f"--outfile={folder / 'fhir.mjs'}"],
        check=True,
        timeout=60,
    )
    (folder / "make.mjs").write_text(SCRIPT)

    def make(wholes: list[dict[str, Any]], reviews: tuple[Reviewed, ...]) -> list[dict[str, Any]]:
        said = [
            {"at": one.at, "authorName": one.author_name, "verdict": one.verdict, "note": one.note} for one in reversed(reviews)
        ]
        asked = [
            {
                "record": {"summary": {"id": whole["id"], "receivedAt": "2026-11-20T12:00:00.000Z"}, "json": json.dumps(whole)},
                "reviews": said,
            }
            for whole in wholes
        ]
        done = subprocess.run(
            [str(node), str(Path(folder) / "make.mjs")],
            input=json.dumps(asked).encode(),
            capture_output=True,
            check=True,
            timeout=60,
        )
        made: list[dict[str, Any]] = json.loads(done.stdout)
        return made

    return make


def records() -> list[dict[str, Any]]:
    """One of each kind that a bundle can be made of, and one whose every text is hostile."""
    hostile = "<script>x</script>\u202e" + "é😀" * 200
    abstained = document(4, b"x")
    abstained["prediction"]["outcome"] = "abstained"
    mri = {"slices": 20, "lesion_ml": 12.25, "lesion_uncertainty_ml": 1.5, "description": "T1"}
    return [
        document(3, b"x"),
        abstained,
        document(5, b"x", prediction=None, asymmetry=None, result="not_assessed"),
        document(6, b"x", clock_synchronised=False),
        document(7, b"x", modality="mri", asymmetry=None, mri=mri),
        document(8, b"x", patient=hostile, kiosk=hostile, site="home", result=hostile, modality=hostile, captured_at=hostile),
        document(
            9, b"x", patient=7, prediction={"probability": True, "ill_here": "no", "outcome": "constructor"}, asymmetry=[1]
        ),
    ]


@pytest.mark.parametrize("reviews", [(), REVIEWS], ids=["no review", "two reviews"])
def test_the_download_is_valid_and_is_what_the_exporter_makes(portal_makes: Make, reviews: tuple[Reviewed, ...]) -> None:
    wholes = records()
    for whole, made in zip(wholes, portal_makes(wholes, reviews), strict=True):
        assert made == record_bundle(whole["id"], json.dumps(whole).encode(), RECEIVED, reviews)
        Bundle.model_validate(made)
