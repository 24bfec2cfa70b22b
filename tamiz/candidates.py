"""Pairs that may be like another one, found through the index of words and through what the steps have named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tamiz import schema
from tamiz.search import Query, Term, hits
from tamiz.store import Store, StoredPair, stored_pair

__all__ = ["STANDING", "named_with", "pairs_with_all"]

STANDING = ("new", "waiting", "skipped", "disputed", "accepted")


def pairs_with_all(
    store: Store, searches: Iterable[Sequence[str]], *, enough: int, most: int, without: str
) -> list[StoredPair]:
    """Pairs that are open or accepted and have all words of one of these searches, the first search's first.

    No further search is made when `enough` pairs are found; one that finds more than `most` says too little and is
    passed over. `without` is the pair that is compared.
    """
    found: dict[int, None] = {}
    p = schema.pair
    with store.database.read() as connection:
        for words in searches:
            query = Query(wanted=tuple(Term(words=(word,)) for word in words))
            found |= dict.fromkeys(hits(connection, query, limit=most) or ())
            if len(found) > enough:  # one of them is the pair itself
                break
        query_rows = sa.select(p).where(
            p.c.seq.in_(list(found)[: 4 * most]), p.c.state.in_(STANDING), p.c.id != without
        )
        rows = connection.execute(query_rows).mappings().all()
    order = {seq: place for place, seq in enumerate(found)}
    return [stored_pair(row) for row in sorted(rows, key=lambda row: order[row["seq"]]) if row["question"]]


def named_with(store: Store, pair: str, *, limit: int) -> list[str]:
    """Pairs that a step has named as witness of this one, and those of which this one is the witness."""
    f = schema.finding.c
    mine = sa.select(f.witness).where(f.pair == pair, f.witness != "").distinct().limit(limit)
    by_index = f.witness != sa.literal_column("''")  # which leaves out the findings without a witness
    theirs = sa.select(f.pair).where(f.witness == pair, by_index, f.pair != pair).distinct().limit(limit)
    with store.database.read() as connection:
        return list(dict.fromkeys([*connection.execute(mine).scalars(), *connection.execute(theirs).scalars()]))
