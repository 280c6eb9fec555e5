"""Gathers real impostors from unpacked packages into the folder ``impostors`` beside the brain slices.

    python -m tools.training.brain.gate.collect --packages DIR --dicom DIR --thermal DIR --out DATA/impostors

``--packages`` holds one unpacked package a folder, named as in ``sources.toml`` (which says what is taken from where);
``--dicom`` holds DICOM files (docs/data.md) and ``--thermal`` the breast thermograms, which are impostors here. Written are
grey 16-bit PNGs and ``manifest.csv``: file, kind, source, group (pictures of one volume are alike), part. Needs pydicom with
a decoder for JPEG 2000.
"""

from __future__ import annotations

import csv
import gzip
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from models.mr_slice import LARGEST, SMALLEST
from tools.training.errors import TrainingDataMissing

SOURCES = Path(__file__).with_name("sources.toml")
MANIFEST = "manifest.csv"
FRAMES = 8
"""At most taken of one multi-frame file, evenly."""
FOLD_PARTS = {0: "train", 1: "train", 2: "val", 3: "test", -1: "train"}
DICOM_KINDS = {
    "example_dicom_structural_*.dcm": "proper: healthy T1w, one person",
    "dcm_qa_nih_*.dcm": "mosaic of a phantom",
    "dcm_qa_siemens_*.dcm": "mosaic of slices, as stored",
    "pydicom-data_emri_small.dcm": "magnetic resonance, part of a head only",
}


class Found(NamedTuple):
    image: NDArray[Any]
    kind: str
    source: str
    group: str
    """Pictures of one volume or film share it."""
    part: str


@click.command()
@click.option("--packages", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--dicom", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--thermal", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(packages: Path, dicom: Path, thermal: Path, out: Path) -> None:
    """Write the folder of impostors."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, found in enumerate([*_of_packages(packages), *_of_dicom(dicom), *_of_thermograms(thermal)]):
        name = f"{number:04d}.png"
        cv2.imwrite(str(out / name), _sixteen_bits(found.image))
        rows.append((name, *found[1:]))
    with (out / MANIFEST).open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("file", "kind", "source", "group", "part"), *rows])
    click.echo(f"{len(rows)} images in {out}")


def _of_packages(packages: Path) -> Iterator[Found]:
    for source in tomllib.loads(SOURCES.read_text(encoding="utf-8"))["source"]:
        folder = packages / source["package"]
        if not folder.is_dir():
            raise TrainingDataMissing(f"{folder} is missing; unpack {source['package']} {source['version']} there")
        files = sorted({path for pattern in source["files"] for path in folder.glob(pattern)})
        for path in files:
            images = images_of(path)
            for number, image in enumerate(images):
                group = f"{path.name} {number}" if path.suffix == ".npy" else path.name
                yield Found(image, source["kind"], f"{source['package']} {source['version']}", group, source["part"])


def _of_dicom(folder: Path) -> Iterator[Found]:
    for pattern, kind in DICOM_KINDS.items():
        for path in sorted(folder.glob(pattern)):
            for image in images_of(path):
                yield Found(image, kind, "DICOM files (docs/data.md)", pattern, "test")


def _of_thermograms(folder: Path) -> Iterator[Found]:
    with np.load(folder / "breast_thermograms.npz") as arrays:
        for celsius, patient, fold in zip(arrays["cC"], arrays["patient_id"], arrays["fold"].tolist(), strict=True):
            yield Found(celsius, "thermogram of a chest", "DMR-IR (docs/data.md)", f"patient {patient}", FOLD_PARTS[fold])


def images_of(path: Path) -> list[NDArray[Any]]:
    """Return the grey pictures in one file, [rows, columns] each; those too small to be a slice are enlarged."""
    match path.suffix:
        case ".npz":
            pictures = [np.load(path)["data"]]
        case ".npy":
            pictures = list(np.load(path)[:100])  # of skimage's lfw_subset the first half are faces
        case ".gz":
            pictures = _of_nifti(path)
        case ".dcm":
            pictures = _of_dicom_file(path)
        case _:
            picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            pictures = [] if picture is None else [picture]
    return [_large_enough(picture) for picture in pictures if picture.ndim == 2 and picture.min() < picture.max()]


def _of_dicom_file(path: Path) -> list[NDArray[Any]]:
    import pydicom

    dataset = pydicom.dcmread(path)
    pixels = np.asarray(dataset.pixel_array, dtype=np.float32)
    if dataset.get("SamplesPerPixel", 1) == 3:
        pixels = pixels.mean(axis=-1)
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        pixels = pixels.max() - pixels
    return [pixels] if pixels.ndim == 2 else [pixels[i] for i in _evenly(len(pixels))]


def _of_nifti(path: Path) -> list[NDArray[Any]]:
    """Return slices across each axis of a NIfTI-1 volume in RAS orientation, as a radiologist looks at them (nifti1.h)."""
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, "<i2", 3, 42)
    kind = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8", 512: "<u2"}[int(np.frombuffer(raw, "<i2", 1, 70)[0])]
    start = int(np.frombuffer(raw, "<f4", 1, 108)[0])
    volume = np.frombuffer(raw, kind, int(np.prod(shape)), start).reshape(shape, order="F")
    return [
        np.rot90(np.take(volume, int(k), axis=axis)) for axis in range(3) for k in np.linspace(0.25, 0.75, 10) * shape[axis]
    ]


def _evenly(count: int) -> list[int]:
    return sorted({int(k) for k in np.linspace(0, count - 1, FRAMES)})


def _large_enough(picture: NDArray[Any]) -> NDArray[np.float32]:
    image = np.asarray(picture, dtype=np.float32)
    factor = max(1.0, 2 * SMALLEST / min(image.shape)) * min(1.0, 512 / max(image.shape))
    rows, columns = (min(max(round(length * factor), SMALLEST), LARGEST) for length in image.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (columns, rows), interpolation=method), dtype=np.float32)


def _sixteen_bits(image: NDArray[Any]) -> NDArray[np.uint16]:
    low, high = float(image.min()), float(image.max())
    return np.rint((image.astype(np.float64) - low) / max(high - low, 1e-9) * 65535).astype(np.uint16)


if __name__ == "__main__":
    main()
