"""``firstlight visit``: one visit without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tools.cli.options import EXISTING_FILE, CardUid, as_json, config_file, configuration, data_dir


@click.command()
@click.option("--sim", is_flag=True, required=True, help="Simulate all hardware (the only way without a screen).")
@click.option("--card", "card_uid", required=True, type=CardUid(), metavar="UID", help="4, 7 or 10 bytes in hexadecimal.")
@click.option(
    "--scene",
    type=EXISTING_FILE,
    help="What stands in front of the sensor: .npy, floats in °C, 24×32 or larger. Default: a torso.",
)
@click.option("--fast", is_flag=True, help="Put the sensor's time on a virtual clock.")
@data_dir
@config_file
@as_json
def command(
    sim: bool, card_uid: str, scene: Path | None, fast: bool, data_dir: Path, config_path: Path | None, as_json: bool
) -> None:
    """Make one visit and print its record.

    Ambient is 22 °C, the sensor is warm, consent is given, no PIN is set, and the patient presses "start now".
    """
    from device.kiosk.single import make_visit

    document = make_visit(configuration(config_path, sim=sim), data_dir, card_uid=card_uid, scene=scene, fast=fast)
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"record {document['id']} of patient {document['patient']}: {document['state']}, {document['result']}")
