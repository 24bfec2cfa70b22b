"""What is sent: sentences, each with what it keeps hidden, several of them in one request."""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from curation.spelling.corrections import Text

__all__ = ["Batch", "Sentence", "pack", "sentences"]

HIDDEN = "X"  # what the server reads in the place of what is kept
GAP = "\n\n"  # between two sentences: a new paragraph to the server
VERSION = 1  # of how texts are cut and hidden; answers are cached by what was sent
_ENDS = re.compile(
    r"(?<=[.!?…])[\"'»”’)\]]*\s+(?=[\"'«“‘(\[]*[¿¡A-ZÀ-ÖØ-Þ])"  # a stop, then a capital
    r"|\s*[\r\n\u2028\u2029]\s*(?=[^\sa-zß-öø-ÿ])|\s*\n\s*\n\s*"  # a line that starts anew, not one that goes on
)
_SHORT = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|sr|sra|dr|dra|ud|uds|vd|art|cap|fig|núm|pág|tel|ej|aprox|no|mr|mrs|ms|vs|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it is sent: its characters, and the spans of them that are hidden."""

    text: str
    hidden: tuple[tuple[int, int], ...]

    @property
    def units(self) -> int:
        """Its length on the wire, in UTF-16 units."""
        return _units(self.text)

    def parts(self) -> Iterator[tuple[str, bool]]:
        """Its pieces in order, and whether each is hidden."""
        last = 0
        for start, end in self.hidden:
            if last < start:
                yield self.text[last:start], False
            yield self.text[start:end], True
            last = end
        if last < len(self.text):
            yield self.text[last:], False

    def key(self) -> str:
        """A hash of all that its answer depends on, but for the server and its settings."""
        said = json.dumps([VERSION, [[len(piece) if hidden else piece, hidden] for piece, hidden in self.parts()]])
        return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def sentences(text: Text) -> Iterator[tuple[int, Sentence]]:
    """The sentences with a letter to check in them, each with where it starts in the text."""
    kept = _merged(text.kept, len(text.text))
    starts = [start for start, _ in kept]
    begin = 0
    for cut_start, cut_end in [*_cuts(text.text), (len(text.text), len(text.text))]:
        if cut_start < len(text.text):
            place = bisect.bisect_right(starts, cut_start) - 1
            if place >= 0 and cut_start < kept[place][1]:
                continue  # within what is kept
            if _SHORT.search(text.text[max(begin, cut_start - 8) : cut_start]):
                continue  # no end of a sentence
        yield from _sentence(text.text, begin, cut_start, kept)
        begin = cut_end


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    for match in _ENDS.finditer(text):
        shift = len(match[0]) - len(match[0].lstrip("\"'»”’)]"))  # the closing marks end the sentence
        yield match.start() + shift, match.end()


def _sentence(text: str, begin: int, end: int, kept: Sequence[tuple[int, int]]) -> Iterator[tuple[int, Sentence]]:
    piece = text[begin:end]
    begin += len(piece) - len(piece.lstrip())
    piece = _ODD.sub(" ", piece.strip())
    hidden = tuple(
        (max(s - begin, 0), min(e - begin, len(piece))) for s, e in kept if s < begin + len(piece) and begin < e
    )
    sentence = Sentence(piece, hidden)
    if any(not is_hidden and any(letter.isalpha() for letter in part) for part, is_hidden in sentence.parts()):
        yield begin, sentence


def _merged(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences that are asked about in one request."""

    sentences: Sequence[Sentence]
    starts: list[int] = field(init=False)  # of each sentence, in units of the whole

    def __post_init__(self) -> None:
        starts, at = [], 0
        for sentence in self.sentences:
            starts.append(at)
            at += sentence.units + len(GAP)
        object.__setattr__(self, "starts", starts)

    @property
    def units(self) -> int:
        """Its length on the wire, in UTF-16 units."""
        return self.starts[-1] + self.sentences[-1].units if self.sentences else 0

    def values(self) -> dict[str, str]:
        """The texts as /v2/check takes them: plain, or annotated where something is hidden."""
        if not any(sentence.hidden for sentence in self.sentences):
            return {"text": GAP.join(sentence.text for sentence in self.sentences)}
        notes: list[dict[str, str]] = []
        for place, sentence in enumerate(self.sentences):
            if place:
                notes.append({"text": GAP})
            for piece, hidden in sentence.parts():
                notes.append({"markup": piece, "interpretAs": HIDDEN} if hidden else {"text": piece})
        return {"data": json.dumps({"annotation": notes})}

    def place(self, offset: int, length: int) -> tuple[int, int, int] | None:
        """Which sentence a stretch of units lies in, and its start and end there in characters.

        None where it is across sentences or parts a character. ValueError where it is outside of all.
        """
        if not 0 <= offset <= offset + length <= self.units:
            raise ValueError(f"a match from {offset} over {length} lies outside of the {self.units} that were sent")
        number = bisect.bisect_right(self.starts, offset) - 1
        sentence, begin = self.sentences[number], offset - self.starts[number]
        if begin + length > sentence.units:
            return None
        wire = sentence.text.encode("utf-16-le", "surrogatepass")
        try:
            first = len(wire[: 2 * begin].decode("utf-16-le"))
            return number, first, first + len(wire[2 * begin : 2 * (begin + length)].decode("utf-16-le"))
        except UnicodeDecodeError:
            return None


def pack(found: Sequence[Sentence], limit: int) -> Iterator[Batch]:
    """The sentences in order, in batches of at most `limit` units; a longer sentence is one of its own."""
    batch: list[Sentence] = []
    size = 0
    for sentence in found:
        if batch and size + sentence.units > limit:
            yield Batch(batch)
            batch, size = [], 0
        batch.append(sentence)
        size += sentence.units + len(GAP)
    if batch:
        yield Batch(batch)


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)
