"""tamiz import: bring your own data in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from crawlers.imports.report import ImportReport

__all__ = ["COMMANDS"]

KINDS = ("table", "transcript", "mail", "stackexchange", "reddit", "hf")
SHOWN = 20  # refusals printed one by one; --json has more


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "kind", type=click.Choice(KINDS), help="What the files are, where it is not told from them.")
@click.option("--question", help="The column of the questions, where its name does not say it.")
@click.option("--answer", help="The column of the answers.")
@click.option("--label", help="The column of the labels (category, intent).")
@click.option("--author", help="The column of who answered; kept as a hash, see [export] group_by_author.")
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Who answers in a transcript or mail: a name, "
              "an address or its domain. Repeat for several.")  # fmt: skip
@click.option("--gap", "gap_hours", type=float, default=12.0, show_default=True, metavar="HOURS",
              help="Silence after which a chat is a new conversation.")  # fmt: skip
@click.option("--only", multiple=True, metavar="NAME", help="Of a dump, only threads with this tag or subreddit.")
@click.option("--split", default="", help="Of a Hugging Face dataset, only this split.")
@click.option("--lang", default="", help="The language of all texts, as an ISO 639-1 code.")
@click.option("--licence", default="", help="The licence of these texts, where you know it.")
@as_json
@click.pass_obj
def import_(
    folder: Path,
    /,
    files: tuple[Path, ...],
    kind: Any,
    as_json: bool,
    question: str | None,
    answer: str | None,
    label: str | None,
    author: str | None,
    **given: Any,
) -> None:
    """Take pairs from your own FILES.

    Tables (CSV, TSV, JSON, JSONL, XLSX, Parquet, a saved Hugging Face dataset or hf:OWNER/NAME), support
    transcripts (chats, WhatsApp, subtitles, Zendesk, Intercom), mail (mbox, EML) and the dumps of Stack Exchange
    (Posts.xml, .7z) and Reddit (.zst). Each file is taken for what it looks like; --as says otherwise.
    """
    with needs_extra("tamiz import", "crawl"):
        from crawlers.imports.report import ImportOptions
        from crawlers.imports.run import import_files

    options = ImportOptions(columns={"question": question, "answer": answer, "label": label, "author": author}, **given)
    with opened(folder) as (project, store), needs_extra("tamiz import", "imports"):
        reports = import_files(project, store, files, options, kind)
    show(reports, as_json=as_json, lines=[line for report in reports for line in _lines(report)], then="tamiz curate")


def _lines(report: ImportReport) -> list[str]:
    """What an import did, for people."""
    agent = report.columns.get("agent")
    taken = f"agent: {agent}" if agent else ", ".join(f"{col} as {name}" for name, col in report.columns.items())
    done = f"{plural(report.rows, report.unit)}, {plural(report.new_pairs, 'new pair')}, {report.known_pairs:,} known"
    lines = [f"{report.file}, read as {report.taken_for}: {done}" + (f" ({taken})" if taken else "")]
    if report.repeated:
        lines.append(f"  {report.repeated:>6,}  stand twice in the file")
    lines += counted({name: count for name, count in report.left_out.items() if count}, "left out: ")
    lines += [f"  refused {said}" for said in report.refused[:SHOWN]]
    if report.refused_rows > SHOWN:
        lines.append(f"  refused {report.refused_rows:,} in all, by reason:")
        lines += counted(report.reasons)
    return lines


COMMANDS = (import_,)
