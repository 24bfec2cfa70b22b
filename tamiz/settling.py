"""Acts on a cluster of pairs that are alike: one is kept and the others are rejected, or they are told apart.

Each act is one action and one transaction, about the versions of the pairs that were seen, and is taken back as one.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.clusters import OPEN
from tamiz.errors import Conflict, InputError
from tamiz.moves import State
from tamiz.opinions import restore_opined
from tamiz.people import permit_within
from tamiz.records import Verdict
from tamiz.relations import add_relations, made_of, open_again
from tamiz.sealed import unseal
from tamiz.store import CHUNK, Store, move_pair
from tamiz.verdicts import SEALING, carry_out

__all__ = ["ACTION", "Settled", "Taken", "keep_one", "last_act", "take_back_act", "tell_apart"]

ACTION = "cluster-"  # how the actions of these acts begin
UNDO = "undo-"  # and those that take one of them back
SETTLED = "settled-"  # the settings of a look that only leaves something out: the step will look again
STANDING: tuple[State, ...] = (*OPEN, "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an act did: the pair that stands (an edit's new one), how many were rejected, and the pairs reopened.

    `left` is how many were left as they are, because several people decide on them.
    """

    action: str
    kept: str
    rejected: int
    reopened: tuple[str, ...]
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An act that was taken back: the pairs that are as before again, and how many were told apart no more."""

    action: str
    pairs: tuple[str, ...]
    together: int


def keep_one(
    store: Store, keep: Verdict | None, kept: str, versions: Mapping[str, int], by: str, *, reason: str
) -> Settled:
    """Keep this pair and reject the others of `versions` that stand, for this reason.

    `versions` has every pair with the version that was seen, the kept one too. `keep` is a verdict on it (accept or
    edit); without one it stays as it is, and is as it was before where it was rejected. Conflict where a pair
    has changed since or somebody else is looking at it.
    """
    at, action = store.timestamp(), ACTION + uuid.uuid4().hex

    def work(connection: sa.Connection) -> Settled:
        permit_within(connection, by, "decide")
        rows = _seen(connection, store, versions, by)
        mine, stands, reopened = rows[kept], kept, []
        if keep is not None:
            made: State = "waiting"
            stands = carry_out(connection, mine, keep, at=at, action=action, made_state=made, vault=store.vault)
        elif mine["state"] not in STANDING:
            _reopen(connection, mine, at=at, by=by, action=action)
            reopened.append(kept)
        others = [row for pair, row in rows.items() if pair != kept and row["state"] in STANDING]
        for row in others:
            move_pair(connection, row, "rejected", move="reject", at=at, actor=by, action=action, reason=reason)
        return Settled(action=action, kept=stands, rejected=len(others), reopened=tuple(reopened))

    return store.database.write(work)


def tell_apart(
    store: Store, root: str, roots: Sequence[str], versions: Mapping[str, int], by: str, *, reason: str
) -> Settled:
    """Call each of `roots` different from `root`: no finding about the one names the other any more.

    Roots are what pairs were made of first, so this holds for all that is made of them. A pair that a rule rejected
    as a copy of one across is as it was before.
    """
    at, action = store.timestamp(), ACTION + uuid.uuid4().hex
    mine, others = {root, *made_of(store, [root])}, {*roots, *made_of(store, roots)}

    def work(connection: sa.Connection) -> Settled:
        permit_within(connection, by, "decide")
        rows = _seen(connection, store, versions, by)
        across = [(root, other) for other in roots]
        if not add_relations(connection, across, "different", at=at, actor=by, action=action):
            raise Conflict("these pairs were told apart by somebody else; look at them again")
        reopened = []
        for pair in sorted(others):
            _leave_out(connection, pair, mine, at=at, action=action)
            row = rows.get(pair)
            if row is not None and row["state"] == "rejected" and _by_rule_for(connection, pair, mine):
                _reopen(connection, row, at=at, by=by, action=action, reason=reason)
                reopened.append(pair)
        for pair in sorted(mine):
            _leave_out(connection, pair, others, at=at, action=action)
        return Settled(action=action, kept="", rejected=0, reopened=tuple(reopened))

    return store.database.write(work)


def last_act(store: Store, by: str) -> str:
    """The latest of these acts by this person that stands; "" where there is none."""
    e, r, back = schema.event.c, schema.relation.c, schema.relation.alias().c
    undone = sa.select(e.undoes).where(e.actor == by, e.undoes != "")
    moved = sa.select(e.at, e.action).where(e.actor == by, e.action.startswith(ACTION), e.action.not_in(undone))
    moved = moved.where(e.move.in_(("accept", "reject", "edit", "undo"))).order_by(e.seq.desc()).limit(1)
    taken = sa.select(back.seq).where(back.action == UNDO + r.action)
    said = sa.select(r.at, r.action).where(r.actor == by, r.relation == "different", ~taken.exists())
    said = said.order_by(r.seq.desc()).limit(1)
    with store.database.read() as connection:
        found = [row for query in (moved, said) for row in connection.execute(query).all()]
    return max(found, key=lambda row: str(row.at)).action if found else ""


def take_back_act(store: Store, action: str, by: str) -> Taken:
    """Take back what this person did in one act. Conflict where somebody has decided about a pair of it since."""
    e, at, back = schema.event, store.timestamp(), UNDO + action
    roots = sorted(_roots_of(store, action))
    near = [*roots, *made_of(store, roots)]

    def work(connection: sa.Connection) -> Taken:
        permit_within(connection, by, "decide")
        if connection.execute(sa.select(e.c.seq).where(e.c.undoes == action).limit(1)).first() is not None:
            raise InputError("this was taken back already; look at the pairs again")
        query = sa.select(e).where(e.c.action == action, e.c.actor == by, e.c.move.not_in(SEALING)).order_by(e.c.seq)
        events: dict[str, list[Any]] = {}
        for event in connection.execute(query).mappings():
            events.setdefault(event["pair"], []).append(event)
        rows = _rows(connection, events)
        decided = _standing_versions(connection, list(events), action)
        restored = []
        for pair, moves in events.items():
            if decided.get(pair) != moves[-1]["version"]:
                raise Conflict(f"pair {pair} was decided again since; undo that one first")
            before, move = moves[0]["from_state"] or "withdrawn", "undo" if moves[0]["from_state"] else "withdraw"
            move_pair(connection, rows[pair], before, move=move, at=at, actor=by, action=back, undoes=action)
            if move == "undo":
                unseal(connection, store.vault, pair, at=at, actor=by, action=back)
                restore_opined(connection, pair)
                restored.append(pair)
        together = open_again(connection, action, at=at, actor=by, action=back)
        if not events and not together:
            raise InputError("there is no such act of yours to take back")
        _bring_back(connection, near, action, at=at)
        return Taken(action=action, pairs=tuple(restored), together=len(together))

    return store.database.write(work)


def _roots_of(store: Store, action: str) -> set[str]:
    r = schema.relation.c
    with store.database.read() as connection:
        told = connection.execute(sa.select(r.first, r.second).where(r.action == action)).all()
    return {root for both in told for root in both}


def _seen(connection: sa.Connection, store: Store, versions: Mapping[str, int], by: str) -> dict[str, Any]:
    """The rows of these pairs; Conflict where one is not as it was seen, or is before somebody else."""
    rows, now = _rows(connection, versions), store.seconds()
    for pair, version in versions.items():
        row = rows.get(pair)
        if row is None or row["version"] != version:
            raise Conflict(f"pair {pair} was changed by somebody else; look at it again")
        if row["claimed_by"] not in ("", by) and row["claimed_until"] > now:
            raise Conflict(f"pair {pair} is being reviewed by {row['claimed_by']}; try again in a moment")
    return rows


def _rows(connection: sa.Connection, pairs: Iterable[str]) -> dict[str, Any]:
    p, ids = schema.pair, list(pairs)
    found: dict[str, Any] = {}
    for start in range(0, len(ids), CHUNK):
        query = sa.select(p).where(p.c.id.in_(ids[start : start + CHUNK]))
        found |= {row["id"]: row for row in connection.execute(query).mappings()}
    return {pair: found[pair] for pair in ids if pair in found}


def _standing_versions(connection: sa.Connection, pairs: Sequence[str], action: str) -> dict[str, int]:
    """The version that the last decision which nobody took back gave each pair, this action's included."""
    e, back = schema.event.c, schema.event.alias().c
    undone = sa.select(back.seq).where(back.pair == e.pair, back.undoes == e.action).exists()
    found: dict[str, int] = {}
    for start in range(0, len(pairs), CHUNK):
        mine = sa.and_(e.pair.in_(pairs[start : start + CHUNK]), e.move.not_in(SEALING))
        stands = sa.or_(e.action == action, sa.and_(e.undoes == "", sa.or_(e.action == "", ~undone)))
        query = sa.select(e.pair, sa.func.max(e.version)).where(mine, stands).group_by(e.pair)
        found |= {pair: int(version) for pair, version in connection.execute(query)}
    return found


def _rejected_by(connection: sa.Connection, pair: str) -> Any:
    e = schema.event
    query = sa.select(e).where(e.c.pair == pair, e.c.move == "reject").order_by(e.c.seq.desc()).limit(1)
    return connection.execute(query).mappings().first()


def _by_rule_for(connection: sa.Connection, pair: str, witnesses: Collection[str]) -> bool:
    """Whether a written rule rejected the pair because of one of these."""
    event = _rejected_by(connection, pair)
    told = event is not None and event["actor"].startswith("rule:")
    return told and any(witness in event["reason"] for witness in witnesses)


def _reopen(connection: sa.Connection, row: Any, *, at: str, by: str, action: str, reason: str = "") -> None:
    """Put a rejected pair back to where it was before; what a rule did is named as undone."""
    event = _rejected_by(connection, row["id"])
    if event is None:
        raise Conflict(f"pair {row['id']} is {row['state']} now; look at it again")
    undoes = event["action"] if event["actor"].startswith("rule:") else ""
    common: dict[str, Any] = {"at": at, "actor": by, "action": action, "reason": reason, "undoes": undoes}
    move_pair(connection, row, event["from_state"], move="undo", **common)


def _leave_out(connection: sa.Connection, pair: str, witnesses: Collection[str], *, at: str, action: str) -> None:
    """Another look at this pair for each step that names one of these, with all that the last one saw but that."""
    f, k = schema.finding, schema.look
    newest = sa.select(sa.func.max(k.c.seq)).where(k.c.pair == pair).group_by(k.c.step)
    seen = connection.execute(sa.select(f).where(f.c.look.in_(newest)).order_by(f.c.seq)).mappings().all()
    named = {row["step"] for row in seen if row["witness"] in witnesses}
    for step in sorted(named):
        kept = [row for row in seen if row["step"] == step and row["witness"] not in witnesses]
        _look_again(connection, pair, step, SETTLED + action, kept, at=at)


def _bring_back(connection: sa.Connection, pairs: Sequence[str], action: str, *, at: str) -> None:
    """What the act left out about these pairs stands again, unless a step has looked since."""
    f, k = schema.finding, schema.look
    for pair in pairs:
        looks = sa.select(k.c.seq, k.c.step, k.c.settings).where(k.c.pair == pair).order_by(k.c.seq.desc())
        by_step: dict[str, list[Any]] = {}
        for look in connection.execute(looks):
            by_step.setdefault(look.step, []).append(look)
        for step, (latest, *before) in by_step.items():
            if latest.settings == SETTLED + action and before:
                query = sa.select(f).where(f.c.look == before[0].seq).order_by(f.c.seq)
                seen: Sequence[Any] = connection.execute(query).mappings().all()
                _look_again(connection, pair, step, before[0].settings, seen, at=at)


def _look_again(
    connection: sa.Connection, pair: str, step: str, settings: str, findings: Sequence[Any], *, at: str
) -> None:
    values = {"pair": pair, "step": step, "settings": settings, "at": at}
    look = connection.execute(sa.insert(schema.look).values(**values).returning(schema.look.c.seq)).scalar_one()
    copies = [{name: value for name, value in row.items() if name != "seq"} | {"look": look} for row in findings]
    if copies:
        connection.execute(sa.insert(schema.finding), copies)
