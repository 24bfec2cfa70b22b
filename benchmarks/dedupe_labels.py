"""What exact, near and by-meaning comparison see of questions that people wrote or judged: tables in Markdown.

usage: python benchmarks/dedupe_labels.py [FOLDER] [--without-encoder] [--pairs N]

FOLDER has dedup/ and support/ (default: $TAMIZ_SHARED, then ../shared). Nothing is printed but the reason where it
is absent. The thresholds of `curation.meaning` are chosen on banking77's train.csv alone: the lowest that keep
FALSE_ALARMS, the share of questions that get a neighbour though no other asks the same. All else here is a test.
--pairs measures time and memory of the step on N questions that are spliced from the labelled ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.encoder import Encoder
from curation.meaning import THRESHOLDS, find_same_meaning, tfidf
from curation.near.signatures import shingle_set
from curation.near.texts import normal
from tamiz.records import Pair
from tamiz.settings import MeaningSettings, NearSettings

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TAMIZ_SHARED") or ROOT.parent / "shared")
FALSE_ALARMS = 0.03
DRAWS = 50  # of one question an intent
SAME = 4.0  # of 5: the judges' "equivalent but for details", from which two sentences count as the same

Matrix = npt.NDArray[np.float32]
Compare = Callable[[Sequence[str]], Matrix]  # normal texts -> how alike every two are


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    compare: Compare
    threshold: float


def same_letters(texts: Sequence[str]) -> Matrix:
    _, number = np.unique(np.array(texts, dtype=object), return_inverse=True)
    return (number[:, None] == number[None, :]).astype(np.float32)


def surface(texts: Sequence[str]) -> Matrix:
    """Jaccard similarity of the character 3-grams, of every two texts."""
    from scipy.sparse import csr_matrix

    grams = [sorted(shingle_set(text, NearSettings().ngram)) for text in texts]
    sizes = np.array([len(one) for one in grams])
    _, columns = np.unique(np.concatenate(grams), return_inverse=True)
    held = csr_matrix((np.ones(len(columns), np.float32), columns, np.concatenate([[0], np.cumsum(sizes)])))
    shared = (held @ held.T).toarray()
    return np.asarray(shared / (sizes[:, None] + sizes[None, :] - shared), dtype=np.float32)


def by_letters_of_words(texts: Sequence[str]) -> Matrix:
    vectors = tfidf(texts)
    return np.asarray((vectors @ vectors.T).toarray(), dtype=np.float32)


def methods(*, encoder: bool) -> list[Method]:
    known = [
        Method("exact", same_letters, 1.0),
        Method("near (surface)", surface, NearSettings().threshold),
        Method("meaning, tfidf", by_letters_of_words, THRESHOLDS["tfidf"]),
    ]
    if encoder:
        reader = Encoder()

        def by_encoder(texts: Sequence[str]) -> Matrix:
            vectors = reader.vectors(texts)
            return np.asarray(vectors @ vectors.T)

        known.append(Method("meaning, encoder", by_encoder, THRESHOLDS["encoder"]))
    return known


def read_threads(folder: Path) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Questions and their rephrasings, with the number of the thread they are of."""
    threads = json.loads((folder / "dedup" / "stackExchange-FAQ.json").read_text(encoding="utf-8"))["root"]["qapair"]
    asked = [(text, number) for number, one in enumerate(threads) for text in [one["question"], *one["rephr"]]]
    asked = [(text, number) for text, number in asked if isinstance(text, str) and text.strip(" *")]
    return [text for text, _ in asked], np.array([number for _, number in asked])


def read_sentences(folder: Path, lang: str) -> tuple[list[str], list[str], npt.NDArray[np.bool_]]:
    with (folder / "dedup" / f"stsb-{lang}-dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return [row[0] for row in rows], [row[1] for row in rows], np.array([float(row[2]) >= SAME for row in rows])


def read_intents(folder: Path, part: str) -> tuple[list[str], npt.NDArray[np.str_]]:
    with (folder / "support" / "banking77" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], np.array([row["category"] for row in rows])


def curve(scores: Matrix, same: npt.NDArray[np.bool_]) -> tuple[Matrix, npt.NDArray[Any], npt.NDArray[Any]]:
    """Thresholds from the highest down, with precision and recall at each; equal scores go together."""
    order = np.argsort(-scores, kind="stable")
    values, hits = scores[order], np.cumsum(same[order])
    last = np.append(values[1:] != values[:-1], True)
    return values[last], (hits / np.arange(1, len(hits) + 1))[last], (hits / same.sum())[last]


def closest_of_different(scores: Matrix, labels: npt.NDArray[Any]) -> Matrix:
    """How near the nearest earlier one is where every question is of another label: one of each, DRAWS times."""
    draw = np.random.default_rng(4)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    nearest = []
    for _ in range(DRAWS):
        places = draw.permutation([draw.choice(one) for one in members])
        nearest.append(np.tril(scores[np.ix_(places, places)], -1).max(1))
    return np.concatenate(nearest)


def figures(scores: Matrix, same: npt.NDArray[np.bool_], threshold: float) -> str:
    """Precision and recall at the threshold, average precision, best F1 and where it is."""
    values, precision, recall = curve(scores, same)
    shown = scores >= threshold
    right = int((shown & same).sum())
    exact = f"{right / shown.sum():.3f}" if shown.any() else "none found"
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(f1.argmax())
    return f"{exact} | {right / same.sum():.3f} | {average:.3f} | {f1[best]:.3f} at {values[best]:.2f}"


def upper(matrix: Matrix | npt.NDArray[np.bool_]) -> Any:
    return matrix[np.triu_indices(len(matrix), 1)]


def found_among(scores: Matrix, labels: npt.NDArray[Any], most: int) -> tuple[float, float]:
    """Of every text's `most` nearest: has one its label (share of texts); share of the texts of its label that are."""
    alone = scores.copy()
    np.fill_diagonal(alone, -1)
    nearest = np.argsort(-alone, axis=1, kind="stable")[:, :most]
    right = labels[nearest] == labels[:, None]
    siblings = (labels[:, None] == labels[None, :]).sum(1) - 1
    return float(right.any(1).mean()), float((right.sum(1) / np.maximum(siblings, 1)).mean())


HEAD = "| comparison | threshold | precision | recall | average precision | best F1 |"
RULE = "|---|---|---|---|---|---|"


def thread_table(folder: Path, known: Sequence[Method]) -> Iterator[str]:
    asked, labels = read_threads(folder)
    texts = [normal(text) for text in asked]
    same = upper(labels[:, None] == labels[None, :])
    yield f"### Rephrasings: {len(texts)} questions of {len(set(labels.tolist()))} threads ({same.sum()} pairs)\n"
    yield f"{HEAD} nearest is right | found among 10 |\n{RULE}---|---|"
    for method in known:
        scores = method.compare(texts)
        one, ten = found_among(scores, labels, 1)[0], found_among(scores, labels, 10)[1]
        line = figures(upper(scores), same, method.threshold)
        yield f"| {method.name} | {method.threshold:.2f} | {line} | {one:.3f} | {ten:.3f} |"
    yield ""


def as_pairs(texts: Sequence[str], lang: str) -> list[Pair]:
    """Each question with an answer of its own."""
    return [
        Pair(question=text, answer=f"{number}.", lang=lang, url="u", kind="faq", group=str(number))
        for number, text in enumerate(texts)
    ]


def step_table(folder: Path, known: Sequence[Method]) -> Iterator[str]:
    asked, thread = read_threads(folder)
    pairs = as_pairs(asked, "en")
    label = {pair.id: number for pair, number in zip(pairs, thread.tolist(), strict=True)}
    yield "### The step `meaning` on the same questions, with its guards\n"
    yield "| method | pairs with a finding | their nearest is of the same thread | findings of the same thread |"
    yield "|---|---|---|---|"
    for method in ("tfidf", "encoder"):
        if not any(one.name.endswith(method) for one in known):
            continue
        first: dict[str, bool] = {}
        right = []
        for meant in find_same_meaning(pairs, MeaningSettings(method=method), NearSettings()):
            right.append(label[meant.pair.id] == label[meant.other.id])
            first.setdefault(meant.pair.id, right[-1])
        shares = f"{sum(first.values()) / len(first):.3f} | {sum(right) / len(right):.3f} of {len(right)}"
        yield f"| {method} | {len(first)} of {len(pairs)} | {shares} |"
    yield ""


def sentence_table(folder: Path, known: Sequence[Method], lang: str, name: str) -> Iterator[str]:
    left, right, same = read_sentences(folder, lang)
    yield f"### {name} sentence pairs: {len(left)}, of which {same.sum()} are judged the same ({SAME:g} of 5 or more)\n"
    yield f"{HEAD}\n{RULE}"
    texts = [normal(text) for text in [*left, *right]]
    for method in known:
        both = method.compare(texts)
        scores = both[np.arange(len(left)), np.arange(len(left)) + len(left)]
        yield f"| {method.name} | {method.threshold:.2f} | {figures(scores, same, method.threshold)} |"
    yield ""


def intent_table(folder: Path, known: Sequence[Method]) -> Iterator[str]:
    asked, labels = read_intents(folder, "test")
    texts = [normal(text) for text in asked]
    learnt, topics = read_intents(folder, "train")
    intents = len(set(labels.tolist()))
    yield f"### One bank's questions: {len(asked)} of {intents} intents, which are broader than a question\n"
    yield "| comparison | threshold | false alarms | with a neighbour | of the same intent | chosen on train |"
    yield "|---|---|---|---|---|---|"
    for method in known:
        scores = method.compare(texts)
        alarms = float((closest_of_different(scores, labels) >= method.threshold).mean())
        np.fill_diagonal(scores, -1)
        near = scores.max(1) >= method.threshold
        right = f"{(labels[scores.argmax(1)] == labels)[near].mean():.3f}" if near.any() else "none found"
        line = f"| {method.name} | {method.threshold:.2f} | {alarms:.3f} | {near.mean():.3f} | {right} |"
        if method.name.startswith("meaning"):
            chosen = closest_of_different(method.compare([normal(text) for text in learnt]), topics)
            line += f" {np.quantile(chosen, 1 - FALSE_ALARMS):.3f}"
        yield f"{line} |"
    yield (
        f"\nFalse alarms: the share of questions with a neighbour among {intents} questions of different intents "
        f"({DRAWS} draws); thresholds are chosen for {FALSE_ALARMS:g}.\n"
    )


def spliced(folder: Path, count: int) -> list[str]:
    """Questions of the first half of one labelled text and the second half of another; the same every time."""
    pool = [*read_threads(folder)[0], *read_intents(folder, "test")[0], *read_sentences(folder, "es")[0]]
    words, draw = [text.split() for text in pool], random.Random(4)
    made = []
    for _ in range(count):
        one, other = draw.choice(words), draw.choice(words)
        made.append(" ".join([*one[: len(one) // 2 + 1], *other[len(other) // 2 :]]))
    return made


def cost_line(folder: Path, count: int, method: str) -> str:
    pairs = as_pairs(spliced(folder, count), "und")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    found = sum(1 for _ in find_same_meaning(pairs, MeaningSettings(method=method), NearSettings()))  # type: ignore[arg-type]
    seconds, work = time.perf_counter() - start, time.process_time() - used
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = f"{before / 1024:.0f} MB with the pairs, {after / 1024:.0f} MB at most"
    return f"{method}: {count} questions in {seconds:.0f} s ({work:.0f} s of processor), {found} findings; {memory}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--without-encoder", action="store_true", help="skip the method encoder")
    parser.add_argument("--pairs", type=int, default=0, help="measure time and memory on this many questions instead")
    parser.add_argument("--method", choices=("tfidf", "encoder"), default="tfidf", help="of --pairs")
    chosen = parser.parse_args()
    if not (chosen.folder / "dedup" / "stackExchange-FAQ.json").is_file():
        print(f"skipped: {chosen.folder} has no dedup/stackExchange-FAQ.json; give the folder or set TAMIZ_SHARED")
        return
    if chosen.pairs:
        print(cost_line(chosen.folder, chosen.pairs, chosen.method))
        return
    known = methods(encoder=not chosen.without_encoder)
    tables = [thread_table(chosen.folder, known), step_table(chosen.folder, known)]
    tables += [
        sentence_table(chosen.folder, known, lang, name) for lang, name in (("en", "English"), ("es", "Spanish"))
    ]
    if (chosen.folder / "support" / "banking77" / "test.csv").is_file():
        tables.append(intent_table(chosen.folder, known))
    for table in tables:
        for line in table:
            print(line, flush=True)


if __name__ == "__main__":
    main()
