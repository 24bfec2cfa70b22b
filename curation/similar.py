"""How alike two texts are: Jaccard similarity of character n-grams, exact, with MinHash to find candidates."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from curation.groups import Groups
from tamiz.errors import MissingExtra
from tamiz.records import Pair
from tamiz.settings import NearSettings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Shingles = npt.NDArray[np.uint64]

__all__ = ["Index", "jaccard", "join_similar", "normal", "question_text", "shingles", "similar_across"]

MISSED = 0.01  # share of texts exactly at the threshold that the index may fail to propose
BUCKETS = 4096  # of the exact check
BLOCK = 1024
FEW = 4000  # pairs of texts that are compared one by one

# Marks of sentences and of Markdown; a sign inside a word, as in C++, 2.4 or --force, says something.
_BEFORE = "¿¡\"'“”‘’«([{*_`~—–…#>|"
_AFTER = "?!.,;:\"'“”‘’»)]}*_`~—–…|"


def normal(text: str) -> str:
    """The text for exact comparison: NFKC, lower case, single spaces, no punctuation around words.

    Punctuation inside a word stays (2.4, C++, a/b), and so does the case of options (-R is not -r).

    >>> normal("«¿Cómo  instalo C++ 1.5?»")
    'cómo instalo c++ 1.5'
    """
    words = []
    for word in unicodedata.normalize("NFKC", text).split():
        bare = word.lstrip(_BEFORE).rstrip(_AFTER)
        if bare.strip("-•·"):
            words.append(bare if bare.startswith("-") else bare.casefold())
    return " ".join(words)


def question_text(pair: Pair) -> str:
    """What is asked, with the turns before it."""
    return "\n".join([*(f"{turn.role}: {turn.content}" for turn in pair.context), pair.question])


def _folded(text: str) -> str:
    """Normal, and without accents: a copy typed without them is a copy."""
    decomposed = unicodedata.normalize("NFD", normal(text))
    return re.sub("[\u0300-\u036f]", "", decomposed)


def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        raise MissingExtra("Comparing texts", "curate", "numpy") from None
    return numpy


def shingles(text: str, n: int) -> Shingles:
    """The character n-grams of the text, as sorted hashes without repeats; never empty."""
    np = _numpy()
    padded = f" {_folded(text)} ".ljust(n)
    codes = np.frombuffer(padded.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(len(codes) - n + 1, dtype=np.uint64)
    for place in range(n):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + len(hashes)]
    hashes ^= hashes >> np.uint64(29)  # so that the low bits, which choose a bucket, depend on all of it
    result: Shingles = np.unique(hashes * np.uint64(0xBF58476D1CE4E5B9) ^ (hashes >> np.uint64(32)))
    return result


def jaccard(one: Shingles, other: Shingles, least: float = 0.0) -> float:
    """The share of n-grams that both have; 0 without looking where it cannot reach `least`."""
    np = _numpy()
    small, large = sorted((len(one), len(other)))
    if small < least * large:
        return 0.0
    both = len(np.intersect1d(one, other, assume_unique=True))
    return float(both / (small + large - both))


@functools.cache
def _bands(threshold: float, num_perm: int) -> tuple[int, int]:
    """Bands and rows of the index: the most rows that still miss few texts at the threshold."""
    for rows in range(num_perm, 1, -1):
        bands = num_perm // rows
        if (1 - threshold**rows) ** bands <= MISSED:
            return bands, rows
    return num_perm, 1


class Index:
    """Texts by their MinHash. What it proposes may be similar and has to be verified.

    At the threshold it proposes 99 of 100, above it more.
    """

    def __init__(self, settings: NearSettings) -> None:
        try:
            import datasketch  # type: ignore[import-untyped]
        except ImportError:
            raise MissingExtra("Finding near-duplicates", "curate", "datasketch") from None
        self._minhash = datasketch.MinHash(num_perm=settings.num_perm, hashfunc=int)
        params = _bands(settings.threshold, settings.num_perm)
        self._lsh = datasketch.MinHashLSH(num_perm=settings.num_perm, params=params)

    def sketch(self, hashes: Shingles) -> Any:
        minhash = self._minhash.copy()
        minhash.update_batch((hashes & _numpy().uint64(0xFFFFFFFF)).tolist())
        return minhash

    def add(self, number: int, sketch: Any) -> None:
        self._lsh.insert(number, sketch, check_duplication=False)

    def candidates(self, sketch: Any) -> list[int]:
        """The numbers of texts that may be similar, in the order they were given."""
        return sorted(self._lsh.query(sketch))


def join_similar(texts: Sequence[Shingles], names: Sequence[str], groups: Groups, settings: NearSettings) -> None:
    """Join the groups of texts that are at least as similar as the threshold, each verified."""
    index = Index(settings)
    same: dict[bytes, str] = {}
    for number, text in enumerate(texts):
        first = same.setdefault(text.tobytes(), names[number])
        if first != names[number]:
            groups.join(first, names[number])
            continue
        sketch = index.sketch(text)
        for other in index.candidates(sketch):
            if groups.of(names[other]) == groups.of(names[number]):
                continue
            if jaccard(text, texts[other], settings.threshold) >= settings.threshold:
                groups.join(names[other], names[number])
        index.add(number, sketch)


def similar_across(left: Sequence[Shingles], right: Sequence[Shingles], threshold: float) -> Iterator[tuple[int, int]]:
    """All pairs of places (left, right) whose texts are that similar; exact, nothing is missed.

    N-grams are counted into buckets, so a matrix product gives at least the true number that two texts
    share; what can still reach the threshold is then verified.
    """
    if len(left) * len(right) <= FEW:
        places = ((one, other) for one in range(len(left)) for other in range(len(right)))
        yield from ((a, b) for a, b in places if jaccard(left[a], right[b], threshold) >= threshold)
        return
    np = _numpy()
    sizes = np.array([len(text) for text in right], dtype=np.float32)
    for start in range(0, len(left), BLOCK):
        block = left[start : start + BLOCK]
        counts = _bucket_counts(block)
        mine = np.array([len(text) for text in block], dtype=np.float32)[:, None]
        for begin in range(0, len(right), BLOCK):
            held = _bucket_counts(right[begin : begin + BLOCK]) > 0
            shared = np.minimum(counts @ held.astype(np.float32).T, mine)
            shared = np.minimum(shared, sizes[None, begin : begin + BLOCK])
            total = mine + sizes[None, begin : begin + BLOCK] - shared
            for row, column in np.argwhere(shared >= threshold * total - 0.5):
                one, other = int(start + row), int(begin + column)
                if jaccard(left[one], right[other], threshold) >= threshold:
                    yield one, other


def _bucket_counts(texts: Sequence[Shingles]) -> Any:
    np = _numpy()
    counts = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in enumerate(texts):
        counts[row] = np.bincount((text % np.uint64(BUCKETS)).astype(np.int64), minlength=BUCKETS)
    return counts
