"""What our bands propose, unverified: what peers call a duplicate flag, for comparing like with like.

Section `bands` of dedupe.py: how many similar texts each form of bands finds, and how many it proposes for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from duplicate_corpus import LabelledPair, labelled_pairs
from duplicate_figures import Figure
from duplicate_quality import Plan, folded_strings, run_of_originals, texts_of
from duplicate_reference import exhaustive_pairs
from long_documents import LabelledDocument, labelled_documents

__all__ = ["band_figures", "proposed_flags", "proposed_pairs"]

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
NUM_PERM = 128
FORMS = ((25, 5), (21, 6), (16, 8))  # bands and rows, as many bands as 128 values have room for


def proposed_flags(texts: Any, threshold: float, *, ngram: int = 3, threads: int = 1) -> Flags:
    """Whether an earlier text shares a band with each; (n,) bool. No text is compared."""
    from curation.near.bands import banded, choose_bands, ordered
    from curation.near.texts import in_blocks

    keys = banded(texts, ngram, NUM_PERM, *choose_bands(threshold), threads=threads).keys
    flags = np.zeros(len(texts), bool)

    def work(first: int, last: int) -> None:
        for band in range(first, last):
            order, in_order = ordered(keys[:, band])
            flags[order[1:][in_order[1:] == in_order[:-1]]] = True  # equal keys stay in the order of the texts

    in_blocks(work, keys.shape[1], threads)
    return flags


def proposed_pairs(texts: Any, ngram: int, bands: int, rows: int) -> Numbers:
    """All pairs of texts that share a band, each once, as left * n + right."""
    from curation.near.bands import banded, ordered

    keys = banded(texts, ngram, NUM_PERM, bands, rows).keys
    found = np.empty(0, np.int64)
    for band in range(bands):
        order, in_order = ordered(keys[:, band])
        together, apart = [found], 1
        while (same := in_order[apart:] == in_order[:-apart]).any():
            together.append(order[:-apart][same] * len(texts) + order[apart:][same])
            apart += 1
        found = np.unique(np.concatenate(together))
    return found


def band_figures(plan: Plan) -> list[Figure]:
    """Recall on a sample against every pair compared; candidates in as many texts as peers get, long ones a tenth."""
    pairs = list(labelled_pairs(plan.size, plan.seed))
    few = [pairs[place] for place in run_of_originals(pairs, plan.reference)]
    many = pairs[: plan.peers]
    figures = []
    for name, said in (("questions", _question), ("question and answer", _both)):
        figures += _forms(name, few, [said(pair) for pair in few], [said(pair) for pair in many])
    documents = list(labelled_documents(min(plan.documents, 20 * plan.reference), plan.seed))
    long = [documents[place] for place in run_of_originals(documents, plan.reference // 4)]
    others = [document.text for document in documents[: plan.peers // 10]]
    return figures + _forms("long", long, [document.text for document in long], others)


def _question(pair: LabelledPair) -> str:
    return pair.question


def _both(pair: LabelledPair) -> str:
    return f"{pair.question}\n{pair.answer}"


def _forms(
    name: str, labelled: Sequence[LabelledPair] | Sequence[LabelledDocument], few: list[str], many: list[str]
) -> list[Figure]:
    from curation.near.bands import choose_bands

    texts, crowd = texts_of(few), texts_of(many)
    folded, planted, figures = folded_strings(texts, len(texts)), _planted(labelled), []
    for ngram in (3, 4, 5):
        truths = {at: exhaustive_pairs(folded, at, ngram) for at in (0.7, 0.8)}
        for bands, rows in FORMS:
            found = set(proposed_pairs(texts, ngram, bands, rows).tolist())
            candidates = len(proposed_pairs(crowd, ngram, bands, rows)) / len(crowd)
            for threshold, truth in truths.items():
                numbers = {one * len(texts) + other for one, other in truth}
                chosen = ", chosen" if choose_bands(threshold) == (bands, rows) else ""
                row = f"{name}, {ngram}-grams, {threshold}, {bands} bands of {rows}{chosen}"
                figures += [
                    Figure(section="bands", name=f"{row}: {what}", value=value)
                    for what, value in (
                        ("similar pairs", len(truth)),
                        ("recall", len(numbers & found) / max(1, len(numbers))),
                        ("candidates a text", candidates),
                        ("copies that are so similar", len(planted & numbers) / max(1, len(planted))),
                    )
                ]
    return figures


def _planted(labelled: Sequence[LabelledPair] | Sequence[LabelledDocument]) -> set[int]:
    """The copies with their original, where both are there, numbered as `proposed_pairs` does."""
    originals = {one.origin: place for place, one in enumerate(labelled) if not one.copy}
    both = [
        sorted((originals[one.origin], place))
        for place, one in enumerate(labelled)
        if one.copy and one.origin in originals
    ]
    return {left * len(labelled) + right for left, right in both}
