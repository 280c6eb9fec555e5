"""``firstlight sync``: carry saved records to the cloud."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cli.options import as_json, config_file, data_dir


@click.command()
@click.option("--once", is_flag=True, help="Empty the outbox, print what was confirmed, and end.")
@data_dir
@config_file
@as_json
def command(once: bool, data_dir: Path, config_path: Path | None, as_json: bool) -> None:
    """Carry saved records to the cloud; a record is synced when the cloud has returned its hash."""
    from cloud_sync.__main__ import main

    arguments = ["--data-dir", str(data_dir)]
    if config_path is not None:
        arguments += ["--config", str(config_path)]
    raise click.exceptions.Exit(main([*arguments, *["--once"] * once, *["--json"] * as_json]))
