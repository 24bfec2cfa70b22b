"""Which post of a page a quote, a link or a mark means, and when it is on another page of the thread."""

from __future__ import annotations

import json

import pytest

from crawlers.pages import read_json, read_page

ANSWER = "Hold the button for ten seconds and then plug the printer in again."
OTHER = "Take the paper out and clean the rollers with a dry cloth."
ELSEWHERE = "the marked answer is on another page of the thread"


def xenforo(*posts: str, head: str = "") -> str:
    return f"<h1 class='p-title-value'>Why does the printer stop?</h1>{head}{''.join(posts)}"


def message(number: int, author: str, body: str) -> str:
    return (
        f"<article class='message message--post' data-author='{author}' data-content='post-{number}' "
        f"id='js-post-{number}'><article class='message-body'>{body}</article></article>"
    )


def test_a_quote_that_names_the_number_of_its_post_means_that_post() -> None:
    quote = "<blockquote class='bbCodeBlock--quote' data-quote='bea' data-source='post: 12'>x</blockquote>"
    posts = [message(11, "asker", "It stops each day."), message(12, "bea", ANSWER), message(13, "bea", OTHER)]
    reading = read_page(xenforo(*posts, message(14, "asker", f"{quote}Thanks!")))
    assert [pair.answer for pair in reading.pairs] == [ANSWER]
    plain = quote.replace(" data-source='post: 12'", "")
    reading = read_page(xenforo(*posts, message(14, "asker", f"{plain}Thanks!")))
    assert [pair.answer for pair in reading.pairs] == [OTHER]


def test_a_quote_that_links_to_its_post_means_that_post() -> None:
    def phpbb(number: int, author: str, body: str) -> str:
        return (
            f'<div class="post" id="p{number}"><div class="postbody"><p class="author">by <strong>{author}</strong></p>'
            f'<div class="content">{body}</div></div></div>'
        )

    link = '<cite><a href="./viewtopic.php?p=12#p12">bea</a> wrote:</cite>'
    thanks = f"<blockquote><div>{link}x</div></blockquote>Thanks!"
    posts = (
        phpbb(11, "asker", "It stops."),
        phpbb(12, "bea", ANSWER),
        phpbb(13, "bea", OTHER),
        phpbb(14, "asker", thanks),
    )
    reading = read_page(f'<h2><a href="viewtopic.php?t=1">Why does it stop?</a></h2>{"".join(posts)}')
    assert [pair.answer for pair in reading.pairs] == [ANSWER]


@pytest.mark.parametrize(
    ("href", "answers"),
    [
        pytest.param("/threads/printer.3/post-99", None, id="another page"),
        pytest.param("/threads/printer.3/page-2#post-99", None, id="another page by its number"),
        pytest.param("/threads/printer.3/#post-13", OTHER, id="this page"),
    ],
)
def test_a_solution_on_another_page_leaves_this_one_without_answer(href: str, answers: str | None) -> None:
    posts = [message(11, "asker", "It stops each day."), message(12, "bea", ANSWER), message(13, "carl", OTHER)]
    posts.append(message(14, "asker", "Thanks bea!"))
    reading = read_page(xenforo(*posts, head=f"<a href='{href}'>Go to solution</a>"))
    assert [pair.answer for pair in reading.pairs] == ([answers] if answers else [])
    assert reading.reason == (None if answers else ELSEWHERE)


def test_links_to_solutions_of_other_threads_say_nothing_of_this_one() -> None:
    posts = [message(11, "asker", "It stops each day."), message(12, "bea", ANSWER), message(14, "asker", "Thanks!")]
    reading = read_page(xenforo(*posts, "<a href='/threads/scanner.4/post-99'>View solution</a>"))
    assert [pair.answer for pair in reading.pairs] == [ANSWER]


@pytest.mark.parametrize(("accepted", "reason"), [(40, ELSEWHERE), (2, None)])
def test_a_topic_whose_accepted_post_was_not_given_has_no_answer(accepted: int, reason: str | None) -> None:
    posts = [{"post_number": n, "username": name, "cooked": f"<p>{text}</p>"}
             for n, name, text in [(1, "asker", "It stops."), (2, "bea", ANSWER), (3, "asker", "Thanks!")]]  # fmt: skip
    topic = {
        "title": "Why does it stop?",
        "post_stream": {"posts": posts},
        "accepted_answer": {"post_number": accepted},
    }
    reading = read_json(json.dumps(topic))
    assert reading.reason == reason
    assert len(reading.pairs) == (0 if reason else 1)


def test_a_stated_answer_keeps_its_date_and_a_mark_of_its_author() -> None:
    answer = {"@type": "Answer", "text": ANSWER, "author": {"@type": "Person", "name": "zyxbea"},
              "datePublished": "2021-03-04T05:06:07Z"}  # fmt: skip
    stated = {"@type": "QAPage", "mainEntity": {"@type": "Question", "name": "Why does the printer stop?",
              "text": "It stops each day.", "acceptedAnswer": answer}}  # fmt: skip
    reading = read_page(
        f"<script type='application/ld+json'>{json.dumps(stated)}</script><p>x</p>", "https://a.example/q"
    )
    (pair,) = reading.pairs
    assert pair.written_at.startswith("2021-03-04")
    assert len(pair.author) == 16
    assert "zyxbea" not in repr(reading)


@pytest.mark.parametrize(
    ("stated", "pages", "answers"),
    [
        pytest.param("Change the fuse behind the left cover of it.", "<link rel='next' href='?page=2'>", [], id="next"),
        pytest.param("Change the fuse behind the left cover of it.", "", [ANSWER], id="no other page"),
        pytest.param(OTHER, "<link rel='next' href='?page=2'>", [OTHER], id="on this page"),
    ],
)
def test_a_stated_answer_that_is_no_post_of_this_page_is_on_another(
    stated: str, pages: str, answers: list[str]
) -> None:
    question = {"@type": "Question", "name": "Why does the printer stop?", "text": "It stops each day.",
                "acceptedAnswer": {"@type": "Answer", "text": stated}}  # fmt: skip
    script = json.dumps({"@type": "QAPage", "mainEntity": question})
    posts = [message(11, "asker", "It stops each day."), message(12, "bea", ANSWER), message(13, "carl", OTHER)]
    posts.append(message(14, "asker", "Thanks bea!"))
    head = f"{pages}<script type='application/ld+json'>{script}</script>"
    reading = read_page(xenforo(*posts, head=head))
    assert [pair.answer for pair in reading.pairs] == answers
    assert (reading.reason == ELSEWHERE) is not bool(answers)
