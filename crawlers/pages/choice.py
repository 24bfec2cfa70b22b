"""Which reply of a thread is the answer, how that is known and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.pages.replies import (
    BRIEF,
    asks_back,
    introduces,
    is_chatter,
    is_guess,
    is_substantive,
    names,
    seeks_help,
)
from crawlers.pages.thread_wording import FIX, OPINIONS, OWN_SOLUTION, POLLS
from crawlers.pages.threads import Post, Thread
from crawlers.pages.verdict import asks_anew, verdict
from crawlers.pages.verdict_wording import THANKS
from crawlers.pages.wording import asks

__all__ = ["Choice", "best_reply", "choose", "why_no_pair", "why_not"]

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


def _others(posts: Sequence[Post]) -> list[int]:
    """The replies with text by others than the asker."""
    asker = posts[0].author
    return [i for i in range(1, len(posts)) if posts[i].text and (not asker or posts[i].author != asker)]


def _by_asker(posts: Sequence[Post]) -> list[int]:
    """The asker's later posts; where a guest asked, who only gives thanks is taken for them."""
    asker = posts[0].author
    if asker:
        return [i for i in range(1, len(posts)) if posts[i].author == asker]
    brief = [i for i in range(2, len(posts)) if len(posts[i].text.split()) <= BRIEF]
    return [i for i in brief if THANKS.search(posts[i].text) and verdict(posts[i].text) in ("worked", "thanks")]


def _thanked(posts: Sequence[Post], replies: list[int]) -> _Thanks | None:
    """What the asker's first thanks speak of; that a reply worked says more than thanks do.

    It is the reply of whom they quote, answer or name, else the last good one before.
    """
    found: list[_Thanks] = []
    for at in _by_asker(posts):
        before = [i for i in replies if i < at]
        told = _told(posts, before, at)
        said = verdict(posts[at].text, told=bool(told)) if before else ""
        if said in ("worked", "thanks"):
            found.append(_Thanks(index=(told or before)[-1], at=at, worked=said == "worked", told=bool(told)))
            if asks_anew(posts[at].text):
                break
    found += [_Thanks(index=i, at=i, worked=False, told=True) for i in replies if posts[i].thanked]
    worked = next((one for one in found if one.worked), None)
    if worked is not None and (worked.told or not found[0].told):
        return worked
    return found[0] if found else None


def _told(posts: Sequence[Post], before: Sequence[int], at: int) -> list[int]:
    """The replies that a post quotes by their number, else those by whom it quotes or names."""
    quoted = [i for i in before if posts[i].author in posts[at].quoted]
    return (
        # Numbers of other threads' posts can be the same; then the quote names somebody else.
        [i for i in quoted or before if posts[i].number and posts[i].number in posts[at].quoted_numbers]
        or quoted
        or [i for i in before if len(posts[i].author) > 2 and names(posts[at].text, posts[i].author)]
    )


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
    if thread.marked_elsewhere:
        return "the marked answer is on another page of the thread"
    marked = [i for i in range(1, len(posts)) if posts[i].accepted and posts[i].text]
    if marked:
        return Choice(index=marked[0], reason="marked as the accepted answer", confidence=0.95)
    others = _others(posts)
    if not others:
        return "nobody answered"
    good = [i for i in others if is_substantive(posts[i].text)]
    solved = solved or thread.solved
    voted = _most_voted(thread, good)
    if voted is not None:
        return voted
    good = [i for i in good if not is_guess(posts[i].text)] or good
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
    if not thread.judges and votes < _CLEAR_VOTES and (asks_back(posts[top].text) or _came_back(posts, top)):
        return None
    sure = 0.6 + 0.05 * min(votes - 1, 4)
    return Choice(index=top, reason=f"most votes ({votes})", confidence=round(sure, 2))


def _came_back(posts: Sequence[Post], after: int) -> bool:
    """Whether the asker wrote on after a reply without a good word for any."""
    said = [posts[i].text for i in _by_asker(posts) if i > after and _says_more(posts[i].text)]
    return bool(said) and not any(verdict(text) in ("worked", "thanks") for text in said)


def _says_more(text: str) -> bool:
    return not is_chatter(text) or verdict(text) in ("failed", "declined")


def _confirmed(posts: Sequence[Post], good: list[int], *, solved: bool) -> Choice | None:
    """The reply that the asker said to have worked, or thanked for."""
    state, more = ("the thread is marked solved; ", 0.1) if solved else ("", 0.0)
    thanks = _thanked(posts, good)
    if thanks is None:
        return None
    if thanks.worked:
        sure = round(0.75 + more, 2)
        return Choice(index=thanks.index, reason=f"{state}the asker said that it worked", confidence=sure)
    if not solved and any(_taken_back(posts, good, thanks, at) for at in _by_asker(posts) if at > thanks.at):
        return None
    return Choice(index=thanks.index, reason=f"{state}the asker thanked for it", confidence=round(0.65 + more, 2))


def _taken_back(posts: Sequence[Post], good: list[int], thanks: _Thanks, at: int) -> bool:
    """Whether a later post of the asker says that it failed after all, or says no to the reply they thanked for."""
    said = verdict(posts[at].text)
    before = [i for i in good if i < at]
    return said == "failed" or (said == "declined" and (_told(posts, before, at) or before)[-1:] == [thanks.index])


def _unconfirmed(thread: Thread, good: list[int], *, solved: bool) -> Choice | str:
    """A reply for which only who wrote it speaks, or that a plain question has hardly any other."""
    posts = thread.posts
    state, more = ("the thread is marked solved; ", 0.1) if solved else ("", 0.0)
    first = _others(posts)[0]
    returned = [i for i in _by_asker(posts) if i > first and _says_more(posts[i].text)]
    own = OWN_SOLUTION.search(posts[0].text) is not None
    if own or any(verdict(posts[i].text) == "alone" or FIX.search(posts[i].text) for i in returned):
        return "the asker reports a solution of their own"
    if returned and (not solved or verdict(posts[returned[-1]].text) in ("failed", "declined")):
        return "the asker came back and confirmed no reply"
    if thread.judges and not solved:
        return "no reply is accepted or stands out by its votes"
    if len(good) > _A_DISCUSSION and not solved:
        return "a discussion: no reply is marked or confirmed as the answer"
    good = [i for i in good if not asks_back(posts[i].text)]
    if not good:
        return "the replies only ask back or agree"
    by_staff = next((i for i in good if posts[i].staff), None)
    if by_staff is not None and not posts[0].staff:
        return Choice(index=by_staff, reason=f"{state}written by staff", confidence=round(0.6 + more, 2))
    if all(is_guess(posts[i].text) for i in good):
        return "the replies only guess"
    if solved or _plain_question(thread):
        sure = round(0.45 + 1.5 * more, 2)
        return Choice(index=good[0], reason=f"{state}the first reply of substance", confidence=sure)
    return "no reply is marked or confirmed as the answer"


def _plain_question(thread: Thread) -> bool:
    """Whether the title is a question that has an answer, and no call for opinions."""
    return bool(asks(thread.title) and not OPINIONS.search(thread.title) and not _polls(thread))


def _polls(thread: Thread) -> bool:
    """Whether the opening post is by staff, who tell rather than ask, or calls for what others think or have."""
    return thread.posts[0].staff or POLLS.search(thread.posts[0].text[:300]) is not None


def why_not(thread: Thread, index: int, choice: Choice) -> str:
    """Why a post of a thread whose answer is chosen is neither its question nor its answer."""
    post = thread.posts[index]
    if not post.text:
        return "the post has no text of its own"
    if index not in _others(thread.posts):
        return "written by the asker"
    if is_chatter(post.text):
        return "agrees, thanks or takes back"
    if not is_substantive(post.text):
        return "asks back"
    return f"another reply is the answer: {choice.reason}"


def why_no_pair(thread: Thread, *, solved: bool) -> str | None:
    """Why a thread gives no pair before any reply is looked at, or None."""
    posts = thread.posts
    if thread.marked_elsewhere:
        return "the marked answer is on another page of the thread"
    if len(posts) < 2:
        return "nobody answered"
    if any(post.accepted for post in posts[1:]):
        return None
    others = _others(posts)
    if not others:
        return "only the asker replied" if any(post.text for post in posts[1:]) else "nobody answered"
    if solved or thread.solved or thread.judges or seeks_help(thread):
        return None
    helped = [i for i in others if len(posts[i].text.split()) >= 8 and is_substantive(posts[i].text)]
    if not introduces(thread) and _thanked(posts, helped) is not None:
        return None
    return "the opening post asks nothing"
