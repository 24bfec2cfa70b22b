"""Which reply of a thread is the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawlers.pages import read_json, read_page
from crawlers.pages.choice import best_reply, why_no_pair
from crawlers.pages.threads import Post, Thread, clean_title


def post(author: str, text: str, **more: Any) -> Post:
    return Post(author=author, text=text, markdown=text, **more)


def thread(*posts: Post, title: str = "Why does it not start?", **more: Any) -> Thread:
    return Thread(title=title, label="", posts=posts, platform="test", **more)


ASKED = post("asker", "It does not start. Why?")


@pytest.mark.parametrize(
    ("title", "cleaned", "solved"),
    [
        ("[SOLVED] No sound", "No sound", True),
        ("No hay sonido (Solucionado)", "No hay sonido", True),
        ("Kein Ton [gelöst]", "Kein Ton", True),
        ("No sound - SOLVED", "No sound", True),
        ("How to pack? [closed]", "How to pack?", False),
        ("[Duda] Sobre sprites", "[Duda] Sobre sprites", False),
        ("A solved cube puzzle", "A solved cube puzzle", False),
    ],
)
def test_the_state_of_a_thread_is_taken_from_its_title(title: str, cleaned: str, solved: bool) -> None:
    assert clean_title(title) == (cleaned, solved)


@pytest.mark.parametrize(
    ("replies", "index"),
    [
        pytest.param([post("b", "Try the other plug."), post("c", "Use the fuse.", accepted=True)], 2, id="accepted"),
        pytest.param([post("b", "Try the other plug.", votes=1), post("c", "Use the fuse.", votes=4)], 2, id="votes"),
        pytest.param([post("asker", "Anyone there?"), post("b", "Try the other plug.")], 2, id="not the asker"),
        pytest.param([post("b", "Same problem here."), post("c", "Try the other plug.")], 2, id="not a me-too"),
        pytest.param([post("b", "Which model is it?"), post("c", "Try the other plug.")], 2, id="not a question back"),
        pytest.param(
            [
                post("b", "It cannot be done."),
                post("c", "It can: hold the button for ten seconds."),
                post("b", "I did not know that, sorry for the noise."),
                post("asker", "Thanks, both of you!"),
            ],
            2,
            id="not who takes it back",
        ),
        pytest.param(
            [post("b", "Thanks for asking this!"), post("c", "Hold the button for ten seconds.")], 2, id="not thanks"
        ),
        pytest.param(
            [post("b", "I think it is the fuse."), post("c", "Hold the button for ten seconds.")], 2, id="not a guess"
        ),
        pytest.param([post("b", "Sorry, that is not possible with this model.")], 1, id="sorry, but no"),
        pytest.param(
            [post("b", "Try the other plug."), post("c", "Hold the button.", staff=True)], 2, id="written by staff"
        ),
        pytest.param(
            [post("b", "Same problem here!", votes=9), post("c", "Use the fuse.", votes=2)], 2, id="liked me-too"
        ),
        pytest.param(
            [
                post("b", "Try the fuse first."),
                post("c", "Hold the button for ten seconds."),
                post("asker", "Thanks, works now!"),
            ],
            2,
            id="thanked",
        ),
        pytest.param(
            [
                post("b", "Try the fuse first."),
                post("c", "Hold the button for ten seconds."),
                post("asker", "Thanks, works now!", quoted=("b",)),
            ],
            1,
            id="thanked by quoting",
        ),
    ],
)
def test_the_best_reply_is_chosen(replies: list[Post], index: int) -> None:
    choice = best_reply(thread(ASKED, *replies))
    assert choice is not None
    assert choice.index == index


def test_only_the_asker_writing_is_no_answer() -> None:
    assert best_reply(thread(ASKED, post("asker", "Still nothing works."))) is None


ANSWER = "Hold the button for ten seconds and then plug the printer in again."


@pytest.mark.parametrize(
    ("title", "opening", "replies", "reason"),
    [
        pytest.param("Ink", "It printed grey since Monday.", [post("b", ANSWER), post("asker", "Thanks!")], None,
                     id="a story that was helped"),
        pytest.param("Refund still missing", "I sent it back in May.", [post("b", ANSWER)], None, id="a problem"),
        pytest.param("Hello", "I am new here and my printer does not work. I get an error.", [post("b", ANSWER)], None,
                     id="a newcomer with a problem"),
        pytest.param("Hi all", "How are you? I am new here.", [post("b", ANSWER), post("asker", "Thanks!")],
                     "the opening post asks nothing", id="a newcomer"),
        pytest.param("My garden", "Here are some photos.", [post("b", "Great work!"), post("asker", "Thanks!")],
                     "the opening post asks nothing", id="praise"),
        pytest.param("No ink?", "Why?", [post("asker", "Anyone?")], "only the asker replied", id="alone"),
        pytest.param("No ink?", "Why?", [], "nobody answered", id="nobody"),
    ],
)  # fmt: skip
def test_who_sought_help_need_not_have_asked(title: str, opening: str, replies: list[Post], reason: str | None) -> None:
    assert why_no_pair(thread(post("asker", opening), *replies, title=title), solved=False) == reason


def topic(*posts: dict[str, Any], **more: Any) -> str:
    numbered = [{"post_number": n, "post_type": 1, **p} for n, p in enumerate(posts, 1)]
    return json.dumps(
        {"title": "Battery drains [solved]", "tags": ["battery"], "post_stream": {"posts": numbered}, **more}
    )


def test_a_topic_of_the_discourse_api_gives_its_accepted_answer() -> None:
    text = topic(
        {"username": "u1", "cooked": "<p>It is empty in an hour. Help?</p>"},
        {"username": "u2", "cooked": "<p>No idea, sorry.</p>", "actions_summary": [{"id": 2, "count": 9}]},
        {
            "username": "u3",
            "cooked": '<aside class="quote" data-username="u1"><p>It is</p></aside><p>Do <a href="/t/5">this</a>.</p>',
        },
        accepted_answer={"post_number": 3},
    )
    reading = read_json(text, "https://forum.example/t/battery/1")
    (pair,) = reading.pairs
    assert (reading.kind, reading.title) == ("forum", "Battery drains")
    assert pair.question == "Battery drains\n\nIt is empty in an hour. Help?"
    assert (pair.answer, pair.accepted, pair.label) == ("Do this.", True, "battery")
    assert pair.answer_markdown == "Do [this](https://forum.example/t/5)."


def test_hidden_and_system_posts_of_a_topic_do_not_answer() -> None:
    text = topic(
        {"username": "u1", "cooked": "<p>Help?</p>"},
        {"username": "u2", "cooked": "<p>Buy my pills today.</p>", "hidden": True},
        {"username": "system", "cooked": "<p>This topic was closed.</p>", "post_type": 3},
    )
    assert read_json(text).reason == "nobody answered"


def test_a_later_page_of_a_topic_is_no_pair() -> None:
    text = json.dumps({"title": "x", "post_stream": {"posts": [{"post_number": 21, "cooked": "<p>y</p>"}]}})
    assert read_json(text).reason == "not the first page of the thread"


def test_no_field_of_a_pair_names_an_author() -> None:
    body = "".join(
        f'<div class="post" id="p{n}"><div class="postbody"><p class="author">by <strong>zyx{n}</strong></p>'
        f'<div class="content"><blockquote><cite>zyx{n} wrote:</cite>Hm</blockquote>'
        "It is plugged in and charged up now</div></div></div>"
        for n in range(3)
    )
    reading = read_page(f'<h2><a href="viewtopic.php?t=1">It does not start?</a></h2>{body}')
    assert reading.pairs
    assert "zyx" not in repr(reading)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("<br />_________________<br />Quiet signature", id="in the same element"),
        pytest.param("</span><span class='postbody'><br />_________________<br />Quiet signature", id="in its own"),
    ],
)
def test_what_stands_below_a_line_of_underscores_is_no_part_of_a_post(end: str) -> None:
    row = "<tr><td><span class='name'><b>{0}</b></span></td><td><span class='postbody'>{1}{2}</span></td></tr>"
    posts = (("ana", "It stops. Why?"), ("kim", "Hold <b>Resume</b> for ten seconds."), ("ana", "That worked!"))
    rows = "".join(row.format(name, said, end) for name, said in posts)
    reading = read_page(f"<a class='maintitle'>Printer stops</a><table>{rows}</table>")
    assert [(pair.answer, pair.answer_markdown) for pair in reading.pairs] == [
        ("Hold Resume for ten seconds.", "Hold **Resume** for ten seconds.")
    ]
