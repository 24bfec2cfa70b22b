"""The balance of a project: of what is accepted and goes into an export, and of what is still open."""

from __future__ import annotations

import itertools

from curation.balance.count import Balance, balance_of
from tamiz.moves import State
from tamiz.store import Store

__all__ = ["STATES", "project_balance"]

STATES: dict[str, tuple[State, ...]] = {"accepted": ("accepted",), "open": ("new", "waiting", "skipped", "disputed")}


def project_balance(store: Store, part: str, *, limit: int | None = None) -> Balance:
    """The balance of the accepted or of the open pairs; of the first so many, where there is a limit."""
    return balance_of(stored.pair for stored in itertools.islice(store.pairs(*STATES[part]), limit))
