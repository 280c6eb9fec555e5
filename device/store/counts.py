"""How many records are where."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from device.store.records import Lane, State


@dataclass(frozen=True)
class Counts:
    """Records by state; ``urgent`` counts those among ``saved`` that overtake the others."""

    saved: int
    urgent: int
    synced: int
    dead: int
    purged: int
    unsynced_bytes: int
    """In clear, of saved and dead records."""


def count(connection: sqlite3.Connection) -> Counts:
    states = dict.fromkeys(State, 0)
    urgent = unsynced = 0
    for state, lane, number, size in connection.execute(
        "SELECT state, lane, count(*), sum(bytes) FROM outbox JOIN records ON seq = record GROUP BY state, lane"
    ):
        states[State(state)] += number
        if state == State.SAVED and lane == Lane.URGENT:
            urgent = number
        if state in (State.SAVED, State.DEAD):
            unsynced += size
    return Counts(states[State.SAVED], urgent, states[State.SYNCED], states[State.DEAD], states[State.PURGED], unsynced)
