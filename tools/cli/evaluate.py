"""``firstlight evaluate``: measure a bundle again and hold the figures against its card."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cli.options import FOLDER
from tools.cli.train import TrainingFailed, failing_in_words

DIFFERS = 13


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--data", type=FOLDER, required=True, help="Folder with the data that the model was trained on (docs/data.md).")
@click.option("--out", type=FOLDER, required=True, help="Folder for report.html, plots/*.png and figures.json.")
def command(bundle: Path, data: Path, out: Path) -> None:
    """Remake a card's figures and plots. BUNDLE is a folder, or the name of one that is shipped.

    Ends with exit code 13 where a remade figure differs from the card. Needs the extra: pip install '.[training]'.
    """
    with failing_in_words():
        from models.bundle import Bundle, default_bundle
        from tools.training.evaluation import Verdict
        from tools.training.registry import MODELS
        from tools.training.report.page import summary
        from tools.training.report.write import PAGE, check_place, write

        opened = Bundle.open(bundle if bundle.exists() else default_bundle(str(bundle)))
        entry = MODELS.get(opened.card.name)
        if entry is None:
            raise TrainingFailed(f"nobody knows how to evaluate {opened.card.name}; known are {', '.join(MODELS)}")
        check_place(out)
        rows = write(opened, entry.evaluate()(opened.path, data, progress=click.echo), out)
    click.echo(f"{summary(rows)} See {out / PAGE}")
    differing = [row for row in rows if row.verdict is Verdict.DIFFERS]
    for row in differing:
        assert row.card is not None
        assert row.remade is not None
        was, now = (f"{one[0]:.4f} [{one[1]:.4f}, {one[2]:.4f}]" for one in (row.card, row.remade))
        click.secho(f"DIFFERS: {row.name}, {row.subject}, {row.population}: card {was}, remade {now}", fg="red", err=True)
    if differing:
        raise click.exceptions.Exit(DIFFERS)
