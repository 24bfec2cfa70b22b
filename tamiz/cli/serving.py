"""`tamiz serve` and `tamiz package`: adapters behind an address, or as files for other runtimes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.chat import language_of
from tamiz.cli.show import as_json, show
from tamiz.errors import TamizError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tuning.adapters import Adapter
    from tuning.packages.ggufs import Precision
    from tuning.packages.package import Form
    from tuning.serving.app import Served

__all__ = ["COMMANDS"]

FORMS = click.Choice(["merged", "gguf", "gguf-lora", "ollama", "vllm"])
PRECISIONS = click.Choice(["float32", "bfloat16", "float16", "q8_0"])


@click.command()
@click.argument("adapters", nargs=-1)
@click.option("--host", help="Address to listen on, instead of [serving] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, instead of [serving] port; 0 takes a free one.")
@click.option("--base", is_flag=True, help='Serve [tuning] base as it is, too, as the model "base".')
@click.option("--router", help="A classifier that chooses the adapter, instead of [serving] router.")
@click.option("--lang", help="The language of the prompts, as an ISO 639-1 code; default: the question's.")
@click.pass_obj
def serve(folder: Path, /, adapters: tuple[str, ...], base: bool, lang: str | None, **wanted: Any) -> None:
    """Serve ADAPTERS (default: all) to programs, as OpenAI's chat completions; "model" is the adapter's name.

    It listens on this machine alone. To open it wider, put a key in the environment: TAMIZ_SERVE_KEY.
    """
    with needs_extra("tamiz serve", "serve"):
        from tuning.serving.server import serve as run
    from tamiz.project import Project
    from tamiz.settings import ServingSettings
    from tuning.adapters import find_adapter, list_adapters
    from tuning.trust import allowed_by

    project = Project.open(folder)
    given = {name: value for name, value in wanted.items() if value is not None}
    settings: ServingSettings = replace(project.settings.serving, **given)
    names = [*dict.fromkeys((*adapters, *([settings.router] if settings.router and adapters else [])))]
    chosen: list[Adapter] = [find_adapter(project.adapters, name) for name in names] or list_adapters(project.adapters)
    if not chosen and not base:
        find_adapter(project.adapters)  # which says what to do
    tuning = project.settings.tuning
    run(
        chosen,
        settings,
        device=tuning.device,
        untuned=tuning if base else None,
        allowed=allowed_by(tuning),
        language=language_of(project, lang),
        ready=_say,
    )


def _say(address: str, served: Served) -> None:
    click.echo(f"serving {', '.join(served.names)} at {address}", err=True)
    click.echo("a key is asked for" if served.key else "no key is asked for: this machine alone can ask", err=True)
    click.echo("Ctrl-C ends it.", err=True)


@click.command()
@click.argument("adapter")
@click.option("--to", "form", type=FORMS, default="merged", show_default=True, help="What to make; see below.")
@click.option("--out", type=click.Path(path_type=Path), help="The new folder; default: packages/ADAPTER-FORM.")
@click.option("--precision", type=PRECISIONS, help="Type of the weights; default: the one that was evaluated.")
@click.option("--lang", default="", help="Language of the prompt's words, for a base without a chat template.")
@as_json
@click.pass_obj
def package(
    folder: Path, adapter: str, form: Form, out: Path | None, precision: Precision | None, lang: str, as_json: bool
) -> None:
    """Make ADAPTER into files for production, and ask them the questions of its card.

    Where an answer differs from the evaluated adapter's it says so and exits with 1; the files stay.

    \b
    merged     one model in safetensors, the update in its weights
    gguf       the same in one file, for llama.cpp
    gguf-lora  the base and the update apart, for llama.cpp's --lora
    ollama     gguf with a Modelfile: template, stop words, greedy answers
    vllm       base and adapter apart, with the command that serves them
    """
    with needs_extra("tamiz package", "tune"):
        from tuning.packages.package import package as run
    from tamiz.project import Project
    from tuning.adapters import find_adapter
    from tuning.trust import allowed_by

    project = Project.open(folder)
    found = find_adapter(project.adapters, adapter)
    target = out or project.folder / "packages" / f"{found.name}-{form}"
    allowed = allowed_by(project.settings.tuning)
    made = run(found, form, target, exports=project.exports, precision=precision, lang=lang, allowed=allowed)
    lines = [f"made: {made.folder} ({made.precision})", str(made.proof)]
    then = f"cd {made.folder}, then: {'; '.join(made.commands) or 'load it'}"
    show(made, as_json=as_json, lines=lines, then=then if made.proof.agrees else "")
    if not made.proof.agrees:
        exact = "" if made.precision == "float32" else ", or --precision float32"
        raise TamizError(
            f"{made.folder} does not answer as the adapter that was evaluated: {made.proof}. It is kept as it is; "
            f"for the same answers give --to vllm, which changes no weight{exact}"
        )


COMMANDS = (serve, package)
