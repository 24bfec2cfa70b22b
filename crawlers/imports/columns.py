"""Which column of a table is what, by its name or as the user says."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from tamiz.errors import InputError
from tamiz.rows import Row

__all__ = ["FIELDS", "guess_columns", "map_columns", "plain_name"]

# Names as they come after plain_name, the best first.
FIELDS: dict[str, tuple[str, ...]] = {
    "question": (
        *("question", "pregunta", "q", "p", "query", "consulta", "duda", "prompt", "instruction", "utterance"),
        *("questiontext", "customermessage", "mensajecliente", "title", "titulo", "asunto", "subject"),
    ),
    "answer": (
        *("answer", "respuesta", "a", "r", "acceptedanswer", "reply", "response", "solution", "solucion", "output"),
        *("completion", "contestacion", "answertext", "resolution", "resolucion", "agentreply", "respuestaagente"),
    ),
    "label": ("label", "categoria", "category", "intent", "intencion", "etiqueta", "tema", "topic", "section", "tag"),
    "lang": ("lang", "language", "idioma", "lengua", "locale"),
    "url": ("url", "link", "enlace", "source", "fuente"),
    "id": ("id", "ticket", "ticketid", "key", "numero"),
    "accepted": ("accepted", "aceptada", "isaccepted", "resuelto", "solved"),
    "votes": ("votes", "votos", "score", "puntuacion", "upvotes"),
    "author": (
        *("author", "autor", "autora", "answerauthor", "answeredby", "respondidopor", "contestadopor", "agent"),
        *("agente", "agentname", "assignee", "operator", "operador", "operadora"),
    ),
}


def plain_name(name: str) -> str:
    """A column's name without case, accents and marks.

    >>> plain_name("Categoría_")
    'categoria'
    """
    bare = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", bare)


def map_columns(
    found: Iterable[str], given: Mapping[str, str | None] | None = None, guessed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """{field: column} for a table with these columns; `given` decides where it names one.

    `guessed` is taken where neither `given` nor a column's name says which one it is. InputError, with
    the columns there are, when the question or the answer has none.
    """
    columns = list(found)
    chosen = {name: _given_column(name, column, columns) for name, column in (given or {}).items() if column}
    plain: dict[str, str] = {}
    for column in columns:
        plain.setdefault(plain_name(column), column)
    for name, usual in FIELDS.items():
        free = [plain[word] for word in usual if word in plain and plain[word] not in chosen.values()]
        if name not in chosen and free:
            chosen[name] = free[0]
    for name in ("question", "answer"):
        guess = (guessed or {}).get(name)
        if name not in chosen and guess and guess not in chosen.values():
            chosen[name] = guess
        if name not in chosen:
            raise InputError(
                f"no column is called {name}; there are: {', '.join(columns) or 'none'}. "
                f"Say which one it is: --{name} COLUMN"
            )
    return chosen


def guess_columns(sample: Sequence[Row]) -> dict[str, str]:
    """The columns of questions and answers by what stands in them, or {} where that is not plain.

    Questions are the one column in which most cells end in a question mark; answers are the longest
    other text, sentences of six words and more.
    """
    texts: dict[str, list[str]] = {}
    for row in sample:
        for name, value in row.values.items():
            if isinstance(value, str) and value.strip():
                texts.setdefault(str(name), []).append(value.strip())
    asking = [name for name, cells in texts.items() if _share(cells, lambda cell: cell.endswith("?")) >= 0.5]
    if len(asking) != 1:
        return {}
    prose = [name for name, cells in texts.items() if name not in asking and _share(cells, _is_prose) >= 0.5]
    if not prose:
        return {}
    return {"question": asking[0], "answer": max(prose, key=lambda name: sum(map(len, texts[name])))}


def _is_prose(cell: str) -> bool:
    return len(cell.split()) >= 6 and not re.match(r"https?://\S+$", cell)


def _share(cells: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, cells)) / len(cells)


def _given_column(name: str, column: str, columns: list[str]) -> str:
    if name not in FIELDS:
        raise InputError(f"a table has no field {name}; map one of: {', '.join(FIELDS)}")
    if column in columns:
        return column
    near = difflib.get_close_matches(column, columns, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else f"there are: {', '.join(columns) or 'none'}"
    raise InputError(f"--{name} {column}: the table has no such column; {advice}")
