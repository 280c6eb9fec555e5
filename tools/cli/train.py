"""``firstlight train``: make a model bundle from data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import FOLDER

if TYPE_CHECKING:
    from tools.training.registry import Entry


class TrainingFailed(click.ClickException):
    """The data, the place for the result, or the installed packages do not allow it."""

    exit_code = 2


class Models(click.Group):
    """One sub-command for each model that can be trained."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from tools.training.registry import MODELS

        return list(MODELS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from tools.training.registry import MODELS

        return _command(MODELS[cmd_name]) if cmd_name in MODELS else None


@click.group(cls=Models)
def command() -> None:
    """Train a model and write its bundle. Needs the extra: pip install '.[training]'.

    A training that was interrupted goes on where it stopped, if it is called again with the same --work and --seed.
    """


@contextlib.contextmanager
def failing_in_words() -> Iterator[None]:
    """Turn the faults of a training or an evaluation into one sentence."""
    from models.errors import ModelError
    from tools.training.errors import TrainingError

    try:
        yield
    except (TrainingError, ModelError) as error:
        raise TrainingFailed(str(error)) from error
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("tools", "models"):
            raise
        raise TrainingFailed(f"{error}; training needs more packages: pip install '.[training]'") from error


def _command(entry: Entry) -> click.Command:
    """Return the sub-command of one model."""

    @click.command(entry.name, short_help=f"Train the bundle {entry.name}.")
    @click.option("--data", type=FOLDER, required=True, help=f"Folder with {entry.data} (docs/data.md).")
    @click.option("--out", type=FOLDER, required=True, help="Folder of the bundle to write.")
    @click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same bundle on one machine.")
    @click.option("--work", type=FOLDER, help="Folder for what an interrupted training goes on from, and for TensorBoard's "
                  "logs. Default: the bundle's folder with .work behind its name.")  # fmt: skip
    def train(data: Path, out: Path, seed: int, work: Path | None, **more: Path | None) -> None:
        """Train, measure on patients that were not trained on, and write network, card and golden outputs."""
        work_dir = out.with_name(f"{out.name}.work") if work is None else work
        with failing_in_words():
            entry.train()(data, out, seed=seed, work_dir=work_dir, progress=click.echo, **more)

    return _pretrained(train) if entry.pretrained else train


def _pretrained(command: click.Command) -> click.Command:
    """Return ``command`` with an option for the network that it starts from."""
    file = click.Path(dir_okay=False, path_type=Path)
    said = "MobileNetV2 from ImageNet. Default: looked for in weights/ in --data, then beside the folder that holds it."
    command.params.append(click.Option(["--weights"], type=file, help=said))
    return command
