"""The command that synthesises pairs, and lists the recipes."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.exits import FAILED, STOPPED
from tamiz.cli.recipes import WithRecipes, recipe_lines, recipe_rows
from tamiz.cli.show import as_json, opened, show
from tamiz.cli.synthlines import agreement_lines, agreement_rows, judging_lines, report_lines, spent_line
from tamiz.errors import InputError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.synthesis.estimate import Estimate
    from tamiz.settings import SynthesisSettings
    from tamiz.store import Store

__all__ = ["COMMANDS"]

LEAST = click.IntRange(0)


@click.command(cls=WithRecipes)
@click.argument("recipe", required=False, default="")
@click.option("--limit", type=LEAST, default=0, help="Work on so many things only, from all over (0: on all).")
@click.option("--lang", "languages", multiple=True, help="Only what is in this language; repeatable.")
@click.option("--source", "sources", multiple=True, help="Only what comes from this source; repeatable.")
@click.option(
    "--tools", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A tool list, OpenAI's form."
)
@click.option(
    "--set", "options", multiple=True, metavar="KEY=VALUE", help="An option of the recipe, see below; repeatable."
)
@click.option(
    "--provider",
    type=click.Choice(["openai", "transformers", "deterministic"]),
    help="Instead of [synthesis] provider.",
)
@click.option("--base-url", help="The server's address, instead of [synthesis] base_url.")
@click.option("--model", help="The model's name, instead of [synthesis] model.")
@click.option("--concurrency", type=click.IntRange(1, 512), help="Calls at the same time, at most.")
@click.option("--max-calls", type=LEAST, help="Stop after this many calls (0: no limit).")
@click.option("--max-tokens", type=LEAST, help="Stop before more tokens than this are used (0: no limit).")
@click.option("--max-usd", type=click.FloatRange(0), help="Stop before it costs more than this (0: no limit).")
@click.option("--seed", type=int, help="Seed of every choice, instead of [synthesis] seed.")
@click.option("--retry-failed", is_flag=True, help="Ask once more what failed in earlier runs.")
@click.option("--estimate", "only_estimate", is_flag=True, help="Only tell what a run would come to; nothing is sent.")
@click.option("--judge", is_flag=True, help="Ask a model about made pairs that wait (of RECIPE, or of all recipes).")
@click.option("--agreement", is_flag=True, help="Only show how far judges agree with what people decided.")
@click.option("--yes", is_flag=True, help="Do not ask before a run that costs money and has no --max-usd.")
@as_json
@click.pass_obj
def synth(
    folder: Path,
    /,
    recipe: str,
    languages: tuple[str, ...],
    sources: tuple[str, ...],
    tools: Path | None,
    options: tuple[str, ...],
    only_estimate: bool,
    judge: bool,
    agreement: bool,
    yes: bool,
    as_json: bool,
    limit: int,
    retry_failed: bool,
    **chosen: Any,
) -> None:
    """Make pairs from the training part with RECIPE; without one, list the recipes.

    Every call stands in a ledger, so a run that was stopped goes on where it was, and nothing is asked twice. What is
    made is looked at by gates and waits for review. With --judge a model says what it makes of it, too.
    """
    with needs_extra("tamiz synth", "curate"):
        from curation.synthesis.judging import estimate_judging, judge_agreement, judge_made
        from curation.synthesis.run import Synthesis, estimate_synthesis, synthesise
    with opened(folder) as (project, store):
        if agreement:
            told = judge_agreement(store)
            show({"agreement": agreement_rows(told)}, as_json=as_json, lines=agreement_lines(told))
            return
        if not recipe and not judge:
            list_recipes(store, as_json=as_json)
            return
        settings = stood_for(project.settings.synthesis, chosen)
        wanted = Synthesis(
            recipe=recipe,
            limit=limit,
            languages=languages,
            sources=sources,
            tools=tools_text(tools),
            options=dict(map(option_of, options)),
            retry_failed=retry_failed,
        )
        if only_estimate or asks_first(settings, yes=yes):
            with needs_extra("tamiz synth", "synth"):
                estimate = estimate_judging if judge else estimate_synthesis
                found = estimate(project, store, wanted, settings=settings)
            lines = found.lines() if found else ["estimate: no call to make, this recipe asks no model"]
            if only_estimate:
                again = " ".join(["tamiz synth", *(["--judge"] if judge else []), *([recipe] if recipe else [])])
                show(found, as_json=as_json, lines=lines, then=again)
                return
            agree(found, lines)
        from tamiz.progress import progress

        what = f"judging what {recipe or 'recipes'} made" if judge else f"synthesising {recipe}"
        with progress(what) as job, needs_extra("tamiz synth", "synth"):
            run = judge_made if judge else synthesise
            report = run(project, store, wanted, job, settings=settings, tell=tell)
        told = judge_agreement(store) if judge else []
    if report.wrong:
        click.echo(f"tamiz: {report.stopped}", err=True)
    if judge:
        lines = [*judging_lines(report), *agreement_lines(told)]
        result = {"report": report, "agreement": agreement_rows(told)}
        then = report.then() if report.stopped else "tamiz review, then tamiz synth --agreement"
        show(result, as_json=as_json, lines=lines, then=then)
    else:
        show(report, as_json=as_json, lines=report_lines(report), then=report.then())
    if report.interrupted:
        raise SystemExit(STOPPED)
    if report.wrong:
        raise SystemExit(FAILED)


def stood_for(settings: SynthesisSettings, chosen: dict[str, Any]) -> SynthesisSettings:
    """The settings with the options that were given in their place."""
    known = {field.name for field in fields(settings)}
    return replace(settings, **{name: value for name, value in chosen.items() if value is not None and name in known})


def option_of(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not given or not name:
        raise click.BadParameter(f"{text!r} is no KEY=VALUE", param_hint="--set")
    return name.strip(), value


def tools_text(path: Path | None) -> str:
    """The tool list of a file; InputError where it is none."""
    if path is None:
        return ""
    from curation.synthesis import toolbox

    return toolbox.tools_text(path)


def asks_first(settings: SynthesisSettings, *, yes: bool) -> bool:
    """Whether somebody has to agree to the costs first."""
    from curation.synthesis.providers.compatible import is_local

    free = is_local(settings.base_url) and settings.model not in settings.prices
    return not yes and not settings.max_usd and settings.provider == "openai" and not free


def agree(found: Estimate | None, lines: Sequence[str]) -> None:
    """Ask before a run that costs money and has no limit; without a terminal, refuse it."""
    if found is None or not found.calls or found.usd_most == 0:
        return
    for line in lines:
        click.echo(line, err=True)
    if not sys.stdin.isatty():
        raise InputError("this may cost money, and no amount limits it; give --max-usd AMOUNT, or --yes to run it so")
    click.confirm("Ask the model now?", abort=True, err=True)


def tell(estimate: Estimate) -> None:
    """What the run will come to, beside the results and before anything is sent."""
    for line in estimate.lines():
        click.echo(line, err=True)


def list_recipes(store: Store, *, as_json: bool) -> None:
    """Every recipe with what it takes, and what its calls have come to so far."""
    from tamiz.synthledger import spent_by_recipe

    rows, spent = recipe_rows(), spent_by_recipe(store)
    lines = recipe_lines(rows)
    lines += ["the ledger so far:"] if spent else []
    lines += [f"  {one.recipe} by {one.model}: {spent_line(one)}" for one in spent]
    show({"recipes": rows, "ledger": spent}, as_json=as_json, lines=lines, then="tamiz synth RECIPE --estimate")


COMMANDS = (synth,)
