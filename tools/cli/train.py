"""``firstlight train``: make a model bundle from data."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cli.options import FOLDER


class TrainingFailed(click.ClickException):
    """The data, the place for the bundle, or the installed packages do not allow it."""

    exit_code = 2


@click.group()
def command() -> None:
    """Train a model and write its bundle. Needs the extra: pip install '.[training]'."""


@command.command()
@click.option("--data", type=FOLDER, required=True, help="Folder with breast_thermograms.npz and manifest.csv.")
@click.option("--out", type=FOLDER, required=True, help="Folder of the bundle to write.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same bundle on the same machine.")
def breast(data: Path, out: Path, seed: int) -> None:
    """Train the breast bundle, measure it on patients it has not seen, and write what was found on its card."""
    try:
        from tools.training.breast.train import train
        from tools.training.errors import TrainingError

        try:
            train(data, out, seed, progress=click.echo)
        except TrainingError as error:
            raise TrainingFailed(str(error)) from error
    except ImportError as error:
        raise TrainingFailed(f"{error}; training needs more packages: pip install '.[training]'") from error
