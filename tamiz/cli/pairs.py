"""The commands that sieve, review and export pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tamiz.cli.kernels import spare_compiling
from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.cli.start import next_command
from tamiz.extras import needs_extra
from tamiz.settings import EXPORT_FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.lineage import Ancestor
    from curation.lineage_story import Story
    from curation.revise import Segment
    from tamiz.records import Manifest

__all__ = ["COMMANDS"]

GATES = "gates"  # the step of what is found in made pairs


@click.command()
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), help="Look for duplicates here, instead of [curation] engine."
)
@as_json
@click.pass_obj
def curate(folder: Path, engine: Literal["local", "ray"] | None, as_json: bool) -> None:
    """Run the steps on what is new, apply the written rules, and print what each found."""
    from tamiz.jobworker import alone
    from tamiz.progress import progress

    with opened(folder) as (project, store), alone(project.jobs, "curate"), progress("curating") as job:
        spare_compiling(sum(store.counts().values()))
        with needs_extra("tamiz curate", "curate"):
            from curation.sieve import curate as run
            from curation.spelling.run_report import report_lines
        report = run(project, store, job, engine=engine or "")
        then = next_command(project, store.counts())
    lines = []
    for step in report.steps:
        lines.append(f"{step.name}: looked at {plural(step.looked, 'pair')}")
        lines += counted(step.found)
    judged = {f"{what} by {rule}" if rule else what: n for (what, rule), n in report.rules.items()}
    lines += ["rules of tamiz.toml:", *(counted(judged) or ["  none took effect"])]
    lines += report_lines(report.spelling) if report.spelling is not None else []
    alive = {state: n for state, n in report.after.items() if state not in ("replaced", "withdrawn")}
    lines += ["pairs now:", *counted(alive), *report.notes]
    show(report, as_json=as_json, lines=lines, then=then)


@click.command()
@click.option("--host", help="Listen here instead of [review] host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen here instead of [review] port.")
@click.pass_obj
def review(folder: Path, host: str | None, port: int | None) -> None:
    """Open the review app in the browser; Ctrl-C ends it."""
    with needs_extra("tamiz review", "review"):
        from ui.launch import launch
    from tamiz.project import Project

    raise SystemExit(launch(Project.open(folder), host=host, port=port))


@click.command()
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[,FORMAT]",
    help=f"Instead of [export] formats; repeatable: {', '.join(EXPORT_FORMATS)}.",
)
@click.option("--resplit", is_flag=True, help="Divide all pairs anew; test scores from before no longer compare.")
@click.option("--mask", is_flag=True, help="Mask first what [export] max_risk would refuse in accepted pairs.")
@click.option("--reject-leaks", is_flag=True, help="Reject first the synthetic pairs that are near validation or test.")
@as_json
@click.pass_obj
def export(
    folder: Path, formats: tuple[str, ...], resplit: bool, mask: bool, reject_leaks: bool, as_json: bool
) -> None:
    """Write the accepted pairs as a new dataset version, unless nothing has changed.

    Pairs keep the part (train, validation or test) that an earlier version gave them. Nothing is written while a
    pair holds personal data above [export] max_risk, or a synthetic one is nearly the same as something in
    validation or test.
    """
    with opened(folder) as (project, store):
        spare_compiling(store.counts().get("accepted", 0))
        with needs_extra("tamiz export", "curate"):
            from curation.dividing import reject_leaks as reject
            from curation.export import export as run
            from curation.export import newest_export
            from curation.gate import mask_accepted
            from curation.originals import seal_originals
        masked = mask_accepted(project, store) if mask else 0
        notes = seal_originals(project, store, {}) if masked else []
        leaking = reject(project, store, resplit=resplit) if reject_leaks else 0
        before = newest_export(project)
        manifest = run(project, store, formats or None, resplit=resplit)
    same = before is not None and before.version == manifest.version
    said = [f"masked personal data in {plural(masked, 'accepted pair')}"] if mask else []
    said += notes
    said += [f"rejected {plural(leaking, 'synthetic pair')} near validation or test"] if reject_leaks else []
    said += [f"nothing has changed since {manifest.version}, so no version was written"] if same else []
    show(manifest, as_json=as_json, lines=[*said, *export_lines(manifest, project.exports)], then="tamiz tune")


def export_lines(manifest: Manifest, exports: Path) -> list[str]:
    """What is in a dataset version, for people."""
    parts = ", ".join(f"{count:,} {part}" for part, count in manifest.splits.items())
    lines = [f"{exports / manifest.version}: {parts} (content {manifest.content_hash[:12]})"]
    lines += [f"  {path}" for path in manifest.files]
    lines += counted(manifest.left_out, "left out: ")
    for name, facts in manifest.formats.items():
        lines += counted(facts["left_out"], f"not in {name}: ")
    return [*lines, *split_lines(manifest), *(f"note: {note}" for note in manifest.notes)]


def split_lines(manifest: Manifest) -> list[str]:
    """What was proved of the parts, and what a random split would have given away."""
    proof, siblings = manifest.proof, manifest.siblings
    if not proof or not siblings:  # a version of an earlier tamiz
        return []
    test = siblings["test"]
    lines = [
        f"no group and no near-duplicate in two parts: {plural(proof['groups'], 'group')}, "
        f"{plural(proof['compared'], 'text')} compared"
    ]
    if test:
        lines += [
            f"{siblings['ours']:,} of {plural(test, 'test pair')} have a sibling in train; in a random split "
            f"{siblings['random'] / test:.0%} would"
        ]
    return lines


@click.command()
@click.argument("pair", metavar="LINE_OR_PAIR")
@as_json
@click.pass_obj
def lineage(folder: Path, pair: str, as_json: bool) -> None:
    """Tell where a pair came from, who decided what, and which versions and adapters hold it.

    Give its id (or the beginning of one), or a line of any file of a version, as exports/v001/chat/train.jsonl:LINE.
    Of a pair that was made it names the recipe, the model, the hash of the prompt and what the gates found.
    """
    with needs_extra("tamiz lineage", "curate"):
        from curation.lineage import pair_of_line
        from curation.lineage_story import story

    with opened(folder) as (project, store):
        found = story(project, store, pair_of_line(pair, project.folder))
    lines = [line for one in found.family for line in ancestor_lines(one, found)]
    for held in found.held:
        lines.append(f"in {held.version}: {held.part}, {held.file}:{held.line}")
    for trained in found.trained:
        what = "adapter" if trained.adapter else "run"
        when = f"finished {trained.finished_at[:19]}" if trained.finished_at else "not finished"
        lines.append(f"{what} {trained.name}: trained on {trained.version} ({trained.part}), {trained.base}, {when}")
    show(found, as_json=as_json, lines=[*lines, *(f"note: {note}" for note in found.notes)])


def ancestor_lines(one: Ancestor, found: Story) -> list[str]:
    """One pair of a story, for people."""
    pair = one.stored.pair
    lines = [f"{pair.id}  {one.stored.state}", *([f"  {one.sealed}"] if one.sealed else [])]
    if pair.question:
        lines += [f"  Q  {first_line(pair.question)}", f"  A  {first_line(pair.answer)}"]
    lines.append(f"  from {pair.url} ({pair.source or pair.made_by})")
    if one.page is not None:
        lines.append(f"  fetched {one.page.fetched_at}, robots: {one.page.robots}, kept in {one.page.archive}")
    lines += making_lines(one)
    for change in found.changes:
        if change.made == pair.id:
            fields = {"question": change.question, "answer": change.answer}
            lines += [f"    changed {name}: {changed_words(parts)}" for name, parts in fields.items() if parts]
    for seen in one.findings:
        of = f" of {seen.witness}" if seen.witness else ""
        note = f": {first_line(seen.note)}" if seen.note else ""
        lines.append(f"    found {seen.kind}{of} by {seen.step}, confidence {seen.confidence:.2f}{note}")
    for event in one.events:
        why = f": {event.reason}" if event.reason else ""
        lines.append(f"    {event.at[:19]}  {event.move} by {event.actor} -> {event.to_state}{why}")
    return lines


def making_lines(one: Ancestor) -> list[str]:
    """How a recipe made the pair, and that the gates found nothing where they did not."""
    making = one.making
    if making is None:
        return []
    lines = [f"  made by the recipe {making.recipe} at {making.at[:19]} from {making.material}, run {making.run}"]
    if making.call:
        where = f" at {making.address}" if making.address else ""
        lines += [f"  asked {making.model}{where}: call {making.call}, prompt {making.prompt}"]
    if not any(seen.step == GATES for seen in one.findings):
        lines += ["    the gates found nothing"]
    return lines


def changed_words(segments: Sequence[Segment], most: int = 4) -> str:
    """What was taken out and put in, without the words around it."""
    marks = {"delete": "[-{}-]", "insert": "{{+{}+}}"}
    said = [marks[op].format(first_line(text, 40)) for op, text in segments if op in marks]
    return " ".join(said[:most]) + (f" and {len(said) - most} more" if len(said) > most else "")


def first_line(text: str, width: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


COMMANDS = (curate, review, export, lineage)
