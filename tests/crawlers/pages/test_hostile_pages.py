"""Pages made to break a parser: they end quickly, with a reason."""

from __future__ import annotations

import time

import pytest

from crawlers.pages import Reading, decode, read_faq, read_json, read_page, read_thread

LIST = "".join(f"<h2>What is {n}?</h2><p>It is {n}.</p>" for n in range(3000))
SECONDS = 5
HOSTILE = {
    "empty": ("", "an empty page"),
    "blanks": (" \n\t ", "an empty page"),
    "only a comment": ("<!-- nothing -->", "not HTML"),
    "plain text": ("Is this HTML? No.", "not HTML"),
    "nested 300,000 deep": ("<div>" * 300_000 + "x", "too complex"),
    "nested 200 deep, over and over": (("<div>" * 190 + "x" + "</div>" * 190) * 1000, "too complex"),
    "200,000 tags": ("<br>" * 200_000, "too complex"),
    "a text of 50 MB": ("<p>" + "hola que tal " * 4_000_000, "too complex"),
    "a text of two million characters": ("<p>" + "hola " * 500_000, "too complex"),
    "a million attributes": ("<p " + " ".join(f"a{n}=1" for n in range(1_000_000)) + ">x</p>", "too complex"),
    "attributes with > in them": ("<p " + " ".join(f'a{n}=">"' for n in range(600_000)) + ">x</p>", "too complex"),
    "attributes with < in them": ("<p " + " ".join(f"a{n}='<'" for n in range(600_000)) + ">x</p>", "too complex"),
    "attributes behind an odd quote": (
        """<p x"y=1 """ + " ".join(f"a{n}=1" for n in range(600_000)) + ">x</p>",
        "too complex",
    ),
    "many tags of many attributes": (
        ("<p " + " ".join(f"a{n}=1" for n in range(900)) + ">x</p>") * 1000,
        "too complex",
    ),
    "a comment that never ends": ("<p>x</p><!--" + "<p>" * 1_000_000, "no questions on this page"),
    "five million <": ("<" * 5_000_000, "not HTML"),
    "NUL and control signs": ("<p>a\x00b\x01\x0b</p>", "no questions on this page"),
    "lone surrogates": ("<p>\ud800 text \udfff</p>", "no questions on this page"),
    "a million blanks": ("<p>Q:" + " " * 1_000_000 + "</p>", "no questions on this page"),
    "a million question marks": ("<p>" + "?" * 1_000_000 + "</p>", "no questions on this page"),
    "a very long class": ('<div class="' + "a-" * 200_000 + '">x</div>', "no questions on this page"),
    "broken JSON-LD": (
        '<script type="application/ld+json">' + "[" * 50_000 + "</script><p>x",
        "no questions on this page",
    ),
    "an XML declaration": ('<?xml version="1.0" encoding="utf-16"?><html><p>x</p></html>', "no questions on this page"),
}


@pytest.mark.parametrize(("html", "reason"), [pytest.param(*case, id=name) for name, case in HOSTILE.items()])
def test_a_hostile_page_gives_a_reason_soon(html: str, reason: str) -> None:
    started = time.process_time()  # not the clock: other work on the machine is not the page's fault
    reading = read_page(html, "https://example.org/")
    assert (reading.kind, reading.reason) == ("none", reason)
    assert time.process_time() - started < SECONDS


STATED = '{"@type":"Question","name":"Why %d?","acceptedAnswer":{"@type":"Answer","text":"It <b>is</b> %d"}}'
ITEM = (
    '<div itemscope itemtype="https://schema.org/Question"><h3 itemprop=name>Why %d?</h3>'
    '<div itemprop=acceptedAnswer itemscope itemtype="https://schema.org/Answer">'
    "<p itemprop=text>It is %d</p></div></div>"
)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            '<script type="application/ld+json">[' + ",".join(STATED % (n, n) for n in range(30_000)) + "]</script>",
            id="JSON-LD",
        ),
        pytest.param("".join(ITEM % (n, n) for n in range(11_000)), id="microdata"),
        pytest.param("".join(f"<tr><td>Why {n}?<td>It is {n}" for n in range(16_000)), id="table rows"),
        pytest.param(
            "".join(f"<div class=question>Why {n}?</div><div class=answer>It is {n}</div>" for n in range(20_000)),
            id="classes",
        ),
    ],
)
def test_pages_of_ten_thousands_of_pairs_end_soon(html: str) -> None:
    started = time.process_time()
    assert len(read_page("<h1>FAQ</h1><table>" + html, "https://example.org/").pairs) == 2000
    assert time.process_time() - started < SECONDS


def test_thousands_of_questions_are_cut_off_not_waited_for() -> None:
    reading = read_faq("<h1>FAQ</h1>" + LIST)
    assert len(reading.pairs) == 2000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes(range(256)) * 50, id="every byte"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\x00\xff" * 500, id="picture"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", id="PDF"),
        pytest.param("<p>x</p>".encode("utf-16"), id="UTF-16"),
    ],
)
def test_binary_bodies_are_read_without_an_error(body: bytes) -> None:
    reading = read_page(decode(body))
    assert reading.kind == "none"
    assert reading.reason


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"post_stream": {"posts": [1, null]}}', "[" * 100_000])
def test_json_that_is_no_topic_gives_a_reason(text: str) -> None:
    reading = read_json(text, "https://example.org/t/1")
    assert reading.kind == "none"
    assert reading.reason


def test_odd_text_never_reaches_a_pair() -> None:
    reading = read_faq("<h1>FAQ</h1><h2>What\x00 is\ud800 it?</h2><p>A\x00 thing\udfff.</p>")
    assert [(pair.question, pair.answer) for pair in reading.pairs] == [("What is it?", "A thing.")]


def test_markup_nested_as_deep_as_allowed_is_still_read() -> None:
    reading = read_faq("<h1>FAQ</h1><h2>What is it?</h2>" + "<b>" * 150 + "A thing." + "</b>" * 150)
    assert [pair.answer for pair in reading.pairs] == ["A thing."]


def test_a_page_that_is_no_thread_says_so() -> None:
    expected = Reading(kind="none", reason="not a thread of a known forum", title="x")
    assert read_thread("<title>x</title><p>Hello</p>") == expected
