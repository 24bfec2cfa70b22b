"""A real, tiny model in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.synthesis.providers import Refused, WrongServer, find_provider
from curation.synthesis.recipe import Ask
from tamiz.errors import SettingsError
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


def test_a_model_that_is_not_there_is_named(tmp_path) -> None:
    provider = find_provider(SynthesisSettings(provider="transformers", model=str(tmp_path)))
    with pytest.raises(WrongServer, match="cannot be loaded"):
        provider.send(question("x"), temperature=0, seed=1)
    with pytest.raises(SettingsError, match="model is empty"):
        find_provider(SynthesisSettings(provider="transformers"))
