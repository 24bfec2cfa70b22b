"""Which of two answers people liked better. Every vote is another entry; the latest of a person on an item stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import InputError
from tamiz.people import permit
from tamiz.store import Store

__all__ = ["Choice", "Vote", "cast", "standing_votes"]

Choice = Literal["left", "right", "both", "neither"]
CHOICES = ("left", "right", "both", "neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What `by` ("person:NAME") thought of two answers to an item of a comparison, shown left and right.

    Where there is one answer alone, as in a talk, `right` is "" and the choice is left (good) or neither.
    """

    comparison: str
    item: str
    by: str
    left: str
    right: str
    choice: Choice

    @property
    def preferred(self) -> str:
        """The model that was preferred, or "" for none of them."""
        return {"left": self.left, "right": self.right}.get(self.choice, "")

    @property
    def models(self) -> tuple[str, str]:
        first, second = sorted((self.left, self.right))
        return first, second


def cast(store: Store, vote: Vote) -> None:
    """Keep a vote. It takes the place of this person's earlier one on the same answers; NotPermitted for viewers."""
    permit(store, vote.by, "decide")
    if vote.choice not in CHOICES:
        raise InputError(f"{vote.choice!r} is no vote; give one of {', '.join(CHOICES)}")
    if vote.left == vote.right:
        raise InputError(f"{vote.left!r} cannot be compared with itself")
    values = {
        "at": store.timestamp(),
        "actor": vote.by,
        "comparison": vote.comparison,
        "item": vote.item,
        "left_model": vote.left,
        "right_model": vote.right,
        "choice": vote.choice,
    }
    store.database.write(lambda connection: connection.execute(sa.insert(schema.vote), values))


def standing_votes(store: Store, comparison: str, *, items: Sequence[str] = ()) -> list[Vote]:
    """The votes that stand on a comparison (on these items of it alone), in the order they were given."""
    v = schema.vote
    query = sa.select(v).where(v.c.comparison == comparison)
    if items:
        query = query.where(v.c.item.in_(items))
    latest: dict[tuple[str, str, tuple[str, str]], Vote] = {}
    with store.database.read() as connection:
        for row in connection.execute(query.order_by(v.c.seq)).mappings():
            vote = Vote(
                comparison=row["comparison"],
                item=row["item"],
                by=row["actor"],
                left=row["left_model"],
                right=row["right_model"],
                choice=row["choice"],
            )
            key = (vote.by, vote.item, vote.models)
            latest.pop(key, None)
            latest[key] = vote
    return list(latest.values())
