"""Preference tuning: TRL's loss in our own loop, so that it is stopped, taken up and proved as any other run.

The reference that the loss holds on to is the base with the adapter switched off or, where the run starts from an
adapter, a frozen copy of that adapter beside it. The base's weights are in memory once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor

from tamiz.errors import InputError, MissingExtra, SettingsError
from tamiz.settings import TuningSettings
from tuning.adapted import fresh_model, put_on
from tuning.adapters import Adapter
from tuning.data import Dataset
from tuning.lessons import Lesson, make_lesson
from tuning.loading import load_base
from tuning.losses import losses_of
from tuning.models import BaseModel
from tuning.positions import more_room, within_positions
from tuning.preferences import Preference, encode_preferences
from tuning.quiet import quiet_libraries
from tuning.report.intervals import Draws, difference
from tuning.settings import within_ranks

__all__ = ["Leaning", "need_dpo_extra", "preference_lesson", "proved_preferences", "ready_to_prefer", "show_start"]

REFERENCE = "ref"  # TRL's name of the frozen copy


def need_dpo_extra() -> None:
    """MissingExtra naming the first library that is not installed."""
    for package in ("trl", "accelerate", "datasets"):
        if find_spec(package) is None:
            raise MissingExtra("tamiz tune --method dpo", "dpo", package)


def ready_to_prefer(
    base: BaseModel,
    start: Adapter | None,
    data: Dataset,
    settings: TuningSettings,
    run: Path,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> dict[str, Any]:
    """`model` and `tokenizer`, the `lesson` of the pairs, the lesson `learnt` of the edits, `alike` left out, and the
    `settings` within what the model can read.
    """
    need_dpo_extra()
    places: dict[str, Any] = {"device": device, "dtype": dtype}
    if start is None:
        model, tokenizer = fresh_model(base, settings, **places)
    else:
        model, tokenizer = started_model(base, start, settings, **places)
    settings = within_ranks(model, within_positions(model, settings))
    lesson = make_lesson(model, tokenizer, data, (), settings, device)
    learnt, alike = preference_lesson(model, tokenizer, data, settings, run)
    parts = {"model": model, "tokenizer": tokenizer, "lesson": lesson, "learnt": learnt, "alike": alike}
    return {**parts, "settings": settings}


def started_model(
    base: BaseModel, start: Adapter, settings: TuningSettings, *, device: torch.device, dtype: torch.dtype
) -> tuple[Any, Any]:
    """The base with the adapter `start`, whose weights go on learning in float32, and its tokenizer."""
    torch.manual_seed(settings.seed)
    places: dict[str, Any] = {"device": device, "dtype": dtype, "quantise": settings.quantise}
    model, tokenizer = load_base(base, "causal", **places)
    adapted = put_on(model, start)
    adapted.set_adapter("default", inference_mode=False)
    return adapted, tokenizer


def preference_lesson(
    model: Any, tokenizer: Any, data: Dataset, settings: TuningSettings, run: Path
) -> tuple[Lesson, int]:
    """The lesson of the reviewers' edits, and how many edits are left out because they are alike once cut."""
    encoded = {
        part: encode_preferences(found, tokenizer, max_tokens=settings.max_tokens)
        for part, found in data.preferences.items()
    }
    train = encoded["train"][0]
    if not train:
        raise InputError(
            f"no edit of {data.manifest.version} is left once its answers are cut at {settings.max_tokens} tokens. "
            f"To cut them later, {more_room(model, settings)}"
        )
    loss = _PreferenceLoss(model, tokenizer, settings, run)
    lesson = Lesson(
        train=train,
        validation=encoded.get("validation", ([], 0))[0],
        test=encoded.get("test", ([], 0))[0],
        collate=loss.collate,  # type: ignore[arg-type]
        loss=loss,  # type: ignore[arg-type]
        batch_size=settings.batch_size,
        seed=settings.seed,
        model=model,
    )
    return lesson, sum(alike for _, alike in encoded.values())


class _PreferenceLoss:
    """Calls give the summed DPO loss of a batch of preferences and their number."""

    def __init__(self, model: Any, tokenizer: Any, settings: TuningSettings, run: Path) -> None:
        need_dpo_extra()
        if isinstance(model.get_output_embeddings(), BaseTunerLayer):
            raise SettingsError(
                "[tuning.lora] targets names the output layer, whose update TRL does not train with preferences; "
                'give targets = ["all-linear"]'
            )
        self._model, self._device = model, model.device
        with quiet_libraries():
            self._trainer = _trainer(model, tokenizer, settings, run)
        if not settings.start:
            model.delete_adapter(REFERENCE)  # the adapter starts at nothing: without it the base is the reference
        for name, part in model.named_parameters():
            if f".{REFERENCE}." in name:
                part.requires_grad_(False)

    def collate(self, pairs: Sequence[Preference]) -> dict[str, Tensor]:
        """The two texts of each preference as TRL has them, padded to one length."""
        rows = [
            {
                "prompt_ids": list(pair.better.ids[: pair.answer_start]),
                "chosen_ids": list(pair.better.ids[pair.answer_start :]),
                "rejected_ids": list(pair.worse.ids[pair.answer_start :]),
            }
            for pair in pairs
        ]
        return {name: part.to(self._device) for name, part in self._trainer.data_collator(rows).items()}

    def __call__(self, batch: dict[str, Tensor]) -> tuple[Tensor, int]:
        count = len(batch["input_ids"]) // 2
        with quiet_libraries():
            return self._trainer.compute_loss(self._model, batch) * count, count


def _trainer(model: Any, tokenizer: Any, settings: TuningSettings, run: Path) -> Any:
    """TRL's trainer, for its loss and its collation. It wants data at birth: ours is encoded as `tamiz chat` asks."""
    import datasets  # type: ignore[import-untyped]

    trl = import_module("trl")  # its lazy module hides its names from type checkers
    wanted = trl.DPOConfig(
        output_dir=str(run),
        beta=settings.beta,
        seed=settings.seed,
        max_length=None,
        bf16=False,  # the weights have their type already
        activation_checkpointing=False,
        use_cpu=model.device.type == "cpu",
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
    )
    bars = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        rows = datasets.Dataset.from_list([{"prompt": "?", "chosen": " yes", "rejected": " no"}])
        return trl.DPOTrainer(model=model, args=wanted, train_dataset=rows, processing_class=tokenizer)
    finally:
        if bars:
            datasets.enable_progress_bars()


def show_start(model: Any) -> None:
    """From here on disable_adapter() shows the adapter that the run started from, where there is one."""
    if REFERENCE in model.peft_config:

        @contextmanager
        def start() -> Iterator[None]:
            model.set_adapter(REFERENCE, inference_mode=True)
            try:
                yield
            finally:
                model.set_adapter("default", inference_mode=False)

        model.disable_adapter = start


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """By how many nats a model finds the new answer likelier than the old one, for each edit."""

    margins: tuple[float, ...]

    def metrics(self) -> dict[str, float]:
        """The share of edits whose new answer is likelier, and by how much it is on the average."""
        if not self.margins:
            return {}
        known = np.array(self.margins)
        return {"preferred": float((known > 0).mean()), "margin": float(known.mean())}

    def above(self, other: Leaning, *, seed: int) -> tuple[float, float, float] | None:
        """How much larger the margin is than the other's, with its 95 % interval; each edit is drawn by itself."""
        draws = Draws.of([str(n) for n in range(len(self.margins))], seed=seed)
        mine, its = (np.array([[m, 1.0] for m in one.margins]).reshape(-1, 2) for one in (self, other))
        found = difference(mine, its, lambda sums: sums[:, 0] / sums[:, 1], draws)
        return None if found is None else (found.value, found.low, found.high)


def proved_preferences(model: Any, lesson: Lesson, learnt: Lesson, *, alike: int, seed: int) -> dict[str, Any]:
    """`results` of the model the run started with ("base") and of the tuned one, and `preferences` for the card.

    They are taken of the edits of the test split; where it has none, of those of validation, which chose the best
    step. `lesson` is that of the pairs: its loss is taken of each answer.
    """
    parts = {part: getattr(learnt, part) for part in ("train", "validation", "test")}
    part = next((name for name in ("test", "validation") if parts[name]), "")
    told: dict[str, Any] = {"edits": {name: len(found) for name, found in parts.items()}, "alike": alike}
    if not part:
        return {"preferences": {**told, "measured_on": ""}, "results": {}}
    with model.disable_adapter():
        before = _leaning(model, lesson, parts[part])
    after = _leaning(model, lesson, parts[part])
    told |= {"measured_on": part, "margin_change": after.above(before, seed=seed)}
    return {"preferences": told, "results": {"base": before.metrics(), "tuned": after.metrics()}}


def _leaning(model: Any, lesson: Lesson, preferences: Sequence[Preference]) -> Leaning:
    both = [losses_of(model, lesson, [getattr(p, side) for p in preferences]) for side in ("better", "worse")]
    return Leaning(margins=tuple(worse - better for (better, _), (worse, _) in zip(*both, strict=True)))
