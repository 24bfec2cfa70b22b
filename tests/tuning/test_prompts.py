"""Prompts and labels: the right template, and a loss that looks at the answer alone."""

from __future__ import annotations

import itertools

import pytest

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.batches import IGNORED, epoch_order, labels_of, pad_right
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


def test_an_answer_after_a_tools_result_follows_it_and_the_question_is_said_once(tokenizer_for):
    context = (
        Turn(role="user", content="What is red?"),
        Turn(role="assistant", content="", tool_calls='[{"function": {"name": "look", "arguments": "{}"}}]'),
        Turn(role="tool", content="door", tool_call_id="c1"),
    )
    lines = prompt_text(example(context=context), tokenizer_for()).split("\n")
    assert [line.partition(":")[0] for line in lines] == ["Question", "Answer", "Result", "Answer"]


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


def learnt(encoded, tokenizer):
    """What is learnt, each run of tokens by itself."""
    runs, before = [], False
    for token, label in zip(encoded.ids, labels_of(encoded), strict=True):
        if label != IGNORED:
            assert label == token
            runs = [*runs[:-1], [*runs[-1], token]] if before else [*runs, [token]]
        before = label != IGNORED
    return [tokenizer.decode(run) for run in runs]


# The shape of SmolLM2's and Qwen's templates: turns end in a token of their own, which is also the end-of-sequence.
TURNS = (
    "{% for m in messages %}<s>{{ m.role }}\n{{ m.content | trim }}{% for c in m.tool_calls or [] %}"
    "<call>{{ c.function | tojson }}</call>{% endfor %}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
# As Qwen 3's: the last turn of the assistant gets an empty thought, which the earlier ones lose.
THOUGHTS = TURNS.replace(
    "\n{{ m.content", "\n{% if m.role == 'assistant' and loop.last %}<think></think>{% endif %}{{ m.content"
)
# As Gemma's: a turn ends in a token that is not the end-of-sequence, tools are unknown.
NO_TOOLS = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}<pad>\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
HELLO = (Turn(role="user", content="hi"), Turn(role="assistant", content="hello"))
CALLS = '[{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\\"at\\": \\"door\\"}"}}]'
TOOLS = (
    Turn(role="user", content="Look."),
    Turn(role="assistant", content="", tool_calls=CALLS),
    Turn(role="tool", content="It is red.", tool_call_id="c1"),
    Turn(role="assistant", content="Red."),
)


@pytest.mark.parametrize(
    ("template", "runs"),
    [
        pytest.param(None, [" hello", " The door.</s>"], id="plain"),
        pytest.param(TURNS, ["hello</s>", "The door.</s>"], id="turns that end in a token"),
        pytest.param(THOUGHTS, ["hello</s>", "The door.</s>"], id="earlier turns are rewritten"),
        pytest.param(NO_TOOLS, ["hello<pad>", "The door.<pad></s>"], id="end of turn is not end of sequence"),
    ],
)
def test_every_turn_of_the_assistant_is_learnt_with_its_end(tokenizer_for, template, runs):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = template
    encoded = encode_pair(example(context=HELLO), tokenizer, max_tokens=128)
    assert [run.strip() for run in learnt(encoded, tokenizer)] == [run.strip() for run in runs]
    assert encoded.unplaced == 0
    prompt = encode_prompt(example(context=HELLO), tokenizer, max_tokens=128)
    assert list(encoded.ids[: encoded.answer_start]) == prompt


def test_tool_calls_are_learnt_and_what_tools_say_is_not(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = TURNS
    encoded = encode_pair(example(context=TOOLS), tokenizer, max_tokens=256)
    call = '<call>{"name": "look", "arguments": {"at": "door"}}</call></s>'
    assert learnt(encoded, tokenizer) == [call, "Red.</s>", "The door.</s>"]


def test_a_template_that_knows_no_tools_does_not_teach_to_say_nothing(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = NO_TOOLS
    encoded = encode_pair(example(context=TOOLS), tokenizer, max_tokens=256)
    assert learnt(encoded, tokenizer) == ["Red.<pad>", "The door.<pad></s>"]
    assert encoded.unplaced == 1


def test_the_templates_own_mask_is_all_zeros_and_the_labels_are_not(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = TURNS
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    own = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    assert not any(own["assistant_masks"])  # the trap
    assert any(encode_pair(example(), tokenizer, max_tokens=128).mask)


def test_a_templates_marks_are_used_where_its_turns_cannot_be_told_apart(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = (  # it writes earlier turns in another way: "|" before what is said
        "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}"
        "{% if not loop.last %}|{% endif %}{{ m.content }}</s>{% endgeneration %}{% else %}{{ m.content }}</s>"
        "{% endif %}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
    )
    encoded = encode_pair(example(context=HELLO), tokenizer, max_tokens=128)
    assert learnt(encoded, tokenizer) == ["|hello</s>", "The door.</s>"]
    assert encoded.unplaced == 0


def test_an_answer_that_a_template_drops_is_learnt_after_its_prompt(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    tokenizer.chat_template = (
        "{% for m in messages if m.role != 'assistant' %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    )
    encoded = encode_pair(example(context=HELLO), tokenizer, max_tokens=128)
    assert learnt(encoded, tokenizer) == ["The door.</s>"]
    assert encoded.unplaced == 1


def test_a_pair_without_any_label_is_named(tokenizer_for):
    tokenizer = tokenizer_for()
    question = example(question="What is red? " * 4)
    length = len(encode_prompt(question, tokenizer, max_tokens=500))
    with pytest.raises(InputError, match="pair p1"):
        encode_pair(question, tokenizer, max_tokens=length)
    assert encode_pair(question, tokenizer, max_tokens=length + 1).counted == 1


def test_a_dialogue_is_never_cut_so_that_the_assistant_opens_it(tokenizer_for):
    tokenizer = tokenizer_for(start=False)
    strict = (
        "{% if messages[0].role not in ['user', 'system'] %}{{ raise_exception('the user speaks first') }}{% endif %}"
    )
    tokenizer.chat_template = strict + TURNS
    system = Turn(role="system", content="Be brief.")
    long = (system, Turn(role="user", content="on the red door " * 9), Turn(role="assistant", content="It."), *HELLO)
    short = encode_pair(example(context=(system, *HELLO)), tokenizer, max_tokens=256)
    assert encode_pair(example(context=long), tokenizer, max_tokens=len(short.ids)).ids == short.ids


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
