"""Originals that held personal data: their texts are taken away once a masked pair stands in their place.

What is left of a sealed pair is its row without texts (id, place, state, hash of the page), its history, and
where something was found in it. The texts are in `sealed`, encrypted, or nowhere, as the vault says. Beside the
original itself go the pairs that it was made from and what else was made from it and undone, with every
note that quotes them. All of it happens in the transaction that brings the masked pair in; `seal_rest` does it
for what was masked without a vault, and for boxes that are to be dropped now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import SealedError
from tamiz.moves import State
from tamiz.records import KEPT_STEP, PRIVACY_STEP, Pair, SealedPair
from tamiz.search import scrub_index
from tamiz.store import Store, StoredPair, move_pair, pair_row, stored_pair
from tamiz.synthmade import forget_replies
from tamiz.vault import Vault

__all__ = ["Sealed", "count_sealed", "masks", "opened", "scrub", "seal_family", "seal_rest", "sealed_pairs", "unseal"]

TEXTS = ("question", "answer", "answer_markdown", "context", "label", "tools")
NO_TEXT = {name: "[]" if name == "context" else "" for name in TEXTS}
OUT_OF_THE_WAY: tuple[State, ...] = ("replaced", "withdrawn")
AGAIN = "opened again"  # the settings of looks whose findings are lost: the steps look once more
SLICE = 200
TO_SCRUB = "to_scrub"  # in meta: the file may still hold traces of what was sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What became of the texts of a pair: when, by which decision, and whether they are encrypted or dropped."""

    pair: str
    at: str
    actor: str
    method: str
    key: str
    box: str

    def texts(self, vault: Vault | None) -> dict[str, Any]:
        """The texts and findings in the box; SealedError where nobody can open it, or not without the key."""
        if self.method == "drop":
            raise SealedError(
                f'the original of {self.pair} was dropped at {self.at} ([curation.privacy] originals = "drop"); '
                "only the masked pair is left"
            )
        if vault is None:
            raise SealedError(f"the original of {self.pair} is encrypted; open the project with its privacy.key")
        return vault.open(self.box, self.pair, self.key)

    def pair_with_texts(self, empty: Pair, vault: Vault | None) -> Pair:
        """The pair as it was before it was sealed."""
        return _with_texts(empty, self.texts(vault)["pair"])


def masks(connection: sa.Connection, row: Any, made: Pair) -> bool:
    """Whether the pair that was made of this one lacks personal data that the steps found in it and would mask."""
    f = schema.finding.c
    query = sa.select(f.before).where(f.pair == row["id"], f.step == PRIVACY_STEP, f.after.is_not(None), f.before != "")
    new = _whole(pair_row(made, at="", state="new"), markdown=True)
    old = _whole(row, markdown=bool(made.answer_markdown))  # what is typed by hand has none
    return any(old.count(before) > new.count(before) for before in connection.execute(query.distinct()).scalars())


def seal_family(
    connection: sa.Connection, vault: Vault, pair: str, made: str, *, at: str, actor: str, action: str
) -> int:
    """Seal this pair, in whose place `made` stands now, and its relatives that are out of the way; how many."""
    key = ""
    if vault.originals == "encrypt":
        _check_key(connection, vault)
        key = vault.key_name()
    done = 0
    for row in _family(connection, pair, without=made):
        if row["state"] in OUT_OF_THE_WAY and row["question"]:
            _seal(connection, vault, row, key, at=at, actor=actor, action=action)
            done += 1
    return done


def unseal(connection: sa.Connection, vault: Vault | None, pair: str, *, at: str, actor: str, action: str) -> None:
    """Put the texts of a pair back, with what was found in them; nothing happens to one that is not sealed."""
    s = schema.sealed
    found = connection.execute(sa.select(s).where(s.c.pair == pair)).mappings().first()
    if found is None:
        return
    box = _sealed(found).texts(vault)
    connection.execute(sa.update(schema.pair).where(schema.pair.c.id == pair).values(**_columns(box["pair"])))
    for seq, (before, after, note) in box["findings"].items():
        mine = sa.update(schema.finding).where(schema.finding.c.seq == int(seq))
        connection.execute(mine.values(before=before, after=after, note=note))
    for seq, edited in box.get("opinions", {}).items():
        connection.execute(sa.update(schema.opinion).where(schema.opinion.c.seq == int(seq)).values(edited=edited))
    connection.execute(sa.delete(s).where(s.c.pair == pair))
    row = connection.execute(sa.select(schema.pair).where(schema.pair.c.id == pair)).mappings().one()
    move_pair(connection, row, row["state"], move="unseal", at=at, actor=actor, action=action)


def bring_texts_again(connection: sa.Connection, pair: Pair) -> None:
    """Give a sealed pair its texts, which somebody has brought once more; the steps have to look again."""
    s, k = schema.sealed, schema.look
    if connection.execute(sa.delete(s).where(s.c.pair == pair.id)).rowcount:
        texts = pair_row(pair, at="", state="new")
        values = {name: texts[name] for name in TEXTS}
        connection.execute(sa.update(schema.pair).where(schema.pair.c.id == pair.id).values(**values))
        connection.execute(sa.update(k).where(k.c.pair == pair.id, k.c.step != KEPT_STEP).values(settings=AGAIN))


def seal_rest(store: Store) -> int:
    """Seal what stands open though a masked pair is in its place, and drop boxes where originals are dropped now.

    How many pairs were sealed or dropped. It may be stopped at any time, and goes on in the next run.
    """
    vault = store.vault
    if vault is None:
        return 0
    done = 0
    for part in _slices(_left_open(store)):
        done += store.database.write(lambda connection, part=part: _seal_part(connection, store, vault, part))  # type: ignore[misc]
    if vault.originals == "drop":
        done += store.database.write(_drop_boxes)
    return done


def sealed_pairs(store: Store, pairs: Sequence[str]) -> dict[str, Sealed]:
    """Of these pairs those that are sealed."""
    s = schema.sealed
    found: dict[str, Sealed] = {}
    with store.database.read() as connection:
        for start in range(0, len(pairs), SLICE):
            query = sa.select(s).where(s.c.pair.in_(pairs[start : start + SLICE]))
            found |= {row["pair"]: _sealed(row) for row in connection.execute(query).mappings()}
    return found


def count_sealed(store: Store) -> dict[str, int]:
    """How many pairs are sealed, by method."""
    s = schema.sealed.c
    with store.database.read() as connection:
        rows = connection.execute(sa.select(s.method, sa.func.count().label("pairs")).group_by(s.method))
        return {row.method: row.pairs for row in rows}


def opened(store: Store, pairs: Iterable[StoredPair]) -> Iterator[StoredPair]:
    """The same pairs, sealed ones with their texts; without those that cannot be opened here."""
    for part in _slices(pairs):
        boxes = sealed_pairs(store, [one.pair.id for one in part if isinstance(one.pair, SealedPair)])
        for one in part:
            if not isinstance(one.pair, SealedPair):
                yield one
                continue
            try:
                yield replace(one, pair=boxes[one.pair.id].pair_with_texts(one.pair, store.vault))
            except SealedError:
                continue


def scrub(store: Store) -> bool:
    """Leave no trace of sealed texts in the database's files; False while others keep it from that.

    Only where something was sealed since the last time.
    """
    m = schema.meta
    with store.database.read() as connection:
        waiting = connection.execute(sa.select(m.c.value).where(m.c.name == TO_SCRUB)).scalar()
    if waiting is None:
        return True
    if not store.database.scrub(("pair", "finding", "sealed", "synth_call"), index=scrub_index(store.database.dialect)):
        return False
    done = sa.delete(m).where(m.c.name == TO_SCRUB, m.c.value == waiting)
    store.database.write(lambda connection: connection.execute(done))
    return True


def _seal(connection: sa.Connection, vault: Vault, row: Any, key: str, *, at: str, actor: str, action: str) -> None:
    pair, f = row["id"], schema.finding
    witnessed = sa.and_(f.c.witness == pair, f.c.witness != sa.literal_column("''"))  # as the index of witnesses has it
    quoting = sa.or_(f.c.pair == pair, witnessed)
    found = connection.execute(sa.select(f).where(quoting, f.c.step != KEPT_STEP)).mappings().all()
    box = ""
    if key:
        findings = {one["seq"]: [one["before"], one["after"], one["note"]] for one in found if one["pair"] == pair}
        texts = {name: row[name] for name in TEXTS}
        box = vault.seal({"pair": texts, "findings": findings, "opinions": _edits(connection, pair)}, pair)
    values = {"pair": pair, "at": at, "actor": actor, "action": action, "key": key, "box": box}
    connection.execute(sa.insert(schema.sealed).values(method="encrypt" if key else "drop", **values))
    connection.execute(sa.update(schema.pair).where(schema.pair.c.id == pair).values(**NO_TEXT))
    mine = sa.update(f).where(f.c.pair == pair, f.c.step != KEPT_STEP)
    connection.execute(mine.where(f.c.step == PRIVACY_STEP).values(before="", note=""))  # the mask tells nothing
    connection.execute(mine.where(f.c.step != PRIVACY_STEP).values(before="", after=None, note=""))
    connection.execute(sa.update(f).where(witnessed, f.c.pair != pair).values(note=""))
    connection.execute(sa.update(schema.opinion).where(schema.opinion.c.pair == pair).values(edited=""))
    forget_replies(connection, pair, row["pair_group"])
    connection.execute(sa.delete(schema.draft).where(schema.draft.c.pair == pair))  # typed from the text with the data
    move_pair(connection, row, row["state"], move="seal", at=at, actor=actor, action=action, reason=vault.originals)
    _ask_to_scrub(connection, action)


def _edits(connection: sa.Connection, pair: str) -> dict[int, str]:
    """The texts in people's opinions about the pair, by number."""
    o = schema.opinion.c
    rows = connection.execute(sa.select(o.seq, o.edited).where(o.pair == pair, o.edited != ""))
    return {row.seq: row.edited for row in rows}


def _ask_to_scrub(connection: sa.Connection, action: str) -> None:
    m = schema.meta
    connection.execute(sa.delete(m).where(m.c.name == TO_SCRUB))
    connection.execute(sa.insert(m).values(name=TO_SCRUB, value=action))


def _check_key(connection: sa.Connection, vault: Vault) -> None:
    """SealedError rather than a second key, where originals are sealed and there is no key here."""
    if vault.has_key():
        return
    s = schema.sealed.c
    key = connection.execute(sa.select(s.key).where(s.key != "").limit(1)).scalar()
    if key is not None:
        raise SealedError(
            f"{vault.path} is missing, and originals are sealed with that key ({key}). Put the file back, or set "
            'TAMIZ_PRIVACY_KEY. If it is lost for good, set [curation.privacy] originals = "drop" and run: tamiz curate'
        )


def _family(connection: sa.Connection, pair: str, *, without: str) -> list[Any]:
    """The pair, what it was edited from, and what else was edited from these; all of them out of the way.

    What came through `without` is left out, and so are the origins of a synthetic pair, which it does not replace.
    """
    p, family, seen = schema.pair.c, [], {without}
    waiting = [pair]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        row = connection.execute(sa.select(schema.pair).where(p.id == name)).mappings().first()
        if row is None or row["state"] not in OUT_OF_THE_WAY:
            continue
        family.append(row)
        origins = [one for one in json.loads(row["made_from"]) if name in _edits_of(connection, one)]
        waiting += [*origins, *_edits_of(connection, name)]
    return family


def _edits_of(connection: sa.Connection, pair: str) -> list[str]:
    e = schema.event.c
    return list(connection.execute(sa.select(e.makes).where(e.pair == pair, e.makes != "").distinct()).scalars())


def _left_open(store: Store) -> list[str]:
    """Pairs out of the way whose personal data was found and whose texts are there."""
    p, f = schema.pair.c, schema.finding.c
    found = sa.select(f.seq).where(f.pair == p.id, f.step == PRIVACY_STEP, f.before != "", f.after.is_not(None))
    query = sa.select(p.id).where(p.state.in_(OUT_OF_THE_WAY), p.question != "", found.exists()).order_by(p.seq)
    with store.database.read() as connection:
        return list(connection.execute(query).scalars())


def _seal_part(connection: sa.Connection, store: Store, vault: Vault, part: Sequence[str]) -> int:
    p, e, done = schema.pair, schema.event.c, 0
    at = store.timestamp()
    for pair in part:
        row = connection.execute(sa.select(p).where(p.c.id == pair)).mappings().one()
        last = sa.select(e.makes, e.action).where(e.pair == pair, e.makes != "").order_by(e.seq.desc()).limit(1)
        edit = connection.execute(last).first()
        if row["state"] == "replaced" and row["question"] and edit is not None:
            heir = connection.execute(sa.select(p).where(p.c.id == edit.makes)).mappings().one()
            made = stored_pair(heir).pair
            if isinstance(made, SealedPair) or masks(connection, row, made):
                done += seal_family(connection, vault, pair, edit.makes, at=at, actor="step:seal", action=edit.action)
    return done


def _drop_boxes(connection: sa.Connection) -> int:
    s = schema.sealed
    dropped = connection.execute(sa.update(s).where(s.c.method != "drop").values(method="drop", key="", box=""))
    if dropped.rowcount:
        _ask_to_scrub(connection, "drop")
    return dropped.rowcount


def _sealed(row: Any) -> Sealed:
    return Sealed(**{name: row[name] for name in ("pair", "at", "actor", "method", "key", "box")})


def _whole(row: Any, *, markdown: bool) -> str:
    said = [turn[name] for turn in json.loads(row["context"]) for name in ("content", "tool_calls")]
    own = ("question", "answer", "label", "tools", *(("answer_markdown",) if markdown else ()))
    return "\n".join([*(str(row[name]) for name in own), *said])


def _columns(texts: dict[str, str]) -> dict[str, str]:
    return {name: texts[name] for name in TEXTS}


def _with_texts(empty: Pair, texts: dict[str, str]) -> Pair:
    values = {f.name: getattr(empty, f.name) for f in fields(Pair)}
    return Pair.from_dict(values | texts | {"context": json.loads(texts["context"])})


def _slices(items: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == SLICE:
            yield part
            part = []
    if part:
        yield part
