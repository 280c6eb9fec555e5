"""Cards that the clinic took out of use."""

from __future__ import annotations

from collections.abc import Callable

from device.store.database import Store
from device.store.outbox import Outbox

CARD, OTHER = "c" * 64, "d" * 64


def test_a_revoked_card_is_known_to_both_processes_and_stays_revoked(
    store: Store, outbox: Outbox, open_store: Callable[[], Store]
) -> None:
    assert not store.is_revoked(CARD)
    assert outbox.revoke_card(CARD)
    assert not outbox.revoke_card(CARD), "the second time changes nothing"
    assert store.is_revoked(CARD)
    assert not store.is_revoked(OTHER)
    store.close()
    assert open_store().is_revoked(CARD)


def test_who_enrols_a_card_again_has_it_in_hand(store: Store, outbox: Outbox) -> None:
    outbox.revoke_card(CARD)
    store.enrol("P-7K2M-0001-QX", CARD)
    assert not store.is_revoked(CARD)
