"""A forum thread as posts, whatever it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from crawlers.pages.render import squeeze
from crawlers.pages.thread_wording import NOT_SOLVED, STATE

__all__ = ["Post", "Thread", "clean_title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post without quotes and signature. `author` is compared or hashed, never shown, and "" for guests.

    `written_at` is ISO 8601; `quoted` are the authors it quotes or replies to; `number` is that
    of the post on its platform and `quoted_numbers` those of the posts that it quotes; `thanked` says
    that the asker thanked in a comment below it; `depth` is 0, or how deep it stands below other replies.
    """

    author: str
    text: str
    markdown: str
    votes: int | None = None
    accepted: bool = False
    staff: bool = False
    written_at: str = ""
    quoted: tuple[str, ...] = ()
    number: str = ""
    quoted_numbers: tuple[str, ...] = ()
    thanked: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`posts` begin with the opening post. `solved` says that the thread is marked so outside of its title,
    and `marked_elsewhere` that the reply marked as the answer is on another page of the thread.

    `marks` says whether this platform lets people mark an answer, `judges` whether it does in every
    thread and has votes that judge answers; then a thread with neither is undecided. `least_votes`
    is how many votes say something: 1 where they judge, 2 where they are mere likes.
    """

    title: str
    label: str
    posts: tuple[Post, ...]
    platform: str
    marks: bool = False
    least_votes: int = 1
    judges: bool = False
    solved: bool = False
    marked_elsewhere: bool = False


def clean_title(title: str) -> tuple[str, bool]:
    """The title without its state, and whether that state was "solved".

    >>> clean_title("No puedo imprimir (Solucionado)")
    ('No puedo imprimir', True)
    """
    marks = [next(filter(None, found.groups())).lower() for found in STATE.finditer(title)]
    solved = any(mark not in NOT_SOLVED for mark in marks)
    cleaned = squeeze(STATE.sub(" ", title)).strip(" -–|:") if marks else squeeze(title)
    return cleaned or squeeze(title), solved
