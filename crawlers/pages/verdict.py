"""What an asker's post or comment says of the replies before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawlers.pages.verdict_wording import (
    BUT_NOT,
    COURTESY,
    DECLINES,
    FAILED,
    HEDGED,
    MORE_ASKED,
    OWN_WAY,
    SIGN_OFF,
    SOLVED_IT,
    STILL,
    THANKS,
    TURNS_DOWN,
    WANTS_OTHERS,
    WORKED,
)

__all__ = ["asks_anew", "stays_thanked", "verdict"]

_BEGINNING, _END = 50, 30  # words of an asker's post that can speak of the replies before
_BRIEF = 8  # words of a post in which "solved" speaks of the reply before
_QUESTION = 4  # words of a question that is one, and no "really?"
_SIGNED = 60  # characters of a sentence that is a mere sign-off
_SOON = 8  # words between the thanks and the "but" that takes them back
_CLAUSE = re.compile(r"[,;]?\s{1,3}(?:but|pero|aber|mais|mas|ma|per[oò])\s+", re.I)


def verdict(text: str, *, told: bool = False) -> str:
    """What an asker's post says of the replies before, or "" for nothing.

    worked, thanks, failed, declined (thanks that say no), alone (solved without them). Only its
    beginning and its end count: between them are new questions. A failure before a success was an
    earlier try, and one after it counts where it goes on. `told` says that it names or quotes a reply.
    """
    prose = re.sub(r"```.*?```", "\n…\n", text, flags=re.S)
    sentences = _sentences(prose)
    thanks = _thanking(sentences)
    helped = told or bool(thanks) or len(prose.split()) <= _BRIEF
    said = ""
    for clause in (part for sentence in sentences for part in _CLAUSE.split(sentence)):
        if FAILED.search(clause):
            said = "failed" if said != "worked" or STILL.search(clause) else said
        elif HEDGED.search(clause):
            continue
        elif WORKED.search(clause):
            said = "worked"
        elif OWN_WAY.search(clause) and said != "worked" and not told:
            said = "alone"
        elif SOLVED_IT.search(clause) and said != "worked":
            said = "worked" if helped else "alone"
    if said or not thanks:
        return said
    return "declined" if any(_declined(sentences, at) for at in thanks) else "thanks"


def asks_anew(text: str) -> bool:
    """Whether a post goes on with another question, so that what is said later answers that one."""
    return bool(MORE_ASKED.search(text))


def stays_thanked(comments: Sequence[str]) -> bool:
    """Whether the last of the asker's comments below a reply that judges it speaks well of it."""
    said = [word for word in map(verdict, comments) if word]
    return bool(said) and said[-1] in ("worked", "thanks")


def _thanking(sentences: Sequence[str]) -> list[int]:
    """The sentences that thank for help; not for kindness, and not for an answer that is still to come."""
    found: list[int] = []
    asked = False
    if any(COURTESY.search(sentence) for sentence in sentences):
        return found
    for at, sentence in enumerate(sentences):
        if THANKS.search(sentence):
            if asked and not found and len(sentence) <= _SIGNED and SIGN_OFF.fullmatch(sentence):
                continue
            found.append(at)
        asked = asked or (sentence.rstrip().endswith(("?", "？")) and len(sentence.split()) >= _QUESTION)
    return found


def _declined(sentences: Sequence[str], at: int) -> bool:
    thanks = THANKS.search(sentences[at])
    rest = sentences[at][thanks.end() :] if thanks else ""
    if BUT_NOT.search(rest):
        return True
    rest = " ".join(rest.split()[: _SOON + 1])
    after = sentences[at + 1] if at + 1 < len(sentences) else ""
    return bool(DECLINES.search(rest) or TURNS_DOWN.match(after) or WANTS_OTHERS.search(f"{rest} {after}"))


def _sentences(prose: str) -> list[str]:
    """Those of the beginning and of the end of a post."""
    words = [len(found[0]) for found in re.finditer(r"\s*\S+", prose)]
    start, end = sum(words[:_BEGINNING]), sum(words[: max(_BEGINNING, len(words) - _END)])
    return [s for part in (prose[:start], prose[end:]) for s in re.split(r"(?<=[.!?])[,;]?\s+|\n", part) if s.strip()]
