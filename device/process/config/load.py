"""From a TOML file to a `Config`. Everything that can be wrong with the file is found here, and nowhere later."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from device.process.config.errors import BadValue, ConfigMissing, ConfigSyntax, UnknownKey
from device.process.config.positions import line_of, line_of_syntax_error
from device.process.config.sections import Config, contradictions

EXAMPLE = Path(__file__).parents[1] / "firstlight.toml"
"""Every key with its default and a comment; ships with the package."""


def load_config(path: Path | None = None) -> Config:
    """Read the configuration at ``path``; without a path, return the defaults.

    Relative paths in it start at the file's folder. Raises `ConfigError` (`ConfigMissing`, `ConfigSyntax`, `UnknownKey`,
    `BadValue`), whose message names file, line, section, key and remedy.
    """
    if path is None:
        return Config()
    return _File(path, _read(path)).config()


def read_sections(path: Path) -> dict[str, dict[str, tuple[str, object]]]:
    """Return what stands in the file at ``path``, checked, by section and key: the field's name, and its value.

    Raises `ConfigError`.
    """
    return _File(path, _read(path)).given()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigSyntax("this is not UTF-8; save the file with that encoding", file=path, line=line) from error
    except FileNotFoundError as error:
        raise ConfigMissing(f"there is no such file; create it (a commented example: {EXAMPLE})", file=path) from error
    except OSError as error:
        raise ConfigMissing(f"the file cannot be read ({error.strerror}); check kind and permissions", file=path) from error


@dataclass(frozen=True)
class _File:
    path: Path
    text: str

    def config(self) -> Config:
        given = self.given()
        config = Config(
            **{
                section.name: type(section.default)(**dict(given.get(section.name, {}).values()))
                for section in fields(Config)
                if section.default is not MISSING
            }
        )
        for section, key, what in contradictions(config):
            raise BadValue(what, file=self.path, line=line_of(self.text, section, key), section=section, key=key)
        return config

    def given(self) -> dict[str, dict[str, tuple[str, object]]]:
        document = self._parse()
        sections = {section.name: section for section in fields(Config)}
        for name in document:
            if name not in sections:
                raise self._unknown(name, "", f"there is no section [{name}]", sections)
        return {name: self._section(name, sections[name].default, table) for name, table in document.items()}

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = line_of_syntax_error(str(error), self.text)
            raise ConfigSyntax(f"this is not TOML: {error}; see https://toml.io", file=self.path, line=line) from error

    def _section(self, name: str, default: Any, table: object) -> dict[str, tuple[str, object]]:
        """Return by key the name and the value of each field of a section's dataclass (the class of ``default``)."""
        if not isinstance(table, dict):
            line = line_of(self.text, name)
            raise BadValue(f"this is a section; write [{name}] and its keys below it", file=self.path, line=line, key=name)
        settings = {setting.metadata["key"]: setting for setting in fields(default)}
        given: dict[str, tuple[str, object]] = {}
        for key, value in table.items():
            if key not in settings:
                raise self._unknown(name, key, f"there is no key {key!r} in [{name}]", settings)
            given[key] = (settings[key].name, self._value(name, key, settings[key].metadata["validate"], value))
        return given

    def _value(self, section: str, key: str, validate: Any, value: object) -> object:
        try:
            checked = validate(value)
        except ValueError as error:
            line = line_of(self.text, section, key)
            raise BadValue(str(error), file=self.path, line=line, section=section, key=key) from error
        return self.path.parent / checked if isinstance(checked, Path) else checked

    def _unknown(self, section: str, key: str, what: str, known: Iterable[str]) -> UnknownKey:
        known = list(known)
        near = difflib.get_close_matches(key or section, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"remove it, or use one of {', '.join(known)}"
        return UnknownKey(f"{what}; {remedy}", file=self.path, line=line_of(self.text, section, key), section=section, key=key)
