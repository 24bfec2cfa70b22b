"""What an import did, and the one loop that puts its pairs into the store."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tamiz.errors import InputError
from tamiz.language import guess_language
from tamiz.progress import Job, progress
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.store import Store

__all__ = ["Frame", "ImportOptions", "ImportReport", "Tally", "add_pairs", "each_once", "import_pairs", "language_code"]

BATCH = 500  # pairs committed together
SHOWN = 200  # refusals kept word for word; all are counted
_LANGUAGES = {"español": "es", "espanol": "es", "castellano": "es", "spanish": "es", "inglés": "en", "ingles": "en"}
_LANGUAGES |= {"english": "en", "francés": "fr", "french": "fr", "português": "pt", "portuguese": "pt", "german": "de"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the user said about the files.

    `columns` maps a field to a column where its name does not say it; `lang` and `label` hold where a
    text has none of its own. `agents` names who answers in a transcript (speakers, addresses or
    domains); a silence of `gap_hours` begins a new conversation. `only` keeps the threads of a dump
    with one of these tags or subreddits.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    lang: str = ""
    label: str = ""
    licence: str = ""
    agents: tuple[str, ...] = ()
    gap_hours: float = 12.0
    only: tuple[str, ...] = ()
    split: str = ""

    def __post_init__(self) -> None:
        if self.lang and not language_code(self.lang):
            raise InputError(f"--lang {self.lang}: give an ISO 639-1 code such as es")
        if self.gap_hours <= 0:
            raise InputError(f"--gap {self.gap_hours}: give hours above 0, such as 12")

    def language(self, text: str, among: Sequence[str], stated: str = "") -> str:
        """The language that is stated for a text, else of all texts, else the one it seems to be in."""
        return language_code(stated) or language_code(self.lang) or guess_language(text, among)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. `taken_for` says what the file was taken for, `columns` which column for what.

    `rows` are the rows, conversations or threads that were looked at (`unit` is the word for one);
    `repeated` of them stand twice in the file; `refused` has the first refusals in words
    ("line 17: the answer is empty"), `refused_rows` counts them all and `reasons` by reason.
    `left_out` counts what is no row of its own: system messages, quoted mail, internal notes.
    """

    file: str
    taken_for: str = "table"
    unit: str = "row"
    rows: int = 0
    new_pairs: int = 0
    known_pairs: int = 0
    repeated: int = 0
    refused_rows: int = 0
    refused: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What an import has seen so far."""

    rows: int = 0
    repeated: int = 0
    refused_rows: int = 0
    refused: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def refuse(self, place: str, reason: str) -> None:
        """Count a row that gives no pair. The values that a reason quotes are not part of its kind."""
        self.refused_rows += 1
        self.reasons[re.sub(r"\d+|'[^']*'|\([^)]*\)", "…", reason)[:80]] += 1
        if self.refused_rows <= SHOWN:
            self.refused.append(f"{place}: {reason}")

    def report(self, *, file: str, taken_for: str, unit: str, new: int, known: int,
               columns: Mapping[str, str]) -> ImportReport:  # fmt: skip
        return ImportReport(
            file=file, taken_for=taken_for, unit=unit, rows=self.rows, new_pairs=new, known_pairs=known,
            repeated=self.repeated, refused_rows=self.refused_rows, refused=tuple(self.refused),
            reasons=dict(self.reasons), left_out=dict(self.left_out), columns=columns,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where the pairs of one import come from and go to."""

    project: Project
    store: Store
    file: str  # the file's name as it is kept
    options: ImportOptions
    tally: Tally = field(default_factory=Tally)

    def language(self, text: str, stated: str = "") -> str:
        return self.options.language(text, self.project.settings.project.languages, stated)


def add_pairs(frame: Frame, pairs: Iterator[Pair], job: Job) -> tuple[int, int]:
    """Commit the pairs batch by batch; how many were new and how many known.

    Stopping at any moment leaves whole batches; importing again goes on where they end.
    """
    new = known = 0
    while batch := list(itertools.islice(pairs, BATCH)):
        added = frame.store.add_pairs(batch, actor=f"import:{frame.file}")
        new, known = new + len(added.new), known + added.known
        job.update(frame.tally.rows, note=f"{new:,} new pairs")
    return new, known


def import_pairs(frame: Frame, pairs: Iterator[Pair], *, taken_for: str, unit: str,
                 columns: Mapping[str, str] | None = None) -> ImportReport:  # fmt: skip
    """Add the pairs with progress shown, and report."""
    with progress(f"importing {frame.file}") as job:
        new, known = add_pairs(frame, pairs, job)
    return frame.tally.report(
        file=frame.file, taken_for=taken_for, unit=unit, new=new, known=known, columns=columns or {}
    )


def each_once(pairs: Iterator[Pair], tally: Tally) -> Iterator[Pair]:
    """The pairs without those whose texts came before, which are counted."""
    seen: set[int] = set()  # 8 bytes of a hash each: a million pairs take some 60 MB
    for pair in pairs:
        said = json.dumps([pair.question, pair.answer, [turn.content for turn in pair.context]])
        mark = int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")
        tally.repeated += mark in seen
        if mark not in seen:
            seen.add(mark)
            yield pair


def language_code(value: str) -> str:
    """An ISO 639-1 code from a code, a locale or a name, or "" if it is none of them.

    >>> language_code("Español"), language_code("en-GB"), language_code("?")
    ('es', 'en', '')
    """
    plain = value.strip().lower()
    code = _LANGUAGES.get(plain, re.split(r"[-_]", plain)[0])
    return code if re.fullmatch(r"[a-z]{2}", code) else ""
