"""What the gate's card says in words: where the images come from, how impostors are made, what was not shown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from tools.training.brain.gate import derived, drawn, patterns
from tools.training.brain.gate.checks import TOMOGRAM, Checks
from tools.training.brain.gate.collect import SOURCES
from tools.training.brain.gate.collected import CUT_OUT

NOT_SHOWN = (
    "It has not been shown that it refuses a kind of thing that nobody has drawn or collected here; the table left_out tells "
    "what to expect.",
    "Real hands, real chest X-rays in numbers, knees, spines, abdomens and breasts by magnetic resonance were not to be had: "
    "most are drawn, and of real ones there are a handful.",
    "A computed tomogram of a head often passes, and so do heads upside down: neither is told reliably (see refused)."
    " Modality and orientation are to be read from the DICOM header.",
    "It does not tell left from right: a mirrored slice passes, and no network could know. The DICOM header must.",
    "It does not check the sequence, contrast agent, slice thickness or field strength, nor whether the brain is whole.",
    "Children, implants, large resections and strong artefacts were not looked at by themselves.",
    "It is no test for who is shown, and none against a person who wants to deceive it.",
)
NOT_DECIDED = (
    "Neither proper nor impostor: nothing was trained on brains without a skull, and what is to become of them is open."
)
WEB = (
    "Others have multiplied web images by turning and mirroring them, top to bottom too: looked at by eye, many of those "
    "refused as turned lie wrong. Some are tomograms that were overlooked, some cut at the forehead, some without a skull."
)
_MADE = {
    **dict.fromkeys(derived.TURNED, "slices of test patients, turned by quarters or with the rows in the other order"),
    **dict.fromkeys(derived.INVERTED, "slices of test patients, light and dark exchanged (MONOCHROME1 not heeded)"),
    **dict.fromkeys(
        derived.FRAMING, "slices of test patients, far too small, far too large, half outside, or many in one image"
    ),
    **dict.fromkeys(derived.OTHER, "slices of test patients, cut up, with random phases, or with a drawn skull of bright bone"),
    **dict.fromkeys(drawn.MAKERS, "drawn at random, other draws than in training"),
    **dict.fromkeys(patterns.MAKERS, "drawn at random, other draws than in training"),
    CUT_OUT: "photographs of test sources cut out in the outline of a head, some with a bright rind",
    TOMOGRAM: "among the web images, found by eye; the gate was trained on drawn skulls only",
    "thermogram of a chest": "DMR-IR, patients whom nothing was trained on",
    "mosaic of a phantom": "one DICOM file (docs/data.md)",
    "mosaic of slices, as stored": "one DICOM file (docs/data.md)",
    "magnetic resonance, part of a head only": "frames of one DICOM file (docs/data.md)",
}
DRAWS = {*derived.TURNED, *derived.INVERTED, *derived.FRAMING, *derived.OTHER}


def made_how(kind: str) -> str:
    """Return where the impostors of a kind in the test come from."""
    if kind in _MADE:
        return _MADE[kind]
    mine = [one for one in _sources() if one["kind"] == kind and one["part"] == "test"]
    packages = ", ".join(f"{one['package']} {one['version']}" for one in mine)
    return f"pictures inside packages of public registries that nothing was trained on: {packages}"


def unit(kind: str) -> str:
    """Return what n counts for a kind of impostor."""
    if kind in DRAWS:
        return "patients"
    return "draws" if kind in drawn.MAKERS or kind in patterns.MAKERS else "pictures, volumes or patients"


def data(counts: Mapping[str, int], test: Checks) -> list[dict[str, Any]]:
    """Return the card's data sets; a gate's positives are its proper slices' patients."""
    jun_cheng, lgg = (len({one.unit for one in test.plain if one.kind == kind}) for kind in ("Jun Cheng", "LGG"))
    trained = {one["package"] + " " + one["version"] for one in _sources() if one["part"] == "train"}
    tried = {one["package"] + " " + one["version"] for one in _sources() if one["part"] == "test"}
    return [
        {
            "name": "Jun Cheng: T1-weighted slices with contrast agent, axial, coronal and sagittal, each with a tumour",
            "source": "figshare 1512427; J. Cheng et al., PLoS ONE 10(10):e0140381, 2015",
            "n": jun_cheng,
            "positives": jun_cheng,
            "unit": "patients",
            "split_unit": "patient",
            "splits": f"given, by patient; n are the test patients. {counts['Jun Cheng']} views of training slices",
            "known_bias": "Every slice shows a tumour; two hospitals; one sequence; training patients are not known.",
            "licence": "commonly given as CC BY 4.0 (not verified); no image is part of the bundle",
        },
        {
            "name": "LGG: slices of lower-grade gliomas, T1 before and after contrast agent and FLAIR, axial",
            "source": "TCGA, through M. Buda et al., Comput. Biol. Med. 109:218-225, 2019",
            "n": lgg,
            "positives": lgg,
            "unit": "patients",
            "split_unit": "patient",
            "splits": f"given, by patient; n are the test patients. {counts['LGG']} views of training slices; the lowest and "
            "highest twentieth of each volume not learnt from, the lowest and highest tenth reported apart",
            "known_bias": "Five institutions, axial only, adults with a glioma.",
            "licence": "commonly given as CC BY-NC-SA 4.0 (not verified); no image is part of the bundle",
        },
        {
            "name": "Impostors: drawn, made of heads, pictures inside packages of public registries, DMR-IR thermograms",
            "source": f"trained on: {', '.join(sorted(trained))}; tried on: {', '.join(sorted(tried))}",
            "n": len({(one.kind, one.unit) for one in test.impostors}),
            "positives": 0,
            "unit": "patients, pictures and draws of the test",
            "split_unit": "package and kind, patient, draw",
            "splits": "no package gives pictures of one kind to two parts; thermograms by fold; draws from other seeds",
            "known_bias": "Most are caricatures. Real medical images other than heads are few and are tried on only.",
            "licence": "those of the packages; none is part of the bundle",
        },
    ]


def _sources() -> list[dict[str, Any]]:
    return list(tomllib.loads(SOURCES.read_text(encoding="utf-8"))["source"])
