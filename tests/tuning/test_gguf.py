"""GGUF: what is written is read back as the same model, by transformers and by llama.cpp."""

from __future__ import annotations

import pytest
import torch

from tamiz.errors import InputError
from tuning.packages.ggufs import write_lora, write_model
from tuning.packages.vocabulary import read_vocabulary

TEXT = "What is on the red door? ¿Qué 2025 días?\n\nA  mark, isn't it"
READ_BACK = ["llama", "qwen2"]  # of the others transformers drops what the file says of heads, windows or places
ALL = [*READ_BACK, "mistral", "qwen3", "gemma2", "gemma3", "gpt2"]


def written(toy, tokenizer_for, tmp_path, kind, precision="float32"):
    model, tokenizer = toy.causal(kind).eval(), tokenizer_for()
    if kind == "mistral":
        model.config.sliding_window = 256  # llama.cpp knows no window of Mistral's
    target = tmp_path / "model.gguf"
    write_model(model, tokenizer, target, name="toy", precision=precision)
    return model, tokenizer, target


@pytest.mark.parametrize("kind", READ_BACK)
def test_transformers_reads_the_same_model_back(toy, tokenizer_for, tmp_path, kind):
    from transformers import AutoModelForCausalLM

    from tuning.quiet import quiet_libraries

    model, tokenizer, target = written(toy, tokenizer_for, tmp_path, kind)
    with quiet_libraries():
        back = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=target.name, dtype=torch.float32).eval()
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        torch.testing.assert_close(back(ids).logits, model(ids).logits, atol=1e-4, rtol=1e-4)


def llama_cpp():
    return pytest.importorskip("llama_cpp", reason="needs llama.cpp: pip install llama-cpp-python (takes cmake)")


def opened(target, **more):
    return llama_cpp().Llama(str(target), n_ctx=256, n_threads=1, verbose=False, **more)


def greedy(llama, ids, count):
    """The next tokens that llama.cpp chooses."""
    llama.reset()
    made = []
    for token in llama.generate(ids, temp=0.0, top_k=1, repeat_penalty=1.0):
        made.append(token)
        if len(made) == count:
            return made
    return made


def greedy_here(model, ids, count):
    with torch.no_grad():
        made = model.generate(
            torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), do_sample=False, max_new_tokens=count,
            min_new_tokens=count, pad_token_id=0,
        )  # fmt: skip
    return made[0, len(ids) :].tolist()


@pytest.mark.parametrize("kind", ALL)
def test_llama_cpp_reads_text_and_answers_the_same(toy, tokenizer_for, tmp_path, kind):
    model, tokenizer, target = written(toy, tokenizer_for, tmp_path, kind)
    llama = opened(target)
    ids = tokenizer(TEXT)["input_ids"]
    assert llama.tokenize(TEXT.encode()) == ids
    assert greedy(llama, ids, 8) == greedy_here(model, ids, 8)


def test_llama_cpp_puts_an_update_beside_its_base(made_adapter, base_folder, tmp_path):
    from tuning.adapters import load_adapter

    llama_cpp()
    adapter = made_adapter(tmp_path, "one", r=3, rslora=True, rank_pattern={"q_proj": 2})
    loaded = load_adapter(adapter, device="cpu")
    write_lora(loaded.model, tmp_path / "update.gguf", name="one")
    with loaded.model.disable_adapter():
        ids = loaded.tokenizer(TEXT)["input_ids"]
        alone = greedy_here(loaded.model, ids, 8)
    tuned = greedy_here(loaded.model, ids, 8)
    base = load_adapter(adapter, device="cpu").model.unload()
    write_model(base, loaded.tokenizer, tmp_path / "base.gguf", name="base", precision="float32")
    assert greedy(opened(tmp_path / "base.gguf"), ids, 8) == alone
    both = opened(tmp_path / "base.gguf", lora_path=str(tmp_path / "update.gguf"))
    assert greedy(both, ids, 8) == tuned
    assert tuned != alone


@pytest.mark.parametrize("precision", ["float16", "bfloat16", "q8_0"])
def test_smaller_numbers_make_a_smaller_file(toy, tokenizer_for, tmp_path, precision):
    _, _, whole = written(toy, tokenizer_for, tmp_path, "llama")
    large = whole.stat().st_size
    _, _, small = written(toy, tokenizer_for, tmp_path, "llama", precision)
    assert small.stat().st_size < 0.8 * large


def test_what_llama_cpp_would_read_otherwise_is_refused(toy, tokenizer_for, tmp_path):
    with pytest.raises(InputError, match="not written for the architecture mamba"):
        written(toy, tokenizer_for, tmp_path, "mamba")
    model = toy.causal("llama")
    model.config.hidden_act = "gelu"
    with pytest.raises(InputError, match="its activation is gelu"):
        write_model(model, tokenizer_for(), tmp_path / "x.gguf", name="x", precision="float32")


def test_a_tokenizer_without_a_name_there_is_refused(tokenizer_for):
    from tokenizers import pre_tokenizers

    tokenizer = tokenizer_for()
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(InputError, match="splits text in a way"):
        read_vocabulary(tokenizer, 384)
