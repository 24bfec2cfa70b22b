"""Which reply of a thread is the answer, how that is known and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.pages.thread_wording import (
    FAILED,
    FIX,
    GUESS,
    HEDGED,
    INTRODUCES,
    ME_TOO,
    NEEDS,
    ONLY_THANKS,
    OPINIONS,
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
from crawlers.pages.threads import Post, Thread
from crawlers.pages.wording import asks

__all__ = ["Choice", "best_reply", "choose", "is_chatter", "why_no_pair"]

# In words: how long a guess, a taking back and bare thanks can be; longer ones say more than that.
_SHORT, _BRIEF, _THANKS_ONLY = 20, 14, 8
_BEGINNING, _END = 50, 30  # words of an asker's post that can speak of the replies before
_CLEAR_VOTES = 5  # so many votes say that an answer is good, even where it was not accepted
_A_DISCUSSION = 5  # more replies of substance, none of them confirmed, discuss and do not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The reply that answers, by its index among the posts, with the reason and how sure that is."""

    index: int
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thanks:
    """Which reply the asker's post at `at` speaks well of, whether it says that it worked, and whether it names it."""

    index: int
    at: int
    worked: bool
    told: bool


def is_chatter(text: str) -> bool:
    """Whether a post says nothing of its own: agreement, thanks, praise, a taking back, two words."""
    words = text.split()
    if len(words) < 3:
        return True
    if ME_TOO.search(" ".join(words[:40])) and not FIX.search(text):
        return True
    brief = len(words) <= _BRIEF and "```" not in text and not FIX.search(text)
    if brief and (TAKES_BACK.search(text) or WELCOMES.search(text)):
        return True
    return bool(brief and len(words) <= _THANKS_ONLY and ONLY_THANKS.match(text))


def _substantive(text: str) -> bool:
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


def _guesses(text: str) -> bool:
    return len(text.split()) <= _SHORT and bool(GUESS.search(text))


def _others(posts: Sequence[Post]) -> list[int]:
    """The replies with text by others than the asker."""
    asker = posts[0].author
    return [i for i in range(1, len(posts)) if posts[i].text and (not asker or posts[i].author != asker)]


def _by_asker(posts: Sequence[Post]) -> list[int]:
    """The asker's later posts; where a guest asked, who only gives thanks is taken for them."""
    asker = posts[0].author
    if asker:
        return [i for i in range(1, len(posts)) if posts[i].author == asker]
    brief = [i for i in range(2, len(posts)) if len(posts[i].text.split()) <= _BRIEF]
    return [i for i in brief if THANKS.search(posts[i].text) and _verdict(posts[i].text) in ("worked", "thanks")]


def _thanked(posts: Sequence[Post], replies: list[int]) -> _Thanks | None:
    """What the asker's first thanks speak of; that a reply worked says more than thanks do.

    It is the reply of whom they quote, answer or name, else the last good one before.
    """
    found: list[_Thanks] = []
    for at in _by_asker(posts):
        before = [i for i in replies if i < at]
        told = [i for i in before if posts[i].author in posts[at].quoted] or [
            i for i in before if len(posts[i].author) > 2 and _names(posts[at].text, posts[i].author)
        ]
        said = _verdict(posts[at].text, told=bool(told)) if before else ""
        if said in ("worked", "thanks"):
            found.append(_Thanks(index=(told or before)[-1], at=at, worked=said == "worked", told=bool(told)))
    found += [_Thanks(index=i, at=i, worked=False, told=True) for i in replies if posts[i].thanked]
    worked = next((one for one in found if one.worked), None)
    if worked is not None and (worked.told or not found[0].told):
        return worked
    return found[0] if found else None


def _verdict(text: str, *, told: bool = False) -> str:
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


def _names(text: str, author: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(author)}(?!\w)", text, re.I))


def best_reply(thread: Thread, *, solved: bool = False) -> Choice | None:
    """The reply that answers, by the best evidence there is; None where there is not enough (see `choose`)."""
    choice = choose(thread, solved=solved)
    return choice if isinstance(choice, Choice) else None


def choose(thread: Thread, *, solved: bool = False) -> Choice | str:
    """The reply that answers, or the reason why none can be told.

    In this order: marked as accepted, most votes, said by the asker to have worked, thanked for by
    the asker, written by staff, the first of substance that is no mere guess. Only the first two
    stand where the asker came back without a good word: then what was said before did not answer
    the question, and what was said after answers another one.
    """
    posts = thread.posts
    marked = [i for i in range(1, len(posts)) if posts[i].accepted and posts[i].text]
    if marked:
        return Choice(index=marked[0], reason="marked as the accepted answer", confidence=0.95)
    others = _others(posts)
    if not others:
        return "nobody answered"
    good = [i for i in others if _substantive(posts[i].text)]
    solved = solved or thread.solved
    voted = _most_voted(thread, good)
    if voted is not None:
        return voted
    good = [i for i in good if not _guesses(posts[i].text)] or good
    if not good:
        return "the replies only ask back or agree"
    return _confirmed(posts, good, solved=solved) or _unconfirmed(thread, good, solved=solved)


def _most_voted(thread: Thread, good: list[int]) -> Choice | None:
    """The reply with most votes, where these tell it from the others."""
    posts = thread.posts
    rated = [i for i in good if posts[i].votes is not None]
    rated = [i for i in rated if not posts[i].depth] or rated
    if not rated:
        return None
    top = max(rated, key=lambda i: (posts[i].votes or 0, -i))
    votes = posts[top].votes or 0
    own = [i for i in _by_asker(posts) if posts[i].depth <= posts[top].depth]
    rivals = [posts[i].votes or 0 for i in {*rated, *own} if i != top]
    if votes < (_CLEAR_VOTES if thread.judges else thread.least_votes) or votes <= max(rivals, default=0):
        return None
    if not thread.judges and votes < _CLEAR_VOTES and _came_back(posts, top):
        return None
    sure = 0.6 + 0.05 * min(votes - 1, 4)
    return Choice(index=top, reason=f"most votes ({votes})", confidence=round(sure, 2))


def _came_back(posts: Sequence[Post], after: int) -> bool:
    """Whether the asker wrote on after a reply without a good word for any."""
    said = [posts[i].text for i in _by_asker(posts) if i > after and not is_chatter(posts[i].text)]
    return bool(said) and not any(_verdict(text) in ("worked", "thanks") for text in said)


def _confirmed(posts: Sequence[Post], good: list[int], *, solved: bool) -> Choice | None:
    """The reply that the asker said to have worked, or thanked for."""
    state, more = ("the thread is marked solved; ", 0.1) if solved else ("", 0.0)
    thanks = _thanked(posts, good)
    if thanks is None:
        return None
    if thanks.worked:
        sure = round(0.75 + more, 2)
        return Choice(index=thanks.index, reason=f"{state}the asker said that it worked", confidence=sure)
    if not solved and any(_verdict(posts[i].text) == "failed" for i in _by_asker(posts) if i > thanks.at):
        return None
    return Choice(index=thanks.index, reason=f"{state}the asker thanked for it", confidence=round(0.65 + more, 2))


def _unconfirmed(thread: Thread, good: list[int], *, solved: bool) -> Choice | str:
    """A reply for which only who wrote it speaks, or that a plain question has hardly any other."""
    posts = thread.posts
    state, more = ("the thread is marked solved; ", 0.1) if solved else ("", 0.0)
    first = _others(posts)[0]
    returned = [i for i in _by_asker(posts) if i > first and not is_chatter(posts[i].text)]
    if any(_verdict(posts[i].text) == "alone" or FIX.search(posts[i].text) for i in returned):
        return "the asker reports a solution of their own"
    if returned and not solved:
        return "the asker came back and confirmed no reply"
    if thread.judges and not solved:
        return "no reply is accepted or stands out by its votes"
    if len(good) > _A_DISCUSSION and not solved:
        return "a discussion: no reply is marked or confirmed as the answer"
    by_staff = next((i for i in good if posts[i].staff), None)
    if by_staff is not None and not posts[0].staff:
        return Choice(index=by_staff, reason=f"{state}written by staff", confidence=round(0.6 + more, 2))
    if solved or _plain_question(thread):
        sure = round(0.45 + 1.5 * more, 2)
        return Choice(index=good[0], reason=f"{state}the first reply of substance", confidence=sure)
    return "no reply is marked or confirmed as the answer"


def _plain_question(thread: Thread) -> bool:
    """Whether the title is a question that has an answer, and no call for opinions."""
    return bool(asks(thread.title) and not OPINIONS.search(thread.title) and not thread.posts[0].staff)


def why_no_pair(thread: Thread, *, solved: bool) -> str | None:
    """Why a thread gives no pair before any reply is looked at, or None."""
    posts = thread.posts
    if len(posts) < 2:
        return "nobody answered"
    if any(post.accepted for post in posts[1:]):
        return None
    others = _others(posts)
    if not others:
        return "only the asker replied" if any(post.text for post in posts[1:]) else "nobody answered"
    if solved or thread.solved or thread.judges or _seeks_help(thread):
        return None
    helped = [i for i in others if len(posts[i].text.split()) >= 8 and _substantive(posts[i].text)]
    if not _introduces(thread) and _thanked(posts, helped) is not None:
        return None
    return "the opening post asks nothing"


def _introduces(thread: Thread) -> bool:
    return bool(INTRODUCES.search(thread.title) or INTRODUCES.search(thread.posts[0].text[:300]))


def _seeks_help(thread: Thread) -> bool:
    """Whether the opening post asks or states a problem; greetings and "how are you?" do neither."""
    body = SOCIAL.sub(" ", thread.posts[0].text)
    if not body.strip() or body.strip() == thread.title:  # a bare link with its headline
        return asks(thread.title)
    opening = SOCIAL.sub(" ", f"{thread.title}\n{body}")
    if re.search("[?？؟]", body if INTRODUCES.search(thread.title) else opening) or PROBLEM.search(opening):
        return True
    return not _introduces(thread) and bool(asks(thread.title) or NEEDS.search(opening))
