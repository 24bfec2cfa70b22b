"""Reads a forum thread as one pair: what was asked, and the reply that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crawlers.pages.choice import Choice, choose, why_no_pair, why_not
from crawlers.pages.dialogue import thread_dialogue
from crawlers.pages.dom import Document, TooComplex, parse
from crawlers.pages.facts import Facts, read_facts
from crawlers.pages.faq import no_pairs
from crawlers.pages.found import Block, FoundPair, Reading, author_mark
from crawlers.pages.generic_thread import generic_thread
from crawlers.pages.platforms import find_thread
from crawlers.pages.platforms.facts import shared_name
from crawlers.pages.schema import StatedQuestion, stated_questions
from crawlers.pages.stated_thread import stated_thread
from crawlers.pages.thread_dates import iso_date
from crawlers.pages.thread_pages import goes_on, is_later_address, is_later_page
from crawlers.pages.threads import Post, Thread, clean_title

__all__ = ["read_thread", "thread_pairs", "thread_reading"]


def read_thread(html: str, url: str = "") -> Reading:
    """The pair of a thread page; of kind "none" with the reason where there is none."""
    try:
        document = parse(html, url)
    except TooComplex:
        return no_pairs("too complex")
    if document is None:
        return no_pairs("not HTML" if html.strip() else "an empty page")
    return thread_reading(document) or no_pairs("not a thread of a known forum", read_facts(document))


def thread_reading(document: Document) -> Reading | None:
    """The same for a page that is parsed already; None where it is no thread."""
    stated = [question for question in stated_questions(document) if question.thread]
    thread = find_thread(document)
    if thread is None and stated:
        return _reading(_stated_thread(stated[0]), read_facts(document), document)
    thread = thread or stated_thread(document) or generic_thread(document)
    if thread is None:
        return None
    facts = read_facts(document)
    return _reading(_with_accepted(thread, stated, document), facts, document)


def _with_accepted(thread: Thread, stated: list[StatedQuestion], document: Document) -> Thread:
    """Mark the post that the page's JSON-LD calls the accepted answer; it can be on another page of the thread."""
    accepted = [_squash(a.text) for q in stated for a in q.answers if a.accepted]
    if not accepted or any(post.accepted for post in thread.posts):
        return thread
    posts = tuple(
        replace(post, accepted=any(_squash(post.text)[:80] == text[:80] for text in accepted)) if n else post
        for n, post in enumerate(thread.posts)
    )
    elsewhere = not any(post.accepted for post in posts) and goes_on(document)
    return replace(thread, posts=posts, marked_elsewhere=thread.marked_elsewhere or elsewhere)


def _squash(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _stated_thread(question: StatedQuestion) -> Thread:
    # The names of askers are not read from JSON-LD: theirs is one that nobody can have.
    answers = [
        Post(
            author="" if shared_name(a.author) else a.author,
            text=a.text,
            markdown=a.markdown,
            votes=a.votes,
            accepted=a.accepted,
            written_at=iso_date(a.date),
        )
        for a in question.answers
    ]
    opening = Post(author="\n", text="" if question.body == question.name else question.body, markdown="")
    return Thread(
        title=question.name, label="", posts=(opening, *answers), platform="jsonld", marks=True, least_votes=1
    )


def _reading(thread: Thread, facts: Facts, document: Document) -> Reading:
    later = is_later_page(document)
    choice = "not the first page of the thread" if later else _chosen(thread, document.url)
    pair, dialogue = _pair_and_dialogue(thread, choice, document.url) if isinstance(choice, Choice) else (None, None)
    return Reading(
        kind="forum",
        reason=choice if isinstance(choice, str) else None,
        lang=facts.lang,
        title=clean_title(thread.title)[0],
        pairs=(pair,) if pair else (),
        licence=facts.licence,
        noindex=facts.noindex,
        dialogues=(dialogue,) if dialogue else (),
        blocks=tuple(_blocks(thread, choice)),
    )


def _blocks(thread: Thread, choice: Choice | str) -> Iterator[Block]:
    """Every post with what became of it."""
    for index, post in enumerate(thread.posts):
        if isinstance(choice, str):
            kept, reason = False, choice
        elif index in (0, choice.index):
            kept, reason = True, choice.reason if index else "the opening post asks"
        else:
            kept, reason = False, why_not(thread, index, choice)
        text = post.text if index else question_text(thread)
        yield Block(text=text, pattern=thread.platform, kept=kept, reason=reason)


def thread_pairs(thread: Thread, url: str = "") -> tuple[FoundPair | None, FoundPair | None, str]:
    """The thread's one pair and the same as a dialogue where there was one, or None with the reason."""
    choice = _chosen(thread, url)
    if isinstance(choice, str):
        return None, None, choice
    return *_pair_and_dialogue(thread, choice, url), ""


def _chosen(thread: Thread, url: str) -> Choice | str:
    if is_later_address(url):
        return "not the first page of the thread"
    if not question_text(thread):
        return "the thread has no title and no text"
    return why_no_pair(thread, solved=clean_title(thread.title)[1]) or choose(
        thread, solved=clean_title(thread.title)[1]
    )


def question_text(thread: Thread) -> str:
    """The title without its state, and the opening post."""
    title, body = clean_title(thread.title)[0], thread.posts[0].text if thread.posts else ""
    return f"{title}\n\n{body}".strip() if body != title else title


def _pair_and_dialogue(thread: Thread, choice: Choice, url: str) -> tuple[FoundPair, FoundPair | None]:
    reply = thread.posts[choice.index]
    pair = FoundPair(
        question=question_text(thread),
        answer=reply.text,
        answer_markdown=reply.markdown,
        label=thread.label,
        pattern=thread.platform,
        position=0,
        accepted=reply.accepted if thread.marks or reply.accepted else None,
        votes=reply.votes,
        confidence=choice.confidence,
        reason=choice.reason,
        author=author_mark(reply.author, url),
        written_at=reply.written_at,
    )
    return pair, thread_dialogue(thread, pair, choice.index)
