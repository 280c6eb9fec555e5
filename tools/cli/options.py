"""Options that several sub-commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from device.process.config import Config


class CardUid(click.ParamType[str]):
    """A card's UID; it is checked here and never printed again."""

    name = "uid"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from drivers.sim.cards import card_from_uid

        try:
            card_from_uid(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value


DEFAULT_DATA = Path("data")
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

data_dir = click.option(
    "--data-dir",
    type=FOLDER,
    default=DEFAULT_DATA,
    show_default=True,
    help="Folder with the store, the keys and the local cloud.",
)
config_file = click.option("--config", "config_path", type=FILE, help="Configuration file (TOML). Without one: the defaults.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
simulated = click.option("--sim", is_flag=True, help="Simulate all hardware.")


def configuration(path: Path | None, *, sim: bool = False) -> Config:
    """Load the configuration; with ``sim``, every device that is not simulated already is replaced by a simulated one."""
    from device.process.config import load_config

    config = load_config(path)
    return config.simulated() if sim else config
