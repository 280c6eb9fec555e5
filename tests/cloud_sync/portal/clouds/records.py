"""Records that the portal's tests look at: a thermogram with a photograph, an MRI series, hostile texts."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.checkout import ROOT
from tests.cloud_sync.samples import capture, document, torso

HOSTILE = "<img src=x onerror='window.broken = 1'><script>window.broken = 1</script>\u202egnp.exe"
BUNDLE = ROOT / "models" / "bundles" / "breast"
MODEL = hashlib.sha256((BUNDLE / "SHA256SUMS").read_bytes()).hexdigest()
"""The breast model that is shipped, so that the card is a real one."""

Parts = Mapping[str, bytes]


def thermal(number: int, *, warm: bool = True, **changes: Any) -> tuple[dict[str, Any], Parts]:
    """Return a thermal record with all its parts; ``changes`` as for `document`."""
    parts = {"capture.npz": capture(torso(warm_spot_k=1.5 if warm else 0.0))}
    whole = document(number, None, **changes)
    if warm:
        whole["asymmetry"] = {"difference_k": 0.92, "uncertainty_k": 0.31, "left_c": 33.9, "right_c": 33.0}
        whole["prediction"] |= {
            "outcome": "above_threshold",
            "probability": 0.71,
            "reason": "The score lies above the threshold.",
        }
        whole["result"] = "doctor_will_look"
    whole["prediction"] |= {"bundle_sha256": MODEL, "prevalence": 0.006, "ill_here": [0.009, 0.006, 0.013]}
    return with_parts(whole | changes, parts), parts


def mri(number: int, **changes: Any) -> tuple[dict[str, Any], Parts]:
    """Return an MRI record: a round head of eight slices with a bright ball in the fifth."""
    count, size = 8, 64
    place, row, column = np.mgrid[0:count, 0:size, 0:size]
    head = np.hypot(row - 32, column - 32) < 26
    ball = np.hypot(np.hypot(row - 24, column - 40), 4.0 * (place - 4)) < 7
    slices = (head * 400 + ball * 500 + 20).astype(np.uint16)
    scores = [None, 0.02, 0.1, 0.4, 0.97, 0.5, 0.1, None]
    series, findings = io.BytesIO(), io.BytesIO()
    spacing = np.array([5.0, 0.9, 0.9], np.float32)
    np.savez(series, slices=slices, spacing_mm=spacing, window=np.array([400.0, 900.0], np.float32))
    assessed = np.array([np.nan if score is None else score for score in scores], np.float32)
    np.savez(
        findings,
        segmentation=(ball * 230).astype(np.uint8),
        residual=(ball * 120).astype(np.uint8),
        slice_scores=assessed,
    )
    parts = {"series.npz": series.getvalue(), "findings.npz": findings.getvalue()}
    spaced = {"slices": count, "spacing_mm": [5.0, 0.9, 0.9], "slice_scores": scores, "description": "T1, contrast medium"}
    whole = document(number, None, modality="mri", asymmetry=None, quality=None, result=None)
    whole["mri"] = spaced | {"lesion_ml": 5.6, "lesion_uncertainty_ml": 0.7}
    whole["prediction"] |= {
        "outcome": "above_threshold",
        "probability": 0.97,
        "reason": "A slice lies above the threshold.",
        "model": "brain-lesion",
        "classes": {"meningioma": 0.62, "glioma": 0.27, "pituitary": 0.11},
    }
    return with_parts(whole | changes, parts), parts


def hostile(number: int) -> tuple[dict[str, Any], Parts]:
    """Return a record with script in each text that a device sends. Its names are fit for paths, or it would not arrive."""
    whole, parts = thermal(number, patient=HOSTILE, mode=HOSTILE, captured_at=HOSTILE, boot_id=HOSTILE, result=HOSTILE)
    whole["prediction"] |= dict.fromkeys(("outcome", "model", "version", "reason"), HOSTILE)
    whole["quality"]["gates"] = {HOSTILE: False}
    whole["consent"] = {"text_version": HOSTILE, "screening": HOSTILE, "training": HOSTILE, "language": HOSTILE}
    whole["photo"] = {"taken": False, "reason": HOSTILE}
    return whole, parts


def with_parts(whole: dict[str, Any], parts: Parts) -> dict[str, Any]:
    media = {"npz": "application/x-npz", "jpg": "image/jpeg", "dcm": "application/dicom"}
    described = {
        name: {
            "media_type": media[name.rpartition(".")[2]],
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }
        for name, content in parts.items()
    }
    return whole | {"parts": described}
