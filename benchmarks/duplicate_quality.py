"""How complete the similar pairs are and how right the decisions, against truth that the tested code had no part in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from duplicate_corpus import LabelledPair, labelled_pairs
from duplicate_figures import Figure
from duplicate_peers import chained, keep_first
from duplicate_reference import Quality, exhaustive_pairs, jaccard, quality_of
from long_documents import labelled_documents

__all__ = [
    "QUICK",
    "THRESHOLD",
    "Plan",
    "decide",
    "decision_figures",
    "decisions",
    "fidelity",
    "folded_strings",
    "other_ways",
    "outside_the_rule",
    "removals",
    "run_of_originals",
    "texts_of",
]

THRESHOLD = 0.7
NGRAMS = {"short": 3, "long": 5}


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything is measured."""

    size: int = 200_000
    documents: int = 50_000
    million: int = 1_000_000
    peers: int = 20_000
    reference: int = 6000
    rounds: int = 5
    seed: int = 1


QUICK = Plan(size=20_000, documents=2_000, million=50_000, peers=5_000, reference=2_000, rounds=3)


def texts_of(strings: Sequence[str]) -> Any:
    from curation.near.texts import Texts

    return Texts.of(strings)


def folded_strings(texts: Any, count: int) -> list[str]:
    from curation.near.texts import folded

    return [folded(texts[number]) for number in range(min(count, len(texts)))]


def decide(pairs: Sequence[LabelledPair], threads: int = 1, threshold: float = THRESHOLD) -> Any:
    from curation.duplicates import find_duplicates
    from tamiz.settings import NearSettings

    questions, answers = [pair.question for pair in pairs], [pair.answer for pair in pairs]
    return find_duplicates(questions, answers, near=NearSettings(threshold=threshold), threads=threads)


def fidelity(plan: Plan) -> list[Figure]:
    pairs = list(labelled_pairs(plan.size, plan.seed))
    both = [f"{pair.question}\n{pair.answer}" for pair in pairs]
    figures = _fidelity_of("short", both, run_of_originals(pairs, plan.reference))
    del pairs, both
    documents = list(labelled_documents(plan.documents, plan.seed))
    whole = run_of_originals(documents, plan.reference // 4)
    return figures + _fidelity_of("long", [document.text for document in documents], whole)


def run_of_originals(items: Sequence[Any], size: int) -> list[int]:
    """Places of whole runs of neighbouring originals with all their copies, so that look-alikes stay together."""
    every = max(1, len(items) // size)
    return [place for place, item in enumerate(items) if item.origin // 40 % every == 0]


def _fidelity_of(corpus: str, strings: list[str], sample: list[int]) -> list[Figure]:
    from curation.near.join import similar_pairs

    ngram, figures = NGRAMS[corpus], []
    part = texts_of([strings[place] for place in sample])
    own = folded_strings(part, len(part))
    for threshold in (THRESHOLD, 0.8):
        found = similar_pairs(part, threshold, ngram=ngram)
        figures += _compared(
            f"{corpus}, {len(part):,} texts, {threshold}",
            set(zip(found.left.tolist(), found.right.tolist(), strict=True)),
            exhaustive_pairs(own, threshold, ngram),
        )
    return figures


def _compared(name: str, found: set[tuple[int, int]], truth: set[tuple[int, int]]) -> list[Figure]:
    both = len(found & truth)
    recall, precision = both / max(1, len(truth)), both / max(1, len(found))
    return [
        Figure(section="fidelity", name=f"{name}: similar pairs in truth", value=len(truth)),
        Figure(section="fidelity", name=f"{name}: recall", value=recall, aim="at least 0.995", met=recall >= 0.995),
        Figure(section="fidelity", name=f"{name}: precision", value=precision, aim="1", met=precision == 1),
    ]


def decisions(plan: Plan) -> list[Figure]:
    pairs = list(labelled_pairs(plan.size, plan.seed))
    figures = []
    for threshold in (THRESHOLD, 0.8):
        result = decide(pairs, threshold=threshold)
        removed, kept = removals(result)
        quality = quality_of(pairs, removed, kept)
        figures += decision_figures(f"ours at {threshold}", quality, plan, aims=threshold == THRESHOLD)
        figures.append(outside_the_rule(pairs, removed, kept, threshold))
        if threshold == THRESHOLD:
            figures += [_share(f"found: {kind}", *counts) for kind, counts in quality.by_edit.items()]
            figures += [_share(f"removed by mistake: {kind}", *counts) for kind, counts in quality.by_hard.items()]
    for name, (removed, kept) in other_ways(pairs).items():
        figures += decision_figures(name, quality_of(pairs, removed, kept), plan, aims=False)
    return figures


def removals(result: Any) -> tuple[Any, Any]:
    """What was removed, and for which kept pair each."""
    removed = np.flatnonzero(~result.kept)
    return removed, result.decision.kept_by[removed]


def decision_figures(name: str, quality: Quality, plan: Plan, *, aims: bool) -> list[Figure]:
    most = 300 * quality.originals // 160_000
    rows: list[tuple[str, float, str, bool]] = [
        ("removal precision", quality.precision, "at least 0.98", quality.precision >= 0.98),
        ("recall", quality.recall, "at least 0.85", quality.recall >= 0.85),
        ("look-alikes removed", quality.hard_share, "at most 0.05", quality.hard_share <= 0.05),
        ("templates removed", quality.template_share, "at most 0.05", quality.template_share <= 0.05),
        (f"originals lost of {quality.originals:,}", quality.lost, f"at most {most}", quality.lost <= most),
    ]
    return [
        Figure(
            section="decisions", name=f"{name}: {what}", value=value, aim=aim if aims else "", met=met if aims else None
        )
        for what, value, aim, met in rows
    ]


def outside_the_rule(pairs: Sequence[LabelledPair], removed: Any, kept: Any, threshold: float) -> Figure:
    """Removals whose kept pair is removed itself or not similar enough, computed once more in plain Python."""
    gone = set(removed.tolist())
    questions, answers = texts_of([pair.question for pair in pairs]), texts_of([pair.answer for pair in pairs])
    fold = _fold
    outside = 0
    for one, other in zip(removed.tolist(), kept.tolist(), strict=True):
        alike = min(jaccard(fold(texts[one]), fold(texts[other]), 3) for texts in (questions, answers))
        outside += other in gone or alike < threshold
    return Figure(
        section="decisions",
        name=f"ours at {threshold}: removals outside the rule",
        value=outside,
        aim="0",
        met=not outside,
    )


def _fold(text: str) -> str:
    from curation.near.texts import folded

    return folded(text)


def _share(name: str, count: int, of_them: int) -> Figure:
    return Figure(section="decisions", name=f"{name} (of {count:,})", value=of_them / max(1, count))


def other_ways(pairs: Sequence[LabelledPair]) -> dict[str, tuple[Any, Any]]:
    """What others would remove from the text "question answer"; the first of a cluster is kept."""
    from curation.near.join import similar_pairs
    from curation.near.signatures import signatures

    texts = texts_of([f"{pair.question}\n{pair.answer}" for pair in pairs])
    similar = similar_pairs(texts, THRESHOLD)
    ways = {
        "candidates chained, unverified": chained(signatures(texts), THRESHOLD),
        "verified, chained": keep_first(len(texts), similar.left, similar.right),
        "verified, not chained": greedy(len(texts), similar.left, similar.right),
    }
    return {
        name: (np.flatnonzero(kept != np.arange(len(texts))), kept[kept != np.arange(len(texts))])
        for name, kept in ways.items()
    }


def greedy(size: int, left: Any, right: Any) -> Any:
    """Each text's keeper: the first earlier one that is similar and kept itself."""
    kept = np.arange(size)
    for place in np.lexsort((left, right)).tolist():
        one, other = left[place], right[place]
        if kept[other] == other and kept[one] == one:
            kept[other] = one
    return kept
