"""The command ``firstlight``: each sub-command is a file of this folder, imported when it is called."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence

import click

from tools.cli.exits import EXIT_CODES, OUTPUT_FAILED, Explanation, explain
from tools.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "run": "Start kiosk, sync, embedded cloud and portal in one terminal.",
    "visit": "Make one visit without a screen and print the record.",
    "sync": "Carry saved records to the cloud.",
    "records": "List, show and export saved records (for who holds the key).",
    "enrol": "Tie a card to a patient reference of the clinic.",
    "check": "Look at every part of the kiosk and say what to do about it.",
    "cloud": "Set up a clinic's Firebase project: kiosks, doctors, exports, erasure.",
    "models": "List, show, verify, sign and activate model bundles.",
    "train": "Train a model and write its bundle.",
    "compare": "Compare models, compressed and in other forms, and make the page about them.",
    "evaluate": "Measure a model bundle again and hold the figures against its card.",
    "bench": "Measure speed and memory beside a peer.",
}
ENTRIES = {name: Entry(name, "command", line) for name, line in COMMANDS.items()}
OUTPUT_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class Firstlight(LazyGroup):
    """The whole command, whose help ends with the exit codes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])


@click.group(
    cls=Firstlight, entries=ENTRIES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="firstlight", prog_name="firstlight")
def cli() -> None:
    """Firstlight, firmware of a screening kiosk. It screens; it does not diagnose.

    `firstlight run --sim` starts the whole kiosk on a laptop, with simulated hardware and an embedded cloud.
    """
    from device.process.logs import set_up_logging

    set_up_logging(level=logging.WARNING)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a known fault ends in one sentence on stderr and its exit code."""
    try:
        code = cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        explanation = explain(error) or _about_output(error)
        if explanation is None:
            raise
        click.echo(f"firstlight: {explanation.message}", err=True)
        code = explanation.code
    sys.exit(code if isinstance(code, int) else 0)


def _about_output(error: Exception) -> Explanation | None:
    """What is printed may go to a full disk, which is no bug. (A `head` that has read enough is click's business.)"""
    if not isinstance(error, OSError) or error.filename is not None or error.errno not in OUTPUT_FAULTS:
        return None
    # What could not be written is still in the buffer, and Python would try again, and complain, at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Explanation(OUTPUT_FAILED, f"the output cannot be written ({error.strerror})")


if __name__ == "__main__":
    main()
