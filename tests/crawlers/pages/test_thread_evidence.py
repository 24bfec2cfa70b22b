"""What speaks for a reply as the answer, and when nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers.pages.choice import Choice, choose, why_no_pair
from crawlers.pages.forum import thread_pairs
from crawlers.pages.threads import Post, Thread

ANSWER = "Hold the button for ten seconds and then plug the printer in again."
OTHER = "Take the paper out and clean the rollers with a dry cloth."


def post(author: str, text: str, **more: Any) -> Post:
    return Post(author=author, text=text, markdown=text, **more)


def thread(*replies: Post, title: str = "Printer stops", opening: str = "It stops. Why?", **more: Any) -> Thread:
    return Thread(title=title, label="", posts=(post("asker", opening), *replies), platform="test", **more)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("That worked, thank you!", "the asker said that it worked", id="en"),
        pytest.param("¡Funcionó! Muchas gracias.", "the asker said that it worked", id="es"),
        pytest.param("Super, hat geklappt.", "the asker said that it worked", id="de"),
        pytest.param("Merci, ça marche.", "the asker said that it worked", id="fr"),
        pytest.param("Obrigado, funcionou.", "the asker said that it worked", id="pt"),
        pytest.param("Grazie, ora funziona.", "the asker said that it worked", id="it"),
        pytest.param("Thanks for the quick reply.", "the asker thanked for it", id="thanks only"),
        pytest.param("Solved, thanks!", "the asker said that it worked", id="solved, thanks"),
    ],
)
def test_the_askers_word_is_evidence(said: str, reason: str) -> None:
    choice = choose(thread(post("b", ANSWER), post("asker", said)))
    assert isinstance(choice, Choice)
    assert (choice.index, choice.reason) == (1, reason)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Thanks, but it still does not work.", id="thanks but no"),
        pytest.param("Gracias, pero no funciona.", id="gracias pero no"),
        pytest.param("Danke, geht leider immer noch nicht.", id="danke aber nein"),
        pytest.param("I have a P5000 and the lamp is red.", id="more about the problem"),
        pytest.param("Would be great if that worked on the old model.", id="a wish"),
        pytest.param("Thanks in advance for more ideas.", id="in advance"),
    ],
)
def test_an_asker_who_came_back_and_confirmed_nothing_leaves_the_thread_without_answer(said: str) -> None:
    assert choose(thread(post("b", ANSWER), post("asker", said))) == "the asker came back and confirmed no reply"


def test_an_asker_who_solved_it_alone_gives_no_answer_to_others() -> None:
    alone = post("asker", "I solved it by reinstalling the driver from the disc that came with it back in May.")
    assert choose(thread(post("b", ANSWER), alone)) == "the asker reports a solution of their own"


def test_thanks_name_whom_they_are_for() -> None:
    choice = choose(thread(post("maria", ANSWER), post("c", OTHER), post("asker", "Thanks maria, very clear.")))
    assert isinstance(choice, Choice)
    assert choice.index == 1


def test_what_worked_says_more_than_earlier_thanks() -> None:
    replies = post("b", OTHER), post("asker", "Thanks, trying."), post("c", ANSWER), post("asker", "That worked!")
    choice = choose(thread(*replies))
    assert isinstance(choice, Choice)
    assert choice.index == 3


def test_a_guest_who_only_thanks_is_taken_for_the_guest_who_asked() -> None:
    posts = (post("", "It stops. Why?"), post("b", ANSWER), post("", "Thank you, that did it!"))
    choice = choose(Thread(title="Printer stops", label="", posts=posts, platform="test"))
    assert isinstance(choice, Choice)
    assert choice.index == 1


@pytest.mark.parametrize(
    ("votes", "own", "index"),
    [
        pytest.param(20, 0, 1, id="many"),
        pytest.param(2, 0, None, id="few"),
        pytest.param(7, 7, None, id="no more than the asker's own answer"),
    ],
)
def test_where_votes_judge_an_answer_nobody_accepted_needs_many_and_the_most(
    votes: int, own: int, index: int | None
) -> None:
    found = thread(post("b", ANSWER, votes=votes), post("asker", OTHER, votes=own), marks=True, judges=True)
    choice = choose(found)
    assert (choice.index if isinstance(choice, Choice) else None) == index


def test_comments_below_an_answer_are_no_rivals_of_it() -> None:
    replies = post("b", ANSWER, votes=4), post("c", "That is funny, mine did so too.", votes=90, depth=1)
    choice = choose(thread(*replies, least_votes=2))
    assert isinstance(choice, Choice)
    assert choice.index == 1


def test_more_votes_are_surer() -> None:
    few, many = (choose(thread(post("b", ANSWER, votes=n), least_votes=2)) for n in (2, 12))
    assert isinstance(few, Choice)
    assert isinstance(many, Choice)
    assert few.confidence < many.confidence < 0.95


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        pytest.param("How do I clear error 12?", None, id="a question"),
        pytest.param("Printer stops", "no reply is marked or confirmed as the answer", id="no question"),
        pytest.param("Which is the best printer?", "no reply is marked or confirmed as the answer", id="opinions"),
    ],
)
def test_without_any_evidence_only_a_plain_question_has_an_answer(title: str, reason: str | None) -> None:
    pair, _, why = thread_pairs(thread(post("b", ANSWER), title=title))
    assert (why or None) == reason
    assert pair is None or pair.confidence < 0.5


def test_a_long_discussion_has_no_answer() -> None:
    replies = [post(f"m{n}", f"{OTHER} I did so {n} times.") for n in range(8)]
    found = thread(*replies, title="How do I clear error 12?")
    assert choose(found) == "a discussion: no reply is marked or confirmed as the answer"


def test_questions_that_advise_are_answers() -> None:
    choice = choose(thread(post("b", "Have you tried to hold the button for ten seconds?"), post("asker", "Thanks!")))
    assert isinstance(choice, Choice)


def test_a_solved_sign_beside_the_title_counts_as_one_in_it() -> None:
    plain = choose(thread(post("b", ANSWER), post("asker", "Danke!")))
    solved = choose(thread(post("b", ANSWER), post("asker", "Danke!"), solved=True))
    assert isinstance(plain, Choice)
    assert isinstance(solved, Choice)
    assert solved.reason == "the thread is marked solved; the asker thanked for it"
    assert solved.confidence > plain.confidence


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("I am new here and say hello from Leon.", id="an introduction"),
        pytest.param("", id="a bare headline"),
    ],
)
def test_who_asks_nothing_gets_no_answer(opening: str) -> None:
    found = thread(post("b", "Welcome to the forum!"), title="Hello everyone", opening=opening)
    assert why_no_pair(found, solved=False) == "the opening post asks nothing"


def test_the_author_and_the_date_of_the_answer_are_kept_without_the_name() -> None:
    found = thread(post("mariab", ANSWER, written_at="2020-01-02"), title="How do I clear error 12?")
    pair, _, _ = thread_pairs(found, "https://foro.example/t/1")
    assert pair is not None
    assert pair.written_at == "2020-01-02"
    assert len(pair.author) == 16
    assert "mariab" not in repr(pair)
