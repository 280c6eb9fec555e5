"""Card references, patient references, consent tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
from itertools import pairwise

import pytest

from device.screen.catalogue import load_catalogues
from device.visit.consent import TEXT_VERSION, Consent
from device.visit.patients import CROCKFORD, card_reference, new_patient_reference, valid_patient_reference
from drivers.protocols import Card, CardTechnology

KEY = bytes(range(32))
CARD = Card(CardTechnology.MIFARE_ULTRALIGHT, bytes.fromhex("04A3C6CAE26180"))


def test_a_reference_is_an_hmac_that_anybody_with_the_key_can_compute() -> None:
    parts = (b"firstlight card reference 1", b"mifare-ultralight", bytes.fromhex("04A3C6CAE26180"))
    message = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    assert card_reference(KEY, CARD) == hmac.new(KEY, message, hashlib.sha256).hexdigest()


def test_cards_that_begin_alike_differ() -> None:
    other = Card(CARD.technology, bytes.fromhex("04A3C6112233AA"))
    assert card_reference(KEY, CARD) != card_reference(KEY, other)


def test_technology_and_uid_cannot_be_confused() -> None:
    references = {card_reference(KEY, Card(technology, CARD.uid)) for technology in CardTechnology}
    assert len(references) == len(CardTechnology)
    assert card_reference(KEY, Card(CARD.technology, CARD.uid[:4])) != card_reference(KEY, CARD)


def test_another_site_has_other_references() -> None:
    assert card_reference(KEY, CARD) != card_reference(bytes(32), CARD)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        card_reference(b"short", CARD)


def test_patient_references_are_well_formed_and_differ() -> None:
    references = [new_patient_reference() for _ in range(2000)]
    assert len(set(references)) == 2000
    assert all(re.fullmatch(rf"P-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{2}}", each) for each in references)
    assert all(valid_patient_reference(each) for each in references)


def test_each_single_error_and_each_swap_of_neighbours_is_noticed() -> None:
    reference = new_patient_reference()
    places = [place for place, symbol in enumerate(reference) if place > 1 and symbol != "-"]
    for place in places:
        for symbol in set(CROCKFORD) - {reference[place]}:
            assert not valid_patient_reference(reference[:place] + symbol + reference[place + 1 :])
    for first, second in pairwise(places):
        swapped = list(reference)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        if swapped != list(reference):
            assert not valid_patient_reference("".join(swapped))


@pytest.mark.parametrize(
    "text", ["", "P-", "P-0000-0000-0", "X-0000-0000-00", "P-0000-0000-0U", "P-00000000-00", "p-0000-0000-00"]
)
def test_malformed_references_are_refused(text: str) -> None:
    assert not valid_patient_reference(text)


def test_the_consent_names_the_text_that_the_screen_shows() -> None:
    assert {catalogue.consent_version for catalogue in load_catalogues().values()} == {TEXT_VERSION}


@pytest.mark.parametrize("consent", [Consent(False), Consent(True), Consent(False, photo=True), Consent(True, True, "2031-2")])
def test_a_consent_survives_the_store(consent: Consent) -> None:
    assert Consent.from_token(consent.token()) == consent
