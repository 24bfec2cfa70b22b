"""What happened in a project and how good each source is, read from counters and bounded samples.

Every question here takes the same time in a project of a million pairs: counts come from tables that triggers keep,
and whatever no counter has is told of the newest pairs of a source, with how many those are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import sqlalchemy as sa

from tamiz import schema
from tamiz.moves import State
from tamiz.store import CHUNK, Store

__all__ = ["DECISIONS", "Deed", "SourceCounts", "SourceSample", "count_sources", "deeds", "has_more_findings"]
__all__ += ["last_decision", "person_deeds", "sample_source"]

DECISIONS = ("accept", "reject", "edit", "undo", "withdraw")  # moves after which a dataset would be another one
LIVING = tuple(state for state in get_args(State) if state not in ("replaced", "withdrawn"))
PERSON = "person:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What one actor did in one hour: how many pairs of one move. `last_seq` orders deeds by their latest event."""

    actor: str
    move: str
    pairs: int
    first_at: str
    last_at: str
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCounts:
    """How much one source has brought: pages, and pairs by state."""

    source: str
    pages: int
    states: dict[str, int]

    @property
    def pairs(self) -> int:
        """Those that are alive: not replaced by an edit, nor withdrawn."""
        return sum(self.states.get(state, 0) for state in LIVING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSample:
    """What the newest pairs of a source are like.

    `confidence` is the mean of how surely they were read, `findings` counts what stands about the `pairs` looked at,
    by kind. `reasons` are why the newest `rejected` ones were rejected: what people wrote, or the rule ("rule:NAME").
    """

    pairs: int
    confidence: float
    findings: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def deeds(store: Store, *, limit: int, before: int | None = None, people_only: bool = False) -> list[Deed]:
    """What was done last, the latest first; give the last one's `last_seq` as `before` for what came earlier."""
    d = schema.deed.c
    query = sa.select(d.actor, d.move, d.pairs, d.first_at, d.last_at, d.last_seq)
    if before is not None:
        query = query.where(d.last_seq < before)
    if people_only:
        query = query.where(d.actor.startswith(PERSON))
    with store.database.read() as connection:
        rows = connection.execute(query.order_by(d.last_seq.desc()).limit(limit)).mappings()
        return [Deed(**row) for row in rows]


def person_deeds(store: Store, *, since: str) -> dict[str, Counter[str]]:
    """What each person did from this hour on ("2026-01-31T09", UTC): {name: {move: pairs}}.

    What somebody thinks of a pair that several people decide on counts as "opinion".
    """
    d = schema.deed.c
    where = sa.and_(d.hour >= since, d.actor.startswith(PERSON))
    query = sa.select(d.actor, d.move, sa.func.sum(d.pairs)).where(where).group_by(d.actor, d.move)
    o = schema.opinion.c
    said = sa.select(o.actor, sa.literal("opinion"), sa.func.count()).where(o.at >= since).group_by(o.actor)
    found: dict[str, Counter[str]] = {}
    with store.database.read() as connection:
        for actor, move, pairs in (*connection.execute(query), *connection.execute(said)):
            found.setdefault(actor.removeprefix(PERSON), Counter())[move] = int(pairs)
    return found


def last_decision(store: Store) -> str:
    """When a pair was last accepted, rejected, edited, or one of these taken back; "" for never."""
    d = schema.deed.c
    with store.database.read() as connection:
        last = connection.execute(sa.select(sa.func.max(d.last_at)).where(d.move.in_(DECISIONS))).scalar()
    return last or ""


def has_more_findings(store: Store, step: str, than: int) -> bool:
    """Whether a step has ever found more than this; reads no further."""
    f = schema.finding.c
    with store.database.read() as connection:
        return connection.execute(sa.select(f.pair).where(f.step == step).offset(than).limit(1)).first() is not None


def count_sources(store: Store) -> list[SourceCounts]:
    """Every source that has brought pages or pairs, the one with most pairs first."""
    f, t = schema.facet.c, schema.page_tally.c
    states: dict[str, dict[str, int]] = {}
    with store.database.read() as connection:
        for source, state, count in connection.execute(
            sa.select(f.value, f.state, f.pairs).where(f.dimension == "source", f.pairs > 0)
        ):
            states.setdefault(source, {})[state] = count
        pages = {row.source: row.pages for row in connection.execute(sa.select(t.source, t.pages).where(t.pages > 0))}
    found = [
        SourceCounts(source=name, pages=pages.get(name, 0), states=states.get(name, {})) for name in {*states, *pages}
    ]
    return sorted(found, key=lambda one: (-one.pairs, -one.pages, one.source))


def sample_source(store: Store, source: str, *, limit: int) -> SourceSample:
    """Look at the newest `limit` living pairs of a source, and at as many of its rejected ones."""
    p = schema.pair.c
    with store.database.read() as connection:
        newest: list[tuple[int, str, float]] = []
        for state in LIVING:  # each is read from its end of the index, whatever their number
            query = sa.select(p.seq, p.id, p.confidence).where(p.source == source, p.state == state)
            newest += [
                (r.seq, r.id, r.confidence) for r in connection.execute(query.order_by(p.seq.desc()).limit(limit))
            ]
        newest = sorted(newest, reverse=True)[:limit]
        ids = [row[1] for row in newest]
        reasons = _rejected(connection, source, limit)
        findings = _standing(connection, ids)
    return SourceSample(
        pairs=len(ids),
        confidence=sum(row[2] for row in newest) / len(newest) if newest else 0.0,
        findings=findings,
        rejected=reasons.total(),
        reasons=reasons,
    )


def _rejected(connection: sa.Connection, source: str, limit: int) -> Counter[str]:
    p, e = schema.pair.c, schema.event.c
    last = sa.select(p.id, p.version).where(p.source == source, p.state == "rejected").order_by(p.seq.desc())
    chosen = last.limit(limit).subquery()
    query = sa.select(e.actor, e.reason).join(
        chosen, sa.and_(e.pair == chosen.c.id, e.version == chosen.c.version, e.move == "reject")
    )
    found: Counter[str] = Counter()
    for actor, reason in connection.execute(query):
        found[actor if actor.startswith("rule:") else reason] += 1  # a rule's words name the pair it compared with
    return found


def _standing(connection: sa.Connection, ids: Sequence[str]) -> Counter[str]:
    k, f = schema.look.c, schema.finding.c
    found: Counter[str] = Counter()
    for start in range(0, len(ids), CHUNK):
        newest = sa.select(sa.func.max(k.seq)).where(k.pair.in_(ids[start : start + CHUNK])).group_by(k.pair, k.step)
        query = sa.select(f.kind, sa.func.count()).where(f.look.in_(newest)).group_by(f.kind)
        found.update({row[0]: row[1] for row in connection.execute(query)})
    return found
