"""The command line: parse, call one function of a room, print. Rooms are imported inside their commands."""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path

import click

from tamiz import __version__
from tamiz.cli import (
    adapters,
    balance,
    chat,
    crawl,
    dedupe,
    extract,
    imports,
    models,
    onestep,
    pairs,
    people,
    privacy,
    proofs,
    serving,
    spelling,
    split,
    start,
    synth,
)
from tamiz.cli.exits import EXITS, FAILED, STOPPED
from tamiz.errors import TamizError
from tamiz.extras import EXTRAS
from tamiz.files import FULL

__all__ = ["cli", "main"]

EXTRAS_HELP = "\b\nExtras (pip install 'tamiz[NAME]', or all):\n" + "\n".join(
    f"  {name:<13}{what}" for name, (what, _) in EXTRAS.items()
)
EXITS_HELP = "\b\nExit codes:\n" + "\n".join(f"  {code:<13}{what}" for code, what in EXITS)


def main() -> None:
    """Run a command and end with one of the codes of tamiz.cli.exits; an error of ours is one line."""
    try:
        if ended := cli(standalone_mode=False):  # the code of click's own Exit comes back as a value
            sys.exit(ended)
    except TamizError as error:
        click.echo(f"tamiz: {error}", err=True)
        sys.exit(FAILED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped. What is done is kept; run the same command again to go on.", err=True)
        sys.exit(STOPPED)
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as error:
        name = re.sub(r"\.writing-\d+-", "", str(error.filename or ""))  # see tamiz.files: what is written aside
        advice = {**dict.fromkeys(FULL, "Free some disk space"), errno.EROFS: "Choose a folder that can be written to"}
        move = advice.get(error.errno or 0, "Check the path and its rights")
        click.echo(f"tamiz: {name or 'a file'}: {error.strerror or error}. {move}, then run it again", err=True)
        sys.exit(FAILED)


@click.group(epilog=f"{EXTRAS_HELP}\n\n{EXITS_HELP}", context_settings={"max_content_width": 100})
@click.option("--project", "folder", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")
@click.version_option(__version__, prog_name="tamiz")
@click.pass_context
def cli(context: click.Context, folder: Path) -> None:
    """From a support site to a support model you can trust.

    Start with: tamiz demo, or tamiz init my-support
    """
    context.obj = folder


ROOMS = (
    start,
    crawl,
    extract,
    imports,
    pairs,
    models,
    proofs,
    adapters,
    chat,
    serving,
    onestep,
    spelling,
    privacy,
    dedupe,
    split,
    balance,
    people,
    synth,
)
for command in (command for room in ROOMS for command in room.COMMANDS):
    cli.add_command(command)
