"""What a post of a thread says: nothing of its own, a question back, a guess, that help is sought."""

from __future__ import annotations

import re

from crawlers.pages.thread_wording import (
    FIX,
    GREETS,
    GUESS,
    INTRODUCES,
    ME_TOO,
    NEEDS,
    ONLY_THANKS,
    PRAISES,
    PRESENTS,
    PROBLEM,
    SOCIAL,
    SUGGESTS,
    TAKES_BACK,
    WANTS_MORE,
    WELCOMES,
)
from crawlers.pages.threads import Thread
from crawlers.pages.wording import asks

__all__ = ["BRIEF", "asks_back", "introduces", "is_chatter", "is_guess", "is_substantive", "names", "seeks_help"]

# In words: how long a guess, a taking back and bare thanks can be; longer ones say more than that.
_SHORT, BRIEF, _THANKS_ONLY = 20, 14, 8
_PRAISE = 32


def is_chatter(text: str) -> bool:
    """Whether a post says nothing of its own: agreement, thanks, praise, a taking back, two words."""
    words = text.split()
    if len(words) < 3:
        return True
    if ME_TOO.search(" ".join(words[:40])) and not FIX.search(text):
        return True
    if len(words) <= _PRAISE and PRAISES.search(text) and not ("```" in text or FIX.search(text)):
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


def names(text: str, author: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(author)}(?!\w)", text, re.I))


def introduces(thread: Thread) -> bool:
    opening = f"{thread.title}\n{thread.posts[0].text[:300]}"
    return INTRODUCES.search(opening) is not None or _presents(thread)


def _presents(thread: Thread) -> bool:
    """Whether the asker tells who they are below a greeting for a title; a title that asks says more."""
    title = thread.title
    if asks(title) or PROBLEM.search(title) or NEEDS.search(title) or not GREETS.match(title):
        return False
    return bool(PRESENTS.search(thread.posts[0].text[:300]))


def asks_back(text: str) -> bool:
    """Whether a reply ends with a question to the asker that gives no advice."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n", text) if s.strip()]
    return bool(sentences) and sentences[-1].rstrip().endswith(("?", "？")) and not SUGGESTS.search(sentences[-1])


def seeks_help(thread: Thread) -> bool:
    """Whether the opening post asks or states a problem; greetings and "how are you?" do neither."""
    body = SOCIAL.sub(" ", thread.posts[0].text)
    if _presents(thread):
        return False
    if not body.strip() or body.strip() == thread.title:  # a bare link with its headline
        return asks(thread.title)
    opening = SOCIAL.sub(" ", f"{thread.title}\n{body}")
    if re.search("[?？؟]", body if INTRODUCES.search(thread.title) else opening) or PROBLEM.search(opening):
        return True
    return not introduces(thread) and bool(asks(thread.title) or NEEDS.search(opening))
