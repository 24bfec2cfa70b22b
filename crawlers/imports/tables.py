"""A table of questions and answers, or of dialogues, as pairs in the store."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawlers.imports.chat import chat_messages, exchanges
from crawlers.imports.columns import guess_columns, map_columns
from crawlers.imports.report import Frame, ImportOptions, ImportReport, each_once, import_pairs
from crawlers.imports.tablefiles import table_rows
from crawlers.pages.found import author_mark
from crawlers.pages.platforms.facts import shared_name
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.rows import Row
from tamiz.store import Store

__all__ = ["ImportReport", "import_rows", "import_table", "table_pairs"]

SAMPLE = 500  # rows looked at to tell the columns of a table
_TRUE = {"true", "1", "yes", "y", "si", "sí", "s", "x", "accepted", "aceptada", "solved", "resuelto"}
_FALSE = {"false", "0", "no", "n", ""}


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

    `columns` maps question, answer, label, lang, url, id, accepted, votes or author to a column where
    its name does not say it; `lang` and `label` hold for rows that have none of their own.
    InputError for a file that cannot be read as a table.
    """
    options = ImportOptions(columns=columns or {}, lang=lang or "", label=label or "", licence=licence)
    return import_rows(Frame(project=project, store=store, file=path.name, options=options), path, table_rows(path))


def import_rows(frame: Frame, path: Path, rows: Iterator[Row], taken_for: str = "table") -> ImportReport:
    """Add rows from wherever they come; `path` is named where none can be read."""
    sample, rows = _sample(path, rows)
    mapped = {} if chat_messages(sample[0].values) is not None else _mapped(sample, frame.options.columns)
    pairs = each_once(_pairs(rows, mapped, frame), frame.tally)
    return import_pairs(frame, pairs, taken_for=taken_for if mapped else f"{taken_for} of dialogues", unit="row",
                        columns=mapped)  # fmt: skip


def _pairs(rows: Iterator[Row], columns: Mapping[str, str], frame: Frame) -> Iterator[Pair]:
    """The pairs of the rows; those without one are counted in the tally."""
    others: dict[tuple[str, ...], Mapping[str, str]] = {}  # of rows under another header, as sheets have
    for row in rows:
        frame.tally.rows += 1
        own = columns
        if columns and not row.trouble and not {columns["question"], columns["answer"]} & row.values.keys():
            header = tuple(map(str, row.values))
            if header not in others:
                others[header] = _otherwise(header, frame.options.columns) or columns
            own = others[header]
        try:
            pairs = list(table_pairs(row, own, frame))
        except ValueError as error:
            frame.tally.refuse(row.place, str(error))
            continue
        yield from pairs


def _sample(path: Path, rows: Iterator[Row]) -> tuple[list[Row], Iterator[Row]]:
    """The first rows that can be read, and all rows; InputError if there is none."""
    first = list(itertools.islice(rows, SAMPLE))
    good = [row for row in first if not row.trouble]
    if good:
        return good, itertools.chain(first, rows)
    said = f"{first[0].place}: {first[0].trouble}" if first else "a header and nothing below it, or an empty list"
    raise InputError(f"{path} has no row that can be read ({said}); mend it and import it again")


def _mapped(sample: list[Row], given: Mapping[str, str | None]) -> dict[str, str]:
    """Which column is what: as the user says, by its name, else by what stands in it."""
    names = [str(name) for name in dict.fromkeys(name for row in sample for name in row.values)]
    mapped = map_columns(names, given, guess_columns(sample))
    for name in ("question", "answer"):
        if f"{mapped[name]} (2)" in names and not given.get(name):
            both = f"{mapped[name]!r} and {f'{mapped[name]} (2)'!r}, as the second one is called here"
            raise InputError(f"two columns may be the {name}: {both}. Say which one it is: --{name} COLUMN")
    return mapped


def _otherwise(header: tuple[str, ...], given: Mapping[str, str | None]) -> dict[str, str]:
    """The columns under a header of its own, by their names; {} where they do not tell."""
    here = {name: column for name, column in given.items() if column in header}
    try:
        return map_columns(header, here)
    except InputError:
        return {}


def table_pairs(row: Row, columns: Mapping[str, str], frame: Frame) -> Iterator[Pair]:
    """The pairs of a row: one, or one for each answer of a dialogue. ValueError says why there is none."""
    if row.trouble:
        raise ValueError(row.trouble)
    messages = chat_messages(row.values)
    if messages is not None:
        yield from _chat_pairs(messages, row, frame)
        return
    values = {name: _text(row.values.get(column), name) for name, column in columns.items() if name != "author"}
    for name in ("question", "answer"):
        if not values.get(name, "").strip():
            raise ValueError(f"the {name} is empty")
    question, answer = values["question"], values["answer"]
    votes = values.get("votes", "").strip()
    yield Pair(
        question=question,
        answer=answer,
        lang=frame.language(f"{question}\n{answer}", values.get("lang", "")),
        url=_place(values, frame.file),
        kind="table",
        group=_group(question, frame.file),
        source=f"file:{frame.file}",
        label=values.get("label", "").strip() or frame.options.label,
        pattern="table",
        accepted=_truth(values.get("accepted", "")),
        votes=int(votes) if re.fullmatch(r"[+-]?\d{1,9}", votes) else None,
        author=_author(row.values.get(columns.get("author", ""))),
        licence=frame.options.licence,
    )


def _chat_pairs(messages: list[Any], row: Row, frame: Frame) -> Iterator[Pair]:
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
            lang=frame.language(f"{exchange.question}\n{exchange.answer}"),
            url=f"file:{frame.file}",
            kind="table",
            group=_group(found[0].question, frame.file),
            source=f"file:{frame.file}",
            label=label if isinstance(label, str) else frame.options.label,
            pattern="messages",
            licence=frame.options.licence,
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


def _author(value: Any) -> str:
    """The mark of who answered, as of a forum's author; "" where there is none, or a name that many share (guest)."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return ""
    name = " ".join(str(value).split())
    return "" if shared_name(name) else author_mark(name, "")  # a table is one place, whatever its rows link to


def _truth(value: str) -> bool | None:
    plain = value.strip().lower()
    return True if plain in _TRUE else False if plain in _FALSE and plain else None
