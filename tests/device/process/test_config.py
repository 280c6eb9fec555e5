"""Every fault of a configuration file is found when it is read, and says where and what to do."""

from __future__ import annotations

import re
import tomllib
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from device.process.config import (
    EXAMPLE,
    BadValue,
    Config,
    ConfigError,
    ConfigMissing,
    ConfigSyntax,
    UnknownKey,
    load_config,
)
from tests.device.users import unprivileged


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "firstlight.toml"
    path.write_text(text)
    return load_config(path)


def fault(tmp_path: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return caught.value


def test_without_a_file_the_defaults_hold() -> None:
    assert load_config(None) == Config()


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Config()


def test_the_example_is_the_defaults_and_names_every_key() -> None:
    assert load_config(EXAMPLE) == Config()
    keys = {
        section.name: {setting.metadata["key"] for setting in fields(getattr(Config(), section.name))}
        for section in fields(Config)
    }
    assert {name: set(table) for name, table in tomllib.loads(EXAMPLE.read_text()).items()} == keys


def test_every_line_of_the_example_that_sets_something_has_a_comment() -> None:
    settings = [line for line in EXAMPLE.read_text().splitlines() if re.match(r"\w+ *=", line)]
    assert settings
    assert all("#" in line for line in settings)


def test_values_get_their_types_and_units(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [sensor]
        optics = "55x35"
        refresh_rate = "16 Hz"
        reflected_temperature = "21.5 °C"
        emissivity = 1
        flat_field = "plates/one.npz"
        [capture]
        target_noise = "50 mK"
        longest = "1 min"
        [store]
        reserve = "1.5 GiB"
        keep = "10 kB"
        [sync]
        interval = "250 ms"
        call_deadline = "10min"
        """,
    )
    assert config.sensor.optics == "55x35"
    assert (config.sensor.refresh_hz, config.sensor.reflected_c, config.sensor.emissivity) == (16.0, 21.5, 1.0)
    assert config.sensor.flat_field == tmp_path / "plates/one.npz"
    assert config.capture.target_noise_k == pytest.approx(0.05)
    assert config.capture.longest_s == 60.0
    assert (config.store.reserve_bytes, config.store.keep_bytes) == (1610612736, 10000)
    assert (config.sync.interval_s, config.sync.call_deadline_s) == (0.25, 600.0)


def test_an_absolute_path_stays_and_a_home_is_found(tmp_path: Path) -> None:
    config = load(tmp_path, '[models]\nbreast = "/srv/bundle"\n[photo]\nhomography = "~/h.npy"')
    assert config.models.breast == Path("/srv/bundle")
    assert config.photo.homography == Path("~/h.npy").expanduser()


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().kiosk.site = "elsewhere"  # type: ignore[misc]


def test_an_unknown_key_names_file_line_section_and_the_nearest_key(tmp_path: Path) -> None:
    error = fault(tmp_path, '# a comment\n[capture]\nlongest = "9 s"\n\ntarget_nois = "0.1 K"\n')
    assert isinstance(error, UnknownKey)
    assert (error.file, error.line, error.section, error.key) == (tmp_path / "firstlight.toml", 5, "capture", "target_nois")
    assert str(error) == (
        f"{tmp_path}/firstlight.toml:5: [capture] target_nois: there is no key 'target_nois' in [capture]; "
        "did you mean 'target_noise'?"
    )


def test_an_unknown_key_unlike_any_other_lists_what_there_is(tmp_path: Path) -> None:
    assert "use one of port, bench" in str(fault(tmp_path, "[screen]\nzzzz = 1"))


def test_an_unknown_section_names_the_nearest_one(tmp_path: Path) -> None:
    error = fault(tmp_path, "\n\n[sensors]\nurl = 'sim:'")
    assert isinstance(error, UnknownKey)
    assert error.line == 3
    assert "did you mean 'sensor'?" in str(error)


def test_a_key_outside_all_sections_is_unknown(tmp_path: Path) -> None:
    error = fault(tmp_path, "site = 'home'\n")
    assert isinstance(error, UnknownKey)
    assert error.line == 1


def test_a_missing_file_names_the_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigMissing, match=re.escape(f"{tmp_path}/none.toml:1: there is no such file")) as caught:
        load_config(tmp_path / "none.toml")
    assert isinstance(caught.value, FileNotFoundError)
    assert str(EXAMPLE) in str(caught.value)


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigMissing, match="cannot be read"):
        load_config(tmp_path)


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "firstlight.toml"
    path.write_bytes('[capture]\nambient_lowest = "18 °C"\n'.encode("latin-1"))
    with pytest.raises(ConfigSyntax, match=r"firstlight.toml:2: this is not UTF-8; save"):
        load_config(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [("[kiosk]\nsite = home\n", 2), ("[kiosk\n", 1), ("[kiosk]\nsite = 'a'\nsite = 'b'\n", 3), ("[kiosk]\n\nsite = 'a", 3)],
    ids=["no quotes", "no bracket", "twice", "unfinished"],
)
def test_a_syntax_error_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    error = fault(tmp_path, text)
    assert isinstance(error, ConfigSyntax)
    assert error.line == line
    assert "this is not TOML" in str(error)


@pytest.mark.parametrize(
    ("section", "assignment", "message"),
    [
        ("capture", 'target_noise = "0.1 °C"', "'°C' is not a unit of this value; use 'K' or 'mK', like '0.1 K'"),
        ("capture", 'ambient_lowest = "291 K"', "'K' is not a unit of this value; use '°C' or 'C', like '18 °C'"),
        ("capture", 'longest = "20"', "'20' has no unit; write it like '20 s'"),
        ("capture", "longest = 20", "a text with a number and its unit was expected, not a number; write it like '20 s'"),
        ("capture", 'longest = "soon"', "'soon' is no number with a unit; write it like '20 s'"),
        ("capture", 'longest = "1e1 s"', "is not a unit of this value"),
        ("capture", 'longest = "nan s"', "'nan s' is no number with a unit"),
        ("capture", 'longest = "1 h"', "3600 s is out of range; choose from 1 s to 300 s"),
        ("capture", 'longest = "-1 s"', "-1 s is out of range"),
        ("capture", 'target_noise = "0 K"', "0 K is out of range; choose from 0.02 K to 1 K"),
        ("sensor", 'refresh_rate = "7 Hz"', "the sensor knows no 7 Hz; choose '0.5 Hz', "),
        ("sensor", "emissivity = nan", "nan is out of range"),
        ("sensor", "emissivity = 1.2", "1.2 is out of range; choose from 0.1 to 1"),
        ("sensor", 'emissivity = "0.98"', "a number was expected, not a text; write it without quotes"),
        ("sensor", "emissivity = true", "a number was expected, not true or false"),
        ("sensor", 'optics = "90x70"', "'90x70' is not possible; choose '110x75' or '55x35'"),
        ("sensor", 'url = "i2c"', "'i2c' names no device; write it like 'i2c:1@0x33'"),
        ("sensor", 'reflected_temperature = "hot"', "'hot' is no number with a unit"),
        ("photo", 'url = "on"', "or 'off'"),
        ("kiosk", 'site = "St. Mary/../x"', "is no name; use 1 to 63 of a-z"),
        ("kiosk", 'site = ""', "'' is no name"),
        ("kiosk", "name = 7", "a text was expected, not a number; put it in quotes"),
        ("kiosk", 'language = "English"', "'English' is no language; write it like 'en'"),
        ("screen", 'port = "8600"', "a port number was expected, not a text; write it without quotes"),
        ("screen", "port = 80", "port 80 cannot be used; choose one from 1024 to 65535"),
        ("screen", "port = 8600.0", "a port number was expected"),
        ("screen", "bench = 1", "true or false was expected, not a number; write it without quotes"),
        ("visit", 'pin = "always"', "'always' is not possible; choose 'optional' or 'off'"),
        ("models", 'breast = "a\\u0000b"', "a path cannot hold a NUL"),
        ("models", "breast = []", "a text was expected, not a list"),
        ("store", 'keep = "2 Gb"', "'Gb' is not a unit of this value"),
    ],
)
def test_a_bad_value_says_what_and_what_to_do(tmp_path: Path, section: str, assignment: str, message: str) -> None:
    error = fault(tmp_path, f"# first line\n[{section}]\n{assignment}\n")
    assert isinstance(error, BadValue)
    key = assignment.split(" ")[0]
    assert str(error).startswith(f"{tmp_path}/firstlight.toml:3: [{section}] {key}: ")
    assert message in str(error)


def test_a_section_that_is_no_table_is_refused(tmp_path: Path) -> None:
    error = fault(tmp_path, "\nkiosk = 'home'\n")
    assert isinstance(error, BadValue)
    assert error.line == 2
    assert "write [kiosk]" in str(error)


def test_an_array_of_tables_is_refused(tmp_path: Path) -> None:
    assert "write [kiosk]" in str(fault(tmp_path, "[[kiosk]]\nsite = 'home'\n"))


def test_limits_that_cross_are_refused(tmp_path: Path) -> None:
    error = fault(tmp_path, '[capture]\nambient_highest = "17 °C"\n')
    assert "18 °C is not below ambient_highest (17 °C); lower the one or raise the other" in str(error)
    assert error.line == 2  # of the section: the key itself is a default


def test_two_servers_on_one_port_are_refused(tmp_path: Path) -> None:
    error = fault(tmp_path, "[screen]\nport = 9000\n[sync]\nportal_port = 9000\n")
    assert (error.line, error.key) == (4, "portal_port")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kiosk.site = 'A'", 1),
        ("\nkiosk = { name = 'b', site = 'A' }", 2),
        ('[models]\nbreast = """\n[kiosk]\nsite = 1"""\n[kiosk]\nsite = "A"', 6),
        ("[ 'kiosk' ]\n\"site\" = 'A'", 2),
        ("[sensor] # here\nurl = 'sim:'\n[kiosk] # there\nsite = 'A'", 4),
        ("[reader]\nurl = 'sim:[kiosk]'\n[kiosk]\nname='x'\nsite='A'", 5),
    ],
    ids=["dotted", "inline", "after a multi-line text", "quoted", "second section", "brackets in a text"],
)
def test_the_line_is_found_in_every_way_to_write_it(tmp_path: Path, text: str, line: int) -> None:
    assert fault(tmp_path, text).line == line


def test_simulated_replaces_real_devices_alone(tmp_path: Path) -> None:
    config = load(tmp_path, "[sensor]\nurl = 'sim:?seed=3'\n[reader]\nurl = 'spi:1.0'\n").simulated()
    assert (config.sensor.url, config.reader.url, config.indicator.url, config.photo.url) == (
        "sim:?seed=3",
        "sim:",
        "sim:",
        "off",
    )


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "firstlight.toml"
    path.touch(mode=0)
    with unprivileged(), pytest.raises(ConfigMissing, match="Permission denied"):
        load_config(path)


def test_the_prevalence_is_unknown_or_a_share(tmp_path: Path) -> None:
    assert Config().models.prevalence is None
    file = tmp_path / "firstlight.toml"
    file.write_text("[models]\nprevalence = 0.006\n", encoding="utf-8")
    assert load_config(file).models.prevalence == 0.006
    for wrong in ("0", "1.5", '"some"', "true"):
        file.write_text(f"[models]\nprevalence = {wrong}\n", encoding="utf-8")
        with pytest.raises(ConfigError, match="prevalence"):
            load_config(file)
