"""What other runtimes want beside the weights: Ollama's Modelfile, and commands for vLLM and llama.cpp."""

from __future__ import annotations

import json
import shlex
from typing import Any

from tamiz.errors import InputError
from tamiz.records import RunCard
from tuning.answers import stop_ids
from tuning.packages.templates import go_template, read_pieces

__all__ = ["check_vllm", "llama_commands", "modelfile", "vllm_command"]

VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # the values that --max-lora-rank takes


def modelfile(model: Any, tokenizer: Any, card: RunCard, *, weights: str, template: str) -> str:
    """The Modelfile: the template, the words that end an answer, and answers as greedy as in the proof."""
    pieces = read_pieces(tokenizer, template)
    context = int(getattr(model.config, "max_position_embeddings", 2048))
    limits = {"temperature": 0, "repeat_penalty": 1, "num_ctx": min(context, 4096)}
    limits["num_predict"] = int(card.settings.get("max_new_tokens", 120))
    stops = [tokenizer.convert_ids_to_tokens(number) for number in stop_ids(model, tokenizer)]
    lines = [f"FROM ./{weights}", f'TEMPLATE """{go_template(pieces)}"""']
    lines += [f"PARAMETER {name} {value}" for name, value in limits.items()]
    lines += [f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}" for stop in stops]
    return "\n".join(lines) + "\n"


def check_vllm(config: Any) -> int:
    """The rank to tell vLLM. InputError for an adapter that it cannot load."""
    ranks = {config.r, *config.rank_pattern.values()}
    fits = [rank for rank in VLLM_RANKS if rank >= max(ranks)]
    if config.use_dora or config.modules_to_save or config.bias != "none" or config.rank_pattern or not fits:
        raise InputError(
            "vLLM takes plain LoRA of one rank up to 512: no DoRA, no whole modules, no ranks by module. "
            "Package it merged (--to merged), which vLLM serves as any model"
        )
    return fits[0]


def vllm_command(name: str, base: str, rank: int, *, template: str = "") -> str:
    """The command that serves the adapter; `base` is a folder beside it or a hub name."""
    words = [
        "vllm",
        "serve",
        base,
        "--enable-lora",
        "--max-lora-rank",
        str(rank),
        "--lora-modules",
        f"{name}=./adapter",
    ]
    words += ["--chat-template", template] if template else []
    return shlex.join([*words, "--host", "127.0.0.1"])


def llama_commands(name: str, *, lora: bool) -> list[str]:
    """How llama.cpp serves it, and asks it once."""
    model = ["-m", "base.gguf", "--lora", "adapter.gguf"] if lora else ["-m", "model.gguf"]
    greedy = ["--temp", "0", "--repeat-penalty", "1", "--jinja"]
    return [
        shlex.join(["llama-server", *model, *greedy, "--alias", name, "--host", "127.0.0.1"]),
        shlex.join(["llama-cli", *model, *greedy]),
    ]
