"""The command's help: all of it can be asked for, and it says something."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from tools.cli.exits import EXIT_CODES
from tools.cli.main import COMMANDS, cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, depth first."""
    context = click.Context(group)
    for name in group.list_commands(context):
        yield (*path, name)
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    group = cli.get_command(click.Context(cli), name)
    below = list(commands(group, (name,))) if isinstance(group, click.Group) else []
    for words in [(name,), *below]:
        asked = CliRunner().invoke(cli, [*words, "--help"])
        assert asked.exit_code == 0, asked.output
        first = asked.output.split("\n\n")[1].strip()
        assert first.endswith((".", ":")) or "." in first, f"firstlight {' '.join(words)} says nothing about itself"


def test_the_overview_names_every_command_and_exit_code() -> None:
    overview = CliRunner().invoke(cli, ["--help"]).output
    for name in COMMANDS:
        assert f"\n  {name} " in overview
    for code in EXIT_CODES:
        assert f"\n  {code} " in overview


def test_an_unknown_command_is_refused() -> None:
    refused = CliRunner().invoke(cli, ["diagnose"])
    assert refused.exit_code == 2
    assert "diagnose" in refused.output
