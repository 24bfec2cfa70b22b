"""Every filter finds, page by page and in every order, just its pairs; counters are what counting gives."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tamiz import browse, schema
from tamiz.browse import count, examples, page
from tamiz.decisions import claim_pair, decide, judge, mark_sieved, undo
from tamiz.errors import InputError
from tamiz.facets import counted, findings_there, people_there
from tamiz.filters import Filter
from tamiz.records import Finding, Verdict

ANA, LEO = "person:reviewer-1", "person:reviewer-2"
SIZE = 40


def verdict(stored, decision, by=ANA, edited=None):
    return Verdict(pair=stored.pair.id, version=stored.version, decision=decision, by=by, edited=edited)


@pytest.fixture
def filled(store, make_pair, clock):
    """SIZE pairs of every kind, with findings, tags, decisions and times of arrival."""
    chance = random.Random(3)
    pairs = []
    for number in range(SIZE):
        words = " ".join(chance.sample(["router", "clave", "factura", "móvil", "casa"], 2))
        pairs.append(
            make_pair(
                number,
                question=f"¿{words} {number}?",
                source=chance.choice(["ayuda", "foro", "raro"]),
                lang=chance.choice(["es", "en"]),
                label=chance.choice(["wifi", "pagos", "x" * 300]),
                kind=chance.choice(["faq", "forum"]),
                confidence=chance.choice([0.2, 0.6, 1.0]),
                group=f"g{number % 7}",
            )
        )
    for start in range(0, SIZE, 4):
        store.add_pairs(pairs[start : start + 4], "source:ayuda")
        clock.forward(240)
    found = [Finding(pair=pair.id, step="quality", kind=chance.choice(["short", "loud"])) for pair in pairs[::2]]
    store.add_look("quality", "s", [pair.id for pair in pairs], found)
    stored = list(store.pairs())
    mark_sieved(store, [one.pair.id for one in stored[:34]])
    store.add_look("quality", "t", [one.pair.id for one in stored[:5]], [])  # what was found stands no more
    t = schema.pair_tag
    tagged = [{"pair": one.pair.id, "tag": "later"} for one in stored[::9]]
    store.database.write(lambda connection: connection.execute(sa.insert(t), tagged))
    need = sa.update(schema.pair).values(need=schema.pair.c.seq % 5)
    store.database.write(lambda connection: connection.execute(need))
    waiting = enumerate(store.pairs("waiting"))
    decided = [verdict(one, ["accept", "reject", "skip"][n % 4 % 3], [ANA, LEO][n % 2]) for n, one in waiting if n % 3]
    judge(store, decided)
    return store


def facts(store) -> list[dict[str, Any]]:
    """What is known of every pair, in the order of arrival, without any of the code to be tested."""
    with store.database.read() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(schema.pair)).mappings()]
        tags = {tuple(row) for row in connection.execute(sa.select(schema.pair_tag))}
    for row in rows:
        row["tags"] = {tag for pair, tag in tags if pair == row["id"]}
        row["found"] = {(f.step, f.kind) for f in store.findings([row["id"]])[row["id"]]}
        last = store.history(row["id"])[-1]
        row["by"] = last.actor if last.move in ("accept", "reject", "skip") else ""
    return sorted(rows, key=lambda row: row["seq"])


FILTERS = {
    "everything": (Filter(), lambda r: True),
    "a state": (Filter(states=("waiting",)), lambda r: r["state"] == "waiting"),
    "two states": (Filter(states=("accepted", "rejected")), lambda r: r["state"] in ("accepted", "rejected")),
    "a source": (Filter(sources=("foro",)), lambda r: r["source"] == "foro"),
    "a source that is not there": (Filter(sources=("none",)), lambda r: False),
    "label and language": (
        Filter(labels=("wifi",), langs=("es",)),
        lambda r: (r["label"], r["lang"]) == ("wifi", "es"),
    ),
    "a long label": (Filter(labels=("x" * 300,)), lambda r: r["label"] == "x" * 300),
    "kinds in a state": (
        Filter(kinds=("faq", "forum"), states=("skipped", "new")),
        lambda r: r["state"] in ("skipped", "new"),
    ),
    "a word": (Filter(text="movil"), lambda r: "móvil" in r["question"]),
    "words in a state of a source": (
        Filter(text="router -clave", states=("waiting",), sources=("ayuda", "foro")),
        lambda r: (
            "router" in r["question"]
            and "clave" not in r["question"]
            and r["state"] == "waiting"
            and r["source"] != "raro"
        ),
    ),
    "no word": (Filter(text="-router"), lambda r: "router" not in r["question"]),
    "a tag": (Filter(tags=("later",)), lambda r: "later" in r["tags"]),
    "a tag and a word": (
        Filter(tags=("later",), text="casa"),
        lambda r: "later" in r["tags"] and "casa" in r["question"],
    ),
    "a finding": (Filter(finding=("quality", "short")), lambda r: ("quality", "short") in r["found"]),
    "a step": (Filter(finding=("quality", ""), states=("waiting",)), lambda r: r["found"] and r["state"] == "waiting"),
    "who decided": (Filter(decided_by=LEO), lambda r: r["by"] == LEO),
    "who accepted": (
        Filter(decided_by=ANA, states=("accepted",)),
        lambda r: (r["by"], r["state"]) == (ANA, "accepted"),
    ),
    "confidence": (Filter(least_confidence=0.3, most_confidence=0.7), lambda r: r["confidence"] == 0.6),
    "time": (
        Filter(since="2026-01-31T09:40", until="2026-01-31T10:00"),
        lambda r: "2026-01-31T09:40" <= r["added_at"] < "2026-01-31T10:00",
    ),
    "address": (Filter(url="faq/1_"), lambda r: False),
    "a part of the address": (Filter(url="FAQ/2".lower()), lambda r: "faq/2" in r["url"]),
    "a group": (Filter(group="g3", langs=("es",)), lambda r: (r["pair_group"], r["lang"]) == ("g3", "es")),
}
ORDERS = {"newest": lambda r: -r["seq"], "oldest": lambda r: r["seq"], "need": lambda r: (-r["need"], r["seq"])}


def walk(store, chosen, order, size):
    """All pages, one behind the other."""
    got, after = [], None
    while True:
        found = page(store, chosen, order=order, after=after, size=size)
        assert len(found.pairs) == size or not found.whole or found.after is None
        got += [one.seq for one in found.pairs]
        if found.after is None:
            return got
        after = found.after


@pytest.mark.parametrize("narrow", [True, False], ids=["few pairs are listed", "all are looked at in turn"])
def test_every_filter_finds_its_pairs_in_every_order(filled, monkeypatch, narrow):
    monkeypatch.setattr(browse, "LOOK", 14)
    if not narrow:
        monkeypatch.setattr(browse, "FEW", 0)
    every = facts(filled)
    for name, (chosen, holds) in FILTERS.items():
        for order, by in ORDERS.items():
            expected = [row["seq"] for row in sorted(filter(holds, every), key=by)]
            assert walk(filled, chosen, order, 15) == expected, (name, order)
            assert name in ("everything", "a source that is not there", "address") or 0 < len(expected) < SIZE, name


def test_counts_are_exact_as_far_as_they_go(filled):
    every = facts(filled)
    for name, (chosen, holds) in FILTERS.items():
        told = count(filled, chosen)
        assert (told.pairs, told.exact) == (sum(map(bool, map(holds, every))), True), name
    assert count(filled, Filter(text="-router"), at_most=3) == browse.Count(pairs=3, exact=False)
    with filled.database.read() as connection:
        for chosen, holds in FILTERS.values():
            listed = browse.numbers(connection, chosen)
            assert [tuple(row) for row in listed] == [(r["seq"], r["version"], r["id"]) for r in every if holds(r)]


def test_a_page_that_nothing_narrows_down_is_looked_for_as_long_as_there_is_patience(filled, monkeypatch):
    monkeypatch.setattr(browse, "LOOK", 2)
    monkeypatch.setattr(browse, "FEW", 0)
    rare = Filter(least_confidence=0.2, most_confidence=0.2, states=("new", "waiting", "accepted"))
    short, whole = page(filled, rare, size=5), page(filled, rare, size=5, patience=20)
    assert (short.whole, len(short.pairs) < 5) == (False, True)
    assert (whole.whole, len(whole.pairs)) == (True, 5)


def test_filters_are_kept_as_json_and_refuse_nonsense():
    for chosen, _ in FILTERS.values():
        assert Filter.from_dict(chosen.as_dict()) == chosen
    assert Filter().as_dict() == {}
    with pytest.raises(InputError, match="no state"):
        Filter(states=("gone",))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no range"):
        Filter(least_confidence=0.9, most_confidence=0.1)


def test_examples_are_spread_over_all_of_them(filled):
    assert [one.seq for one in examples(filled, range(1, 37), limit=4)] == [1, 10, 19, 28]
    assert [one.seq for one in examples(filled, [7], limit=4)] == [7]


def test_there_is_a_list_of_what_can_be_asked_for(filled):
    assert findings_there(filled) == [("quality", "loud"), ("quality", "short")]
    assert people_there(filled) == [ANA, LEO]
    sources = counted(filled, "source")
    assert sum(sources.values()) == SIZE
    assert list(sources.values()) == sorted(sources.values(), reverse=True)
    assert sum(counted(filled, "lang", ("waiting",)).values()) == filled.counts()["waiting"]


def recounted(store) -> dict[tuple[str, str, str], int]:
    totals: dict[tuple[str, str, str], int] = {}
    with store.database.read() as connection:
        for row in connection.execute(sa.select(schema.pair)).mappings():
            for name in ("source", "lang", "kind", "label"):
                at = (name, row[name][:200], row["state"])
                totals[at] = totals.get(at, 0) + 1
    return totals


def test_the_counters_are_what_counting_gives_after_every_kind_of_move(store, make_pair):
    store.add_pairs([make_pair(n, label=f"l{n % 2}", source=f"s{n % 3}") for n in range(6)], "source:ayuda")

    def same() -> None:
        f = schema.facet.c
        with store.database.read() as connection:
            kept = {(r.dimension, r.value, r.state): r.pairs for r in connection.execute(sa.select(schema.facet))}
            zero = connection.execute(sa.select(sa.func.count()).where(f.pairs <= 0)).scalar()
        assert (kept, zero) == (recounted(store), 0)
        assert store.counts() == {
            state: sum(n for (name, _, at), n in kept.items() if name == "lang" and at == state)
            for state in {at for _, _, at in kept}
        }

    same()
    mark_sieved(store, [one.pair.id for one in store.pairs()])
    same()
    for decision in ("accept", "reject", "skip", "edit"):
        held = next(store.pairs("waiting"))
        claim_pair(store, held.pair.id, ANA, lease_seconds=60)
        same()
        edited = replace(held.pair, answer="Otra.", label="nueva", made_from=(held.pair.id,), made_by=ANA)
        decide(store, verdict(held, decision, edited=edited if decision == "edit" else None))
        same()
    for _ in range(4):
        undo(store, ANA)
        same()
    again = next(one for one in store.pairs("waiting"))
    claim_pair(store, again.pair.id, ANA, lease_seconds=60)
    edited = replace(again.pair, answer="Otra.", label="aún otra", lang="en", made_from=(again.pair.id,), made_by=ANA)
    decide(store, verdict(again, "edit", edited=edited))
    same()
    p = schema.pair
    store.database.write(lambda connection: connection.execute(sa.update(p).values(label="", source="x")))
    same()
