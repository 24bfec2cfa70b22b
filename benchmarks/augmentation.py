"""What made copies of questions without a model are worth: a classifier with them in its training, and without.

python benchmarks/augmentation.py banking77 SHARED            SHARED holds support/banking77/{train,test}.csv
python benchmarks/augmentation.py sample demo/exports/v001    the sample's pairs, after `tamiz demo`
    [--models words,letters,encoder,tuned] [--labels 77] [--each 10] [--test 770] [--seeds 1,2,3] [--steps 60]

banking77: `each` questions of each label are drawn for training, anew with each seed; the test questions are drawn once
from the dataset's own test part. sample: every pair is a class of its own, and its question is asked again; so what is
measured there is whether the right answer is found when its question is mistyped, not whether new questions are.

Arms differ in the training questions alone: as they are, with copies by `noise`, by `variants`, by both (three of each
question at most). All arms have the same sum of weights (linear models) or the same steps and batches (tuned), so that
more copies are not more training. Test questions are as asked, mistyped by the generator of the tuning report, which
is none of the recipe's, or hurried, by the recipe itself with chance of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent.parent))  # before this folder, whose tuning.py is not the room

import numpy as np

from curation.synthesis.recipe import Material
from curation.synthesis.recipes import find_recipe
from tamiz.records import Pair
from tuning.report.intervals import Draws, Interval, difference, interval
from tuning.report.probes import mistyped

ARMS = {"without": (), "noise": ("noise",), "variants": ("variants",), "noise and variants": ("noise", "variants")}
COPIES, TEST_SEED, BATCH, RATE, STRENGTH = 3, 20260, 16, 5e-4, 10.0
FORMS = ("as asked", "mistyped", "hurried")
# every pair of the sample is a class of its own
warnings.filterwarnings("ignore", message="The number of unique classes is greater than 50%")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the class it belongs to."""

    text: str
    label: str
    lang: str = "en"


Guess = Callable[[Sequence[str]], Sequence[str]]
Fit = Callable[[Sequence[Question], Sequence[float], int], Guess]


def main() -> None:
    wanted = arguments()
    began = time.process_time()
    table = []
    train_of, test = banking(wanted) if wanted.data == "banking77" else sample(wanted)
    asked = forms(test)
    models = makers(wanted)
    for model in wanted.models.split(","):
        right: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
        for seed in map(int, wanted.seeds.split(",")):
            questions = train_of(seed)
            for arm, recipes in ARMS.items():
                learnt, weights = with_copies(questions, recipes, seed)
                guess = models[model](learnt, weights, seed)
                for form, texts in asked.items():
                    guessed = guess(texts)
                    hits = [float(one == true.label) for one, true in zip(guessed, test, strict=True)]
                    right[arm, form].append(hits)
                shares = ", ".join(f"{form} {np.mean(right[arm, form][-1]):.4f}" for form in asked)
                print(f"{model}, seed {seed}, {arm}: {len(learnt):,} questions; {shares}", flush=True)
        table += rows(model, right)
    print("\n| model | test questions | without | " + " | ".join(list(ARMS)[1:]) + " |")
    print("|---|---|---|" + "---|" * (len(ARMS) - 1))
    print("\n".join(table))
    print(f"\n{len(test)} test questions, {time.process_time() - began:.0f} s of processor time")


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=["banking77", "sample"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", default="words,letters,encoder")
    parser.add_argument("--seeds", default="1,2,3")
    for name, default in (("labels", 77), ("each", 10), ("test", 770), ("steps", 60), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


def banking(wanted: Any) -> tuple[Callable[[int], list[Question]], list[Question]]:
    """Training questions by seed, and the test questions."""
    parts = {}
    for part in ("train", "test"):
        path = wanted.folder / "support" / "banking77" / f"{part}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            parts[part] = [Question(row["text"].strip(), row["category"]) for row in csv.DictReader(lines)]
    chosen = sorted({one.label for one in parts["test"]})
    chosen = random.Random(TEST_SEED).sample(chosen, min(wanted.labels, len(chosen)))
    of = {part: [one for one in questions if one.label in chosen] for part, questions in parts.items()}
    test = random.Random(TEST_SEED).sample(of["test"], min(wanted.test, len(of["test"])))
    tested = {one.text.casefold() for one in test}

    def train(seed: int) -> list[Question]:
        by_label: dict[str, list[Question]] = defaultdict(list)
        for one in of["train"]:
            if one.text.casefold() not in tested:
                by_label[one.label].append(one)
        chance = random.Random(seed)
        return [one for label in sorted(by_label) for one in chance.sample(by_label[label], wanted.each)]

    return train, test


def sample(wanted: Any) -> tuple[Callable[[int], list[Question]], list[Question]]:
    """The pairs of an export, each a class of its own; those whose question is asked twice are left out."""
    found: dict[str, list[Question]] = defaultdict(list)
    for path in sorted((wanted.folder / "pairs").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["kind"] != "synthetic":
                found[row["question"].casefold()].append(Question(row["question"], row["id"], row["lang"]))
    questions = [same[0] for same in found.values() if len(same) == 1]
    return lambda seed: questions, questions


def forms(test: Sequence[Question]) -> dict[str, list[str]]:
    """The test questions in each form; one that a generator leaves alone stays as it is."""
    hurried = [next(copies(one, "noise", TEST_SEED, 1), one).text for one in test]
    wrong = [mistyped(one.text, seed=TEST_SEED) for one in test]
    for name, texts in (("mistyped", wrong), ("hurried", hurried)):
        changed = sum(text != one.text for text, one in zip(texts, test, strict=True))
        print(f"{name}: {changed} of {len(test)} test questions changed, for example {texts[0]!r}", flush=True)
    return dict(zip(FORMS, ([one.text for one in test], wrong, hurried), strict=True))


def copies(question: Question, recipe: str, seed: int, count: int) -> Iterator[Question]:
    """What a recipe makes of a question."""
    pair = Pair(
        question=question.text, answer=f"About {question.label}.", lang=question.lang, url="https://data.example/",
        kind="faq", group=question.text, source="data", label=question.label,
    )  # fmt: skip
    material = Material(key=pair.id, text="", lang=question.lang, pair=pair, options={"count": str(count)})
    for made in find_recipe(recipe).make(material, random.Random(f"{seed} {recipe} {question.text}")):  # type: ignore[union-attr]
        yield Question(made.question, question.label, question.lang)


def with_copies(
    questions: Sequence[Question], recipes: Sequence[str], seed: int
) -> tuple[list[Question], Sequence[float]]:
    """The questions with their copies; a question and its copies weigh 1 together."""
    learnt: list[Question] = []
    weights: list[float] = []
    for one in questions:
        family = [one, *(copy for recipe in recipes for copy in copies(one, recipe, seed, COPIES))]
        learnt += family
        weights += [1 / len(family)] * len(family)
    return learnt, weights


def makers(wanted: Any) -> dict[str, Fit]:
    return {
        "words": lambda *given: linear(*given, analyzer="word", ngram_range=(1, 2)),
        "letters": lambda *given: linear(*given, analyzer="char_wb", ngram_range=(2, 5)),
        "encoder": lambda *given: on_vectors(*given, threads=wanted.threads),
        "tuned": lambda *given: tuned(*given, steps=wanted.steps, threads=wanted.threads),
    }


def linear(learnt: Sequence[Question], weights: Sequence[float], seed: int, **features: Any) -> Guess:
    """Logistic regression on TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = TfidfVectorizer(sublinear_tf=True, **features)
    head = LogisticRegression(C=STRENGTH, max_iter=300)
    head.fit(vectors.fit_transform([one.text for one in learnt]), [one.label for one in learnt], weights)
    return lambda texts: list(head.predict(vectors.transform(texts)))


_ENCODERS: list[Any] = []


def on_vectors(learnt: Sequence[Question], weights: Sequence[float], seed: int, *, threads: int) -> Guess:
    """Logistic regression on the vectors of all-MiniLM-L6-v2, which itself learns nothing."""
    import torch
    from sklearn.linear_model import LogisticRegression

    from curation.encoder import Encoder

    torch.set_num_threads(threads)
    encoder = _ENCODERS[0] if _ENCODERS else Encoder()
    _ENCODERS[:] = [encoder]
    head = LogisticRegression(C=STRENGTH, max_iter=300)
    head.fit(encoder.vectors([one.text for one in learnt]), [one.label for one in learnt], weights)
    return lambda texts: list(head.predict(encoder.vectors(texts)))


def tuned(learnt: Sequence[Question], weights: Sequence[float], seed: int, *, steps: int, threads: int) -> Guess:
    """all-MiniLM-L6-v2 with a head, all weights fine-tuned; the questions of a batch are drawn by their weights."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification

    from curation.encoder import checked_folder

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    labels = sorted({one.label for one in learnt})
    model = AutoModelForSequenceClassification.from_pretrained(checked_folder(), num_labels=len(labels))
    tokenizer = Tokenizer.from_file(str(checked_folder() / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(64)

    def scores(texts: Sequence[str]) -> Any:
        coded = tokenizer.encode_batch(list(texts))
        ids, mask = (torch.tensor([getattr(one, name) for one in coded]) for name in ("ids", "attention_mask"))
        return model(input_ids=ids, attention_mask=mask).logits

    learning = torch.optim.AdamW(model.parameters(), lr=RATE)
    slower = torch.optim.lr_scheduler.LambdaLR(learning, lambda step: 1 - step / steps)
    chance = random.Random(seed)
    model.train()
    for _ in range(steps):
        batch = chance.choices(learnt, weights, k=BATCH)
        truth = torch.tensor([labels.index(one.label) for one in batch])
        torch.nn.functional.cross_entropy(scores([one.text for one in batch]), truth).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        learning.step()
        slower.step()
        learning.zero_grad()
    model.eval()

    def guess(texts: Sequence[str]) -> list[str]:
        with torch.inference_mode():
            parts = [scores(texts[start : start + 64]).argmax(1).tolist() for start in range(0, len(texts), 64)]
        return [labels[number] for part in parts for number in part]

    return guess


def rows(model: str, right: dict[tuple[str, str], list[list[float]]]) -> Iterator[str]:
    """A line for each form of the test questions: the share that is right, and the change by each arm.

    Intervals are of test questions drawn again; the seeds' results for a question are drawn together.
    """
    for form in FORMS:
        before = np.array(right["without", form])
        draws = Draws.of([str(number) for _ in before for number in range(before.shape[1])], seed=1)
        cells = [told(interval(stacked(before), share, draws))]
        for arm in list(ARMS)[1:]:
            after = stacked(np.array(right[arm, form]))
            cells.append(told(difference(after, stacked(before), share, draws), sign="+"))
        yield f"| {model} | {form} | {' | '.join(cells)} |"


def stacked(hits: Any) -> Any:
    """(seeds x questions, 2): right or not, and one for each."""
    return np.stack([hits.ravel(), np.ones(hits.size)], axis=1)


def share(sums: Any) -> Any:
    return sums[:, 0] / sums[:, 1]


def told(found: Interval | None, sign: str = "") -> str:
    assert found is not None
    return " to ".join(f"{one:{sign}.3f}" for one in (found.low, found.high)).join((f"{found.value:{sign}.3f} (", ")"))


if __name__ == "__main__":
    main()
