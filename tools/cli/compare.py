"""``firstlight compare``: measure models in many forms, and put the figures on one page."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tools.cli.options import FOLDER
from tools.cli.train import failing_in_words

MEASUREMENTS, PAGE = Path("docs/measurements"), Path("docs/models.md")

Command = Callable[..., Any]


@click.group()
def command() -> None:
    """Compare models: compressed, with other backbones, with leaking splits. Each table is written as JSON.

    `firstlight compare page` makes docs/models.md of all of them. Needs the extra: pip install '.[training]'.
    """


def _measuring(function: Command) -> Command:
    """Add the options that every measurement has."""

    @click.option("--data", type=FOLDER, required=True, help="Folder with the data (docs/data.md).")
    @click.option("--work", type=FOLDER, required=True, help="Folder for what an interrupted comparison goes on from.")
    @click.option("--out", type=FOLDER, default=MEASUREMENTS, show_default=True, help="Folder for the table as JSON.")
    @click.option("--seed", type=int, default=1, show_default=True)
    @functools.wraps(function)
    def measuring(out: Path, **options: Any) -> None:
        with failing_in_words():
            name, table = function(**options)
            _write(out / f"{name}.json", table)

    return measuring


@command.command()
@click.argument("model")
@click.option("--trained", type=FOLDER, required=True, help="The training's --work folder, in which it left its float network.")
@_measuring
def compression(model: str, trained: Path, data: Path, work: Path, seed: int) -> tuple[str, Any]:
    """Prune and quantise MODEL in every combination; measure size, speed, quality and flipped answers."""
    from tools.training.compress.models import PARTS, parts_of

    if model not in PARTS:
        raise click.BadParameter(f"{model} is not one of {', '.join(PARTS)}", param_hint="MODEL")
    from tools.training.compress.study import study
    from tools.training.run import Run, set_up

    set_up(seed)
    run = Run(work, seed, about={"trained": str(trained.name)}, progress=click.echo)
    return f"compression-{model}", study(parts_of(model)(data, trained, seed), run, click.echo)


@command.command()
@click.option("--weights", type=click.Path(dir_okay=False, path_type=Path), help="MobileNetV2 from ImageNet.")
@_measuring
def backbones(weights: Path | None, data: Path, work: Path, seed: int) -> tuple[str, Any]:
    """Train six backbones on the tumour type with one protocol."""
    from tools.training.brain.pretrained import find
    from tools.training.brain.type.backbones import measure
    from tools.training.run import set_up

    set_up(seed)
    return "backbones", measure(data, click.echo, weights=find(data, weights), work_dir=work, seed=seed)


@command.command()
@_measuring
def leakage(data: Path, work: Path, seed: int) -> tuple[str, Any]:
    """Show what a split by image promises that no patient gets."""
    from tools.training.brain.leakage import measure
    from tools.training.run import set_up

    set_up(seed)
    return "leakage", measure(data, click.echo, work_dir=work, seed=seed)


@command.command()
@click.option("--data", type=FOLDER, required=True, help="Folder with the data (docs/data.md).")
@click.option("--out", type=FOLDER, default=MEASUREMENTS, show_default=True, help="Folder for the table as JSON.")
@click.option("--seed", type=int, default=1, show_default=True)
def resolution(data: Path, out: Path, seed: int) -> None:
    """Measure what the small sensor costs the breast features against a camera of 160×120. Takes seconds."""
    with failing_in_words():
        from tools.training.breast.resolution import measure

        _write(out / "breast-resolution.json", measure(data, seed=seed, progress=click.echo))


@command.command()
@click.option("--out", type=FOLDER, default=MEASUREMENTS, show_default=True, help="Folder for the table as JSON.")
def latency(out: Path) -> None:
    """Time every shipped network on this machine, on one and on two threads."""
    from models.bundle import Bundle, default_bundle
    from tools.training.compress.latency import of_bundles

    shipped = sorted(path for path in default_bundle("breast").parent.iterdir() if path.is_dir())
    _write(out / "latency.json", of_bundles([Bundle.open(path) for path in shipped]))


@command.command()
@click.option("--measurements", type=FOLDER, default=MEASUREMENTS, show_default=True, help="Folder with the tables as JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=PAGE, show_default=True)
def page(measurements: Path, out: Path) -> None:
    """Make the page about all models from their cards and from the tables."""
    from models.bundle import default_bundle
    from tools.training.models_page import render_from

    out.write_text(render_from(default_bundle("breast").parent, measurements), encoding="utf-8")
    click.echo(f"wrote {out}")


def _write(path: Path, table: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"wrote {path}")
