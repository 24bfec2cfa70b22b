"""The public question sets that tuning is measured on, read where they lie: some rows to learn, some to be asked.

The folder holds support/banking77/{train,test}.csv (CC BY 4.0), support/bitext/{train,dev}.csv (CDLA-Sharing-1.0) and
dedup/stackExchange-FAQ.json (Karan and Šnajder 2018, contents CC BY-SA).
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from exports import Row, row

ANSWER = 300  # characters of an answer that are learnt


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is drawn of a set: so many labels (0: all), training questions of each, test questions at most."""

    data: Path
    labels: int
    each: int
    test: int
    seed: int


@dataclass(frozen=True)
class Sets:
    train: list[Row] = field(default_factory=list)
    validation: list[Row] = field(default_factory=list)
    test: list[Row] = field(default_factory=list)


def banking77(wanted: Wanted) -> Sets:
    folder = wanted.data / "support" / "banking77"
    return _intents((folder / "train.csv", folder / "test.csv"), "text", "category", wanted)


def bitext(wanted: Wanted) -> Sets:
    folder = wanted.data / "support" / "bitext"
    return _intents((folder / "train.csv", folder / "dev.csv"), "utterance", "intent", wanted)


def faq(wanted: Wanted) -> Sets:
    """Each thread's own question and some rephrasings to learn, one for validation, the others to be asked."""
    chance, sets = random.Random(wanted.seed), Sets()
    text = (wanted.data / "dedup" / "stackExchange-FAQ.json").read_text(encoding="utf-8")
    threads = list(enumerate(json.loads(text)["root"]["qapair"]))
    for number, thread in sorted(chance.sample(threads, wanted.labels)) if wanted.labels else threads:
        label, answer = f"thread {number:03d}", " ".join(thread["answer"][0].split())[:ANSWER]
        said = dict.fromkeys(" ".join(one.split()) for one in thread["rephr"] if one and len(one.split()) > 1)
        said.pop(" ".join(thread["question"].split()), None)
        asked = list(said)
        chance.shuffle(asked)
        rows = [row(" ".join(one.split()), answer, label=label, group=label) for one in (thread["question"], *asked)]
        learnt = min(wanted.each, len(rows) - 3)
        sets.train.extend(rows[:learnt])
        sets.validation.extend(rows[learnt : learnt + 1])
        sets.test.extend(rows[learnt + 1 :])
    return Sets(sets.train, sets.validation, chance.sample(sets.test, min(wanted.test, len(sets.test))))


def faq_answers(wanted: Wanted) -> Sets:
    """The same, with few questions for validation: reading their answers takes a language model long."""
    sets = faq(wanted)
    chance = random.Random(wanted.seed)
    return Sets(sets.train, chance.sample(sets.validation, min(16, len(sets.validation))), sets.test)


def _intents(paths: tuple[Path, Path], text: str, label: str, wanted: Wanted) -> Sets:
    """So many training questions of each label, two more for validation, and a sample of the test file."""
    chance = random.Random(wanted.seed)
    learnt, tested = (_read(path, text, label) for path in paths)
    chance.shuffle(learnt)
    by_label: dict[str, list[Row]] = {}
    for one in learnt:
        by_label.setdefault(one["label"], []).append(one)
    if wanted.labels:
        by_label = {name: by_label[name] for name in chance.sample(sorted(by_label), wanted.labels)}
    each = wanted.each
    train = [one for rows in by_label.values() for one in rows[:each]]
    validation = [one for rows in by_label.values() for one in rows[each : each + 2]]
    seen = {one["question"].lower() for one in [*train, *validation]}
    fresh = [one for one in tested if one["question"].lower() not in seen and one["label"] in by_label]
    return Sets(train, validation, chance.sample(fresh, min(wanted.test, len(fresh))))


def _read(path: Path, text: str, label: str) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return [row(" ".join(line[text].split()), line[label], label=line[label]) for line in lines]


READERS: dict[str, Callable[[Wanted], Sets]] = {
    "banking77": banking77,
    "bitext": bitext,
    "faq": faq,
    "faq-answers": faq_answers,
}
