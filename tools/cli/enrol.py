"""``firstlight enrol``: the clinic says who a card belongs to."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import CardUid, config_file, configuration, data_dir, simulated

if TYPE_CHECKING:
    from device.process.config import Config
    from drivers.protocols import Card

WAIT_S = 60.0


@click.command()
@click.option(
    "--patient", metavar="REF", help="The patient's reference, as the kiosk or the clinic gave it. Default: a new one."
)
@click.option("--replace", is_flag=True, help="The patient has a new card; the old one points to nobody from now on.")
@click.option("--card", "card_uid", type=CardUid(), metavar="UID", help="With --sim: the card that lies on the reader.")
@simulated
@data_dir
@config_file
def command(
    patient: str | None, replace: bool, card_uid: str | None, sim: bool, data_dir: Path, config_path: Path | None
) -> None:
    """Tie the card on the reader to a patient reference, and mark it as confirmed.

    A patient who is new here is asked for consent at the first visit. The reader must be free: stop the kiosk first.
    """
    from device.process.time import SystemTimekeeper
    from device.store.database import Store
    from device.store.keys import create_keys, load_site_key
    from device.visit.patients import card_reference, new_patient_reference, valid_patient_reference

    if sim != (card_uid is not None):
        raise click.UsageError("--sim and --card belong together")
    if patient is not None and not valid_patient_reference(patient):
        raise click.BadParameter(f"{patient} is no patient reference; one looks like P-7ZK3-M0QF-4C", param_hint="--patient")
    config = configuration(config_path, sim=sim)
    create_keys(data_dir)
    card = _read_card(config, card_uid)
    card_ref = card_reference(load_site_key(data_dir), card)
    with Store.open(data_dir, SystemTimekeeper()) as store:
        known = store.patient_of(card_ref)
        ref = patient or (known.ref if known else new_patient_reference())
        store.enrol(ref, card_ref, replace=replace)
    click.echo(f"the card belongs to patient {ref}, confirmed")


def _read_card(config: Config, card_uid: str | None) -> Card:
    from drivers.clock import SystemClock
    from drivers.open import open_card_reader
    from drivers.sim.world import World

    clock = SystemClock()
    world = None
    if card_uid is not None:
        world = World(clock)
        world.tap(card_uid)
    else:
        click.echo(f"lay the card on the reader (within {WAIT_S:g} s) ...", err=True)
    with closing(open_card_reader(config.reader.url, clock, world=world)) as reader:
        return reader.wait(WAIT_S)
