"""``firstlight sync``: carry saved records to the cloud."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cli.options import as_json, config_file, data_dir


@click.command()
@click.option("--once", is_flag=True, help="Empty the outbox, print what was confirmed, and end.")
@click.option("--again", is_flag=True, help="With --once: send again what was laid aside, too.")
@data_dir
@config_file
@as_json
def command(once: bool, again: bool, data_dir: Path, config_path: Path | None, as_json: bool) -> None:
    """Carry saved records to the cloud; a record is synced when the cloud has returned its hash."""
    from cloud_sync.__main__ import main

    if (as_json or again) and not once:
        raise click.UsageError("--json and --again belong to --once: give that, too")
    arguments = ["--data-dir", str(data_dir)]
    if config_path is not None:
        arguments += ["--config", str(config_path)]
    flags = {"--once": once, "--again": again, "--json": as_json}
    raise click.exceptions.Exit(main([*arguments, *(flag for flag, given in flags.items() if given)]))
