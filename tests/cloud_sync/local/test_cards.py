"""A model's card is shown only where it is the card of that very model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cloud_sync.local.cards import CardDamaged, CardMissing, ModelCards

CARD = '[model]\nname = "breast"\nnot_shown = ["that it helps"]\n[gate]\nwidth = [1.5, inf]\n'


def make_bundle(folder: Path, card: str = CARD) -> str:
    """Write a bundle and return its hash."""
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(card)
    (folder / "model.tflite").write_bytes(b"network")
    sums = "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in ("card.toml", "model.tflite")
    )
    (folder / "SHA256SUMS").write_text(sums)
    return hashlib.sha256(sums.encode()).hexdigest()


def test_the_card_is_found_by_the_hash_of_its_bundle(tmp_path: Path) -> None:
    make_bundle(tmp_path / "old", CARD.replace("breast", "older"))
    sha256 = make_bundle(tmp_path / "new")
    card = ModelCards([tmp_path]).card(sha256)
    assert card["model"]["name"] == "breast"
    json.dumps(card, allow_nan=False)


def test_a_card_that_was_changed_is_not_shown(tmp_path: Path) -> None:
    sha256 = make_bundle(tmp_path / "breast")
    (tmp_path / "breast/card.toml").write_text(CARD.replace("that it helps", "nothing"))
    with pytest.raises(CardDamaged, match="was changed"):
        ModelCards([tmp_path]).card(sha256)
    (tmp_path / "breast/card.toml").unlink()
    with pytest.raises(CardDamaged):
        ModelCards([tmp_path]).card(sha256)


def test_a_card_that_is_no_toml_is_not_shown(tmp_path: Path) -> None:
    sha256 = make_bundle(tmp_path / "breast", "[model")
    with pytest.raises(CardDamaged, match="is damaged"):
        ModelCards([tmp_path]).card(sha256)


def test_the_cards_of_activated_bundles_are_found_beside_the_shipped_ones(tmp_path: Path) -> None:
    make_bundle(tmp_path / "shipped" / "breast", CARD.replace("breast", "shipped"))
    sha256 = make_bundle(tmp_path / "models" / "breast" / "one")
    assert ModelCards([tmp_path / "shipped", tmp_path / "models"]).card(sha256)["model"]["name"] == "breast"


@pytest.mark.parametrize("folders", [[], [Path("/nowhere")]])
def test_an_unknown_model_is_said_to_be_unknown(folders: list[Path]) -> None:
    with pytest.raises(CardMissing, match="not installed on this server"):
        ModelCards(folders).card("0" * 64)
