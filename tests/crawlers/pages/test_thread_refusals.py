"""Threads of which no reply, or not the reply that looks best, is the answer."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers.pages.choice import Choice, choose, why_no_pair
from crawlers.pages.replies import is_substantive
from crawlers.pages.threads import Post, Thread

ANSWER = "Hold the button for ten seconds and then plug the printer in again."
OTHER = "Take the paper out and clean the rollers with a dry cloth."
ASKS_NOTHING = "the opening post asks nothing"


def post(author: str, text: str, **more: Any) -> Post:
    return Post(author=author, text=text, markdown=text, **more)


def thread(*replies: Post, title: str = "Printer stops", opening: str = "It stops. Why?", **more: Any) -> Thread:
    return Thread(title=title, label="", posts=(post("asker", opening), *replies), platform="test", **more)


def chosen(found: Thread, *, solved: bool = False) -> int | None:
    choice = choose(found, solved=solved)
    return choice.index if isinstance(choice, Choice) else None


def test_a_later_no_to_the_same_reply_takes_the_thanks_back() -> None:
    replies = post("b", ANSWER), post("asker", "Thanks!"), post("asker", "Thanks, but the button is missing.")
    assert chosen(thread(*replies)) is None


def test_a_no_to_another_reply_leaves_the_thanks() -> None:
    replies = (post("bea", ANSWER), post("asker", "Thanks bea!"), post("carl", OTHER),
               post("asker", "Thanks carl, but mine has no rollers."))  # fmt: skip
    assert chosen(thread(*replies)) == 1


def test_after_thanks_with_a_new_question_nothing_outranks_the_first_answer() -> None:
    replies = (post("b", ANSWER), post("asker", "Thanks! One more question: how are the rollers cleaned?"),
               post("c", OTHER), post("asker", "That worked, great."))  # fmt: skip
    assert chosen(thread(*replies)) == 1


def test_a_solved_thread_whose_asker_said_no_last_has_no_answer() -> None:
    assert chosen(thread(post("b", ANSWER), post("asker", "Thanks, but mine has no button.")), solved=True) is None
    assert chosen(thread(post("b", ANSWER), post("asker", "I have the model P5.")), solved=True) == 1


@pytest.mark.parametrize(
    ("reply", "index"),
    [
        pytest.param(f"{OTHER} Which version do you use?", None, id="asks back"),
        pytest.param(f"{OTHER} Have you tried that already?", 1, id="advises"),
        pytest.param(OTHER, 1, id="tells"),
    ],
)
def test_two_likes_confirm_no_reply_that_asks_back(reply: str, index: int | None) -> None:
    assert chosen(thread(post("b", reply, votes=2), least_votes=2)) == index


def test_two_likes_confirm_no_reply_that_the_asker_declines() -> None:
    replies = post("b", ANSWER, votes=2), post("asker", "Thanks, but the button is not there.")
    assert chosen(thread(*replies, least_votes=2)) is None


@pytest.mark.parametrize(
    "text",
    [
        "I can help you! Show me the file, then we can mend it.",
        "Claro, mándame el fichero y lo miramos juntos.",
        "Zeig mal die Datei, dann sehen wir weiter.",
        "Montre-moi le fichier et on verra ensemble.",
    ],
)
def test_who_wants_to_see_something_first_answers_nothing(text: str) -> None:
    assert not is_substantive(text)


def test_who_says_what_to_show_answers() -> None:
    assert is_substantive("Press the menu key twice, the display will show the number of pages.")


@pytest.mark.parametrize(
    "title",
    [
        "Has anyone built their own printer?",
        "Which printer? Looking for advice",
        "¿Alguien ha montado su impresora?",
        "¿Qué opináis de esta impresora?",
        "Hat jemand schon so einen Drucker gebaut?",
        "Quelqu'un a déjà monté son imprimante ?",
        "Qualcuno ha costruito una stampante?",
        "Alguém já montou uma impressora?",
    ],
)
def test_a_poll_has_no_answer_that_nobody_confirms(title: str) -> None:
    assert chosen(thread(post("b", ANSWER), title=title)) is None
    assert chosen(thread(post("b", ANSWER), post("asker", "That worked, thanks."), title=title)) == 1


@pytest.mark.parametrize("title", ["Does anyone know how to clear error 12?", "¿Cómo se borra el error 12?"])
def test_a_question_to_anyone_is_no_poll(title: str) -> None:
    assert chosen(thread(post("b", ANSWER), title=title)) == 1


def test_a_guess_that_nobody_confirms_is_no_answer() -> None:
    guess = post("b", "I think it is the fuse.")
    assert choose(thread(guess, title="Why does it stop?")) == "the replies only guess"
    assert chosen(thread(guess, post("asker", "That was it, thanks!"), title="Why does it stop?")) == 1


def test_an_asker_who_wrote_their_solution_into_the_question_leaves_no_answer_to_others() -> None:
    opening = "Edit: what I ended up doing was a new driver.\n\nIt stops. Why?"
    found = choose(thread(post("b", ANSWER), opening=opening), solved=True)
    assert found == "the asker reports a solution of their own"


@pytest.mark.parametrize(
    ("title", "opening", "reason"),
    [
        pytest.param("Hola a todos", "Me presento, soy de Lugo. ¿Alguien más?", ASKS_NOTHING, id="es"),
        pytest.param("Présentation", "Je m'appelle K, 20 ans. Des questions ?", ASKS_NOTHING, id="fr"),
        pytest.param("Hallo", "Ich stelle mich vor: K. Fragen?", ASKS_NOTHING, id="de"),
        pytest.param("Hello there", "My name is K. Any questions?", ASKS_NOTHING, id="en"),
        pytest.param("Hola, no puedo imprimir", "Me presento, soy de Lugo. ¿Qué hago?", None, id="a problem"),
        pytest.param("Router lento", "Me presento, soy de Lugo. ¿Qué hago?", None, id="a title of its own"),
        pytest.param("Hola a todos", "Soy nuevo. ¿Cómo se imprime?", None, id="new, with a question"),
    ],
)
def test_introductions_ask_nothing(title: str, opening: str, reason: str | None) -> None:
    found = thread(post("b", ANSWER), post("asker", "Gracias."), title=title, opening=opening)
    assert why_no_pair(found, solved=False) == reason


@pytest.mark.parametrize(
    ("praise", "answers"),
    [
        pytest.param("Te felicito, la verdad es que se nota el tiempo que le has puesto a esto.", False, id="praise"),
        pytest.param("Buen trabajo. Lo solucioné igual: la solución es quitar el papel.", True, id="praise and a fix"),
    ],
)
def test_praise_answers_nothing(praise: str, *, answers: bool) -> None:
    assert is_substantive(praise) is answers
