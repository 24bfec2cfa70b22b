"""Pairs that steps found to be alike, as clusters: a pair, and those whose standing findings name it as witness.

A cluster is open while a pair of it waits for a decision and the pair that it is like stands; else it is settled,
also where the pair that it is like was rejected in its favour.
Its place in the order is that of its leading finding: the kind that needs people most, then the least sure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.moves import OPEN_STATES, State
from tamiz.records import Finding
from tamiz.store import CHUNK, Store, StoredPair, stored_pair

__all__ = ["KINDS", "OPEN", "Lead", "Member", "cluster_leads", "cluster_members", "count_clusters", "member_versions"]

# The kinds of findings that make clusters, by how much they need a person.
KINDS = ("contradiction", "near_duplicate", "same_question", "exact_duplicate", "same_meaning")
OPEN: tuple[State, ...] = ("new", *OPEN_STATES, "disputed")
DECIDED = ("accepted", "rejected")
LIKENED_TO = (*OPEN, "accepted", "replaced")  # what an open pair can still be a copy of


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A cluster in a list: `witness` is the pair that the others are like; the rest is its leading finding's."""

    witness: str
    kind: str
    confidence: float
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A pair of a cluster, with the finding that put it there."""

    stored: StoredPair
    finding: Finding


def cluster_leads(
    store: Store, kinds: Sequence[str], *, settled: bool, limit: int, after: Lead | None = None
) -> list[Lead]:
    """The clusters with findings of these kinds behind `after`, open or settled ones, in their order; no OFFSET."""
    found: list[Lead] = []
    for kind in [kind for kind in KINDS if kind in kinds]:
        if after is not None and KINDS.index(kind) < KINDS.index(after.kind):
            continue
        behind = after if after is not None and after.kind == kind else None
        query = _leading(kind, kinds, settled=settled, after=behind).limit(limit - len(found))
        with store.database.read() as connection:
            rows = connection.execute(query).all()
        found += [Lead(witness=w, kind=kind, confidence=sure, seq=seq) for w, sure, seq in rows]
        if len(found) >= limit:
            break
    return found


def count_clusters(store: Store) -> dict[str, int]:
    """In how many open clusters there are findings of each kind: {kind: clusters}."""
    f, p, w = schema.finding, schema.pair, schema.pair.alias("witness")
    joined = f.join(p, f.c.pair == p.c.id).join(w, f.c.witness == w.c.id)
    query = (
        sa.select(f.c.kind, sa.func.count(sa.distinct(f.c.witness)).label("clusters"))
        .select_from(joined)
        .where(f.c.kind.in_(KINDS), f.c.witness != "", p.c.state.in_(OPEN), w.c.state.in_(LIKENED_TO), _stands(f))
        .group_by(f.c.kind)
    )
    with store.database.read() as connection:
        return {row.kind: row.clusters for row in connection.execute(query)}


def cluster_members(store: Store, witnesses: Sequence[str], *, limit: int) -> list[Member]:
    """The first members of the cluster around these pairs, which are one and what it was made of; open ones first."""
    f, p = schema.finding, schema.pair
    with store.database.read() as connection:
        numbers = [row.finding for row in _members(connection, witnesses)][:limit]
        query = sa.select(f).where(f.c.seq.in_(numbers))
        findings = {row["seq"]: Finding.from_dict(dict(row)) for row in connection.execute(query).mappings()}
        ids = [findings[number].pair for number in numbers]
        rows = connection.execute(sa.select(p).where(p.c.id.in_(ids))).mappings()
        pairs = {row["id"]: stored_pair(row) for row in rows}
    return [Member(stored=pairs[findings[n].pair], finding=findings[n]) for n in numbers]


def member_versions(store: Store, witnesses: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Every pair of the cluster around these pairs: {id: (version, state)}, in the order of `cluster_members`."""
    with store.database.read() as connection:
        return {row.id: (row.version, row.state) for row in _members(connection, witnesses)}


def _members(connection: sa.Connection, witnesses: Sequence[str]) -> Iterator[Any]:
    """One row for each pair: of several findings about it the one that needs people most."""
    f, p = schema.finding, schema.pair
    open_first = sa.case((p.c.state.in_(OPEN), 0), else_=1)
    query = (
        sa.select(f.c.seq.label("finding"), p.c.id, p.c.version, p.c.state)
        .select_from(f.join(p, f.c.pair == p.c.id))
        .where(f.c.witness.in_(witnesses[:CHUNK]), f.c.witness != "", f.c.kind.in_(KINDS), p.c.id.not_in(witnesses))
        .where(p.c.state.in_((*OPEN, *DECIDED)), _stands(f))
        .order_by(open_first, _rank(f), f.c.confidence, f.c.seq)
    )
    seen: set[str] = set()
    for row in connection.execute(query):
        if row.id not in seen:
            seen.add(row.id)
            yield row


def _leading(kind: str, kinds: Sequence[str], *, settled: bool, after: Lead | None) -> sa.Select[Any]:
    f, p, w = schema.finding, schema.pair, schema.pair.alias("witness")
    o, q = schema.finding.alias("other"), schema.pair.alias("of_other")
    before = sa.or_(
        _rank(o) < KINDS.index(kind),
        sa.and_(o.c.kind == kind, sa.tuple_(o.c.confidence, o.c.seq) < sa.tuple_(f.c.confidence, f.c.seq)),
    )
    liked = w.c.state.in_(LIKENED_TO)
    ahead = sa.and_(o.c.kind.in_(kinds), _counts(q, liked, settled=settled), before)
    if settled:  # one that is open makes the whole cluster open; in one condition, so that the first row found ends it
        ahead = sa.or_(ahead, sa.and_(o.c.kind.in_(KINDS), q.c.state.in_(OPEN), liked))
    other = sa.select(o.c.seq).select_from(o.join(q, o.c.pair == q.c.id))
    other = other.where(o.c.witness == f.c.witness, o.c.witness != "", ahead, _stands(o)).correlate(f, w)
    query = (
        sa.select(f.c.witness, f.c.confidence, f.c.seq)
        .select_from(f.join(p, f.c.pair == p.c.id).join(w, f.c.witness == w.c.id))
        .where(f.c.kind == kind, f.c.witness != "")
        .where(_counts(p, liked, settled=settled), _stands(f), ~other.exists())
        .order_by(f.c.confidence, f.c.seq)
    )
    if after is not None:
        place = sa.tuple_(sa.literal(after.confidence), sa.literal(after.seq))
        query = query.where(sa.tuple_(f.c.confidence, f.c.seq) > place)
    return query


def _counts(p: Any, liked: sa.ColumnElement[bool], *, settled: bool) -> sa.ColumnElement[bool]:
    """Whether a finding about this pair puts its cluster in the list; `liked`: what it is like can still be so.

    An open pair whose likeness was rejected in its favour waits for review, and is settled here.
    """
    if not settled:
        return sa.and_(p.c.state.in_(OPEN), liked)
    return sa.or_(p.c.state.in_(DECIDED), sa.and_(p.c.state.in_(OPEN), ~liked))


def _stands(f: Any) -> sa.ColumnElement[bool]:
    """Whether the finding is of the latest look of its step at its pair."""
    k = schema.look.alias()
    return ~sa.select(k.c.seq).where(k.c.pair == f.c.pair, k.c.step == f.c.step, k.c.seq > f.c.look).exists()


def _rank(f: Any) -> sa.ColumnElement[int]:
    order: Mapping[str, int] = {kind: number for number, kind in enumerate(KINDS)}
    return sa.case(order, value=f.c.kind, else_=len(KINDS))
