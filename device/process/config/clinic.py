"""Settings that the clinic sends from afar: a file of a few keys beside the store, which goes over the configuration.

Only `ALLOWED` keys count. Whoever could send others from the cloud could have records sent elsewhere, unsigned models loaded,
or simulated hardware measure patients. And a file that is wrong is left out, never obeyed in part: it must not be able to stop
a kiosk that nobody is near.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from device.process.config.errors import BadValue, ConfigError, ConfigMissing
from device.process.config.load import read_sections
from device.process.config.sections import Config, contradictions

NAME = "clinic.toml"
ALLOWED: Mapping[str, frozenset[str]] = {
    "kiosk": frozenset({"language"}),
    "capture": frozenset(
        {"target_noise", "longest", "ambient_lowest", "ambient_highest", "warm_up", "prepare", "position_timeout"}
    ),
    "visit": frozenset({"pin", "result_shown", "page_timeout"}),
    "models": frozenset({"prevalence"}),
    "store": frozenset({"keep"}),
    "sync": frozenset({"interval", "heartbeat", "call_deadline", "bandwidth"}),
}
_SHARED_FILE = 0o660
_HEADER = "# Sent by the clinic; goes over /etc/firstlight/firstlight.toml. Remove it to undo it.\n"


def clinic_path(data_dir: Path) -> Path:
    return data_dir / "store" / NAME


def with_clinic(config: Config, data_dir: Path) -> tuple[Config, ConfigError | None]:
    """Return ``config`` with the clinic's settings over it, and why they were left out, ``None`` where they were not."""
    path = clinic_path(data_dir)
    try:
        return overlaid(config, path), None
    except ConfigMissing as error:
        return config, None if not path.exists() else error
    except ConfigError as error:
        return config, error


def overlaid(config: Config, path: Path) -> Config:
    """Return ``config`` with what stands in the file at ``path`` over it. Raises `ConfigError`."""
    given = read_sections(path)
    for section, values in given.items():
        for key in values:
            if key not in ALLOWED.get(section, frozenset()):
                raise BadValue("this cannot be set from afar; set it on the kiosk", file=path, section=section, key=key)
    settings = {section: replace(getattr(config, section), **dict(values.values())) for section, values in given.items()}
    merged = replace(config, **settings)
    for section, key, what in contradictions(merged):
        raise BadValue(what, file=path, section=section, key=key)
    return merged


def write_clinic(settings: Mapping[str, Any], config: Config, data_dir: Path) -> Path:
    """Put the clinic's settings in place of those before, once they have passed the loader; return where.

    ``settings``: {section: {key: value}} as in the configuration. Durable and whole. Raises `ConfigError` (nothing is changed
    then) and `OSError`.
    """
    path = clinic_path(data_dir)
    draft = path.with_name(f".{NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _SHARED_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), _SHARED_FILE)
            file.write(_toml(settings, path).encode())
            file.flush()
            os.fsync(file.fileno())
        overlaid(config, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path


def _toml(settings: Mapping[str, Any], path: Path) -> str:
    """Return ``settings`` as TOML; only the kinds that a setting has: texts, numbers, true and false."""
    lines = [_HEADER]
    for section, values in settings.items():
        if section not in ALLOWED or not isinstance(values, Mapping):
            raise BadValue("this cannot be set from afar; set it on the kiosk", file=path, section=str(section)[:40])
        lines.append(f"[{section}]")
        for key, value in values.items():
            if key not in ALLOWED[section]:
                raise BadValue(
                    "this cannot be set from afar; set it on the kiosk", file=path, section=section, key=str(key)[:40]
                )
            lines.append(f"{key} = {_value(value, path, section, key)}")
    return "\n".join(lines) + "\n"


def _value(value: object, path: Path, section: str, key: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str() if value.isprintable():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
    raise BadValue("a text, a number, true or false was expected", file=path, section=section, key=key)
