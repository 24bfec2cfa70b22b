"""What people say about pairs: comments and tags. Nothing is erased; taking something back is another entry.

Tags go along to the pair that an edit makes. Comments stay with the pair they were made about and are shown with
every pair made from it.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tamiz import schema
from tamiz.database import insert_new
from tamiz.errors import InputError
from tamiz.people import permit
from tamiz.records import Pair, clean_unicode
from tamiz.store import Store

__all__ = ["Remark", "TagChange", "add_remark", "ancestors", "carry_tags", "change_tags", "normal_tag", "remarks"]
__all__ += ["tag_counts", "tag_history", "tags_of", "take_back_remark"]

LONGEST_REMARK = 4_000
LONGEST_TAG = 40
MOST_TAGS = 20
DEEPEST = 200  # edits of edits that are followed back


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Somebody's comment about a pair. `taken_back` says who took it back, or ""."""

    seq: int
    at: str
    actor: str
    pair: str
    text: str
    taken_back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """Somebody has put a tag on a pair, or taken it off."""

    at: str
    actor: str
    pair: str
    tag: str
    present: bool


def add_remark(store: Store, pair: str, text: str, by: str) -> None:
    """Say something about a pair; InputError for an empty comment, one too long, or a pair that is not there."""
    permit(store, by, "decide")
    said = clean_unicode(text).strip()
    if not said:
        raise InputError("the comment is empty; write what the next reviewer should know")
    if len(said) > LONGEST_REMARK:
        raise InputError(f"the comment has {len(said):,} characters; shorten it to {LONGEST_REMARK:,}")
    _insert_remark(store, {"actor": by, "pair": pair, "text": said, "removes": 0})


def take_back_remark(store: Store, remark: int, by: str) -> None:
    """Take one's own comment back; it stays in the history. InputError for somebody else's."""
    permit(store, by, "decide")
    r = schema.remark.c
    with store.database.read() as connection:
        found = connection.execute(sa.select(r.actor, r.pair).where(r.seq == remark, r.removes == 0)).first()
    if found is None or found.actor != by:
        raise InputError(f"comment {remark} is not yours to take back; answer it with another one")
    _insert_remark(store, {"actor": by, "pair": found.pair, "text": "", "removes": remark})


def remarks(store: Store, pairs: Sequence[str]) -> list[Remark]:
    """The comments about these pairs, oldest first, those taken back among them."""
    r = schema.remark
    query = sa.select(r).where(r.c.pair.in_(pairs)).order_by(r.c.seq)
    with store.database.read() as connection:
        rows = connection.execute(query).mappings().all()
    gone = {row["removes"]: row["actor"] for row in rows if row["removes"]}
    return [
        Remark(
            **{name: row[name] for name in ("seq", "at", "actor", "pair", "text")}, taken_back=gone.get(row["seq"], "")
        )
        for row in rows
        if not row["removes"]
    ]


def normal_tag(text: str) -> str:
    """A tag as it is kept: small letters, one word joined by hyphens; InputError where nothing is left or too much.

    >>> normal_tag("  Needs  Legal ")
    'needs-legal'
    """
    tag = re.sub(r"[\s_]+", "-", clean_unicode(text).strip().casefold()).strip("-#,")
    if not tag or not tag.isprintable():
        raise InputError("the tag is empty; give a word such as needs-legal")
    if len(tag) > LONGEST_TAG:
        raise InputError(f"the tag {tag[:LONGEST_TAG]}… has {len(tag)} characters; shorten it to {LONGEST_TAG}")
    return tag


def tags_of(store: Store, pairs: Sequence[str]) -> dict[str, list[str]]:
    """The tags that stand on each of these pairs, in the order of the alphabet."""
    t = schema.pair_tag.c
    result: dict[str, list[str]] = {pair: [] for pair in pairs}
    with store.database.read() as connection:
        for pair, tag in connection.execute(sa.select(t.pair, t.tag).where(t.pair.in_(pairs)).order_by(t.tag)):
            result[pair].append(tag)
    return result


def tag_counts(store: Store, *, limit: int = 100) -> dict[str, int]:
    """The tags in use, the most frequent first, with the number of pairs that have them."""
    t = schema.tag_tally.c
    query = sa.select(t.tag, t.pairs).order_by(t.pairs.desc(), t.tag).limit(limit)
    with store.database.read() as connection:
        return {row.tag: row.pairs for row in connection.execute(query)}


def change_tags(store: Store, pair: str, *, by: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> list[str]:
    """Put tags on a pair and take others off; the tags that stand then.

    InputError when a pair would have more than MOST_TAGS, or a tag cannot be one. What stands already is no change.
    """
    permit(store, by, "decide")
    wanted, unwanted = {normal_tag(tag) for tag in add}, {normal_tag(tag) for tag in remove}
    at = store.timestamp()

    def work(connection: sa.Connection) -> list[str]:
        _must_be_there(connection, pair)
        standing = _standing(connection, pair)
        after = (standing | wanted) - unwanted
        if len(after) > max(MOST_TAGS, len(standing)):
            raise InputError(f"a pair has at most {MOST_TAGS} tags, this one would have {len(after)}; take some off")
        _change(connection, pair, after - standing, standing - after, at=at, actor=by, action=uuid.uuid4().hex)
        return sorted(after)

    return store.database.write(work)


def tag_history(store: Store, pairs: Sequence[str]) -> list[TagChange]:
    """Every tag that was put on these pairs or taken off, oldest first."""
    c = schema.tag_change.c
    query = sa.select(c.at, c.actor, c.pair, c.tag, c.present).where(c.pair.in_(pairs)).order_by(c.seq)
    with store.database.read() as connection:
        rows = connection.execute(query).mappings().all()
    return [TagChange(**{**row, "present": bool(row["present"])}) for row in rows]


def carry_tags(connection: sa.Connection, pair: str, made: Pair, *, at: str, actor: str, action: str) -> None:
    """The pair that an edit makes has the tags of the one it is made from, and no others."""
    wanted, standing = _standing(connection, pair), _standing(connection, made.id)
    _change(connection, made.id, wanted - standing, standing - wanted, at=at, actor=actor, action=action)


def ancestors(store: Store, pair: str) -> list[str]:
    """The pair and those it was made from, newest first: whose comments and history belong to it."""
    p = schema.pair.c
    found: list[str] = []
    left = [pair]
    with store.database.read() as connection:
        while left and len(found) < DEEPEST:
            found += left
            rows = connection.execute(sa.select(p.made_from).where(p.id.in_(left))).scalars()
            left = [one for row in rows for one in json.loads(row) if one not in found]
    return found


def _insert_remark(store: Store, values: dict[str, object]) -> None:
    values = {**values, "at": store.timestamp()}

    def work(connection: sa.Connection) -> None:
        _must_be_there(connection, str(values["pair"]))
        connection.execute(sa.insert(schema.remark), values)

    store.database.write(work)


def _must_be_there(connection: sa.Connection, pair: str) -> None:
    if connection.execute(sa.select(schema.pair.c.seq).where(schema.pair.c.id == pair)).first() is None:
        raise InputError(f"there is no pair {pair}; it may be of another project")


def _standing(connection: sa.Connection, pair: str) -> set[str]:
    return set(connection.execute(sa.select(schema.pair_tag.c.tag).where(schema.pair_tag.c.pair == pair)).scalars())


def _change(
    connection: sa.Connection, pair: str, new: set[str], gone: set[str], *, at: str, actor: str, action: str
) -> None:
    common = {"at": at, "actor": actor, "action": action, "pair": pair}
    changes = [{**common, "tag": tag, "present": int(tag in new)} for tag in sorted(new | gone)]
    if not changes:
        return
    connection.execute(sa.insert(schema.tag_change), changes)
    t = schema.pair_tag
    if new:
        insert = insert_new(connection.dialect.name, t, "pair", "tag")
        connection.execute(insert, [{"pair": pair, "tag": tag} for tag in sorted(new)])
    if gone:
        connection.execute(sa.delete(t).where(t.c.pair == pair, t.c.tag.in_(gone)))
