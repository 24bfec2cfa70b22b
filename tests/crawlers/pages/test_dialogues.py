"""Threads as conversations of several turns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.pages import read_page
from crawlers.pages.forum import thread_pairs
from crawlers.pages.threads import Post, Thread
from crawlers.pairs import page_pairs
from tamiz.records import Page

CASES = Path(__file__).parents[2] / "cases" / "pages"


def post(author: str, text: str) -> Post:
    return Post(author=author, text=text, markdown=text)


def dialogue(*posts: Post) -> list[tuple[str, str]] | None:
    found = Thread(title="Printer stops", label="", posts=posts, platform="test")
    _, talk, _ = thread_pairs(found, "https://foro.example/t/1")
    if talk is None:
        return None
    return [*((t.role, t.content) for t in talk.context), ("user", talk.question), ("assistant", talk.answer)]


ASKED = post("asker", "It stops after a page. Why?")
THANKED = post("asker", "Thanks, that worked!")


def test_question_back_and_answer_make_a_dialogue_that_ends_with_the_answer() -> None:
    talk = dialogue(
        ASKED,
        post("b", "Which model is it?"),
        post("asker", "It is a P5000."),
        post("b", "Hold Resume for ten seconds."),
        THANKED,
    )
    assert talk == [
        ("user", "Printer stops\n\nIt stops after a page. Why?"),
        ("assistant", "Which model is it?"),
        ("user", "It is a P5000."),
        ("assistant", "Hold Resume for ten seconds."),
    ]


def test_success_after_a_new_error_speaks_of_the_last_advice() -> None:
    talk = dialogue(
        ASKED,
        post("b", "Start it in safe mode with F8."),
        post("asker", "Ahora sale el error 0x80070002. ¿Qué hago?"),
        post("c", "Same problem here!"),
        post("b", "Run chkdsk from the console and restart."),
        post("asker", "¡Funciona! Muchas gracias."),
    )
    assert talk == [
        ("user", "Printer stops\n\nIt stops after a page. Why?"),
        ("assistant", "Start it in safe mode with F8."),
        ("user", "Ahora sale el error 0x80070002. ¿Qué hago?"),
        ("assistant", "Run chkdsk from the console and restart."),
    ]


def test_posts_of_one_side_are_one_turn_and_others_are_silent() -> None:
    talk = dialogue(
        ASKED,
        post("asker", "It is a P5000, by the way."),
        post("b", "What does the display say?"),
        post("c", "I sold mine last year, never again."),
        post("d", "Same problem here!"),
        post("asker", "It says JAM in red."),
        post("b", "Then there is paper inside."),
        post("b", "Open the rear cover and take it out."),
        THANKED,
    )
    assert talk == [
        ("user", "Printer stops\n\nIt stops after a page. Why?\n\nIt is a P5000, by the way."),
        ("assistant", "What does the display say?"),
        ("user", "It says JAM in red."),
        ("assistant", "Then there is paper inside.\n\nOpen the rear cover and take it out."),
    ]


def test_one_question_and_one_answer_are_no_dialogue() -> None:
    assert dialogue(ASKED, post("b", "Open the rear cover and take the paper out."), THANKED) is None


def test_a_thread_without_answer_is_no_dialogue() -> None:
    talk = dialogue(
        ASKED,
        post("b", "Open the rear cover and take the paper out."),
        post("asker", "There is none in it."),
        post("b", "Then clean the rollers with a cloth."),
    )
    assert talk is None


@pytest.mark.parametrize(
    ("threads", "turns"), [("pairs", [0]), ("dialogues", [2]), ("both", [0, 2])], ids=["pairs", "dialogues", "both"]
)
def test_the_setting_says_what_a_thread_becomes(threads: str, turns: list[int]) -> None:
    reading = read_page((CASES / "discourse_rendered_dialogue" / "page.html").read_text(encoding="utf-8"))
    page = Page(
        url="https://foro.example/t/1", final_url="https://foro.example/t/1", fetched_at="2026-01-01T00:00:00+00:00",
        status=200, content_type="text/html", content_hash="0" * 64, source="foro",
    )  # fmt: skip
    pairs = page_pairs(page, reading, languages=("en", "es"), threads=threads)
    assert [len(pair.context) for pair in pairs] == turns
    assert len({pair.id for pair in pairs}) == len(turns)


def test_a_thread_that_is_no_dialogue_stays_a_pair_where_dialogues_are_asked_for() -> None:
    reading = read_page((CASES / "xenforo2_solution" / "page.html").read_text(encoding="utf-8"))
    page = Page(
        url="https://foro.example/t/1", final_url="https://foro.example/t/1", fetched_at="2026-01-01T00:00:00+00:00",
        status=200, content_type="text/html", content_hash="0" * 64, source="foro",
    )  # fmt: skip
    (pair,) = page_pairs(page, replace(reading, dialogues=()), languages=("en",), threads="dialogues")
    assert pair.context == ()
