"""Which moves a pair may make from which state: the one table of them.

new        extracted or imported; the steps have not all looked at it
waiting    sieved; a person has to decide
skipped    somebody passed it on; it comes again after the others
accepted   goes into the next export
rejected   stays out, with its reason
disputed   reviewers disagree about it; somebody else decides
replaced   an edit put another pair in its place
withdrawn  the edit that made it was undone
"""

from __future__ import annotations

from typing import Literal, get_args

from tamiz.errors import NotAllowed

__all__ = ["MOVES", "OPEN_STATES", "Move", "State", "next_state"]

State = Literal["new", "waiting", "skipped", "disputed", "accepted", "rejected", "replaced", "withdrawn"]
Move = Literal["sieve", "accept", "reject", "edit", "skip", "opinion", "dispute"]

# Pairs that somebody may still be asked about, in the order in which they are shown.
OPEN_STATES: tuple[State, ...] = ("waiting", "skipped")

_DECIDED: dict[Move, State] = {"accept": "accepted", "reject": "rejected", "edit": "replaced"}

MOVES: dict[tuple[State, Move], State] = {
    ("new", "sieve"): "waiting",
    **{("new", move): state for move, state in _DECIDED.items()},
    **{("waiting", move): state for move, state in _DECIDED.items()},
    ("waiting", "skip"): "skipped",
    **{("skipped", move): state for move, state in _DECIDED.items()},
    ("skipped", "skip"): "skipped",
    ("waiting", "opinion"): "waiting",
    ("skipped", "opinion"): "waiting",
    ("waiting", "dispute"): "disputed",
    **{("disputed", move): state for move, state in _DECIDED.items()},
    ("accepted", "reject"): "rejected",
    ("accepted", "edit"): "replaced",
    ("rejected", "accept"): "accepted",
    ("rejected", "edit"): "replaced",
}


def next_state(pair: str, state: State, move: Move) -> State:
    """Where the move leads; NotAllowed if the state does not allow it.

    >>> next_state("a1", "waiting", "accept")
    'accepted'
    """
    try:
        return MOVES[state, move]
    except KeyError:
        allowed = ", ".join(m for m in get_args(Move) if (state, m) in MOVES) or "undo only"
        raise NotAllowed(f"pair {pair} is {state}: {move} is not possible; possible are: {allowed}") from None
