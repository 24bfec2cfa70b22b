"""The screens without a browser: what they say in each state of a project."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from curation.review import Desk
from tamiz.decisions import mark_sieved
from tamiz.records import Finding
from tamiz.settings import ReviewSettings

APP = Path(ui.__file__).with_name("app.py")


@pytest.fixture
def waiting(opened, make_pair):
    pairs = [make_pair(number) for number in range(3)]
    opened.add_pairs(pairs, "source:ayuda")
    mark_sieved(opened, [pair.id for pair in pairs])
    return pairs


@pytest.fixture
def home(folder, monkeypatch):
    def run() -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", "--project", str(folder)])
        test = AppTest.from_file(str(APP), default_timeout=20)
        test.run()
        assert not test.exception
        return test

    return run


@pytest.fixture
def review(folder):
    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import review
        from ui.session import open_window

        review.show(open_window(Path(place)))

    def run() -> AppTest:
        test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
        test.session_state["language"] = "es"
        test.run()
        assert not test.exception
        return test

    return run


def button(test: AppTest, label: str):
    return next(one for one in test.button if one.label == label)


def press(test: AppTest, label: str) -> AppTest:
    time.sleep(0.3)  # a decision sooner than 250 ms after the pair came up is refused
    button(test, label).click().run()
    assert not test.exception
    return test


def texts(test: AppTest) -> str:
    kinds = (test.markdown, test.code, test.info, test.success, test.warning, test.error, test.subheader, test.html)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def test_home_leads_to_the_balance_once_there_is_something_to_count(home, opened, make_pair):
    def links() -> list[str]:
        return [element.proto.page for element in home().get("page_link")]

    assert "balance" not in links()
    pair = make_pair(1)
    opened.add_pairs([pair], "source:ayuda")
    mark_sieved(opened, [pair.id])
    assert "balance" in links()


def test_home_leads_to_the_words_that_wait(home, opened, waiting):
    assert "words" not in [element.proto.page for element in home().get("page_link")]
    about = {"kind": "spelling", "field": "answer", "start": 0, "end": 1, "after": "x", "confidence": 0.6}
    found = [Finding(pair=pair.id, step="spelling", before=pair.answer[:1], **about) for pair in waiting]
    opened.add_look("spelling", "s", [pair.id for pair in waiting], found)
    test = home()
    assert "words" in [element.proto.page for element in test.get("page_link")]
    assert f"all their pairs: {len({one.before for one in found})}." in texts(test)


def test_a_folder_without_a_project_says_how_to_start(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--project", str(tmp_path / "nowhere")])
    test = AppTest.from_file(str(APP), default_timeout=20).run()
    assert "tamiz init" in test.error[0].value.replace("\\", "")
    assert not test.exception


def test_review_counts_down_and_ends_with_what_to_do(review, opened, waiting):
    test = review()
    assert [area.value for area in test.text_area] == [waiting[0].question, waiting[0].answer]
    press(test, "Aceptar")
    press(test, "Rechazar")
    press(test, "Aceptar")
    assert opened.counts() == {"accepted": 2, "rejected": 1}
    assert "Todo está revisado. Pares aceptados: 2." in texts(test)
    press(test, "Deshacer")
    assert test.text_area[0].value == waiting[2].question


def test_a_decision_at_once_is_refused_with_a_word(review, opened, waiting, monkeypatch):
    test = press(review(), "Aceptar")
    monkeypatch.setattr("curation.review.pace.QUIET_SECONDS", 60)  # a busy machine is not at once
    button(test, "Aceptar").click().run()
    assert "Demasiado rápido" in test.warning[0].value
    assert opened.counts() == {"waiting": 2, "accepted": 1}


def test_a_held_pair_of_somebody_else_is_not_shown(review, opened, waiting):
    for name in ("reviewer-1", "reviewer-2", "reviewer-3"):
        Desk(opened, name, ReviewSettings()).next_pair()
    assert "Otras personas están revisando" in texts(review())


def test_pairs_that_are_not_sieved_are_nobodys_turn(review, opened, make_pair):
    opened.add_pairs([make_pair(1)], "source:ayuda")
    assert "`tamiz curate`" in texts(review())


def test_without_a_name_nothing_can_be_decided(review, opened, waiting):
    test = review()
    test.text_input(key="reviewer").set_value("  ").run()
    assert "Escribe tu nombre" in test.warning[0].value
    assert not test.text_area


@pytest.mark.parametrize(("asked", "said"), [("es", "Qué hacer ahora"), ("en", "What to do next"), ("fr", "What to")])
def test_the_address_chooses_the_language(folder, monkeypatch, asked, said):
    monkeypatch.setattr(sys, "argv", ["app.py", "--project", str(folder)])
    test = AppTest.from_file(str(APP), default_timeout=20)
    test.query_params["language"] = asked
    assert said in texts(test.run())


def test_the_address_follows_the_language_that_is_chosen(home):
    test = home()
    assert "language" not in test.query_params
    test.selectbox(key="language").set_value("es").run()
    assert test.query_params["language"] == "es"
    assert "Qué hacer ahora" in texts(test)
    test.selectbox(key="language").set_value("en").run()
    assert test.query_params["language"] == "en"
