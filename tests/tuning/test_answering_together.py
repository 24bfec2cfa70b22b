"""Answers made together are the answers made alone: adapters mixed in one batch, rows that come and go."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from tuning.adapters import load_adapter
from tuning.answers import answer_batch, stop_ids
from tuning.data import Example
from tuning.prompts import encode_prompt
from tuning.serving.asking import Ask, Ended, Failed, Piece
from tuning.serving.bases import PLAIN, load_speakers
from tuning.serving.engine import Busy, Engine
from tuning.serving.unfolding import Unfolding

QUESTIONS = ("red?", "What is on the green door and on the black lamp, and why is that so?", "Which colour?", "box")
PATIENCE = 60.0


class Heard:
    """What the engine has told of one ask."""

    def __init__(self):
        self.text, self.last = "", queue.Queue()

    def __call__(self, told):
        if isinstance(told, Piece):
            self.text += told.text
        else:
            self.last.put(told)

    def end(self):
        return self.last.get(timeout=PATIENCE)


@pytest.fixture
def engine():
    engine = Engine(at_once=4, waiting=64)
    yield engine
    engine.close()
    assert not engine.trouble


def prompt(speaker, question):
    example = Example(id="x", question=question, answer="", lang="en")
    return tuple(encode_prompt(example, speaker.base.tokenizer, max_tokens=128))


def asked(engine, speaker, question, **more):
    heard = Heard()
    engine.submit(Ask(speaker=speaker, tell=heard, prompt=prompt(speaker, question), **{"most": 12, **more}))
    return heard


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
def test_different_adapters_in_one_batch_answer_as_each_does_alone(made_adapter, tmp_path, engine, kind):
    adapters = [made_adapter(tmp_path, name, kind, seed=seed) for seed, name in enumerate(("one", "two", "three"), 1)]
    speakers = load_speakers(adapters, "cpu")
    assert len({id(speaker.base) for speaker in speakers.values()}) == 1
    heard = {(s.name, q): asked(engine, s, q, most=8 + n) for s in speakers.values() for n, q in enumerate(QUESTIONS)}
    engine.start()
    alone = {}
    for adapter in adapters:
        loaded = load_adapter(adapter, device="cpu")
        for n, question in enumerate(QUESTIONS):
            ids = prompt(speakers[adapter.name], question)
            [alone[adapter.name, question]] = answer_batch(loaded.model, loaded.tokenizer, [ids], max_new_tokens=8 + n)
    for who, one in heard.items():
        assert isinstance(one.end(), Ended)
        assert one.text == alone[who]
    assert len(set(alone.values())) > len(QUESTIONS)  # the adapters do not say the same


def test_an_adapter_that_cannot_be_mixed_answers_beside_those_that_can(made_adapter, tmp_path, engine):
    adapters = [made_adapter(tmp_path, "plain"), made_adapter(tmp_path, "dora", seed=2, dora=True)]
    speakers = load_speakers(adapters, "cpu")
    assert [speaker.mixes for speaker in speakers.values()] == [True, False]
    heard = {name: asked(engine, speaker, "red?") for name, speaker in speakers.items() for _ in range(2)}
    engine.start()
    for adapter in adapters:
        heard[adapter.name].end()
        loaded = load_adapter(adapter, device="cpu")
        ids = prompt(speakers[adapter.name], "red?")
        assert [heard[adapter.name].text] == answer_batch(loaded.model, loaded.tokenizer, [ids], max_new_tokens=12)


def test_the_base_itself_shares_a_batch_with_its_adapters(made_adapter, tmp_path, engine, settings):
    adapter = made_adapter(tmp_path, "one")
    speakers = load_speakers([adapter], "cpu", untuned=settings("llama"))
    assert speakers["base"].inner == PLAIN
    heard = {name: asked(engine, speaker, "red?") for name, speaker in speakers.items()}
    engine.start()
    assert all(isinstance(one.end(), Ended) for one in heard.values())
    loaded = load_adapter(adapter, device="cpu")
    ids = prompt(speakers["one"], "red?")
    with loaded.model.disable_adapter():
        assert [heard["base"].text] == answer_batch(loaded.model, loaded.tokenizer, [ids], max_new_tokens=12)
    assert heard["base"].text != heard["one"].text


def test_a_seed_gives_the_same_random_answer_alone_and_in_company(made_adapter, tmp_path, engine):
    speaker = load_speakers([made_adapter(tmp_path, "one")], "cpu")["one"]
    engine.start()
    random = {"temperature": 1.0, "top_p": 0.9, "seed": 5}
    first = asked(engine, speaker, "red?", **random)
    first.end()
    company = [asked(engine, speaker, q) for q in QUESTIONS]
    second, other = asked(engine, speaker, "red?", **random), asked(engine, speaker, "red?", **{**random, "seed": 6})
    for one in (*company, second, other):
        one.end()
    assert first.text == second.text
    assert first.text != other.text


def test_an_answer_whose_asker_has_gone_is_given_up(made_adapter, tmp_path, engine):
    speaker = load_speakers([made_adapter(tmp_path, "one")], "cpu")["one"]
    gone, begun = threading.Event(), threading.Event()
    forever = Ask(speaker=speaker, tell=lambda _: begun.set(), prompt=(1, 5), most=10**9, gone=gone)
    engine.submit(forever)
    engine.start()
    assert begun.wait(PATIENCE)
    gone.set()
    heard = asked(engine, speaker, "red?")
    assert isinstance(heard.end(), Ended)
    end = time.monotonic() + PATIENCE
    while engine.load != (0, 0):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_more_than_may_wait_are_refused(made_adapter, tmp_path):
    speaker = load_speakers([made_adapter(tmp_path, "one")], "cpu")["one"]
    engine = Engine(at_once=1, waiting=1)
    engine.start()
    gone, begun = threading.Event(), threading.Event()
    engine.submit(Ask(speaker=speaker, tell=lambda _: begun.set(), prompt=(1, 5), most=10**9, gone=gone))
    assert begun.wait(PATIENCE)
    waits = asked(engine, speaker, "red?")
    with pytest.raises(Busy, match="1 requests are being answered and 1 wait"):
        asked(engine, speaker, "red?")
    gone.set()
    assert isinstance(waits.end(), Ended)
    engine.close()


def test_closing_ends_what_is_being_answered(made_adapter, tmp_path):
    speaker = load_speakers([made_adapter(tmp_path, "one")], "cpu")["one"]
    engine = Engine(at_once=1, waiting=4)
    heard = [asked(engine, speaker, "red?", most=10**9, stops=()) for _ in range(3)]
    engine.start()
    engine.close()
    ends = [one.end() for one in heard]
    assert any(isinstance(end, Failed) and end.status == 503 for end in ends)
    assert not engine.alive


def test_a_stop_word_ends_the_answer_and_is_not_said(made_adapter, tmp_path, engine):
    speaker = load_speakers([made_adapter(tmp_path, "one")], "cpu")["one"]
    engine.start()
    whole = asked(engine, speaker, QUESTIONS[1])
    whole.end()
    stop = whole.text[4:6]
    cut = asked(engine, speaker, QUESTIONS[1], stops=("nothing like it", stop))
    end = cut.end()
    assert end.reason == "stop"
    assert 0 < end.tokens < 12
    assert cut.text == whole.text[: whole.text.index(stop)].rstrip()


def test_half_a_character_and_half_a_stop_word_wait(tokenizer_for):
    tokenizer = tokenizer_for()
    ids = tokenizer("¿Sí? END now", add_special_tokens=False)["input_ids"]
    unfolding = Unfolding(tokenizer, ["END"])
    pieces = []
    for token in ids:
        pieces.append(unfolding.take(token))
        if unfolding.stopped:
            break
    assert "".join(pieces) + unfolding.end() == "¿Sí?"
    assert not any("\ufffd" in piece or "E" in piece for piece in pieces)


def test_models_of_other_memories_answer_one_by_one(toy, tokenizer_for, tmp_path, engine, settings):
    folder = tmp_path / "mamba"
    toy.causal("mamba").save_pretrained(folder)
    tokenizer_for().save_pretrained(folder)
    wanted = settings("llama", base=str(folder))
    speaker = load_speakers([], "cpu", untuned=wanted)["base"]
    assert not speaker.base.batches
    engine.start()
    heard = [asked(engine, speaker, question, most=6) for question in QUESTIONS[:2]]
    for question, one in zip(QUESTIONS, heard, strict=False):
        one.end()
        ids = prompt(speaker, question)
        assert [one.text] == answer_batch(speaker.base.model, speaker.base.tokenizer, [ids], max_new_tokens=6)
    assert stop_ids(speaker.base.model, speaker.base.tokenizer)
