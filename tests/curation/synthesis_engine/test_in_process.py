"""A real, tiny model in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.synthesis.providers import Refused, WrongServer, find_provider
from curation.synthesis.recipe import Ask
from tamiz.errors import InputError, SettingsError
from tamiz.records import Turn
from tamiz.settings.synthesis import SynthesisSettings

pytest.importorskip("torch", reason="no torch; bring it with: pip install 'tamiz[tune]'")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Random weights over single bytes: what it says means nothing, but it is said as a model says it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "<end>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(folder)
    torch.manual_seed(0)
    end = vocabulary["<end>"]
    config = GPT2Config(
        vocab_size=len(vocabulary), n_positions=256, n_embd=32, n_layer=1, n_head=2, bos_token_id=end, eos_token_id=end
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def question(text: str, room: int = 12) -> Ask:
    return Ask(messages=(Turn(role="user", content=text),), schema={"type": "object"}, max_tokens=room)


def test_a_model_from_a_folder_answers_the_same_to_the_same_and_counts_its_tokens(model) -> None:
    provider = find_provider(SynthesisSettings(provider="transformers", model=str(model)))
    one = provider.send(question("¿Qué?"), temperature=0.7, seed=1)
    assert one == provider.send(question("¿Qué?"), temperature=0.7, seed=1)
    assert one != provider.send(question("¿Qué?"), temperature=0.7, seed=2)
    assert one.prompt_tokens > len("¿Qué?")
    assert (one.completion_tokens, one.cut) == (12, True)
    assert (provider.local, provider.address) == (True, "")


def test_a_question_that_does_not_fit_is_refused(model) -> None:
    provider = find_provider(SynthesisSettings(provider="transformers", model=str(model)))
    with pytest.raises(Refused, match="are more than 256"):
        provider.send(question("x" * 400), temperature=0, seed=1)


def test_a_package_s_model_is_named_as_for_tuning_and_found_where_tuning_has_put_it(
    model, tmp_path, monkeypatch
) -> None:
    from tuning.models import cache_folder

    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    (tmp_path / "tiny_gguf-1.2.dist-info").mkdir()
    about = "Metadata-Version: 2.1\nName: tiny-gguf\nVersion: 1.2\n"
    (tmp_path / "tiny_gguf-1.2.dist-info" / "METADATA").write_text(about)
    monkeypatch.syspath_prepend(str(tmp_path))
    settings = SynthesisSettings(provider="transformers", model="pypi:tiny-gguf")
    with pytest.raises(InputError, match=r"comes as GGUF.*tamiz chat --base.*tamiz serve --base"):
        find_provider(settings)
    cache_folder().mkdir(parents=True)
    (cache_folder() / "tiny-gguf-1.2").symlink_to(model)
    assert find_provider(settings).send(question("x"), temperature=0, seed=1).completion_tokens == 12
    with pytest.raises(InputError, match="pip install nobody-has-this"):
        find_provider(SynthesisSettings(provider="transformers", model="pypi:nobody-has-this"))


def test_a_model_that_can_run_code_when_it_is_opened_is_not_opened(model, tmp_path) -> None:
    import torch

    for path in model.iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).symlink_to(path)
    torch.save({}, tmp_path / "pytorch_model.bin")
    provider = find_provider(SynthesisSettings(provider="transformers", model=str(tmp_path)))
    with pytest.raises(WrongServer, match="Give a folder with a model in safetensors"):
        provider.send(question("x"), temperature=0, seed=1)


def test_a_model_that_is_not_there_is_named(tmp_path) -> None:
    provider = find_provider(SynthesisSettings(provider="transformers", model=str(tmp_path)))
    with pytest.raises(WrongServer, match="cannot be loaded"):
        provider.send(question("x"), temperature=0, seed=1)
    with pytest.raises(SettingsError, match="model is empty"):
        find_provider(SynthesisSettings(provider="transformers"))
