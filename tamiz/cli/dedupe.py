"""Copies in a file, and rows that other files have too, with no project: dedupe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tamiz.cli.exits import FAILED, FOUND
from tamiz.cli.kernels import pairs_at_most, spare_compiling
from tamiz.cli.onestep import answer_field, question_field, source
from tamiz.cli.show import as_json, plural, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from curation.contaminated_file import Contaminated
    from curation.dedupe_file import Deduped

__all__ = ["COMMANDS"]

RULES = ("pair", "question", "answer")
SHOWN = 20  # rows that repeat others
WIDTH = 60  # characters of a question that are printed
a_path = click.Path(path_type=Path)


@click.command()
@source
@click.option("-o", "--output", type=a_path, help="Where the rows that stay go.")
@click.option("--removed", type=a_path, help="Where the others go, each with what it repeats and why.")
@click.option("--report", type=a_path, help="Also write a page to look at (.html).")
@click.option(
    "--against",
    multiple=True,
    type=a_path,
    help="A file that FILE must share nothing with, such as the test. Repeatable. Without -o it is only checked: "
    f"exit code {FOUND} if anything is found, {FAILED} if a file cannot be used.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    type=click.Choice(RULES),
    help="With --against: what repeats a row; all of them by default. Repeatable.",
)
@question_field
@answer_field
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.7,
    show_default=True,
    help="Least similarity of the questions and of the answers.",
)
@click.option(
    "--keep",
    default="accepted,votes,longest,newest",
    show_default=True,
    help="Which of several copies stays: policies, the first that tells them apart counts.",
)
@click.option("--threads", type=click.IntRange(0), default=0, help="Cores that are used (0: all).")
@as_json
def dedupe(
    source: Path,
    output: Path | None,
    removed: Path | None,
    report: Path | None,
    against: tuple[Path, ...],
    rules: tuple[str, ...],
    question_field: str,
    answer_field: str,
    threshold: float,
    keep: str,
    threads: int,
    as_json: bool,
) -> None:
    """Take copies and near-copies out of FILE; each removed row names the row that is kept in its place.

    Of the rows of FILE every one is kept, removed or, where it cannot be read, listed as malformed beside the
    removed ones. An empty --answer-field compares questions alone. With --against, rows that repeat one of
    those files are removed first.
    """
    spare_compiling(pairs_at_most(source, *against))
    with needs_extra("tamiz dedupe", "curate"):
        from curation.contaminated_file import check_file
        from curation.dedupe_file import dedupe_file
        from curation.report import write_contamination_page
    from tamiz.settings import NearSettings

    _refuse_pointless(checks_only=output is None, against=bool(against), answers=bool(answer_field), rules=rules)
    if (output is None) != (removed is None):
        raise click.UsageError("-o and --removed go together: every row has to go somewhere")
    near = NearSettings(threshold=threshold)
    fields: Any = {"question_field": question_field, "answer_field": answer_field, "near": near}
    named: Any = {"rules": rules} if rules else {}
    if output is not None and removed is not None:
        names = [name.strip() for name in keep.split(",") if name.strip()]
        options: Any = {"report": report, "against": against, "keep": names, "threads": threads}
        result = dedupe_file(source, output, removed, **fields, **options, **named)
        show(result, as_json=as_json, lines=removal_lines(source, result))
        return
    if not against:
        raise click.UsageError("give -o and --removed for the result, or --against FILE to check only")
    found = check_file(source, against, **fields, **named)
    if report is not None:
        write_contamination_page(report, found, against, near)
    show(contamination_counts(found), as_json=as_json, lines=contamination_lines(found) if not as_json else [])
    raise SystemExit(FOUND if len(found.found) else 0)


def _refuse_pointless(*, checks_only: bool, against: bool, answers: bool, rules: tuple[str, ...]) -> None:
    """UsageError for an option that is given and would change nothing beside the others."""
    given = click.get_current_context().get_parameter_source
    if given("rules") is not ParameterSource.DEFAULT and not against:
        raise click.UsageError("--rule says what repeats a row of another file: give --against FILE too")
    needs_answers = [rule for rule in rules if rule != "question"]
    if needs_answers and not answers:
        raise click.UsageError(f'--rule {needs_answers[0]} compares answers, and --answer-field "" says there are none')
    for name in ("keep", "threads"):
        if checks_only and against and given(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name} is about removing copies, and without -o nothing is removed")


def removal_lines(source: Path, result: Deduped) -> list[str]:
    """seen = kept + removed + malformed, and what was removed by which rule."""
    lines = [
        f"{source}: {plural(result.seen, 'row')} = {result.kept:,} kept + {result.removed:,} removed + "
        f"{result.malformed:,} malformed"
    ]
    rows = [("exact copy" if result.exact == 1 else "exact copies", result.exact)]
    rows += [("near copy" if result.near == 1 else "near copies", result.near)]
    rows += [
        (f"{'repeats' if count == 1 else 'repeat'} {WHAT[rule]} of the other files", count)
        for rule, count in result.against.items()
    ]
    width = max(len(f"{count:,}") for _, count in rows)
    lines += [f"  {count:>{width},}  {name}" for name, count in rows]
    lines.append(f"kept: {result.output}  removed: {result.removed_file}")
    lines += [f"malformed, with the reasons: {result.malformed_file}"] if result.malformed_file else []
    lines += [f"report: {result.report}"] if result.report else []
    return lines


WHAT = {"pair": "question and answer", "question": "a question", "answer": "an answer"}


def contamination_counts(found: Contaminated) -> dict[str, Any]:
    repeats = [{"row": number + 1, **found.evidence(number)} for number in found.found.repeats]
    return {
        "seen": found.seen,
        "contaminated": len(found.found),
        **dict(found.found.counts().items()),
        "boilerplate": sum(found.found.boilerplate.values()),
        "malformed": found.malformed,
        "skipped": found.skipped,
        "repeats": repeats,
    }


def contamination_lines(found: Contaminated) -> list[str]:
    """The first rows that repeat one of the others, and the counts."""
    lines = []
    for one in found.shown(SHOWN):
        alike = max(one.repeat.question, one.repeat.answer)
        named = _short(f"{one.other.file} {one.other.name}")
        text = one.answer if one.repeat.rule == "answer" else one.question
        lines.append(f"  {_short(str(one.name))}  {one.repeat.rule} {alike:.2f}  {named}  {_short(text)}")
    more = len(found.found) - len(lines)
    lines += [f"  and {more:,} more"] if more > 0 else []
    counts = ", ".join(f"{count:,} {WHAT[rule]}" for rule, count in found.found.counts().items() if count)
    repeat = plural(len(found.found), "repeats", "repeat")
    verdict = f"{repeat} the other files ({counts})" if len(found.found) else "none repeats them"
    lines.append(f"{found.source}: {plural(found.seen, 'row')}, {verdict}")
    shared = sum(found.found.boilerplate.values())
    if shared:
        alone = plural(shared, "row shares", "rows share")
        lines.append(f"{alone} only an answer that many different questions got: not counted")
    if found.malformed:
        lines.append(_unread(found.malformed, found.source))
    return [*lines, *(_unread(count, name) for name, count in found.skipped.items())]


def _unread(count: int, file: Path | str) -> str:
    return f"{plural(count, 'row')} of {file} could not be read and {'was' if count == 1 else 'were'} not compared"


def _short(text: str) -> str:
    """The beginning of a stranger's text on one line, with nothing that a terminal would obey."""
    line = " ".join(text.split())
    seen = "".join(sign if sign.isprintable() else "�" for sign in line)
    return seen if len(seen) <= WIDTH else f"{seen[: WIDTH - 1]}…"


COMMANDS = (dedupe,)
