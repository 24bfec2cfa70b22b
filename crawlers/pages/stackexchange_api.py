"""Reads questions with their answers from the Stack Exchange API, many to a page."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

from crawlers.pages.forum import thread_pairs
from crawlers.pages.found import FoundPair, Reading
from crawlers.pages.fragments import fragment_texts, iso_time, stated_address, text_of, whole
from crawlers.pages.render import squeeze
from crawlers.pages.threads import Post, Thread

__all__ = ["stackexchange_reading"]

_LICENCE = re.compile(r"CC BY-SA (\d\.\d)")


def stackexchange_reading(value: Any, url: str = "") -> Reading | None:
    """A pair for each answered question of /questions, whose filter must include `answers` and `body`.

    None for JSON of another kind; each pair has the question's own address.
    """
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list) or not ("has_more" in value or "quota_remaining" in value):
        return None
    questions = [item for item in items if isinstance(item, dict) and "question_id" in item and "title" in item]
    if not questions:
        return Reading(kind="none", reason="an answer of the API without questions")
    pairs: list[FoundPair] = []
    dialogues: list[FoundPair] = []
    reasons: list[str] = []
    for question in questions:
        address = stated_address(question.get("link"), url)
        pair, dialogue, reason = thread_pairs(_thread(question, address), address)
        if pair is None:
            reasons.append(reason)
        else:
            pairs.append(replace(pair, position=len(pairs), url=address))
        if dialogue is not None:
            dialogues.append(replace(dialogue, position=len(dialogues), url=address))
    licences = {_licence(question) for question in questions}
    return Reading(
        kind="forum",
        reason=None if pairs else reasons[0],
        pairs=tuple(pairs),
        dialogues=tuple(dialogues),
        licence=licences.pop() if len(licences) == 1 else "",
    )


def _thread(question: dict[str, Any], address: str) -> Thread:
    answers = question.get("answers")
    replies = [answer for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    tags = question.get("tags")
    label = text_of(tags[0]) if isinstance(tags, list) and tags else ""
    return Thread(
        title=squeeze(html.unescape(text_of(question.get("title")))),
        label=label,
        posts=tuple(_post(post, address) for post in (question, *replies)),
        platform="stackexchange",
        marks=True,
        judges=True,
    )


def _post(post: dict[str, Any], address: str) -> Post:
    plain, markdown = fragment_texts(text_of(post.get("body")), address)
    owner = post.get("owner")
    known = owner if isinstance(owner, dict) else {}
    return Post(
        author=str(known.get("user_id") or html.unescape(text_of(known.get("display_name")))),
        text=plain,
        markdown=markdown,
        votes=whole(post.get("score")),
        accepted=post.get("is_accepted") is True,
        staff=known.get("user_type") == "moderator",
        written_at=iso_time(post.get("creation_date")),
    )


def _licence(question: dict[str, Any]) -> str:
    found = _LICENCE.fullmatch(text_of(question.get("content_license")))
    return f"https://creativecommons.org/licenses/by-sa/{found[1]}/" if found else ""
