"""Stored pages as chunks of text, without what stands on many pages, and without pages that a test may ask about."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.pagetext import stored_paragraphs
from curation.synthesis.told import trace
from tamiz.archived import read_page
from tamiz.errors import InputError
from tamiz.language import UNKNOWN, guess_language
from tamiz.moves import OPEN_STATES, State
from tamiz.records import Page, Pair
from tamiz.splitparts import split_parts
from tamiz.store import Store

__all__ = ["Chunk", "HeldOut", "Pages", "Texts", "UsablePage", "chunks_of", "language_of", "usable_pages"]

LEAST = 80  # characters; what is shorter says too little to ask about
COUNTED = 300  # pages of a source in which repeated paragraphs are counted
REPEATED = 3  # pages at least, and this share of them, that hold a paragraph which belongs to no page
REPEATED_SHARE = 0.1  # a site in several languages has a footer in each
SHINGLE = 8  # words in a row
HELD_SHARE = 0.5  # of a held-out answer's shingles in a chunk: it holds that answer
# What pages are read as that have nothing to tell (see crawlers.pages), or only what somebody asks.
NO_TEXT = frozenset(
    [
        "a list of threads",
        "a list of links to questions",
        "a login page",
        "a wall against robots",
        "an error page",
        "needs JavaScript",
        "an empty page",
        "nobody answered",
        "only the asker replied",
    ]
)
UNDECIDED: tuple[State, ...] = ("new", *OPEN_STATES, "disputed")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of a page's text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages that may be worked on, and why others may not: {reason: pages}."""

    usable: tuple[UsablePage, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsablePage:
    """A page with its training pairs; `read_as` and `known` as in Material."""

    page: Page
    pairs: tuple[Pair, ...]
    read_as: str
    known: frozenset[bytes]


def usable_pages(store: Store, training: Sequence[Pair], sources: Sequence[str] = ()) -> Pages:
    """The newest copy of each page that no pair of validation or test comes from, nor one that is not decided yet.

    A page from which no living pair comes is usable: no test can ask about it. One that was read as a list of threads,
    a login page or the like holds no text about anything.
    """
    parts, read = split_parts(store).parts, store.read_as()
    held: set[tuple[str, str]] = set()
    open_places: set[tuple[str, str]] = set()
    known: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for stored in store.pairs():
        pair = stored.pair
        if pair.kind != "synthetic":
            for place in _places(pair):
                known[place] |= {trace(pair.question), trace(pair.answer)}
        if parts.get(pair.id) in ("validation", "test"):
            held.update(_places(pair))
        elif stored.state in UNDECIDED and pair.kind != "synthetic":
            open_places.update(_places(pair))
    mine: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in training:
        for place in _places(pair):
            mine[place].append(pair)
    left_out: Counter[str] = Counter()
    usable = []
    for page in _newest(store.pages(), sources):
        places = _places_of(page)
        kind, why = read.get(page.id, ("", ""))
        if why in NO_TEXT:
            left_out[f"pages read as: {why}"] += 1
        elif places & held:
            left_out["pages in validation or test"] += 1
        elif places & open_places:
            left_out["pages with pairs that are not decided yet"] += 1
        else:
            pairs = {pair.id: pair for place in sorted(places) for pair in mine.get(place, ())}
            there = frozenset(one for place in places for one in known.get(place, ()))
            usable.append(UsablePage(page=page, pairs=tuple(pairs.values()), read_as=kind, known=there))
    return Pages(usable=tuple(usable), left_out=dict(left_out))


def _newest(pages: Iterable[Page], sources: Sequence[str]) -> list[Page]:
    newest: dict[tuple[str, str], Page] = {}
    for page in pages:
        if page.archive and 200 <= page.status < 300 and (not sources or page.source in sources):
            newest.pop((page.source, page.final_url), None)
            newest[page.source, page.final_url] = page
    return list(newest.values())


def _places(pair: Pair) -> Iterator[tuple[str, str]]:
    """What names the page of a pair: the page, and its addresses, which another copy of the page has too."""
    if pair.page:
        yield "page", pair.page
    for address in (pair.url, pair.group):
        if address.startswith(("http://", "https://")):
            yield "address", address.partition("#")[0].rstrip("/")


def _places_of(page: Page) -> set[tuple[str, str]]:
    addresses = {url.partition("#")[0].rstrip("/") for url in (page.url, page.final_url)}
    return {("page", page.id), *(("address", address) for address in addresses)}


@dataclass(slots=True)
class HeldOut:
    """The answers of validation and test, by their words in a row: a chunk that holds one is not worked on."""

    sizes: list[int] = field(default_factory=list)
    where: dict[bytes, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> HeldOut:
        held = cls()
        for pair in pairs:
            shingles = _shingles(pair.answer)
            for shingle in shingles:
                held.where[shingle].append(len(held.sizes))
            held.sizes.append(len(shingles))
        return held

    def is_in(self, text: str) -> bool:
        """Whether a text holds at least half of an answer, in the same words."""
        found: Counter[int] = Counter()
        for shingle in _shingles(text):
            found.update(self.where.get(shingle, ()))
        return any(count >= max(1, HELD_SHARE * self.sizes[answer]) for answer, count in found.items())


def _shingles(text: str) -> set[bytes]:
    """Every SHINGLE words in a row; none of a text that has fewer words."""
    words = [word[0].casefold() for word in _WORD.finditer(text)]
    rows = (" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1))
    return {hashlib.blake2b(row.encode(), digest_size=8).digest() for row in rows}


@dataclass(slots=True)
class Texts:
    """The paragraphs of pages, without those that stand on many pages of the source (menus, footers)."""

    folder: Path
    repeated: dict[str, frozenset[str]] = field(default_factory=dict)

    def learn(self, pages: Sequence[Page]) -> None:
        """Count the paragraphs of each source's pages."""
        by_source: dict[str, list[Page]] = defaultdict(list)
        for page in pages:
            by_source[page.source].append(page)
        for source, many in by_source.items():
            step = max(1, len(many) // COUNTED)
            counted: Counter[str] = Counter()
            looked = 0
            for page in many[::step]:
                found = self._read(page)
                looked += bool(found)
                counted.update(set(found))
            least = max(REPEATED, REPEATED_SHARE * looked)
            self.repeated[source] = frozenset(text for text, pages_with in counted.items() if pages_with >= least)

    def paragraphs(self, page: Page) -> list[str]:
        """What is the page's own; nothing where its archive is not there."""
        common = self.repeated.get(page.source, frozenset())
        return [text for text in self._read(page) if text not in common]

    def _read(self, page: Page) -> list[str]:
        try:
            body, content_type = read_page(self.folder, page)
        except InputError:  # an archive that was moved away: its pages count as left out
            return []
        return stored_paragraphs(body, content_type)


def chunks_of(paragraphs: Sequence[str], characters: int) -> list[Chunk]:
    """Paragraphs together up to about so many characters; a longer one by itself, cut between sentences.

    >>> [len(chunk.text) for chunk in chunks_of(["a" * 90, "b" * 90, "c" * 90], 200)]
    [182, 90]
    """
    texts: list[str] = []
    for paragraph in (piece for one in paragraphs for piece in _pieces(one, characters)):
        short = len(paragraph) < LEAST  # says too little alone
        if texts and len(texts[-1]) + len(paragraph) + 2 <= characters + LEAST * short:
            texts[-1] += "\n\n" + paragraph
        else:
            texts.append(paragraph)
    return [Chunk(number=number, text=text) for number, text in enumerate(texts) if len(text) >= LEAST]


def _pieces(paragraph: str, characters: int) -> Iterator[str]:
    """A paragraph in parts of at most so many characters, cut behind a sentence or else between words."""
    while len(paragraph) > characters:
        ends = [found.end() for found in re.finditer(r"[.!?…]\s", paragraph[:characters])]
        cut = next((end for end in reversed(ends) if end > characters // 3), 0)
        cut = cut or paragraph.rfind(" ", 0, characters) + 1 or characters
        yield paragraph[:cut].rstrip()
        paragraph = paragraph[cut:].lstrip()
    if paragraph:
        yield paragraph


def language_of(text: str, pairs: Sequence[Pair], languages: Sequence[str]) -> str:
    """The language of a chunk; that of most of its page's pairs where the text does not tell."""
    found = guess_language(text, languages)
    if found != UNKNOWN or not pairs:
        return found
    return Counter(pair.lang for pair in pairs).most_common(1)[0][0]
