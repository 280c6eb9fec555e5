"""From slices to a card, with a stand-in for the network that calls bright FLAIR a tumour."""

from __future__ import annotations

import numpy as np
import pytest

from models.answers import ScoreAnswer
from models.card import parse_card
from models.lesion_input import CELLS, SERIES, SIDE
from tests.tools.training.brain.lesion import making
from tools.training import toml
from tools.training.brain.lesion import figures, findings, measure
from tools.training.brain.lesion.card import AIMS, Choices, missed, write_card
from tools.training.brain.lesion.findings import Data, Findings, find, is_central, occlusion_map
from tools.training.brain.lesion.measure import SETS, best_mask_from, wobble
from tools.training.brain.lesion.reading import choose, of_card
from tools.training.brain.lesion.sampling import KEPT, Images, example, middle, read
from tools.training.cards import plain
from tools.training.scores import auroc


def bright(images: Images) -> Images:
    """Return logits [n, 72, 72]: how far the brightest series lies above 0.84 of its range in the middle of the cut."""
    seen = images.max(axis=-1)
    cells = seen.reshape(len(seen), CELLS, 2, CELLS, 2).mean(axis=(2, 4))
    y, x = (np.mgrid[:CELLS, :CELLS] - (CELLS - 1) / 2) / (CELLS / 2)
    scalp = np.hypot(x / 0.66, y / 0.8) > 0.8
    return np.where(scalp, -8.0, 12 * (cells - 0.68)).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data.read(making.write(tmp_path_factory.mktemp("made-up")))


@pytest.fixture(scope="module")
def found(data: Data) -> Findings:
    return find(bright, data, 0.5, lambda _: None)


def test_the_splits_are_the_manifests(data: Data) -> None:
    assert [len(part) for part in (data.train, data.val, data.test, data.types_train, data.types_test)] == [12, 6, 12, 3, 3]


def test_slices_are_read_once_with_room_around_the_head(data: Data) -> None:
    prepared = read([*data.train, *data.types_train])
    assert prepared.images.shape == (15, KEPT, KEPT, 3)
    assert prepared.glioma.sum() == 12
    ill = np.array([one.tumour for one in (*data.train, *data.types_train)])
    assert ((prepared.masks > 127).any(axis=(1, 2)) == ill).all()
    assert not prepared.images[~prepared.glioma][..., :2].any()


def test_what_is_read_is_what_the_model_sees_in_use(data: Data) -> None:
    """The middle of a kept slice must be the input that a kiosk makes, or training and use differ."""
    one = data.test[2]
    prepared = read([one])
    image, truth = middle(prepared.images[0], prepared.masks[0])
    shown, cut = measure.input_of(one, SERIES)
    assert np.corrcoef(image.ravel(), shown.ravel())[0, 1] > 0.97
    assert np.abs(truth[..., 0] - cut.out(one.mask().astype(np.float32), CELLS)).mean() < 0.01


def test_an_example_keeps_tumour_and_outline_together(data: Data) -> None:
    """After every warp the outline must lie on what is bright in FLAIR."""
    one = next(one for one in data.train if one.tumour)
    prepared = read([one])
    rng = np.random.default_rng(1)
    together = []
    for _ in range(40):
        image, truth = example(prepared.images[0], prepared.masks[0], True, rng)
        assert image.shape == (SIDE, SIDE, 3)
        assert truth.shape == (CELLS, CELLS, 2)
        assert image.min() >= -1
        assert image.max() <= 1
        flair = image[..., 1].reshape(CELLS, 2, CELLS, 2).mean(axis=(1, 3))
        inside = truth[..., 0] > 0.9
        if flair.max() > -1 and inside.any():
            together.append(flair[inside].mean() - flair[truth[..., 0] == 0].mean())
    assert len(together) > 20
    assert min(together) > 0.3


def test_an_example_of_the_other_collection_shows_one_series_and_does_not_count_for_the_slice(data: Data) -> None:
    prepared = read(data.types_train[:1])
    image, truth = example(prepared.images[0], prepared.masks[0], False, np.random.default_rng(2))
    assert (image[..., :2] == -1).all()
    assert image[..., 2].max() > 0
    assert not truth[..., 1].any()


def test_a_bright_lesion_is_found_by_who_looks_for_brightness(found: Findings) -> None:
    every = found.gliomas[SERIES]
    assert auroc(every.label, every.score) > 0.9
    assert every.dice[every.seen].mean() > 0.5
    assert np.isnan(every.dice[~every.seen]).all()
    assert every.pointed[every.seen].mean() > 0.7
    assert not every.pointed[~every.seen].any()
    assert (every.shared <= np.minimum(every.found, every.truth)).all()


def test_a_series_that_does_not_show_it_finds_less(found: Findings) -> None:
    flair, t1c = found.gliomas[("flair",)], found.gliomas[("t1c",)]
    assert flair.dice[flair.seen].mean() > t1c.dice[t1c.seen].mean() + 0.3


def test_the_middle_half_is_central(found: Findings) -> None:
    every = found.gliomas[SERIES]
    assert sorted(set(every.position[is_central(every)])) == [0.4, 0.6]


def test_the_best_place_for_a_mask_to_begin_is_found(data: Data) -> None:
    best = best_mask_from(bright, data.val, (0.001, 0.5, 0.999999))
    assert best == 0.5


def test_an_occlusion_map_falls_where_the_score_comes_from() -> None:
    image = np.full((SIDE, SIDE, 3), -0.5, dtype=np.float32)
    image[60:80, 80:100] = 1
    fall = occlusion_map(bright, image)
    assert fall.shape == (SIDE, SIDE)
    row, column = np.unravel_index(int(fall.argmax()), fall.shape)
    assert 50 < row < 90
    assert 55 < column < 110
    assert fall[:20, :20].max() == pytest.approx(0, abs=1e-4)


def test_views_of_a_slice_differ_a_little(data: Data) -> None:
    assert 0 < wobble(bright, data.val) < 5


def test_the_card_is_complete_and_reads_back_as_it_was_meant(data: Data, found: Findings) -> None:
    validation = {names: measure.measure(bright, data.val, names, 0.5) for names in SETS}
    chosen = {names: choose(part, 0.1) for names, part in validation.items() if names != ("t1c",)}
    chosen[("t1c",)] = chosen[("flair",)]  # this stand-in sees nothing after contrast
    choices = Choices(
        kind="int8",
        bytes=10,
        mask_from=0.5,
        wobble=0.1,
        readings={names: chosen[names][0] for names in SETS},
        curve=chosen[SERIES][1],
        validation=validation,
        quantisation={
            "kind": "int8",
            "metric": "auroc",
            "float": 0.95,
            "quantised": 0.949,
            "allowed_loss": 0.005,
            "decisions_flipped": 0,
            "decisions": 6,
            "note": "made up",
        },
        drift={"score": tuple(float(value) for value in np.linspace(0, 1, 11))},
    )
    text = toml.dumps(plain(write_card(data, choices, found, 1, {"command": "made up", "seed": 1})))
    card = parse_card(text, "a made-up card")
    assert card.answer_as(ScoreAnswer).threshold.probability == choices.readings[SERIES].threshold
    assert of_card(card.document) == choices.readings
    assert {figure.unit for figure in card.metrics} == {"patients"}
    aurocs = [figure for figure in card.metrics if figure.name == "auroc" and figure.population.startswith(figures.LGG)]
    assert len(aurocs) == 2 * len(SETS)
    assert all(figure.n == 2 for figure in aurocs)
    assert "CC BY-NC-SA" in card.licence
    assert {part.chance > 0 for part in card.explanation} == {True}


def test_a_picture_is_covered_in_49_places() -> None:
    asked = []

    def count(images: Images) -> Images:
        asked.append(len(images))
        return bright(images)

    occlusion_map(count, np.zeros((SIDE, SIDE, 3), dtype=np.float32))
    assert asked == [1, 49]
    assert findings.COVER == 2 * findings.STEP


def test_a_missed_aim_is_said_and_a_reached_one_is_not() -> None:
    reached = [{"name": name, "population": population, "value": aim + 0.01} for (name, population), aim in AIMS.items()]
    assert missed(reached) == []
    short = [*reached[:-1], {**reached[-1], "value": 0.78}]
    (sentence,) = missed(short)
    assert sentence.startswith("dice above 0.8 was aimed at")
    assert sentence.endswith("0.780 was measured.")
