"""Settings from afar: what they may change, what they may not, and that a bad file stops nothing."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from device.process.config import BadValue, Config, ConfigError, load_config, with_clinic, write_clinic
from device.process.config.clinic import ALLOWED, clinic_path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path


def test_without_a_file_nothing_changes(data_dir: Path) -> None:
    assert with_clinic(Config(), data_dir) == (Config(), None)


def test_settings_go_over_the_configuration_and_only_what_was_sent(data_dir: Path) -> None:
    (data_dir / "own.toml").write_text('[kiosk]\nsite = "here"\nlanguage = "es"\n[capture]\nlongest = "30 s"\n')
    own = load_config(data_dir / "own.toml")
    path = write_clinic({"capture": {"target_noise": "0.2 K"}, "models": {"prevalence": 0.006}}, own, data_dir)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    config, left_out = with_clinic(own, data_dir)
    assert left_out is None
    assert (config.capture.target_noise_k, config.capture.longest_s, config.models.prevalence) == (0.2, 30.0, 0.006)
    assert (config.kiosk.site, config.kiosk.language) == ("here", "es")


@pytest.mark.parametrize(
    "settings",
    [
        {"sync": {"remote": "local:/tmp/elsewhere"}},
        {"models": {"allow_unsigned": True}},
        {"models": {"keys": "/tmp"}},
        {"reader": {"url": "sim:"}},
        {"sensor": {"url": "sim:"}},
        {"kiosk": {"site": "elsewhere"}},
        {"screen": {"bench": True}},
        {"nothing": {"at": "all"}},
        {"capture": {"target_noise": "much"}},
        {"capture": {"target_noise": ["0.1 K"]}},
        {"capture": {"target_noise": '0.1 K"\n[sync]\nremote = "x:y'}},
        {"capture": "0.1 K"},
        {"capture": {"ambient_lowest": "30 °C"}},
        {"kiosk": {"language": "en\u0000"}},
        {"capture\n[sync]": {}},
    ],
)
def test_what_is_refused_changes_nothing(data_dir: Path, settings: dict[str, Any]) -> None:
    write_clinic({"kiosk": {"language": "es"}}, Config(), data_dir)
    before = clinic_path(data_dir).read_bytes()
    with pytest.raises(ConfigError):
        write_clinic(settings, Config(), data_dir)
    assert clinic_path(data_dir).read_bytes() == before
    assert [path.name for path in (data_dir / "store").iterdir()] == ["clinic.toml"]


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"[capture", b'[sync]\nremote = "local:/x"\n', b'[capture]\nlongest = "1 h"\n', b"[capture]\nlongst = 1\n"],
)
def test_a_bad_file_is_left_out_and_said(data_dir: Path, content: bytes) -> None:
    clinic_path(data_dir).write_bytes(content)
    config, left_out = with_clinic(Config(), data_dir)
    assert config == Config()
    assert "clinic.toml" in str(left_out)


def test_each_key_that_may_be_sent_exists() -> None:
    from dataclasses import fields

    for section, keys in ALLOWED.items():
        assert keys <= {field.metadata["key"] for field in fields(getattr(Config(), section))}


def test_the_way_to_the_cloud_and_the_trust_in_models_stay_at_the_kiosk(data_dir: Path) -> None:
    assert not ALLOWED["sync"] & {"remote"}
    assert not ALLOWED["models"] & {"keys", "allow_unsigned", "breast"}
    with pytest.raises(BadValue, match="cannot be set from afar"):
        write_clinic({"store": {"reserve": "1 TB"}}, Config(), data_dir)
