"""What people think of answers in a talk: a bad one becomes a pair to be mended, a good one is counted.

A bad answer goes to the review queue with its question, so that a person writes the right one. It is in no export
until somebody accepts it: no rule does (see curation.rules).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tamiz.decisions import mark_sieved
from tamiz.errors import InputError
from tamiz.people import permit
from tamiz.records import Pair, Turn, clean_unicode
from tamiz.remarks import add_remark, remarks
from tamiz.store import Store
from tamiz.votes import Vote, cast, standing_votes

__all__ = ["CHAT", "Noted", "Said", "from_chat", "note_bad", "note_good", "noted"]

CHAT = "chat"  # the source of these pairs, and the comparison under which their votes are kept
NOTHING = "(…)"  # stands for an answer without a word: a pair has an answer
LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A question of a talk and what a model answered, with the turns before. `model` is the adapter's name or
    "base"; `lang` is the question's language, `version` the dataset that the adapter was trained on."""

    question: str
    answer: str
    lang: str
    model: str
    base: str
    version: str
    history: tuple[Turn, ...] = ()

    @property
    def key(self) -> str:
        """Names this question, its turns before and this answer, whoever asked."""
        text = json.dumps([self.question, self.answer, self.model, [t.content for t in self.history]])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The pair that a bad answer became, and whether it is a new one."""

    pair: str
    new: bool


def from_chat(pair: Pair) -> bool:
    """Whether the pair's answer is one that a model gave in a talk, which nobody has mended yet."""
    return pair.source == CHAT and pair.kind == "synthetic"


def note_bad(store: Store, said: Said, *, by: str, remark: str = "") -> Noted:
    """Send the question with this answer to the review queue, and keep the vote; the same one twice is one pair.

    The pair says in `reason` where it comes from, and what the person remarked. What is remarked on a pair that was
    there already is a comment on it. NotPermitted for viewers.
    """
    permit(store, by, "decide")
    if not said.question.strip():
        raise InputError("there is no question to note; ask something first")
    told = clean_unicode(remark).strip()[:LONGEST_REMARK]
    pair = _pair(said, by, told)
    added = store.add_pairs([pair], by)
    if added.new:
        mark_sieved(store, [pair.id])  # it waits at once; the steps look at waiting pairs too
    elif told and all((one.actor, one.text) != (by, told) for one in remarks(store, [pair.id])):
        add_remark(store, pair.id, told, by)
    _vote(store, said, by, good=False)
    return Noted(pair=pair.id, new=bool(added.new))


def note_good(store: Store, said: Said, *, by: str) -> None:
    """Keep that this person liked the answer. NotPermitted for viewers."""
    _vote(store, said, by, good=True)


def noted(store: Store, said: Sequence[Said], *, by: str) -> dict[str, bool]:
    """What this person thought of these answers, by their keys: good or bad."""
    keys = [one.key for one in said]
    votes = standing_votes(store, CHAT, items=keys) if keys else []
    return {vote.item: vote.choice == "left" for vote in votes if vote.by == by}


def _vote(store: Store, said: Said, by: str, *, good: bool) -> None:
    choice: Vote = Vote(
        comparison=CHAT, item=said.key, by=by, left=said.model, right="", choice="left" if good else "neither"
    )
    cast(store, choice)


def _pair(said: Said, by: str, remark: str) -> Pair:
    made = f"{said.model} on {said.base}" + (f", trained on {said.version}" if said.version else "")
    told = f"bad answer of {made}, noted by {by.removeprefix('person:')}" + (f": {remark}" if remark else "")
    question = json.dumps([said.question, [turn.content for turn in said.history]], ensure_ascii=False)
    return Pair(
        question=said.question,
        answer=said.answer.strip() or NOTHING,
        lang=said.lang,
        url=f"chat:{said.model}",
        kind="synthetic",
        group=f"chat:{hashlib.sha256(question.encode()).hexdigest()[:16]}",
        source=CHAT,
        context=said.history,
        confidence=0.0,
        reason=told,
        made_by=f"adapter:{said.model}",
    )
