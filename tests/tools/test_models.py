"""``firstlight models`` as a technician uses it: make keys, sign, verify, activate, go back; and what each refusal says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import CARD, MODEL, SIGNATURE, default_bundle
from models.installed import STATE
from tests.models.making import copy, with_card, with_golden, with_model


def models(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.cli.main", "models", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=dict(os.environ))
    assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


class Bench:
    """A technician's table: a data folder, a folder of keys, and a maker whose key lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.keys, self.maker = folder, folder / "data", folder / "keys", folder / "maker"
        self.keys.mkdir()
        models("new-key", self.maker)
        (folder / "maker.pub").rename(self.keys / "maker.pub")

    def signed(self, bundle: Path) -> Path:
        models("sign", bundle, "--key", self.maker)
        return bundle

    def do(self, *words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        return models(*words, "--data-dir", self.data, "--keys", self.keys, code=code)

    def listed(self, code: int = 0) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(models("list", "--data-dir", self.data, "--json", code=code).stdout)
        return [row for row in rows if row["name"] == "breast"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    (tmp_path / "newer").mkdir()
    return with_card(tmp_path / "newer", lambda card: card["model"].update(version="9.1.0"))


def test_every_shipped_bundle_is_verified() -> None:
    for path in default_bundle("breast").parent.iterdir():
        said = models("verify", path.name).stdout
        assert said.count("✓") == 4, said
        assert "shipped with this version" in said


def test_from_a_new_key_to_an_active_bundle_and_back(bench: Bench, newer: Path) -> None:
    assert [row["from"] for row in bench.listed() if row["in_use"]] == ["shipped"]
    bench.signed(newer)
    verified = json.loads(bench.do("verify", newer, "--json").stdout)
    assert (verified["unsigned"], verified["version"]) == (False, "9.1.0")
    assert "breast 9.1.0 is active (signed with key " in bench.do("activate", newer).stdout
    assert [(row["from"], row["version"]) for row in bench.listed() if row["in_use"]] == [("active", "9.1.0")]
    assert 'version = "9.1.0"' in models("show", "breast", "--data-dir", bench.data).stdout
    assert json.loads(bench.do("rollback", "breast", "--json").stdout)["trust"] == "shipped with this version"
    assert [(row["from"], row["in_use"]) for row in bench.listed()] == [("shipped", True), ("previous", False)]
    assert "9.1.0 is active" in bench.do("rollback", "breast").stdout


def test_an_unsigned_bundle_is_refused_and_allowed_loudly(bench: Bench, newer: Path) -> None:
    for command in ("verify", "activate"):
        assert "nobody answers for it" in bench.do(command, newer, code=6).stderr
        assert "WARNING: nobody whom this device trusts" in bench.do(command, newer, "--allow-unsigned").stderr
    assert (bench.data / "models").is_dir()


def test_a_stranger_is_refused_by_the_id_of_their_key(bench: Bench, newer: Path) -> None:
    models("new-key", bench.folder / "stranger")
    models("sign", newer, "--key", bench.folder / "stranger")
    name = (newer / SIGNATURE).read_text().split()[0]
    assert f"signed with key {name}, which {bench.keys} does not hold" in bench.do("activate", newer, code=6).stderr


WRONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "truncated": (lambda folder: with_model(folder, lambda model: model[:3000]), "the trial of .* failed"),
    "golden mismatch": (with_golden, "output_0 of golden input 2 differs"),
    "another modality": (
        lambda folder: with_card(folder, lambda card: card["input"].update(modality="brain-mr-slice")),
        "brain-mr-slice",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_with_a_bundle_is_said_and_nothing_is_changed(
    bench: Bench, newer: Path, tmp_path: Path, fault: str
) -> None:
    bench.do("activate", bench.signed(newer))
    make, says = WRONG[fault]
    (tmp_path / "wrong").mkdir()
    wrong = bench.signed(make(tmp_path / "wrong"))
    for command in ("verify", "activate"):
        refused = bench.do(command, wrong, code=6).stderr
        assert refused.startswith("firstlight: ")
        assert re.search(says, refused), refused
    assert [row["version"] for row in bench.listed() if row["in_use"]] == ["9.1.0"]


def test_an_active_bundle_that_is_damaged_is_listed_as_such(bench: Bench, newer: Path) -> None:
    bench.do("activate", bench.signed(newer))
    (active,) = (row for row in bench.listed() if row["in_use"])
    (Path(active["path"]) / MODEL).write_bytes(b"damaged")
    damaged, shipped = bench.listed(code=6)
    assert "differs from its hash" in damaged["fault"]
    assert (damaged["in_use"], shipped["in_use"]) == (False, True)
    assert "cannot be used" in models("list", "--data-dir", bench.data, code=6).stdout
    (bench.data / "models/breast" / STATE).write_text("{")
    assert "does not say which bundle is active" in models("show", "breast", "--data-dir", bench.data, code=6).stderr
    assert [row["in_use"] for row in bench.listed(code=6)] == [True, False]
    bench.do("rollback", "breast", "--shipped")
    assert [row["from"] for row in bench.listed()] == ["shipped"]


def test_keys_that_are_none(bench: Bench, newer: Path) -> None:
    assert "is there already" in models("new-key", bench.maker, code=8).stderr
    assert "no Ed25519 private key" in models("sign", newer, "--key", bench.keys / "maker.pub", code=8).stderr
    (bench.keys / "other.pub").write_text("no key")
    bench.signed(newer)
    assert "other.pub is no Ed25519 public key" in bench.do("activate", newer, code=8).stderr


def test_signing_a_damaged_bundle_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    bundle = copy(tmp_path / "damaged")
    (bundle / CARD).write_text("damaged")
    assert "differs from its hash" in models("sign", bundle, "--key", bench.maker, code=6).stderr
    assert not (bundle / SIGNATURE).exists()


def test_a_name_that_is_none(bench: Bench) -> None:
    assert "no model bundle at" in bench.do("verify", "nosuch", code=6).stderr
    assert "nothing here uses a model called liver" in bench.do("rollback", "liver", code=6).stderr


def test_the_keys_of_the_configuration_count(bench: Bench, newer: Path) -> None:
    config = bench.folder / "firstlight.toml"
    config.write_text('[models]\nkeys = "keys"\n')
    bench.signed(newer)
    models("activate", newer, "--data-dir", bench.data, "--config", config)
    config.write_text('[models]\nkeys = "elsewhere"\n')
    refused = models("activate", newer, "--data-dir", bench.data, "--config", config, code=6)
    assert "elsewhere does not hold" in refused.stderr
