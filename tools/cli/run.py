"""``firstlight run``: the whole kiosk in one terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import config_file, configuration, data_dir, simulated

if TYPE_CHECKING:
    from device.process.config import Config
    from tools.cli.supervisor import Child


@click.command()
@simulated
@data_dir
@config_file
def command(sim: bool, data_dir: Path, config_path: Path | None) -> None:
    """Run kiosk, sync and embedded cloud until Ctrl-C, and print where their pages are."""
    from device.store.keys import create_keys
    from tools.cli.supervisor import ChildFailed, Supervisor

    config = configuration(config_path, sim=sim)
    data_dir = data_dir.absolute()
    create_keys(data_dir)
    supervisor = Supervisor(
        _children(config, config_path, data_dir, sim),
        on_ready=lambda: click.echo(_addresses(config, data_dir, sim)),
        on_note=lambda note: click.echo(f"firstlight: {note}", err=True),
    )
    try:
        supervisor.run()
    except ChildFailed as error:
        click.echo(f"firstlight: {error}; the others were stopped", err=True)
        raise click.exceptions.Exit(error.code if error.code > 0 else 1) from error
    click.echo("stopped; everything saved is on the disk", err=True)


def _children(config: Config, config_path: Path | None, data_dir: Path, sim: bool) -> list[Child]:
    from tools.cli.supervisor import Child

    common = ["--data-dir", str(data_dir), *(["--config", str(config_path.absolute())] if config_path else [])]
    kiosk = [sys.executable, "-m", "device.kiosk", *common, *["--sim"] * sim]
    children = [Child("kiosk", kiosk), Child("sync", [sys.executable, "-m", "cloud_sync", *common])]
    if _is_local(config):
        port = str(config.sync.portal_port)
        folder = str(data_dir / "cloud")
        cloud = [
            sys.executable,
            "-m",
            "cloud_sync.local",
            "--folder",
            folder,
            "--port",
            port,
            "--site",
            config.kiosk.site,
            *(["--prevalence", f"breast={config.models.prevalence}"] if config.models.prevalence is not None else []),
            *(word for models in _bundles(config, data_dir) for word in ("--models", str(models))),
        ]
        children.append(Child("cloud", cloud))
    return children


def _is_local(config: Config) -> bool:
    return config.sync.remote.split(":")[0] == "local"


def _bundles(config: Config, data_dir: Path) -> list[Path]:
    """Return the folders of every bundle that a record of this kiosk may name: shipped, activated, configured."""
    from models.bundle import default_bundle

    configured = [] if config.models.breast is None else [config.models.breast.parent]
    return [default_bundle("breast").parent, data_dir / "models", *configured]


def _addresses(config: Config, data_dir: Path, sim: bool) -> str:
    screen = f"http://127.0.0.1:{config.screen.port}/"
    lines = ["", f"  screen  {screen}        what the patient sees"]
    if sim or config.screen.bench:
        lines.append(f"  bench   {screen}bench   tap a card, change the body, break the bus")
    if _is_local(config):
        from cloud_sync.local.accounts import FIRST_ADMINISTRATOR, first_sign_in

        lines.append(f"  page    http://127.0.0.1:{config.sync.portal_port}/        what the doctor sees")
        sign_in = first_sign_in(data_dir / "cloud")
        if sign_in is not None:
            lines.append(f"          sign in as {sign_in.name} with {sign_in.passphrase}")
        administrator = first_sign_in(data_dir / "cloud", FIRST_ADMINISTRATOR)
        if administrator is not None:
            lines.append(f"          or as {administrator.name} with {administrator.passphrase}")
    return "\n".join([*lines, "", "Ctrl-C ends all of it.", ""])
