"""The loss of each pair, before the first step and after the last: what a run could not learn, and what it knew.

They are written to runs/NAME/losses.jsonl, from where `tamiz losses` brings them before people.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tamiz.files import write_whole
from tuning.batches import pad_right, pieces
from tuning.data import Example
from tuning.lessons import Lesson
from tuning.prompts import Encoded

__all__ = ["FIRST", "LOSSES", "first_losses", "losses_of", "write_losses"]

LOSSES = "losses.jsonl"
FIRST = "losses-first.json"  # there while the run goes on, so that one taken up again knows them
AT_ONCE = 1024  # tokens with padding of one pass

Loss = tuple[float, int]  # summed nats, and the tokens (one, for a label) that they are of


@torch.no_grad()
def losses_of(model: Any, lesson: Lesson, pairs: Sequence[Encoded]) -> list[Loss]:
    """The summed loss of each pair and how many terms it has, in the pairs' order; the model as it is now."""
    training = model.training
    model.eval()
    order = sorted(range(len(pairs)), key=lambda n: -len(pairs[n].ids))
    found: list[Loss] = [(0.0, 0)] * len(pairs)
    place = 0
    for part in pieces([pairs[n] for n in order], AT_ONCE):
        labelled = part[0].label >= 0
        batch = lesson.collate(part) if labelled else pad_right(part, model.config.pad_token_id).to(model.device)
        for pair, loss in zip(part, lesson.loss.of_rows(batch).tolist(), strict=True):  # type: ignore[attr-defined]
            found[order[place]] = (loss, pair.counted)
            place += 1
    model.train(training)
    return found


def first_losses(
    model: Any, lesson: Lesson, run: Path | None, *, most: int, seed: int, resumed: bool
) -> dict[int, Loss]:
    """The losses before the first step of at most `most` training pairs, by the pair's place.

    Where a run is taken up again they are those of its start, from the folder `run`; None writes and reads nothing.
    """
    if resumed:
        return _kept_losses(run)
    places = list(range(len(lesson.train)))
    if len(places) > most:
        places = sorted(random.Random(seed).sample(places, most))  # noqa: S311  a choice, no secret
    losses = losses_of(model, lesson, [lesson.train[place] for place in places])
    found = dict(zip(places, losses, strict=True))
    if run is not None:
        write_whole(run / FIRST, json.dumps(found))
    return found


def _kept_losses(run: Path | None) -> dict[int, Loss]:
    if run is None:
        return {}
    try:
        kept = json.loads((run / FIRST).read_bytes())
    except FileNotFoundError:  # of an earlier tamiz
        return {}
    return {int(place): (loss, count) for place, (loss, count) in kept.items()}


def write_losses(
    model: Any, lesson: Lesson, examples: Sequence[Example], first: dict[int, Loss], run: Path | None
) -> None:
    """Write RUN/losses.jsonl: a line for each pair with its mean loss (nats a token) at first and at last.

    `examples` are those of lesson.train, in its order. Without `run` they are taken and not written.
    """
    last = losses_of(model, lesson, [lesson.train[place] for place in first])
    if run is None:
        return
    if not first:
        (run / LOSSES).unlink(missing_ok=True)
        return
    lines = []
    for (place, (before, count)), (after, _) in zip(first.items(), last, strict=True):
        row = {
            "id": examples[place].id,
            "tokens": count,
            "first": round(before / max(1, count), 6),
            "last": round(after / max(1, count), 6),
        }
        lines.append(json.dumps(row) + "\n")
    write_whole(run / LOSSES, "".join(lines))
