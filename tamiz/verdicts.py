"""A verdict carried out in a transaction that is under way: the pair moves, and what an edit makes comes in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict, InputError
from tamiz.kept import carry_kept
from tamiz.moves import State, next_state
from tamiz.records import Pair, Verdict
from tamiz.remarks import carry_tags
from tamiz.sealed import bring_texts_again, masks, seal_family
from tamiz.store import StoredPair, insert_pairs, move_pair, pair_row, stored_pair
from tamiz.vault import Vault

__all__ = ["SEALING", "carry_out", "held_row", "lease", "row_of"]

SEALING = ("seal", "unseal")  # moves that change what can be read, not what was decided
BESIDE_THE_ID = ("label", "lang", "answer_markdown", "made_by")  # what an edit can change without another id


def carry_out(
    connection: sa.Connection,
    row: sa.RowMapping,
    verdict: Verdict,
    *,
    at: str,
    action: str,
    made_state: State,
    vault: Vault | None,
) -> str:
    """Move the pair; with an edit also bring in the pair it makes. The id of the pair that stands now.

    An original that held personal data which the made pair has no more is sealed.
    """
    common: dict[str, Any] = {"at": at, "actor": verdict.by, "action": action, "reason": verdict.reason}
    if verdict.edited is None:
        state = next_state(verdict.pair, row["state"], verdict.decision)
        move_pair(connection, row, state, move=verdict.decision, **common)
        return verdict.pair
    made = verdict.edited
    state = next_state(verdict.pair, row["state"], "edit")
    move_pair(connection, row, state, move="edit", makes=made.id, **common)
    _bring_in(connection, made, made_state, at=at, actor=verdict.by, action=action)
    need = {"need": row["need"]}  # until the steps look again
    connection.execute(sa.update(schema.pair).where(schema.pair.c.id == made.id).values(**need))
    carry_kept(connection, row["id"], made, at=at)
    carry_tags(connection, row["id"], made, at=at, actor=verdict.by, action=action)
    if vault is not None and masks(connection, row, made):
        seal_family(connection, vault, row["id"], made.id, at=at, actor=verdict.by, action=action)
    if verdict.decision == "accept":
        move_pair(connection, row_of(connection, made.id), "accepted", move="accept", **common)
    return made.id


def _bring_in(connection: sa.Connection, pair: Pair, state: State, *, at: str, actor: str, action: str) -> None:
    added = insert_pairs(connection, [pair], at=at, actor=actor, state=state, action=action)
    if added.known:  # the same edit was made and undone before
        row = row_of(connection, pair.id)
        if row["state"] != "withdrawn":
            raise Conflict(f"this edit stands already as pair {pair.id}")
        move_pair(connection, row, state, move="arrive", at=at, actor=actor, action=action)
        again = pair_row(pair, at=at, state=state)
        content = {name: again[name] for name in BESIDE_THE_ID}
        connection.execute(sa.update(schema.pair).where(schema.pair.c.id == pair.id).values(**content))
        bring_texts_again(connection, pair)


def lease(connection: sa.Connection, row: sa.RowMapping, by: str, until: float) -> StoredPair:
    """Keep the pair for this person until then."""
    values = {"claimed_by": by, "claimed_until": until}
    connection.execute(sa.update(schema.pair).where(schema.pair.c.id == row["id"]).values(**values))
    return stored_pair({**row, **values})


def row_of(connection: sa.Connection, pair: str) -> sa.RowMapping:
    """The pair's row; InputError when there is none."""
    row = connection.execute(sa.select(schema.pair).where(schema.pair.c.id == pair)).mappings().first()
    if row is None:
        raise InputError(f"there is no pair {pair}; it may be of another project")
    return row


def held_row(connection: sa.Connection, verdict: Verdict, now: float) -> sa.RowMapping:
    """The row that the verdict is about; Conflict when it has changed since, or is no longer kept for who decides."""
    row = row_of(connection, verdict.pair)
    if row["version"] != verdict.version:
        raise Conflict(f"pair {verdict.pair} was changed by somebody else; look at it again")
    if row["claimed_by"] != verdict.by or row["claimed_until"] <= now:
        raise Conflict(f"the time kept for pair {verdict.pair} has ended; look at it again")
    return row
