"""A thread as a conversation: the asker's turns and those of who answered, up to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from crawlers.pages.found import FoundPair
from crawlers.pages.replies import is_chatter
from crawlers.pages.threads import Post, Thread
from tamiz.records import Turn

__all__ = ["thread_dialogue"]


def thread_dialogue(thread: Thread, pair: FoundPair, index: int) -> FoundPair | None:
    """The thread whose answer is `posts[index]`, and whose pair is `pair`, as a dialogue that ends with it.

    Posts of one side that follow each other are one turn. Other people speak only where the asker
    reacted to them and who answered had not spoken before. None where there was no back and forth:
    fewer than two turns of each side.
    """
    posts = thread.posts
    asker, helper = posts[0].author, posts[index].author
    if not asker or asker == helper:
        return None
    turns = _turns(posts[: index + 1], {helper}, pair.question) if helper else []
    if len(turns) < 4:
        turns = _turns(posts[: index + 1], {helper, *_answered_back(posts[: index + 1])}, pair.question)
    if len(turns) < 4:
        return None
    return FoundPair(
        question=turns[-2].content,
        answer=turns[-1].content,
        answer_markdown=pair.answer_markdown if turns[-1].content == pair.answer else turns[-1].content,
        label=pair.label,
        pattern=pair.pattern,
        position=pair.position,
        accepted=pair.accepted,
        votes=pair.votes,
        confidence=pair.confidence,
        reason=pair.reason,
        author=pair.author,
        written_at=pair.written_at,
        context=tuple(turns[:-2]),
        url=pair.url,
    )


def _answered_back(posts: Sequence[Post]) -> set[str]:
    """Whom the asker quotes, or answers right after they wrote."""
    asker = posts[0].author
    reacted = {name for post in posts[1:] if post.author == asker for name in post.quoted}
    for before, post in pairwise(posts[1:]):
        if post.author == asker and before.author != asker and not post.quoted:
            reacted.add(before.author)
    return reacted - {asker, ""}


def _turns(posts: Sequence[Post], helpers: set[str], question: str) -> list[Turn]:
    """User and assistant in turn, beginning with the question and ending with an answer."""
    asker = posts[0].author
    sides: list[tuple[str, list[str]]] = [("user", [question])]
    for number, post in enumerate(posts[1:], 1):
        role = "user" if post.author == asker else "assistant" if post.author in helpers else ""
        last = number == len(posts) - 1
        if not role or not post.text or (is_chatter(post.text) and not last):
            continue
        if sides[-1][0] == role:
            sides[-1][1].append(post.text)
        else:
            sides.append((role, [post.text]))
    return [Turn(role="user" if role == "user" else "assistant", content="\n\n".join(texts)) for role, texts in sides]
