"""A model in a process of its own: asked from a process without one, stopped, and gone with whoever asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.errors import InputError
from tamiz.store import Store
from tamiz.talk import Talk, Talks
from tuning.train import tune

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; loading torch takes some on a busy machine

PARENT = """
import sys, time
from pathlib import Path
from tamiz.talk import Talk
talk = Talk(Path(sys.argv[1]), ["toy"])
print(talk.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(toy_export, tmp_path_factory, base_folder):
    """A project with one tiny adapter."""
    from tamiz.settings import LoraSettings, TuningSettings

    folder = tmp_path_factory.mktemp("talks")
    base = str(base_folder("llama"))
    text = f'[project]\nlanguages = ["en"]\n[tuning]\nbase = "{base}"\ndevice = "cpu"\nmax_new_tokens = 24\n'
    (folder / "tamiz.toml").write_text(text, encoding="utf-8")
    lora = LoraSettings(r=2, alpha=4, dropout=0.0)
    wanted = TuningSettings(base=base, device="cpu", epochs=0.1, max_new_tokens=4, lora=lora)
    tune(toy_export, wanted, name="toy", runs=folder / "runs", adapters=folder / "adapters")
    return folder


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """A model this small is slower on several, and they cost a whole core each while they wait for one another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def talk(folder):
    talk = Talk(folder, ["toy"])
    assert talk.ready(PATIENCE)
    yield talk
    talk.close()
    assert not alive(talk.pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ask(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def test_an_answer_comes_with_what_was_loaded(talk):
    assert not talk.error
    assert {name: talk.facts[name] for name in ("name", "task", "dataset_version", "device")} == {
        "name": "toy",
        "task": "causal",
        "dataset_version": "v001",
        "device": "cpu",
    }
    reply = talk.ask(ask("What is on the red door?"))
    assert reply.wait(PATIENCE)
    assert reply.state == "ended"
    assert reply.text.strip()
    again = talk.ask(ask("What is on the red door?"))
    assert again.wait(PATIENCE)
    assert again.text == reply.text


def test_an_answer_is_stopped_and_the_next_one_is_whole(talk):
    first, second = talk.ask(ask("What is on the blue lamp?")), talk.ask(ask("What is on the red door?"))
    talk.stop(first)
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    assert (first.state, second.state) == ("stopped", "ended")
    assert not talk.busy


def test_a_question_that_cannot_be_answered_is_told_and_the_talk_goes_on(talk):
    wrong = talk.ask([{"role": "assistant", "content": "I begin."}])
    assert wrong.wait(PATIENCE)
    assert wrong.state == "failed"
    assert "a request is one line" in wrong.error
    good = talk.ask(ask("What is on the red door?"))
    assert good.wait(PATIENCE)
    assert good.state == "ended"


def test_a_model_that_cannot_be_loaded_says_why_to_whoever_asks(folder):
    talk = Talk(folder, ["nobody"])
    reply = talk.ask(ask("Hello?"))
    assert reply.wait(PATIENCE)
    assert reply.state == "failed"
    assert "there is no adapter nobody" in reply.error
    assert talk.error
    assert talk.ask(ask("Hello?")).state == "failed"
    talk.close()


def test_the_model_ends_with_the_process_that_asked_even_when_that_is_killed(folder):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, cwd=REPOSITORY)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + PATIENCE
    while alive(child):
        assert time.monotonic() < end, "the model's process has outlived its asker"
        time.sleep(0.05)
    parent.stdout.close()


def test_models_are_shared_made_anew_and_given_up_when_nobody_talks(folder, talk, monkeypatch):
    started = []

    class Held(Talk):
        def __init__(self, folder: Path, arguments: list[str]) -> None:
            started.append(arguments)
            super().__init__(folder, arguments)

    monkeypatch.setattr("tamiz.talk.Talk", Held)
    talks = Talks(idle_seconds=3600, most=2)
    first = talks.talk(folder, ["toy"])
    assert talks.talk(folder, ["toy"]) is first
    second = talks.talk(folder, ["toy"], made="later")
    assert second is not first
    first.ask(ask("Hello?"))  # waits for the model
    third = talks.talk(folder, ["--base"])
    assert not alive(second.pid)  # room was made: it was not answering
    third.ask(ask("Hello?"))
    with pytest.raises(InputError, match="2 models are answering"):
        talks.talk(folder, ["toy"], made="later")
    talks.close()
    assert not any(alive(one.pid) for one in (first, second, third))
    assert len(started) == 3


def test_a_model_nobody_has_talked_to_is_ended(folder):
    talks = Talks(idle_seconds=0.2)
    pid = talks.talk(folder, ["toy"]).pid
    end = time.monotonic() + PATIENCE
    while alive(pid):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert talks.running() == 0
    talks.close()


@pytest.mark.parametrize(
    ("language", "bad", "waits"), [("en", "Send to review", "waits in"), ("es", "Enviar a", "espera en")]
)
def test_a_bad_answer_on_the_screen_becomes_a_pair_to_mend(folder, talk, monkeypatch, language, bad, waits):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # AppTest leaves its script there

    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import chat
        from ui.session import open_window

        chat.show(open_window(Path(place)))

    monkeypatch.setattr("ui.screens.chat._talks", lambda: SharedTalk(talk))
    test = AppTest.from_function(script, args=(str(folder),), default_timeout=60)
    test.session_state["language"], test.session_state["reviewer"] = language, "reviewer-1"
    test.run()
    question = f"<img src=x onerror=alert(1)> in {language}?"
    test.chat_input[0].set_value(question).run()
    assert not test.exception
    end = time.monotonic() + PATIENCE
    while talk.busy:
        assert time.monotonic() < end
        time.sleep(0.02)
    test.run()
    assert not test.exception
    assert all("<img" not in element.proto.body for element in test.get("html"))
    next(button for button in test.button if button.label.startswith(bad)).click().run()
    assert not test.exception
    assert any(waits in element.proto.body for element in test.get("html"))
    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        [stored] = [one for one in store.pairs("waiting") if one.pair.question == question]
    assert (stored.pair.source, stored.pair.made_by) == ("chat", "adapter:toy")


class SharedTalk:
    """The talk of this module, in place of those that a server starts."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def talk(self, *_: object, **__: object) -> Talk:
        return self._talk
