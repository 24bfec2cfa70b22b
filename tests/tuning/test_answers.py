"""Answers: the same alone or in a batch, ending where the model ends, and talked to in turns."""

from __future__ import annotations

import pytest

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.adapters import answer, chat, find_adapter, list_adapters, load_adapter
from tuning.answers import answer_batch, answer_stream
from tuning.data import Example
from tuning.prompts import encode_prompt
from tuning.train import tune


@pytest.fixture(scope="module")
def adapters(toy_export, tmp_path_factory, base_folder):
    from tamiz.settings import LoraSettings, TuningSettings

    folder = tmp_path_factory.mktemp("answers")
    wanted = TuningSettings(
        base=str(base_folder("llama")),
        device="cpu",
        epochs=60.0,
        learning_rate=0.01,
        lora=LoraSettings(r=8, alpha=16, dropout=0.0),
    )
    tune(toy_export, wanted, name="toy", runs=folder / "runs", adapters=folder / "adapters")
    return folder / "adapters"


@pytest.fixture(scope="module")
def loaded(adapters):
    return load_adapter(find_adapter(adapters), device="cpu")


def test_the_adapter_answers_what_it_was_taught_and_stops(loaded):
    assert answer(loaded, "What is on the red door?") == "A red mark is on the door."


def test_the_pieces_make_the_whole(loaded):
    pieces = list(chat(loaded, "What is on the blue lamp?"))
    assert len(pieces) > 1
    assert "".join(pieces) == answer(loaded, "What is on the blue lamp?")


def test_earlier_turns_reach_the_model(loaded):
    history = [Turn(role="user", content="What is on the red door?"), Turn(role="assistant", content="A lamp.")]
    assert answer(loaded, "And on the box?", history, max_new_tokens=8) != answer(
        loaded, "And on the box?", max_new_tokens=8
    )


def test_an_empty_question_is_refused(loaded):
    with pytest.raises(InputError, match="question is empty"):
        answer(loaded, "  ")


def test_a_question_longer_than_the_model_reads_is_refused(loaded):
    with pytest.raises(InputError, match=r"the question has \d+ tokens, and 263 are the most"):
        answer(loaded, "What is on the red door? " * 80)


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2", "qwen3"])
def test_padding_on_the_left_changes_no_answer(toy, tokenizer_for, kind):
    model, tokenizer = toy.causal(kind).eval(), tokenizer_for()
    questions = ["red?", "What is on the green door and on the black lamp?", "Which colour is the chair?"]
    prompts = [
        encode_prompt(Example(id="x", question=q, answer="", lang="en"), tokenizer, max_tokens=128) for q in questions
    ]
    together = answer_batch(model, tokenizer, prompts, max_new_tokens=12)
    alone = ["".join(answer_stream(model, tokenizer, prompt, max_new_tokens=12)).strip() for prompt in prompts]
    assert together == alone


def test_a_frozen_head_is_not_copied_for_every_answer(loaded):
    seen = []
    head = loaded.model.get_base_model().lm_head
    handle = head.register_forward_pre_hook(lambda _, states: seen.append(states[0].is_contiguous()))
    answer_batch(loaded.model, loaded.tokenizer, [[1, 5, 6], [1, 7]], max_new_tokens=2)
    handle.remove()
    assert seen
    assert all(seen)


def test_the_newest_adapter_comes_first_and_a_missing_one_names_the_others(adapters, tmp_path):
    assert [adapter.name for adapter in list_adapters(adapters)] == ["toy"]
    with pytest.raises(InputError, match=r"no adapter other in .*there are: toy.*tamiz tune other"):
        find_adapter(adapters, "other")
    with pytest.raises(InputError, match="no adapter yet"):
        find_adapter(tmp_path / "nothing")


def copied(adapters, tmp_path):
    import shutil

    shutil.copytree(adapters / "toy", tmp_path / "toy")
    return find_adapter(tmp_path, "toy")


def test_pickled_adapter_weights_are_refused(adapters, tmp_path):
    adapter = copied(adapters, tmp_path)
    (adapter.folder / "adapter_model.safetensors").rename(adapter.folder / "adapter_model.bin")
    with pytest.raises(InputError, match=r"adapter_model.bin, a pickle, which can run code"):
        load_adapter(adapter, device="cpu")


def test_broken_adapter_weights_are_refused(adapters, tmp_path):
    adapter = copied(adapters, tmp_path)
    weights = adapter.folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(InputError, match=r"cannot be put on.*tamiz tune toy"):
        load_adapter(adapter, device="cpu")


def test_a_broken_card_is_refused(adapters, tmp_path):
    adapter = copied(adapters, tmp_path)
    (adapter.folder / "runcard.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        find_adapter(tmp_path, "toy")
