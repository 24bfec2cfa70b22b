"""Tiny real models and exports, built on the spot: no network and no stand-ins."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tamiz.settings import LoraSettings, TuningSettings

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported: see tuning/needs.py

COLOURS = ("red", "blue", "green", "grey", "black", "white", "brown", "pink")
THINGS = ("door", "lamp", "chair", "box")
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
CHAT_TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'tool' and loop.first %}{{ raise_exception('a tool speaks first') }}"
    "{% endif %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

Row = dict[str, Any]


def _exports() -> ModuleType:
    """What writes small dataset versions; its folder is no package and stays off the path: it has a tuning.py."""
    place = Path(__file__).parents[2] / "benchmarks" / "exports.py"
    spec = importlib.util.spec_from_file_location("exports", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


row, write_export = (getattr(_exports(), name) for name in ("row", "write_export"))


def toy_rows() -> list[Row]:
    """32 questions whose answers are easy to learn, in two labels."""
    return [
        row(
            f"What is on the {colour} {thing}?",
            f"A {colour} mark is on the {thing}.",
            label="light" if n % 2 else "dark",
        )
        for n, (colour, thing) in enumerate((c, t) for c in COLOURS for t in THINGS)
    ]


@pytest.fixture(scope="session")
def toy_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = toy_rows()
    return write_export(
        tmp_path_factory.mktemp("toy") / "v001", train=rows[:24], validation=rows[24:28], test=rows[28:]
    )


@pytest.fixture(scope="session")
def tokenizer_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """A small byte-level tokenizer; pad=None leaves it without a padding token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    texts = [
        text for r in toy_rows() for text in (r["question"], r["answer"], "Pregunta: Respuesta: Question: Answer:")
    ]

    def make(*, pad: str | None = "<pad>", chat: bool = False, start: bool = True) -> Any:
        inner = Tokenizer(models.BPE())
        inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        inner.decoder = decoders.ByteLevel()
        special = ["<pad>", "<s>", "</s>"]
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=384, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
        inner.train_from_iterator(texts, trainer)
        if start:
            inner.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
        named = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": pad}
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=256, **named)
        tokenizer.chat_template = CHAT_TEMPLATE if chat else None
        return tokenizer

    return make


def tiny_config(kind: str) -> Any:
    """A configuration of the architecture, small enough to train in a second."""
    import transformers as t

    ids: dict[str, Any] = {"vocab_size": 384, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    # Wide weights: frozen parts made of tiny ones could not be steered.
    encoder = {**SMALL, **ids, "max_position_embeddings": 264, "initializer_range": 0.1}
    decoder = {**encoder, "num_key_value_heads": 1, "head_dim": 16, "initializer_range": 0.3}
    gemma = {**decoder, "tie_word_embeddings": True, "sliding_window": 16, "query_pre_attn_scalar": 16}
    gpt2 = {**ids, "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 264, "initializer_range": 0.3}
    distil = {
        **ids,
        "dim": 32,
        "hidden_dim": 64,
        "n_layers": 2,
        "n_heads": 2,
        "max_position_embeddings": 264,
        "initializer_range": 0.1,
    }
    makers: dict[str, Callable[[], Any]] = {
        "llama": lambda: t.LlamaConfig(**decoder),
        "gemma3": lambda: t.Gemma3TextConfig(**gemma),
        "gemma2": lambda: t.Gemma2Config(**gemma, final_logit_softcapping=3.0),
        "qwen3": lambda: t.Qwen3Config(**decoder),
        "mistral": lambda: t.MistralConfig(**decoder, sliding_window=16),
        "phi3": lambda: t.Phi3Config(**{**decoder, "sliding_window": 16}),
        "mamba": lambda: t.MambaConfig(**ids, hidden_size=32, state_size=4, num_hidden_layers=2),
        "qwen2": lambda: t.Qwen2Config(**decoder),
        "gpt2": lambda: t.GPT2Config(**gpt2),
        "bert": lambda: t.BertConfig(**encoder),
        "roberta": lambda: t.RobertaConfig(**encoder),
        "distilbert": lambda: t.DistilBertConfig(**distil),
        "phi": lambda: t.PhiConfig(**encoder),
        "modernbert": lambda: t.ModernBertConfig(
            **SMALL, **ids, max_position_embeddings=264, cls_token_id=1, sep_token_id=2, initializer_range=0.1
        ),
    }
    return makers[kind]()


def tiny_causal(kind: str) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(7)
    return AutoModelForCausalLM.from_config(tiny_config(kind))


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory, tokenizer_for: Callable[..., Any]) -> Callable[[str], Path]:
    """A folder with a tiny base model of an architecture, as a user would have one."""
    import torch
    from transformers import AutoModelForSequenceClassification

    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            folder = tmp_path_factory.mktemp("bases") / kind
            torch.manual_seed(7)
            encoder = kind in ("bert", "roberta", "distilbert", "modernbert")
            model = AutoModelForSequenceClassification.from_config(tiny_config(kind)) if encoder else tiny_causal(kind)
            model.save_pretrained(folder)
            tokenizer_for().save_pretrained(folder)
            made[kind] = folder
        return made[kind]

    return make


@pytest.fixture
def settings(base_folder: Callable[[str], Path]) -> Callable[..., TuningSettings]:
    """Settings for a tiny model; keywords override, lora=dict for the adapter's."""

    def make(kind: str = "llama", **changes: Any) -> TuningSettings:
        lora = LoraSettings(**{"r": 4, "alpha": 8, **changes.pop("lora", {})})
        usual = {"base": str(base_folder(kind)), "epochs": 3.0, "learning_rate": 0.02, "device": "cpu"}
        return TuningSettings(**{**usual, "max_new_tokens": 24, "samples": 2, "eval_probes": 0, **changes}, lora=lora)

    return make


@pytest.fixture(scope="session")
def toy() -> SimpleNamespace:
    """The helpers above by name: toy.row, toy.rows, toy.export, toy.config, toy.causal."""
    return SimpleNamespace(row=row, rows=toy_rows, export=write_export, config=tiny_config, causal=tiny_causal)


@pytest.fixture(scope="session")
def made_adapter(base_folder: Callable[[str], Path]) -> Callable[..., Any]:
    """made_adapter(folder, name, kind="llama", seed=1, **lora): a saved adapter whose update is random, not learnt.

    labels=(...) makes a classifier; base=FOLDER takes another base than the tiny one of that kind.
    """

    def make(
        folder: Path, name: str, kind: str = "llama", *, seed: int = 1, labels: Sequence[str] = (), **more: Any
    ) -> Any:
        import torch

        from tuning.adapted import fresh_model, save_adapter
        from tuning.adapters import find_adapter
        from tuning.models import find_base

        base = find_base(str(more.pop("base", None) or base_folder(kind)))
        task = "classify" if labels else "causal"
        lora = LoraSettings(**{"r": 4, "alpha": 16, "dropout": 0.0, **more})
        wanted = TuningSettings(task=task, base=base.name, device="cpu", seed=seed, max_new_tokens=16, lora=lora)
        dtype = torch.float32
        model, _ = fresh_model(base, wanted, labels, device=torch.device("cpu"), dtype=dtype)
        with torch.no_grad():
            for part_name, part in model.named_parameters():
                if "lora_B" in part_name:
                    part.normal_(std=0.2, generator=torch.Generator().manual_seed(seed))
        save_adapter(model, run_card(name, wanted, labels), folder / name, base.folder or folder)
        return find_adapter(folder, name)

    return make


def run_card(name: str, wanted: TuningSettings, labels: Sequence[str] = ()) -> Any:
    from dataclasses import asdict

    from tamiz.records import RunCard

    return RunCard(
        name=name,
        task=wanted.task,
        base=wanted.base,
        base_origin="a folder",
        base_licence="Apache-2.0",
        dataset_version="v001",
        dataset_hash="0" * 64,
        started_at="2026-01-31T09:30:00+00:00",
        finished_at="2026-01-31T09:31:00+00:00",
        seed=wanted.seed,
        device="cpu",
        settings={**asdict(wanted), "dtype": "float32", "labels": list(labels)},
        versions={},
        parameters={"trainable": 1, "total": 2},
        cost={"steps": 0.0, "tokens": 0.0, "seconds": 0.0, "training_seconds": 0.0, "peak_memory_mb": 0.0},
        curves={},
        results={},
    )
