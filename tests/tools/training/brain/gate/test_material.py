from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from tests.tools.training.brain.gate import making
from tools.training.brain.gate import collect, collected, material, words
from tools.training.brain.gate.checks import Checks, checks, kept
from tools.training.brain.gate.leave_out import GROUPS
from tools.training.brain.gate.material import BRAIN, Sample, Sizes
from tools.training.brain.gate.train import parts_of
from tools.training.brain.gate.web import web_images
from tools.training.errors import TrainingDataMissing, TrainingDataUnusable
from tools.training.run import Run

SMALL = Sizes(views=1, derived=2, drawn=2, checks=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return making.data(tmp_path_factory.mktemp("data"))


def training_samples(folder: Path, seed: int) -> list[Sample]:
    return [one for _, make in parts_of(folder, seed, SMALL) for one in make()]


def test_nobody_and_nothing_is_in_two_parts(folder: Path) -> None:
    learnt = {one.unit for one in training_samples(folder, 1) if one.label == BRAIN}
    val, test = (checks(folder, part, 1, 2) for part in ("val", "test"))
    shown = [{one.unit for one in (*some.plain, *some.views, *some.ends)} for some in (val, test)]
    assert learnt == {"jun cheng train0", "jun cheng train1", "lgg train0", "lgg train1"}
    assert all(shown)
    assert learnt.isdisjoint(shown[0] | shown[1])
    assert shown[0].isdisjoint(shown[1])
    pictures = [{one.unit for one in some.impostors if one.kind in ("photograph", "face")} for some in (val, test)]
    assert pictures[0].isdisjoint(pictures[1])


def test_impostors_made_of_heads_are_of_the_same_part(folder: Path) -> None:
    made = material.of_heads(material.heads(folder, "test", 0.05), 3, 1)
    assert {one.unit for one in made} <= {"test0", "test1"}
    assert {one.label for one in made} == {material.TURNED, material.INVERTED, material.FRAMING, material.OTHER}


def test_the_same_seed_makes_the_same_images_and_another_seed_others(folder: Path) -> None:
    first, again, other = (training_samples(folder, seed) for seed in (1, 1, 2))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.image, two.image)
    assert any(not np.array_equal(one.image, three.image) for one, three in zip(first, other, strict=True))


def test_the_lowest_and_highest_slices_are_neither_learnt_nor_counted_with_the_rest(folder: Path) -> None:
    found = material.heads(folder, "test", 0.05)
    assert {one.position for one in found.ends} == {0.0, 1.0}
    assert len(found.lgg) + len(found.ends) == 2 * making.LGG_SLICES
    assert {one.kind for one in material.ends(found)} == {"lowest", "highest"}


def test_tomograms_among_the_web_images_are_impostors_and_the_others_proper(folder: Path) -> None:
    assert [one.tomogram for one in web_images(folder)] == [True, False]
    test = checks(folder, "test", 1, 1)
    assert [one.kind for one in test.elsewhere] == ["proper: PD, one person", "web, sartaj"]
    assert [one.kind for one in test.stripped] == ["brain without skull (template)"]
    assert "computed tomogram, head (web)" in {one.kind for one in test.impostors}


def test_checks_that_were_kept_are_the_ones_that_were_made(folder: Path, tmp_path: Path) -> None:
    made = checks(folder, "test", 1, 1)
    for _ in range(2):
        again = kept(Run(tmp_path, 1, progress=lambda _: None), "test", folder, 1)
        for field in Checks._fields:
            for one, two in zip(getattr(made, field), getattr(again, field), strict=True):
                np.testing.assert_array_equal(one.image, two.image)
                assert one[1:] == two[1:]


def test_a_picture_that_is_missing_or_in_colour_is_named(folder: Path, tmp_path: Path) -> None:
    picture = collected.collected(folder / "impostors")[0]
    with pytest.raises(TrainingDataUnusable, match="no grey picture"):
        dataclasses.replace(picture, file=tmp_path / "gone.png").grey()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param((",train\n", ",later\n"), "has the part 'later'", id="unknown part"),
        pytest.param(("test-face.png,face,package test,test-face.png", "test-face.png,face,package val,val-face.png"),
                     "in val and in test", id="a source in two parts"),
    ],
)  # fmt: skip
def test_a_manifest_that_would_leak_is_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    manifest = making.data(tmp_path) / "impostors" / "manifest.csv"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(TrainingDataUnusable, match=says):
        collected.collected(manifest.parent)


def test_missing_impostors_and_web_images_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing, match=re.escape("manifest.csv is missing")):
        collected.collected(tmp_path)
    with pytest.raises(TrainingDataMissing, match=re.escape("manifest.csv is missing")):
        web_images(tmp_path)


def test_every_kind_says_how_it_was_made_and_every_group_left_out_exists(folder: Path) -> None:
    kinds = {one.kind for one in checks(folder, "test", 1, 1).impostors}
    declared = {one["kind"] for one in words._sources()}
    assert all(len(words.made_how(kind)) > 20 for kind in kinds | declared)
    everything = kinds | declared | {"thermogram of a chest"}
    assert {kind for group in GROUPS.values() for kind in group} <= everything


def test_no_package_gives_pictures_of_a_kind_to_two_parts() -> None:
    home: dict[tuple[str, str], str] = {}
    for one in words._sources():
        assert home.setdefault((one["package"], one["kind"]), one["part"]) == one["part"]


def test_pictures_of_many_formats_become_grey_images_large_enough_to_be_a_slice(tmp_path: Path) -> None:
    tiny = np.random.default_rng(0).integers(0, 255, (12, 3, 25, 25)).astype(np.float32)
    np.save(tmp_path / "faces.npy", tiny[:, 0])
    np.savez(tmp_path / "one.npz", data=tiny[0, 0])
    assert [image.shape for image in collect.images_of(tmp_path / "faces.npy")] == [(64, 64)] * 12
    assert [image.shape for image in collect.images_of(tmp_path / "one.npz")] == [(64, 64)]
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert collect.images_of(tmp_path / "broken.png") == []
