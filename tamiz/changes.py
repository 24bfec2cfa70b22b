"""What a site changed since it was last fetched: pairs that are gone or written anew get a finding.

Nothing is edited and nothing is dropped: people and the written rules decide. A pair that comes back is
looked at again, without a finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.records import Finding, Pair

__all__ = ["STEP", "Change", "write_changes"]

STEP = "crawl"
SAME = "the same page as "  # the reason of an address whose page was kept under the one that follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of an address that had a page `before` (None: it had none): new, changed, unchanged, same or gone.

    `pairs` are those that its page has now, without those of a page that repeats another.
    """

    kind: str
    before: Mapping[str, Any] | None
    page: str = ""
    etag: str = ""
    last_modified: str = ""
    pairs: tuple[Pair, ...] = ()


def write_changes(
    connection: sa.Connection, source: str, changes: Sequence[Change], new: set[str], *, at: str
) -> list[tuple[int, int, int]]:
    """Note what changed, inside the caller's transaction; for each change how many pairs changed and are gone,
    and how many new ones stand in the place of a changed one.

    `new` are the ids of the pairs that the store had not seen.
    """
    told = [change.before for change in changes if change.before is not None]
    had = _pairs_by_address(connection, source, {before["final_url"] for before in told})
    standing = _standing(connection, [pair["id"] for pairs in had.values() for pair in pairs])
    counts = []
    looks: dict[str, Finding | None] = {}
    for change in changes:
        found = _look(change, had.get(change.before["final_url"], ()) if change.before else (), standing, new)
        looks |= found
        # What had another text before is an older wording of a pair: that pair is counted, not both.
        older = {pair for pair in found if standing.get(pair, ("", ""))[0] == "changed"}
        kinds = [finding.kind for pair, finding in found.items() if finding and pair not in older]
        heirs = new.intersection(finding.witness for finding in found.values() if finding)
        counts.append((kinds.count("changed"), kinds.count("gone"), len(heirs)))
        if change.before is not None:
            _follow_up(connection, source, change)
    _write_looks(connection, looks, at)
    return counts


def _look(
    change: Change, had: Iterable[Mapping[str, Any]], standing: Mapping[str, tuple[str, str]], new: set[str]
) -> dict[str, Finding | None]:
    """The findings to write, by pair; None takes one back. What was made from a pair shares its fate."""
    now = {pair.id: pair for pair in change.pairs}
    looks: dict[str, Finding | None] = {}
    lost: dict[str, str] = {}  # pairs that are no more, and what stands in their place
    for row in had:
        made_from = json.loads(row["made_from"])
        here = row["id"] in now or (bool(made_from) and not any(parent in lost for parent in made_from))
        if here or change.kind == "unchanged":
            if row["id"] in standing and here:
                looks[row["id"]] = None
            continue
        heir = next((lost[parent] for parent in made_from if parent in lost), None)
        lost[row["id"]] = witness = _heir(row, change.pairs, new) if heir is None else heir
        if standing.get(row["id"]) != (kind := "changed" if witness else "gone", witness):
            note = "the site has another text now" if witness else "the site has this no more"
            looks[row["id"]] = Finding(pair=row["id"], step=STEP, kind=kind, witness=witness, note=note)
    return looks


def _heir(row: Mapping[str, Any], pairs: Iterable[Pair], new: set[str]) -> str:
    """The pair with the same question, else a new one with the same answer."""
    same = [pair for pair in pairs if pair.question.casefold() == row["question"].casefold()]
    same += [pair for pair in pairs if pair.id in new and pair.answer.casefold() == row["answer"].casefold()]
    return same[0].id if same else ""


def _pairs_by_address(connection: sa.Connection, source: str, urls: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Every pair that was ever read at these addresses, with what people made from them, in order of arrival."""
    found: dict[str, list[dict[str, Any]]] = {url: [] for url in urls}
    if urls:
        p, page = schema.pair.c, schema.page.c
        query = sa.select(p.id, p.question, p.answer, p.made_from, page.final_url).where(p.state != "withdrawn")
        joined = query.join_from(schema.pair, schema.page, p.page == page.id)
        mine = joined.where(page.source == source, page.final_url.in_(urls)).order_by(p.seq)
        rows = [dict(row) for row in connection.execute(mine).mappings()]
        for row in rows:
            found[row["final_url"]].append(_told(row, rows))
    return found


def _told(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The row; a sealed one with the texts of the pair that was made from it, by which it is compared."""
    if row["question"]:
        return row
    made = next((one for one in rows if one["question"] and row["id"] in _ancestors(one, rows)), row)
    return {**row, "question": made["question"], "answer": made["answer"]}


def _ancestors(row: Mapping[str, Any], rows: Sequence[dict[str, Any]]) -> set[str]:
    parents = set(json.loads(row["made_from"]))
    return parents.union(*(_ancestors(one, rows) for one in rows if one["id"] in parents))


def _standing(connection: sa.Connection, pairs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The kind and witness of what stands about these pairs from earlier crawls."""
    if not pairs:
        return {}
    k, f = schema.look.c, schema.finding.c
    newest = sa.select(sa.func.max(k.seq)).where(k.pair.in_(pairs), k.step == STEP).group_by(k.pair)
    rows = connection.execute(sa.select(f.pair, f.kind, f.witness).where(f.look.in_(newest)))
    return {pair: (kind, witness) for pair, kind, witness in rows}


def _follow_up(connection: sa.Connection, source: str, change: Change) -> None:
    """Keep what to ask with next time; addresses that repeated a page that is another one now are asked again."""
    before, u, p = change.before, schema.crawl_url.c, schema.page.c
    assert before is not None
    headers = {"etag": change.etag, "last_modified": change.last_modified}
    if change.kind == "unchanged" and any(before[name] != value for name, value in headers.items()):
        connection.execute(sa.update(schema.page).where(p.id == change.page).values(**headers))
    if change.kind in ("changed", "gone"):
        repeats = sa.and_(u.source == source, u.page == before["id"], u.reason.startswith(SAME, autoescape=True))
        again = sa.update(schema.crawl_url).where(repeats, u.url != before["url"])
        connection.execute(again.values(state="waiting", reason="", page=""))


def _write_looks(connection: sa.Connection, looks: Mapping[str, Finding | None], at: str) -> None:
    if not looks:
        return
    rows = [{"pair": pair, "step": STEP, "settings": "", "at": at} for pair in looks]
    insert = sa.insert(schema.look).returning(schema.look.c.seq, schema.look.c.pair)
    numbers = {row.pair: row.seq for row in connection.execute(insert, rows)}
    found = [{"id": one.id, "look": numbers[pair], **asdict(one)} for pair, one in looks.items() if one]
    if found:
        connection.execute(sa.insert(schema.finding), found)
