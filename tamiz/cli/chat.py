"""`tamiz chat`: talk to an adapter or its base, by hand or, for programs, in lines of JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.project import Project
    from tamiz.records import Turn
    from tuning.adapters import LoadedModel

__all__ = ["COMMANDS", "language_of", "switched"]

USE = "/use "

LINES_HELP = """For programs: read requests as lines of JSON, {"id": 1, "messages": [{"role": "user", "content":
"..."}]}, and write the answers so: {"id": 1, "piece": "..."}, then {"id": 1, "end": true}. {"stop": 1} ends an
answer early, and "model": NAME in a request lets another adapter speak. The first line written is {"ready": true}
with what was loaded. It ends when its input does."""


@click.command()
@click.argument("adapter", required=False)
@click.option("--question", help="Ask one question, print the answer, and end.")
@click.option("--lang", help="The language of the prompt, as an ISO 639-1 code; default: the question's.")
@click.option("--base", is_flag=True, help="Talk to [tuning] base as it is, without an adapter.")
@click.option("--lines", is_flag=True, help=LINES_HELP)
@click.pass_obj
def chat(folder: Path, adapter: str | None, question: str | None, lang: str | None, base: bool, lines: bool) -> None:
    """Talk to ADAPTER (default: the newest). An empty line or Ctrl-D ends it; /use NAME lets another adapter speak."""
    if base and adapter:
        raise click.UsageError("give an ADAPTER or --base, not both")
    if question is not None and not question.strip():
        raise click.UsageError("--question is empty: ask something, or leave it out to talk")
    if question is not None and lines:
        raise click.UsageError("--lines reads its questions from the input: leave out --question")
    if lines:
        from tamiz.cli.chatlines import Served, serve

        raise SystemExit(serve(lambda: Served(*_loaded(folder, adapter, base), lang)))
    project, loaded = _loaded(folder, adapter, base)
    _talk(project, loaded, question, language_of(project, lang))


def language_of(project: Project, fixed: str | None) -> Callable[[str], str]:
    """What tells the language of a question, among the project's."""
    from tamiz.language import UNKNOWN, guess_language

    languages = project.settings.project.languages

    def guess(question: str) -> str:
        guessed = fixed or guess_language(question, languages)
        return languages[0] if guessed == UNKNOWN else guessed

    return guess


def _loaded(folder: Path, adapter: str | None, base: bool) -> tuple[Project, LoadedModel]:
    with needs_extra("tamiz chat", "tune"):
        from tuning.adapters import find_adapter, load_adapter, load_untuned
        from tuning.trust import allowed_by
    from tamiz.project import Project

    project = Project.open(folder)
    tuning = project.settings.tuning
    if base:
        return project, load_untuned(tuning, device=tuning.device)
    found = find_adapter(project.adapters, adapter)
    return project, load_adapter(found, device=tuning.device, allowed=allowed_by(tuning))


def switched(project: Project, loaded: LoadedModel, name: str) -> LoadedModel:
    """The adapter of that name, on the base that is in memory where it is the same one."""
    from tuning.adapters import find_adapter, switch_adapter
    from tuning.trust import allowed_by

    tuning = project.settings.tuning
    found = find_adapter(project.adapters, name)
    return switch_adapter(loaded, found, device=tuning.device, allowed=allowed_by(tuning))


def _talk(project: Project, loaded: LoadedModel, question: str | None, spoken: Callable[[str], str]) -> None:
    from tamiz.errors import InputError
    from tamiz.records import Turn

    history: list[Turn] = []
    limit = project.settings.tuning.max_new_tokens
    if question is not None:
        _say(loaded, question, history, spoken, limit)
        return
    click.echo(f"{loaded.card.name} on {loaded.card.base}. An empty line or Ctrl-D ends the talk.", err=True)
    while asked := _asked():
        try:
            if asked.startswith(USE):
                loaded = switched(project, loaded, asked.removeprefix(USE).strip())
                click.echo(f"{loaded.card.name} speaks.", err=True)
            else:
                said = _say(loaded, asked, history, spoken, limit)
                history += [Turn(role="user", content=asked), Turn(role="assistant", content=said)]
        except InputError as error:
            click.echo(str(error), err=True)


def _asked() -> str:
    """The next line; "" where the input ends, as with Ctrl-D, which is no less an end than an empty line."""
    from tamiz.records import clean_unicode

    try:
        return clean_unicode(input("> " if sys.stdin.isatty() else "")).strip()
    except EOFError:
        click.echo(err=True)
        return ""


def _say(loaded: LoadedModel, asked: str, history: Sequence[Turn], spoken: Callable[[str], str], limit: int) -> str:
    """Print the answer as it is made; the whole of it."""
    from tuning.adapters import chat as answer

    said = []
    for piece in answer(loaded, asked, history, lang=spoken(asked), max_new_tokens=limit):
        said.append(piece)
        click.echo(piece, nl=False)
    click.echo()
    return "".join(said)


COMMANDS = (chat,)
