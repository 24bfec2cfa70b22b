"""The command about the people of a project: who they are, what they may do, and their PINs."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.show import as_json, opened, plural, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.people import Person

__all__ = ["COMMANDS"]

ROLES = click.Choice(["admin", "reviewer", "viewer"])
pin_file = click.option(
    "--pin-file",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Read the PIN from the first line of this file, or of standard input with -, instead of asking for it.",
)


@click.group()
def people() -> None:
    """Say who reviews: names with a role and a PIN. A project without people is open to whoever reaches it.

    Admins manage (people, settings, jobs, guidelines), reviewers decide about pairs, viewers look. What is
    done here is done by whoever has this machine and the database: no PIN is asked for.
    """


@people.command("list")
@click.option("--history", is_flag=True, help="Show who was added, changed and removed, by whom.")
@as_json
@click.pass_obj
def list_people(folder: Path, history: bool, as_json: bool) -> None:
    """Show everybody with their role, or what has changed."""
    from tamiz.people import people as run
    from tamiz.people import people_history

    with opened(folder) as (_, store):
        found, changes = run(store), people_history(store) if history else []
    if history:
        lines = [f"{one.at[:19]}  {one.name}: {one.what} ({one.role}), by {one.actor}" for one in changes]
        show(changes, as_json=as_json, lines=lines or ["nobody was ever added"])
        return
    lines = [f"  {one.name:<24} {one.role:<9} {_way_in(one)}" for one in found]
    then = "" if found else "tamiz people add NAME --role admin"
    show(found, as_json=as_json, lines=lines or ["nobody: the project is open to whoever reaches it"], then=then)


@people.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What they may do. The first person must be an admin.")
@click.option("--subject", default="", help="Who they are to the identity provider: a verified e-mail address, or sub.")
@pin_file
@as_json
@click.pass_obj
def add(folder: Path, name: str, role: Any, subject: str, pin_file: Path | None, as_json: bool) -> None:
    """Add somebody. The PIN is asked for twice and not shown; with --subject none is needed."""
    with needs_extra("tamiz people add", "curate"):
        from curation.access import add_person
    with opened(folder) as (_, store):
        pin = "" if subject and pin_file is None else _read_pin(pin_file)
        done = add_person(store, name, role, by=_by(), pin=pin, subject=subject)
    show(done, as_json=as_json, lines=[f"{done.name} is a {done.role}".replace("a admin", "an admin")])


@people.command()
@click.argument("name")
@click.argument("role", type=ROLES)
@as_json
@click.pass_obj
def role(folder: Path, name: str, role: Any, as_json: bool) -> None:
    """Give somebody another role; it holds from their next click on."""
    with needs_extra("tamiz people role", "curate"):
        from curation.access import set_role
    with opened(folder) as (_, store):
        done = set_role(store, name, role, by=_by())
    show(done, as_json=as_json, lines=[f"{done.name} is a {done.role} now".replace("a admin", "an admin")])


@people.command()
@click.argument("name")
@pin_file
@as_json
@click.pass_obj
def pin(folder: Path, name: str, pin_file: Path | None, as_json: bool) -> None:
    """Give somebody a new PIN; they are signed out everywhere."""
    with needs_extra("tamiz people pin", "curate"):
        from curation.access import find_person, set_pin
    with opened(folder) as (_, store):
        find_person(store, name)  # before a PIN is asked for
        done = set_pin(store, name, _read_pin(pin_file), by=_by())
    show(done, as_json=as_json, lines=[f"{done.name} has a new PIN and was signed out everywhere"])


@people.command()
@click.argument("name")
@click.argument("subject")
@as_json
@click.pass_obj
def subject(folder: Path, name: str, subject: str, as_json: bool) -> None:
    """Say who somebody is to the identity provider: a verified e-mail address, or its id (sub); "" for nobody."""
    with needs_extra("tamiz people subject", "curate"):
        from curation.access import set_subject
    with opened(folder) as (_, store):
        done = set_subject(store, name, subject, by=_by())
    show(done, as_json=as_json, lines=[f"{done.name}: {_way_in(done)}"])


@people.command()
@click.argument("name")
@as_json
@click.pass_obj
def remove(folder: Path, name: str, as_json: bool) -> None:
    """Take somebody's role away and sign them out; what they decided stays, under their name."""
    with needs_extra("tamiz people remove", "curate"):
        from curation.access import find_person, remove_person
    from tamiz.people import people as run

    with opened(folder) as (_, store):
        gone = find_person(store, name)
        remove_person(store, gone.name, by=_by())
        left = len(run(store))
    lines = [f"{gone.name} was removed; {plural(left, 'person', 'people')} left"]
    show({"removed": gone.name, "left": left}, as_json=as_json, lines=lines)


def _by() -> str:
    try:
        return f"shell:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without an entry in passwd
        return "shell:unknown"


def _way_in(one: Person) -> str:
    ways = [*(["PIN"] if one.has_pin else []), *([one.subject] if one.subject else [])]
    return ", ".join(ways)


def _read_pin(file: Path | None) -> str:
    """From a file, or asked for; never from an argument, which other users of the machine can see."""
    if file is None:
        if not sys.stdin.isatty():
            raise InputError("the PIN cannot be asked for here; give it with --pin-file FILE, or - to pipe it")
        pin: str = click.prompt("PIN", hide_input=True, confirmation_prompt="PIN again", err=True)
        return pin
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the PIN cannot be read from {file}: {error}; give a text file") from None
    return text.partition("\n")[0].rstrip("\r")


COMMANDS = (people,)
