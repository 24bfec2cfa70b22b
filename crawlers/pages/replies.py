"""What a post of a thread says: that it worked, nothing of its own, a question back, that help is sought."""

from __future__ import annotations

import re

from crawlers.pages.thread_wording import (
    FAILED,
    FIX,
    GUESS,
    HEDGED,
    INTRODUCES,
    ME_TOO,
    NEEDS,
    ONLY_THANKS,
    PROBLEM,
    SOCIAL,
    SOLVED_IT,
    SUGGESTS,
    TAKES_BACK,
    THANKS,
    WANTS_MORE,
    WELCOMES,
    WORKED,
)
from crawlers.pages.threads import Thread
from crawlers.pages.wording import asks

__all__ = ["BRIEF", "introduces", "is_chatter", "is_guess", "is_substantive", "names", "seeks_help", "verdict"]

# In words: how long a guess, a taking back and bare thanks can be; longer ones say more than that.
_SHORT, BRIEF, _THANKS_ONLY = 20, 14, 8
_BEGINNING, _END = 50, 30  # words of an asker's post that can speak of the replies before


def is_chatter(text: str) -> bool:
    """Whether a post says nothing of its own: agreement, thanks, praise, a taking back, two words."""
    words = text.split()
    if len(words) < 3:
        return True
    if ME_TOO.search(" ".join(words[:40])) and not FIX.search(text):
        return True
    brief = len(words) <= BRIEF and "```" not in text and not FIX.search(text)
    if brief and (TAKES_BACK.search(text) or WELCOMES.search(text)):
        return True
    return bool(brief and len(words) <= _THANKS_ONLY and ONLY_THANKS.match(text))


def is_substantive(text: str) -> bool:
    """Whether a reply can be an answer: no chatter, and no mere question back."""
    if is_chatter(text):
        return False
    prose = re.sub(r"```.*?```", " ", text, flags=re.S)
    short = len(prose.split()) <= 80 and "```" not in text
    if short and WANTS_MORE.search(prose):
        return False
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n", prose) if s.strip()]
    asking = sum(s.rstrip().endswith(("?", "？")) and not SUGGESTS.search(s) for s in sentences)
    return not (short and sentences and asking >= 0.5 * len(sentences))


def is_guess(text: str) -> bool:
    return len(text.split()) <= _SHORT and bool(GUESS.search(text))


def verdict(text: str, *, told: bool = False) -> str:
    """What an asker's post says of the replies before: worked, thanks, failed, alone (solved without them) or "".

    Only its beginning and its end count: between them are new questions. `told` says that it names or quotes a reply.
    """
    prose = re.sub(r"```.*?```", " ", text, flags=re.S)
    sentences = _sentences(prose)
    thanks = any(THANKS.search(s) for s in sentences)
    for sentence in sentences:
        if FAILED.search(sentence):
            return "failed"
        if HEDGED.search(sentence):
            continue
        if WORKED.search(sentence):
            return "worked"
        if SOLVED_IT.search(sentence):
            return "worked" if thanks or told or len(prose.split()) <= _THANKS_ONLY else "alone"
    return "thanks" if thanks else ""


def _sentences(prose: str) -> list[str]:
    """Those of the beginning and of the end of a post."""
    words = [len(found[0]) for found in re.finditer(r"\s*\S+", prose)]
    start, end = sum(words[:_BEGINNING]), sum(words[: max(_BEGINNING, len(words) - _END)])
    return [s for part in (prose[:start], prose[end:]) for s in re.split(r"(?<=[.!?])\s+|\n", part) if s.strip()]


def names(text: str, author: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(author)}(?!\w)", text, re.I))


def introduces(thread: Thread) -> bool:
    return bool(INTRODUCES.search(thread.title) or INTRODUCES.search(thread.posts[0].text[:300]))


def seeks_help(thread: Thread) -> bool:
    """Whether the opening post asks or states a problem; greetings and "how are you?" do neither."""
    body = SOCIAL.sub(" ", thread.posts[0].text)
    if not body.strip() or body.strip() == thread.title:  # a bare link with its headline
        return asks(thread.title)
    opening = SOCIAL.sub(" ", f"{thread.title}\n{body}")
    if re.search("[?？؟]", body if INTRODUCES.search(thread.title) else opening) or PROBLEM.search(opening):
        return True
    return not introduces(thread) and bool(asks(thread.title) or NEEDS.search(opening))
