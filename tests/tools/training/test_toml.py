"""What is written as TOML is read back."""

from __future__ import annotations

import tomllib

import pytest

from tools.training.toml import dumps


def test_everything_that_a_card_holds_survives() -> None:
    document = {
        "model": {"name": 'a "quoted" °C\nline', "n": 3, "share": 0.25, "flag": True, "off": False, "empty": []},
        "lists": {"short": [1, 2.5], "texts": ["x" * 60, "y" * 60], "refused: noise": 1.0},
        "metrics": [{"value": 0.5}, {"value": -1.5}],
    }
    assert tomllib.loads(dumps(document)) == document


def test_numbers_are_rounded_to_what_can_be_meant() -> None:
    assert tomllib.loads(dumps({"a": {"x": 0.123456789}}))["a"]["x"] == 0.1235


def test_what_toml_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        dumps({"a": {"x": None}})
