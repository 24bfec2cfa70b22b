"""What people decided about words: "always" this change, "never", or here only. Every decision is another entry.

A word type is a change that findings propose in the pairs of one language: (lang, before, after).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import Conflict
from tamiz.people import permit_within
from tamiz.records import Finding
from tamiz.store import CHUNK, Event, Store, StoredPair, stored_pair
from tamiz.wordplaces import STEP, WORD_KINDS

__all__ = ["ACTION", "WORD_KINDS", "WordCount", "WordDecision", "WordType", "record_word", "standing_words"]
__all__ += ["WordAnswer", "edits_since", "last_event", "word_counts", "word_history", "word_places"]

WordAnswer = Literal["always", "never", "here", "open"]
ACTION = "word-"  # how the actions of these decisions begin; a reviewer's undo passes them over
INDEXED = 60  # characters, see tamiz.wordplaces
SETTLED = "settled"  # the settings of a look that only leaves something out: the step will look again
SAME = "somebody else has decided about this word meanwhile; look at it again"


@dataclass(frozen=True, slots=True, order=True)
class WordType:
    """A change of one word: `before` would become `after`, or nothing is proposed (None)."""

    lang: str
    before: str
    after: str | None

    @property
    def id(self) -> str:
        text = json.dumps([self.lang, self.before, self.after], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDecision:
    """One entry. `becomes` is what was chosen to stand there; `pair` is the one pair that "here" speaks of.

    "open" takes the entry before it back. `action` binds it to what it changed.
    """

    word: WordType
    version: int
    decision: WordAnswer
    becomes: str
    pair: str
    actor: str
    action: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """In how many open pairs a word type stands, how often, and how sure the surest finding is."""

    word: WordType
    pairs: int
    findings: int
    confidence: float
    kind: str
    witness: str


def word_counts(
    store: Store, *, limit: int, after: WordCount | None = None, lang: str = "", before: str = ""
) -> list[WordCount]:
    """Word types of the open pairs, the most frequent first; those behind `after`, without an OFFSET."""
    w = schema.word_place.c
    pairs = sa.func.count(sa.distinct(w.place))
    order = (-pairs, w.lang, w.before, sa.func.coalesce(w.after, ""), sa.case((w.after.is_(None), 1), else_=0))
    query = (
        sa.select(w.lang, w.before, w.after)
        .add_columns(
            pairs.label("pairs"),
            sa.func.count().label("findings"),
            sa.func.max(w.confidence).label("confidence"),
            sa.func.min(w.kind).label("kind"),
            sa.func.min(w.witness).label("witness"),
        )
        .group_by(w.lang, w.before, w.after)
        .order_by(*order)
        .limit(limit)
    )
    if lang:
        query = query.where(w.lang == lang)
    if before:
        query = query.where(w.before == before)
    if after is not None:
        word = after.word
        last = (-after.pairs, word.lang, word.before, word.after or "", 1 if word.after is None else 0)
        query = query.having(sa.tuple_(*order) > sa.tuple_(*map(sa.literal, last)))
    with store.database.read() as connection:
        return [
            WordCount(
                word=WordType(row.lang, row.before, row.after),
                pairs=row.pairs,
                findings=row.findings,
                confidence=row.confidence,
                kind=row.kind,
                witness=row.witness,
            )
            for row in connection.execute(query)
        ]


def word_places(
    store: Store, word: WordType, *, limit: int, after: int = 0, pair: str = ""
) -> list[tuple[StoredPair, list[Finding]]]:
    """Open pairs behind number `after` in which the word type stands (or this one pair), with its findings there."""
    p, f, w = schema.pair, schema.finding, schema.word_place.c
    ids = sa.select(w.place).where(_is(word), w.place > after).distinct().order_by(w.place).limit(limit)
    if pair:
        ids = ids.where(w.place == sa.select(p.c.seq).where(p.c.id == pair).scalar_subquery())
    with store.database.read() as connection:
        numbers = connection.execute(ids).scalars().all()
        rows = connection.execute(sa.select(p).where(p.c.seq.in_(numbers)).order_by(p.c.seq)).mappings().all()
        found: dict[str, list[Finding]] = {row["id"]: [] for row in rows}
        mine = sa.select(w.finding).where(_is(word), w.place.in_(numbers))
        for row in connection.execute(sa.select(f).where(f.c.seq.in_(mine)).order_by(f.c.seq)).mappings():
            found[row["pair"]].append(Finding.from_dict(dict(row)))
    return [(stored_pair(row), found[row["id"]]) for row in rows]


def standing_words(store: Store) -> dict[WordType, WordDecision]:
    """The latest decision on each word type that anybody has ever decided about."""
    w = schema.word_decision
    newest = sa.select(sa.func.max(w.c.seq)).group_by(w.c.word)
    with store.database.read() as connection:
        rows = connection.execute(sa.select(w).where(w.c.seq.in_(newest)).order_by(w.c.seq.desc())).mappings()
        return {decision.word: decision for decision in map(_decision, rows)}


def word_history(store: Store, word: WordType) -> list[WordDecision]:
    """Everything that was decided about this word type, oldest first."""
    w = schema.word_decision
    query = sa.select(w).where(w.c.word == word.id).order_by(w.c.seq)
    with store.database.read() as connection:
        return [_decision(row) for row in connection.execute(query).mappings()]


def record_word(
    store: Store,
    word: WordType,
    decision: WordAnswer,
    by: str,
    *,
    seen: int,
    becomes: str = "",
    pair: str = "",
    along: Callable[[], object] | None = None,
) -> WordDecision:
    """Enter a decision; Conflict when the word's version is not `seen` any more (0: nobody has decided yet).

    "never" also settles the findings that propose to change this word in open pairs of its language: they
    get another look without them. `along` is done in the same transaction; what it raises undoes the entry.
    """
    at, action = store.timestamp(), ACTION + uuid.uuid4().hex
    values = {
        "at": at,
        "actor": by,
        "action": action,
        "word": word.id,
        "version": seen + 1,
        "lang": word.lang,
        "before": word.before,
        "after": word.after,
        "decision": decision,
        "becomes": becomes,
        "pair": pair,
    }
    w = schema.word_decision.c

    def work(connection: sa.Connection) -> None:
        permit_within(connection, by, "decide")
        latest = connection.execute(sa.select(sa.func.max(w.version)).where(w.word == word.id)).scalar() or 0
        if latest != seen:
            raise Conflict(SAME)
        try:
            connection.execute(sa.insert(schema.word_decision), values)
        except sa.exc.IntegrityError:  # the same version, a moment ago
            raise Conflict(SAME) from None
        if decision == "never":
            _settle(connection, word, at)
        if along is not None:
            along()

    store.database.write(work)
    return _decision(values)


def _decision(row: Any) -> WordDecision:
    return WordDecision(
        word=WordType(row["lang"], row["before"], row["after"]),
        **{name: row[name] for name in ("version", "decision", "becomes", "pair", "actor", "action", "at")},
    )


def _is(word: WordType) -> sa.ColumnElement[bool]:
    w = schema.word_place.c
    same = w.after.is_(None) if word.after is None else w.after == word.after
    return sa.and_(w.lang == word.lang, w.before == word.before, _starts(word.before), same)


def _starts(before: str) -> sa.ColumnElement[bool]:
    """What PostgreSQL's index has of a word; SQLite's has all of it."""
    return sa.func.substr(schema.word_place.c.before, 1, INDEXED) == before[:INDEXED]


def _settle(connection: sa.Connection, word: WordType, at: str) -> None:
    """Another look at the pairs in which this word would be changed, with all that the last one saw but that."""
    f, w, k = schema.finding, schema.word_place.c, schema.look
    mine = sa.and_(w.lang == word.lang, w.before == word.before, _starts(word.before))
    query = sa.select(f.c.pair, f.c.look).distinct().where(f.c.seq == w.finding, mine)
    for pair, old in connection.execute(query).all():
        values = {"pair": pair, "step": STEP, "settings": SETTLED, "at": at}
        new = connection.execute(sa.insert(k).values(**values).returning(k.c.seq)).scalar_one()
        kept = sa.select(f).where(f.c.look == old, f.c.before != word.before).order_by(f.c.seq)
        rows: Sequence[Any] = connection.execute(kept).mappings().all()
        copies = [{name: value for name, value in row.items() if name != "seq"} | {"look": new} for row in rows]
        if copies:
            connection.execute(sa.insert(f), copies)


def last_event(store: Store) -> int:
    """The number of the latest event; 0 where nothing has happened."""
    with store.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.max(schema.event.c.seq))).scalar() or 0)


def edits_since(store: Store, seq: int) -> Iterator[Event]:
    """The edits after this event, oldest first, a slice at a time."""
    e = schema.event
    while True:
        query = sa.select(e).where(e.c.seq > seq, e.c.move == "edit").order_by(e.c.seq).limit(CHUNK)
        with store.database.read() as connection:
            rows = connection.execute(query).mappings().all()
        for row in rows:
            yield Event(**row)
        if len(rows) < CHUNK:
            return
        seq = rows[-1]["seq"]
