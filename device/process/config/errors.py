"""Why a configuration cannot be used. Every message reads ``file:line: [section] key: what; remedy``."""

from __future__ import annotations

from pathlib import Path


class ConfigError(ValueError):
    """Any fault of the configuration."""

    def __init__(self, message: str, *, file: Path, line: int = 1, section: str = "", key: str = "") -> None:
        """``message`` says what is wrong and what to do; where it is wrong is put before it."""
        self.file = file
        self.line = line
        """From 1."""
        self.section = section
        self.key = key
        place = " ".join(part for part in (f"[{section}]" if section else "", key) if part)
        super().__init__(f"{file}:{line}: {place + ': ' if place else ''}{message}")


class ConfigMissing(ConfigError, FileNotFoundError):
    """There is no such file, or this user may not read it."""


class ConfigSyntax(ConfigError):
    """The file is not TOML, or not UTF-8."""


class UnknownKey(ConfigError, KeyError):
    """A section or key that no part of Firstlight reads: most likely a typing error."""

    __str__ = ValueError.__str__


class BadValue(ConfigError):
    """A value of the wrong type, with the wrong unit, or out of its range."""
