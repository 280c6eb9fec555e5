from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from device.screen.catalogue import LOCALES, Catalogue, choose, load_catalogue, load_catalogues
from device.screen.errors import BadCatalogue, UnknownLanguage
from device.visit.consent import TEXT_VERSION
from device.visit.reasons import Reason

CATALOGUES = load_catalogues()
STATIC = LOCALES.parent / "static"

NEVER_SHOWN = {
    "en": r"benign|malignan|healthy|cancer|tumou?r|disease",
    "es": r"benign|malign|\bsan[oa]s?\b|saludable|c[aá]ncer|tumor|enferm",
}
CONSENT_SHA256 = {
    "en": "755ba07918f8b01031a9d773c4ff261b02f274b77d92b3fec0d93dff17978a8c",
    "es": "0c443286c7162d64e116e63146854c3e18e9004500ec90f44d0afdb723734658",
}
"""Of the texts that consent.version names. When a text changes: raise consent.version in every catalogue and TEXT_VERSION in
device/visit/consent.py, then put the new hashes here."""


def consent_hash(catalogue: Catalogue) -> str:
    texts = [f"{key}={text}" for key, text in sorted(catalogue.texts.items()) if key.startswith("consent.")]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def test_there_are_english_and_another_language() -> None:
    assert "en" in CATALOGUES
    assert len(CATALOGUES) >= 2


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_language_has_every_key(code: str) -> None:
    assert set(CATALOGUES[code].texts) == set(CATALOGUES["en"].texts)


@pytest.mark.parametrize("code", CATALOGUES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_and_what_to_do(code: str, reason: Reason) -> None:
    assert CATALOGUES[code].text(f"reason.{reason}").endswith(".")
    assert CATALOGUES[code].text(f"remedy.{reason}").endswith(".")


@pytest.mark.parametrize("code", CATALOGUES)
def test_no_reason_is_left_over(code: str) -> None:
    named = {key.removeprefix("reason.") for key in CATALOGUES[code].texts if key.startswith("reason.")}
    assert named == set(Reason)


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_language_fills_in_the_same_values(code: str) -> None:
    for key, english in CATALOGUES["en"].texts.items():
        assert set(re.findall(r"\{\w+\}", CATALOGUES[code].text(key))) <= set(re.findall(r"\{\w+\}", english)), key


@pytest.mark.parametrize("code", CATALOGUES)
def test_words_that_a_patient_never_reads(code: str) -> None:
    texts = "\n".join(CATALOGUES[code].texts.values())
    assert code in NEVER_SHOWN, "name the words that this language must not show"
    assert not re.findall(NEVER_SHOWN[code], texts, re.IGNORECASE)


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.html")) + sorted(STATIC.glob("*.js")), ids=lambda file: file.name)
def test_words_that_no_page_holds(file: Path) -> None:
    assert not re.findall(NEVER_SHOWN["en"], file.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("code", CATALOGUES)
def test_result_says_what_it_is_not(code: str) -> None:
    disclaimer = CATALOGUES[code].text("result.disclaimer").lower()
    assert "mamm" in disclaimer or "mamo" in disclaimer
    assert "diagn" in disclaimer
    if code == "en":
        assert disclaimer == ("this is not a diagnosis. it does not replace mammography. if you notice a change, see a doctor.")


@pytest.mark.parametrize("code", CATALOGUES)
def test_pages_ask_for_texts_that_exist(code: str) -> None:
    asked = set()
    for file in STATIC.glob("*.html"):
        asked |= set(re.findall(r'data-(?:text|label)="([^"]+)"', file.read_text()))
    for file in STATIC.glob("*.js"):
        asked |= set(re.findall(r'say\(\s*"([a-z_.]+)"', file.read_text()))
    assert asked
    assert asked <= set(CATALOGUES[code].texts)


@pytest.mark.parametrize("code", CATALOGUES)
def test_consent_texts_are_those_of_their_version(code: str) -> None:
    assert CATALOGUES[code].consent_version == TEXT_VERSION
    assert consent_hash(CATALOGUES[code]) == CONSENT_SHA256[code], "the texts changed: see CONSENT_SHA256"


def test_unknown_language_names_those_that_exist() -> None:
    with pytest.raises(UnknownLanguage, match="en, es"):
        choose(CATALOGUES, "xx")


def test_unknown_text() -> None:
    with pytest.raises(BadCatalogue, match=r'en\.toml has no text "no\.such"'):
        CATALOGUES["en"].text("no.such")


def catalogue_folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


ENGLISH = '[language]\nname = "English"\n[rest]\ntitle = "Here"\n'


def test_missing_key(tmp_path: Path) -> None:
    folder = catalogue_folder(tmp_path, en=ENGLISH, de='[language]\nname = "Deutsch"\n')
    with pytest.raises(BadCatalogue, match=r"de\.toml lacks rest\.title"):
        load_catalogues(folder)


def test_surplus_key(tmp_path: Path) -> None:
    folder = catalogue_folder(tmp_path, en=ENGLISH, de=ENGLISH + 'extra = "x"\n')
    with pytest.raises(BadCatalogue, match=r"rest\.extra, which en\.toml has not"):
        load_catalogues(folder)


def test_no_english(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match=r"no en\.toml"):
        load_catalogues(catalogue_folder(tmp_path, de=ENGLISH))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[rest", "cannot read"),
        ('[rest]\ntitle = "x"\n', "language.name"),
        ('[language]\nname = "x"\nn = 3\n', '"language.n" is 3'),
        ('[language]\nname = "  "\n', '"language.name"'),
    ],
)
def test_broken_file(tmp_path: Path, text: str, complaint: str) -> None:
    folder = catalogue_folder(tmp_path, en=text)
    with pytest.raises(BadCatalogue, match=complaint):
        load_catalogue(folder / "en.toml")


def test_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadCatalogue, match="cannot read"):
        load_catalogue(tmp_path / "en.toml")
