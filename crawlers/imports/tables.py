"""A table of questions and answers, or of dialogues, as pairs in the store."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawlers.imports.chat import chat_messages, exchanges
from crawlers.imports.columns import map_columns
from tamiz.errors import InputError
from tamiz.language import guess_language
from tamiz.progress import progress
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.rows import Row, read_rows
from tamiz.store import Store

__all__ = ["ImportReport", "import_table", "table_pairs"]

BATCH = 500  # pairs committed together
SHOWN = 200  # refusals kept word for word; all are counted
_TRUE = {"true", "1", "yes", "y", "si", "sí", "s", "x", "accepted", "aceptada", "solved", "resuelto"}
_FALSE = {"false", "0", "no", "n", ""}
_LANGUAGES = {"español": "es", "espanol": "es", "castellano": "es", "spanish": "es", "inglés": "en", "ingles": "en"}
_LANGUAGES |= {"english": "en", "francés": "fr", "french": "fr", "português": "pt", "portuguese": "pt", "german": "de"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. `columns` says which column was taken for what.

    `repeated` rows stand twice in the file; `refused` has the first refusals in words
    ("line 17: the answer is empty"), `refused_rows` counts them all.
    """

    file: str
    rows: int = 0
    new_pairs: int = 0
    known_pairs: int = 0
    repeated: int = 0
    refused_rows: int = 0
    refused: tuple[str, ...] = ()
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How the rows of one file become pairs."""

    file: str
    languages: Sequence[str]
    lang: str
    label: str
    licence: str


@dataclass(slots=True)
class _Tally:
    """What an import has seen so far."""

    rows: int = 0
    repeated: int = 0
    refused_rows: int = 0
    refused: list[str] = field(default_factory=list)

    def refuse(self, said: str) -> None:
        self.refused_rows += 1
        if self.refused_rows <= SHOWN:
            self.refused.append(said)


def import_table(
    project: Project,
    store: Store,
    path: Path,
    *,
    columns: Mapping[str, str | None] | None = None,
    lang: str | None = None,
    label: str | None = None,
    licence: str = "",
) -> ImportReport:
    """Add the rows of a file as pairs; importing it again adds nothing.

    `columns` maps question, answer, label, lang, url, id, accepted or votes to a column where its
    name does not say it; `lang` and `label` hold for rows that have none of their own.
    InputError for a file that cannot be read as a table.
    """
    if lang is not None and not _language(lang):
        raise InputError(f"--lang {lang}: give an ISO 639-1 code such as es")
    reading = _Reading(
        file=path.name,
        languages=project.settings.project.languages,
        lang=_language(lang or ""),
        label=label or "",
        licence=licence,
    )
    first, rows = _first_row(path)
    mapped = {} if chat_messages(first.values) is not None else map_columns(_columns(first, path), columns)
    tally = _Tally()
    new = known = 0
    with progress(f"importing {path.name}") as job:
        pairs = _fresh_pairs(rows, mapped, reading, tally)
        while batch := list(itertools.islice(pairs, BATCH)):
            added = store.add_pairs(batch, actor=f"import:{path.name}")
            new, known = new + len(added.new), known + added.known
            job.update(tally.rows, note=f"{new} new pairs")
    return ImportReport(
        file=path.name,
        rows=tally.rows,
        new_pairs=new,
        known_pairs=known,
        repeated=tally.repeated,
        refused_rows=tally.refused_rows,
        refused=tuple(tally.refused),
        columns=mapped,
    )


def _fresh_pairs(rows: Iterator[Row], columns: Mapping[str, str], reading: _Reading, tally: _Tally) -> Iterator[Pair]:
    """The pairs of the rows, each text once; what is left out is counted in the tally."""
    seen: set[bytes] = set()
    for row in rows:
        tally.rows += 1
        try:
            pairs = list(table_pairs(row, columns, reading))
        except ValueError as error:
            tally.refuse(f"{row.place}: {error}")
            continue
        for pair in pairs:
            mark = _mark(pair)
            tally.repeated += mark in seen
            if mark not in seen:
                seen.add(mark)
                yield pair


def _first_row(path: Path) -> tuple[Row, Iterator[Row]]:
    """The first row that can be read, and all rows; InputError if there is none."""
    rows = read_rows(path)
    skipped: list[Row] = []
    for row in rows:
        skipped.append(row)
        if not row.trouble:
            return row, itertools.chain(skipped, rows)
        if len(skipped) > SHOWN:
            break
    said = f"{skipped[0].place}: {skipped[0].trouble}" if skipped else "a header and nothing below it, or an empty list"
    raise InputError(f"{path} has no row that can be read ({said}); mend it and import it again")


def _columns(first: Row, path: Path) -> list[str]:
    """The columns of a table; of JSON, those of its first rows, as an object may lack a value."""
    names = dict.fromkeys(first.values)
    if path.suffix.lower() not in (".csv", ".tsv"):
        for row in itertools.islice(read_rows(path), BATCH):
            names |= dict.fromkeys(row.values)
    return [str(name) for name in names]


def table_pairs(row: Row, columns: Mapping[str, str], reading: _Reading) -> Iterator[Pair]:
    """The pairs of a row: one, or one for each answer of a dialogue. ValueError says why there is none."""
    if row.trouble:
        raise ValueError(row.trouble)
    messages = chat_messages(row.values)
    if messages is not None:
        yield from _chat_pairs(messages, row, reading)
        return
    values = {name: _text(row.values.get(column), name) for name, column in columns.items()}
    for name in ("question", "answer"):
        if not values.get(name, "").strip():
            raise ValueError(f"the {name} is empty")
    question, answer = values["question"], values["answer"]
    votes = values.get("votes", "").strip()
    yield Pair(
        question=question,
        answer=answer,
        lang=_row_language(values.get("lang", ""), f"{question}\n{answer}", reading),
        url=_place(values, reading.file),
        kind="table",
        group=_group(question, reading.file),
        source=f"file:{reading.file}",
        label=values.get("label", "").strip() or reading.label,
        pattern="table",
        accepted=_truth(values.get("accepted", "")),
        votes=int(votes) if re.fullmatch(r"[+-]?\d{1,9}", votes) else None,
        licence=reading.licence,
    )


def _chat_pairs(messages: list[Any], row: Row, reading: _Reading) -> Iterator[Pair]:
    found = list(exchanges(messages))
    if not found:
        raise ValueError("no answer of the assistant follows a question of the user")
    tools = row.values.get("tools")
    label = row.values.get("label")
    for exchange in found:
        yield Pair(
            question=exchange.question,
            answer=exchange.answer,
            context=exchange.context,
            tools=json.dumps(tools, ensure_ascii=False) if tools else "",
            lang=_row_language("", f"{exchange.question}\n{exchange.answer}", reading),
            url=f"file:{reading.file}",
            kind="table",
            group=_group(found[0].question, reading.file),
            source=f"file:{reading.file}",
            label=label if isinstance(label, str) else reading.label,
            pattern="messages",
            licence=reading.licence,
        )


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    raise ValueError(f"the {name} is no text")


def _place(values: Mapping[str, str], file: str) -> str:
    """Where a reader can check it: the row's own address, else the file and the row's own id. Never its number."""
    url = values.get("url", "").strip()
    if re.match(r"https?://[^\s/]", url):
        return url
    own = values.get("id", "").strip()
    return f"file:{file}#{own}" if own else f"file:{file}"


def _group(question: str, file: str) -> str:
    """Rows with one question belong together, however it is written."""
    plain = re.sub(r"\W+", " ", question.casefold()).strip()
    return f"file:{file}#{hashlib.sha256(plain.encode(errors='replace')).hexdigest()[:12]}"


def _mark(pair: Pair) -> bytes:
    said = json.dumps([pair.question, pair.answer, [turn.content for turn in pair.context]])
    return hashlib.sha256(said.encode()).digest()[:16]


def _language(value: str) -> str:
    """An ISO 639-1 code from a code, a locale or a name, or "" if it is none of them."""
    plain = value.strip().lower()
    code = _LANGUAGES.get(plain, re.split(r"[-_]", plain)[0])
    return code if re.fullmatch(r"[a-z]{2}", code) else ""


def _row_language(value: str, text: str, reading: _Reading) -> str:
    return _language(value) or reading.lang or guess_language(text, reading.languages)


def _truth(value: str) -> bool | None:
    plain = value.strip().lower()
    return True if plain in _TRUE else False if plain in _FALSE and plain else None
