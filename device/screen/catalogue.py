"""The texts of the patient's screen: one TOML file for each language, all with the same keys.

Keys are dotted paths (``rest.title``); what stands in braces (``{seconds}``) is filled in by the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.screen.errors import BadCatalogue, UnknownLanguage

LOCALES = Path(__file__).parent / "locales"


@dataclass(frozen=True)
class Catalogue:
    """All texts in one language."""

    code: str
    """BCP 47, as in the file's name: ``en``, ``es``."""
    name: str
    """What the language calls itself."""
    texts: Mapping[str, str]
    """Flat: ``{"rest.title": "Hold your card here"}``."""

    def text(self, key: str) -> str:
        """Return one text; raises `BadCatalogue` for a key that the catalogue lacks."""
        try:
            return self.texts[key]
        except KeyError:
            raise BadCatalogue(f'the catalogue {self.code}.toml has no text "{key}"; add it') from None

    @property
    def consent_version(self) -> str:
        """Version of the consent texts, for the consent record. It grows whenever one of them changes."""
        return self.text("consent.version")


def load_catalogue(path: Path) -> Catalogue:
    """Read one language; raises `BadCatalogue` with the file and what is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCatalogue(f"cannot read the catalogue {path}: {error}") from error
    texts = dict(_flat(document, "", path))
    if "language.name" not in texts:
        raise BadCatalogue(f'the catalogue {path} has no "language.name"; add what the language calls itself')
    return Catalogue(path.stem, texts["language.name"], texts)


def load_catalogues(folder: Path = LOCALES) -> dict[str, Catalogue]:
    """Read every language, by code; all of them have the keys of English. Raises `BadCatalogue`."""
    found = {path.stem: load_catalogue(path) for path in sorted(folder.glob("*.toml"))}
    if "en" not in found:
        raise BadCatalogue(f"there is no en.toml in {folder}; reinstall Firstlight")
    reference = set(found["en"].texts)
    for catalogue in found.values():
        if lacking := reference - set(catalogue.texts):
            raise BadCatalogue(f"the catalogue {catalogue.code}.toml lacks {', '.join(sorted(lacking))}: translate them")
        if surplus := set(catalogue.texts) - reference:
            raise BadCatalogue(f"the catalogue {catalogue.code}.toml has {', '.join(sorted(surplus))}, which en.toml has not")
    return found


def choose(catalogues: Mapping[str, Catalogue], code: str) -> Catalogue:
    """Return the catalogue ``code``; raises `UnknownLanguage`, naming those that there are."""
    try:
        return catalogues[code]
    except KeyError:
        raise UnknownLanguage(f'there is no language "{code}"; choose one of {", ".join(sorted(catalogues))}') from None


def _flat(table: Mapping[str, Any], prefix: str, path: Path) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.", path)
        elif isinstance(value, str) and value.strip():
            yield name, value
        else:
            raise BadCatalogue(f'the catalogue {path}: "{name}" is {value!r}; every entry is a text')
