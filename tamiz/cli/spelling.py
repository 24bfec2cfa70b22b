"""Spelling: a file corrected with no project, and a project's words decided about once for all pairs."""

from __future__ import annotations

import getpass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.onestep import change_lines, fields, source, target
from tamiz.cli.show import as_json, opened, plural, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from curation.spelling.words import Done, WordDesk, WordRow
    from tamiz.progress import Job

__all__ = ["COMMANDS"]


@click.command()
@source
@target
@fields
@click.option("--lang", required=True, help="The language of the texts, as an ISO 639-1 code; auto: of each its own.")
@click.option(
    "--engine", type=click.Choice(["auto", "embedded", "languagetool"]), default="auto", help="Which engines are asked."
)
@click.option("--url", default="", help="Address of a running LanguageTool server.")
@click.option("--glossary", type=click.Path(path_type=Path), help="Words that are right as they are, one a line.")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder that keeps LanguageTool's answers for later.")
@click.option("--at-least", type=click.FloatRange(0, 1), default=0.9, show_default=True, help="Least confidence.")
@as_json
def spell(
    source: Path,
    output: Path,
    fields: str,
    lang: str,
    engine: str,
    url: str,
    glossary: Path | None,
    cache: Path | None,
    at_least: float,
    as_json: bool,
) -> None:
    """Correct the spelling in FILE; every proposal is listed in the column `changes`.

    The whole file is learnt first: what it uses often is a word of its own. Questions are corrected too, unless
    --fields leaves them out.
    """
    with needs_extra("tamiz spell", "curate"):
        from curation.spelling.checker import Checker
        from curation.spelling.glossary import read_glossary
        from curation.spelling.languagetool.connection import LATER
        from curation.spelling.rows import AUTO, spell_rows
        from curation.steps import NotNow
        from curation.tables import check_ending, read_table, write_table
    from tamiz.progress import progress
    from tamiz.settings import SpellingSettings

    check_ending(output)
    if lang != AUTO and not (len(lang) == 2 and lang.isascii() and lang.islower()):
        raise click.BadParameter("give an ISO 639-1 code such as es, or auto", param_hint="--lang")
    named = [name.strip() for name in fields.split(",") if name.strip()]
    terms = read_glossary(glossary, must_exist=True).terms if glossary is not None else ()
    rows = read_table(source)
    least = max(at_least, 0.01)  # 0 applies all; the settings know no such share
    settings = SpellingSettings(engine=engine, url=url, apply_at=least, glossary="")  # type: ignore[arg-type]
    checker = Checker(settings, cache=cache)
    checker.keep(terms)
    try:
        with progress("checking spelling", len(rows) * len(named)) as job:
            watch = partial(_watch, job)
            result = spell_rows(rows, checker, fields=named, lang=lang, at_least=at_least, watch=watch)
        engines = checker.versions
    except NotNow as reason:
        raise InputError(str(reason).replace(LATER, "nothing was written")) from None
    finally:
        checker.close()
    write_table(output, result.rows)
    changes = [one for row in result.rows for one in row["changes"]]
    done: dict[str, Any] = {"rows": len(rows), "changes": len(changes)}
    done |= {"applied": sum(one["applied"] for one in changes), "output": output}
    done |= {"languages": result.languages, "not_checked": result.not_checked, "engines": engines}
    lines = [
        *change_lines(done),
        *(f"not checked: {plural(n, 'text')}: {why}" for why, n in result.not_checked.items()),
    ]
    show(done, as_json=as_json, lines=lines)


def _watch(job: Job, done: int, note: str) -> None:
    job.update(done, note=note)


@click.command()
@click.argument("word", required=False)
@click.option("--always", is_flag=True, help="Make the change in every open pair, and in those that come later.")
@click.option("--never", is_flag=True, help="Leave the word as it is; it goes into the glossary.")
@click.option("--here", metavar="PAIR", default="", help="Make the change in this pair only.")
@click.option("--undo", is_flag=True, help="Take back what was decided about WORD.")
@click.option("--to", "becomes", default="", help="The proposal that is meant, or another word to put there.")
@click.option("--lang", default="", help="Words of pairs in this language only.")
@click.option("--by", default="", help="Who decides; without it the user's name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Words listed.")
@as_json
@click.pass_obj
def words(
    folder: Path,
    word: str | None,
    always: bool,
    never: bool,
    here: str,
    undo: bool,
    becomes: str,
    lang: str,
    by: str,
    limit: int,
    as_json: bool,
) -> None:
    """List the words that wait for a decision, or decide about WORD once for every pair that has it."""
    if sum((always, never, bool(here), undo)) > 1:
        raise click.UsageError("give one of --always, --never, --here and --undo")
    if (always or never or here or undo) and not word:
        raise click.UsageError("name the word to decide about, as tamiz words lists it")
    if becomes and not (always or never or here or undo):
        raise click.UsageError("--to belongs to a decision: give one of --always, --never, --here and --undo")
    with opened(folder) as (project, store):
        with needs_extra("tamiz words", "curate"):
            from curation.spelling.words import WordDesk
        glossary = project.folder / project.settings.curation.spelling.glossary
        desk = WordDesk(store, by or getpass.getuser(), glossary)
        if not (always or never or here or undo):
            _list_words(desk, word or "", lang, limit, as_json)
            return
        if undo:
            decision = desk.latest(word or "", becomes=becomes, lang=lang)
            done, what = desk.take_back(decision), f"{decision.decision} about {word} taken back"
        else:
            row = desk.find(word or "", becomes=becomes, lang=lang)
            done, what = _decide(desk, row, never, here, becomes), _told(row, never, becomes)
        lines = [f"{what}: {plural(done.changed, 'pair')} changed"]
        if done.left:
            lines.append(f"{plural(done.left, 'pair')} left for the next tamiz curate: somebody is looking at them")
    show({"word": word, "changed": done.changed, "left": done.left}, as_json=as_json, lines=lines, then="tamiz curate")


def _decide(desk: WordDesk, row: WordRow, never: bool, here: str, becomes: str) -> Done:
    from curation.revise import Refused

    if never:
        return desk.never(row)
    if not here:
        return desk.always(row, becomes)
    try:
        return desk.here(row, here, becomes)
    except Refused as refused:
        if refused.code != "word_gone":
            raise
        advice = "See where it does: tamiz words WORD --json"
        raise InputError(f"{row.word.before!r} does not stand in an open pair {here!r}. {advice}") from None


def _told(row: WordRow, never: bool, becomes: str) -> str:
    word = row.word
    return f"{word.before} stays as it is" if never else f"{word.before} > {becomes or word.after}"


def _list_words(desk: WordDesk, word: str, lang: str, limit: int, as_json: bool) -> None:
    rows = desk.words(limit=limit, lang=lang, before=word)
    listed = []
    lines = []
    for row in rows:
        examples = [
            {"pair": one.stored.pair.id, "text": "".join(text for op, text in shown.segments if op != "insert")}
            for one in desk.examples(row.word, limit=3)
            for shown in one.proposals[:1]
        ]
        count = row.count
        listed.append(
            {
                "lang": row.word.lang,
                "before": row.word.before,
                "after": row.word.after,
                "pairs": count.pairs,
                "places": count.findings,
                "kind": count.kind,
                "confidence": count.confidence,
                "engine": row.engine,
                "examples": examples,
            }
        )
        after = row.word.after if row.word.after is not None else "?"
        lines.append(
            f"{count.pairs:>6,}  {row.word.lang}  {row.word.before} > {after}  "
            f"({count.kind}, {row.engine}, {count.confidence:.2f})"
        )
    if not rows:
        lines = ["no word waits for a decision"]
    then = "tamiz words WORD --always, --never or --here PAIR" if rows else ""
    show({"words": listed}, as_json=as_json, lines=lines, then=then)


COMMANDS = (spell, words)
