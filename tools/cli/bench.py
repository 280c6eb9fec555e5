"""``firstlight bench``: speed and memory, each beside a peer in the same run."""

from __future__ import annotations

import json
import os

import click

from tools.cli.options import as_json


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@as_json
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Measure, and print each figure beside its peer and its bar. Without NAMEs: all of them.

    Nothing is asserted and the exit code does not depend on a figure: speed belongs to the machine it runs on.
    """
    from tools.bench import BENCHES, measure

    unknown = set(names) - set(BENCHES)
    if unknown:
        raise click.UsageError(f"no bench named {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    click.echo(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: what else runs makes every time longer", err=True)
    figures = []
    for name in names or BENCHES:
        click.echo(f"measuring {name} ...", err=True)
        for figure in measure(name):
            figures.append(figure)
            if not as_json:
                click.echo(figure.line())
    if as_json:
        click.echo(json.dumps([figure.as_dict() for figure in figures], indent=2))
