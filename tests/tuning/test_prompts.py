"""Prompts and labels: the right template, and a loss that looks at the answer alone."""

from __future__ import annotations

import itertools

import pytest
import torch

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.batches import IGNORED, answer_labels, epoch_order, pad_right
from tuning.data import Example
from tuning.prompts import encode_pair, encode_prompt, prompt_text


def example(question: str = "What is red?", answer: str = "The door.", **more) -> Example:
    return Example(**{"id": "p1", "question": question, "answer": answer, "lang": "en", **more})


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        pytest.param("es", "Pregunta: What is red?\nRespuesta:", id="spanish"),
        pytest.param("en", "Question: What is red?\nAnswer:", id="english"),
        pytest.param("fr", "Question: What is red?\nAnswer:", id="another language takes English"),
    ],
)
def test_a_model_without_a_template_gets_a_plain_one_in_the_pairs_language(tokenizer_for, lang, text):
    assert prompt_text(example(lang=lang), tokenizer_for()) == text


def test_a_chat_template_is_used_where_there_is_one(tokenizer_for):
    context = (Turn(role="user", content="hi"), Turn(role="assistant", content="hello"))
    text = prompt_text(example(context=context), tokenizer_for(chat=True))
    assert text == "<|user|>hi\n<|assistant|>hello\n<|user|>What is red?\n<|assistant|>"


def test_earlier_turns_stand_before_the_question(tokenizer_for):
    context = (
        Turn(role="system", content="Be brief."),
        Turn(role="user", content="hi"),
        Turn(role="assistant", content="hello"),
    )
    text = prompt_text(example(context=context), tokenizer_for())
    assert text == "Be brief.\nQuestion: hi\nAnswer: hello\nQuestion: What is red?\nAnswer:"


@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
@pytest.mark.parametrize("start", [False, True], ids=["no start token", "start token"])
def test_only_the_answer_and_its_end_are_labelled(tokenizer_for, chat, start):
    tokenizer = tokenizer_for(chat=chat, start=start)
    encoded = encode_pair(example(), tokenizer, max_tokens=64)
    labelled = tokenizer.decode(encoded.ids[encoded.answer_start :])
    assert labelled.strip() == "The door.</s>"
    assert list(encoded.ids[: encoded.answer_start]) == encode_prompt(example(), tokenizer, max_tokens=64)
    assert encoded.ids[0] == 1 if start and not chat else encoded.ids[0] != 1


def test_the_end_is_learnt_even_when_it_is_also_the_padding(tokenizer_for):
    tokenizer = tokenizer_for(pad=None)
    tokenizer.pad_token = tokenizer.eos_token
    long, short = example(answer="The door and the lamp."), example(answer="It.")
    pairs = [encode_pair(e, tokenizer, max_tokens=64) for e in (long, short)]
    batch = pad_right(pairs, tokenizer.pad_token_id)
    for place, pair in enumerate(pairs):
        assert batch.labels[place, len(pair.ids) - 1] == tokenizer.eos_token_id
        assert (batch.labels[place, len(pair.ids) :] == IGNORED).all()
        assert (batch.labels[place, : pair.answer_start] == IGNORED).all()


def test_labels_ignore_question_and_padding():
    ids, attention = torch.tensor([[5, 6, 7, 0], [5, 6, 7, 8]]), torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]])
    labels = answer_labels(ids, attention, torch.tensor([2, 1]))
    assert labels.tolist() == [[-100, -100, 7, -100], [-100, 6, 7, 8]]


def test_a_long_pair_loses_its_oldest_turns_first(tokenizer_for):
    tokenizer = tokenizer_for()
    context = tuple(Turn(role="user", content="on the red door and lamp " * 4) for _ in range(3))
    whole = encode_pair(example(), tokenizer, max_tokens=200)
    shorter = encode_pair(example(context=context), tokenizer, max_tokens=len(whole.ids))
    assert shorter.ids == whole.ids
    assert shorter.cut


def test_a_cut_answer_does_not_teach_to_stop(tokenizer_for):
    tokenizer = tokenizer_for()
    whole = encode_pair(example(answer="The door is red. " * 5), tokenizer, max_tokens=200)
    cut = encode_pair(example(answer="The door is red. " * 5), tokenizer, max_tokens=len(whole.ids) - 3)
    assert cut.cut
    assert not whole.cut
    assert tokenizer.eos_token_id not in cut.ids
    assert whole.ids[-1] == tokenizer.eos_token_id


def test_a_pair_with_nothing_to_learn_is_named(tokenizer_for):
    with pytest.raises(InputError, match=r"pair p1: the question alone fills 16 tokens"):
        encode_pair(example(question="What is red? " * 20), tokenizer_for(), max_tokens=16)


def test_a_template_that_refuses_the_turns_names_the_pair(tokenizer_for):
    with pytest.raises(InputError, match=r"pair p1.*refuses its turns"):
        encode_pair(example(context=(Turn(role="tool", content="42"),)), tokenizer_for(chat=True), max_tokens=64)


def test_an_epoch_sees_every_pair_once_and_groups_by_length():
    lengths = [n % 17 + 3 for n in range(100)]
    batches = epoch_order(lengths, 8, seed=1, epoch=0)
    assert sorted(itertools.chain.from_iterable(batches)) == list(range(100))
    assert batches == epoch_order(lengths, 8, seed=1, epoch=0)
    assert batches != epoch_order(lengths, 8, seed=1, epoch=1)
    padded = sum(max(lengths[i] for i in b) * len(b) for b in batches)
    assert padded < 1.15 * sum(lengths)
