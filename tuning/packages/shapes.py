"""What llama.cpp must be told of a model: its architecture, its sizes, and how its weights lie there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, GGUFWriter, get_tensor_name_map

from tamiz.errors import InputError

__all__ = ["Shape", "shape_of"]

ARCHITECTURES: Mapping[str, tuple[MODEL_ARCH, str]] = {  # model_type: (llama.cpp's, the activation that it takes)
    "llama": (MODEL_ARCH.LLAMA, "silu"),
    "mistral": (MODEL_ARCH.LLAMA, "silu"),
    "qwen2": (MODEL_ARCH.QWEN2, "silu"),
    "qwen3": (MODEL_ARCH.QWEN3, "silu"),
    "gemma2": (MODEL_ARCH.GEMMA2, "gelu_pytorch_tanh"),
    "gemma3_text": (MODEL_ARCH.GEMMA3, "gelu_pytorch_tanh"),
    "gpt2": (MODEL_ARCH.GPT2, "gelu_new"),
}
WAY_OUT = "Package it as merged, and let llama.cpp's own converter read that"
Weight = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a model is written. `name` gives a weight's name there, `weight` its numbers as they lie there."""

    architecture: str
    describe: Callable[[GGUFWriter], None]
    name: Callable[[str], str]
    weight: Callable[[str, Weight], Weight]
    rows: Callable[[str, Weight], Weight]


def shape_of(config: Any) -> Shape:
    """How a model of this configuration is written. InputError for one that llama.cpp would read in another way."""
    kind = config.model_type
    if kind not in ARCHITECTURES:
        there = ", ".join(ARCHITECTURES)
        raise InputError(f"GGUF is not written for the architecture {kind} here (there are: {there}). {WAY_OUT}")
    architecture, activation = ARCHITECTURES[kind]
    _check(config, kind, activation)
    blocks = int(config.num_hidden_layers)
    names = get_tensor_name_map(architecture, blocks)

    def name(own: str) -> str:
        found = names.get_name(own, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise InputError(f"GGUF has no name for the weight {own} of {kind}. {WAY_OUT}")
        return found

    def rows(own: str, weight: Weight) -> Weight:
        """Rows of queries and keys in the order that llama.cpp's rotation wants for Llama."""
        if architecture != MODEL_ARCH.LLAMA or not re.search(r"\.[qk]_proj\.", own):
            return weight
        heads = config.num_attention_heads if ".q_proj." in own else config.num_key_value_heads
        halves = weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:])
        return halves.swapaxes(1, 2).reshape(weight.shape)

    def weight(own: str, numbers: Weight) -> Weight:
        if kind.startswith("gemma") and own.endswith("norm.weight"):
            return numbers + 1  # Gemma's norms multiply by 1 + weight
        if kind == "gpt2" and re.search(r"\.(c_attn|c_proj|c_fc)\.weight$", own):
            return numbers.T  # Conv1D keeps its weights turned
        return rows(own, numbers)

    return Shape(
        architecture=MODEL_ARCH_NAMES[architecture],
        describe=lambda writer: _describe(writer, config, kind),
        name=name,
        weight=weight,
        rows=rows,
    )


def _check(config: Any, kind: str, activation: str) -> None:
    """InputError for what llama.cpp takes for granted of this architecture and this model has otherwise."""
    used = getattr(config, "hidden_activation", None) or getattr(config, "hidden_act", None)
    used = used or getattr(config, "activation_function", None)
    wrong = "" if used == activation else f"its activation is {used}"
    for rope in _ropes(config).values():
        if rope.get("rope_type", "default") != "default" or rope.get("partial_rotary_factor", 1.0) != 1.0:
            wrong = f"its positions are of the kind {rope.get('rope_type')}"
    if kind.startswith("gemma") and config.query_pre_attn_scalar != config.head_dim:
        wrong = "its attention is scaled otherwise"
    if kind == "gemma3_text" and config.layer_types != [
        "full_attention" if n % 6 == 5 else "sliding_attention" for n in range(config.num_hidden_layers)
    ]:
        wrong = "its layers look back otherwise"
    if kind in ("qwen2", "qwen3") and "sliding_attention" in (config.layer_types or ()):
        wrong = "some of its layers look back only so far"
    if wrong:
        raise InputError(f"GGUF is not written for this {kind} here: {wrong}. {WAY_OUT}")


def _ropes(config: Any) -> dict[str, dict[str, Any]]:
    ropes = getattr(config, "rope_parameters", None) or {}
    return ropes if any(isinstance(value, dict) for value in ropes.values()) else {"full_attention": ropes}


def _describe(writer: GGUFWriter, config: Any, kind: str) -> None:
    width, heads, context = config.hidden_size, config.num_attention_heads, config.max_position_embeddings
    window = int(getattr(config, "sliding_window", None) or context)
    # llama.cpp reads Mistral as Llama, which looks back over everything.
    writer.add_context_length(min(context, window) if kind == "mistral" else context)
    writer.add_embedding_length(width)
    writer.add_block_count(int(config.num_hidden_layers))
    writer.add_head_count(heads)
    if kind == "gpt2":
        writer.add_feed_forward_length(int(config.n_inner or 4 * width))
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
        return
    head = int(getattr(config, "head_dim", None) or width // heads)
    writer.add_feed_forward_length(int(config.intermediate_size))
    writer.add_head_count_kv(int(config.num_key_value_heads))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_vocab_size(int(config.vocab_size))
    writer.add_rope_freq_base(float(_ropes(config)["full_attention"]["rope_theta"]))
    if kind in ("llama", "mistral"):
        writer.add_rope_dimension_count(head)
    if kind.startswith("gemma"):
        writer.add_sliding_window(window)
    if kind == "gemma2":
        writer.add_attn_logit_softcapping(float(config.attn_logit_softcapping))
        writer.add_final_logit_softcapping(float(config.final_logit_softcapping))
