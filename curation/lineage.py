"""Where a pair came from: its page, the pairs it was made from, what was found in them and who decided what."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from tamiz.errors import InputError, SealedError
from tamiz.records import Finding, Page
from tamiz.sealed import sealed_pairs
from tamiz.store import Event, Store, StoredPair
from tamiz.synthmade import made_by

__all__ = ["Ancestor", "Making", "lineage", "pair_of_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a recipe made a pair: from which material, in which run, and what was asked of which model.

    `prompt` is the hash of the prompt's text, `request` that of all that was sent, `call` the number in the ledger;
    these are empty where no model was asked.
    """

    recipe: str
    material: str
    run: str
    at: str
    model: str = ""
    provider: str = ""
    address: str = ""
    prompt: str = ""
    request: str = ""
    call: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """One pair of a family, with its page (None for an import), what steps see in it now, and its history.

    `sealed` says what became of the texts of an original that held personal data; the pair has them where they
    could be opened. `making` tells of a pair that a recipe made.
    """

    stored: StoredPair
    page: Page | None
    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    sealed: str = ""
    making: Making | None = None


def lineage(store: Store, pair_id: str) -> list[Ancestor]:
    """The pair of this id (or of the beginning of one) and the pairs it was made from, the newest first."""
    family: list[Ancestor] = []
    waiting = [pair_id]
    seen: set[str] = set()
    while waiting:
        stored = store.pair(waiting.pop(0))
        if stored.pair.id in seen:
            continue
        seen.add(stored.pair.id)
        page = store.page(stored.pair.page) if stored.pair.page else None
        own = stored.pair.id
        found = tuple(store.findings([own])[own])
        shown, sealed = _opened(store, stored)
        events = tuple(store.history(own))
        making = _making(store, own) if shown.pair.kind == "synthetic" else None
        family.append(Ancestor(stored=shown, page=page, events=events, findings=found, sealed=sealed, making=making))
        waiting += stored.pair.made_from
    return family


def _making(store: Store, pair: str) -> Making | None:
    """What the ledger says of the pair, without the reply itself."""
    found = made_by(store, [pair]).get(pair)
    if found is None:
        return None
    told = {name: getattr(found, name) for name in ("recipe", "material", "run", "at")}
    call = found.call
    if call is not None:
        told |= {name: getattr(call, name) for name in ("model", "provider", "address", "prompt", "request")}
    return Making(**told, call=call.seq if call is not None else 0)


def _opened(store: Store, stored: StoredPair) -> tuple[StoredPair, str]:
    """The pair with its texts where it is sealed and can be opened, and what to say of that."""
    box = sealed_pairs(store, [stored.pair.id]).get(stored.pair.id)
    if box is None:
        return stored, ""
    try:
        pair = box.pair_with_texts(stored.pair, store.vault)
    except SealedError as reason:
        return stored, str(reason)
    return replace(
        stored, pair=pair
    ), f"encrypted since {box.at[:19]} by {box.actor}; opened with the key of this project"


def pair_of_line(place: str, folder: Path) -> str:
    """The pair's id in a line of an export, given as FILE:LINE; any other text is taken as an id.

    Of .parquet and .arrow files the row is counted from 1. A path that is not there is looked for in the project's
    folder.
    """
    match = re.fullmatch(r"(.+\.(?:jsonl?|parquet|arrow)):(\d{1,12})", place)
    if match is None:
        return place
    path, number = Path(match[1]), int(match[2])
    path = path if path.exists() else folder / path
    try:
        return _id_of_row(path, number) if path.suffix in (".parquet", ".arrow") else _id_of_line(path, number)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the name") from None
    except (StopIteration, KeyError, IndexError, TypeError, ValueError):
        raise InputError(f"{place} is no line with a pair's id; give a line of exports/vNNN/pairs/*.jsonl") from None


def _id_of_line(path: Path, number: int) -> str:
    """The id in a line of JSON, which may be an item of a list with one on each line."""
    with path.open("rb") as file:  # a text may hold what str.splitlines takes for the end of a line
        line = next(islice(file, number - 1, None))
    return str(json.loads(line.rstrip().rstrip(b","))["id"])


def _id_of_row(path: Path, number: int) -> str:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    if number < 1:
        raise IndexError(number)
    if path.suffix == ".parquet":
        column = pq.read_table(path, columns=["id"]).column("id")
    else:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
            column = reader.read_all().column("id")
    return str(column[number - 1].as_py())
