from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamiz import schema
from tamiz.decisions import claim, decide, mark_sieved
from tamiz.errors import InputError
from tamiz.records import Finding, Page, Verdict, clean_unicode
from tamiz.store import PageReading, Store


def make_page(**changes):
    values = {
        "url": "https://ayuda.example/faq",
        "final_url": "https://ayuda.example/faq",
        "fetched_at": "2026-01-31T09:30:00+00:00",
        "status": 200,
        "content_type": "text/html",
        "content_hash": "c0ffee",
        "source": "ayuda",
    }
    return Page(**(values | changes))


def test_importing_the_same_pairs_twice_adds_nothing(store, make_pair):
    """FAULTS row 38."""
    pairs = [make_pair(1), make_pair(2), make_pair(1)]
    first = store.add_pairs(pairs, "source:ayuda")
    assert (len(first.new), first.known) == (2, 1)
    again = store.add_pairs(pairs, "source:ayuda")
    assert (len(again.new), again.known) == (0, 3)
    assert store.counts() == {"new": 2}


def test_a_pair_comes_back_as_it_was(store, make_pair):
    pair = make_pair(
        context=[{"role": "user", "content": "Hola"}], accepted=False, votes=-3, confidence=0.25, made_from=("a", "b")
    )
    store.add_pairs([pair], "source:ayuda")
    assert store.pair(pair.id).pair == pair
    assert store.pair(pair.id[:8]).pair == pair


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(min_size=1))
def test_any_text_comes_back_the_same_from_both_databases(store, make_pair, text):
    """FAULTS row 25: NUL, lone surrogates, NFD, bidi, zero-width."""
    if not clean_unicode(text).strip():
        return
    pair = make_pair(answer=text, label=text)
    store.add_pairs([pair], "source:ayuda")
    assert store.pair(pair.id).pair == pair


def test_a_word_of_a_megabyte_is_kept(store, make_pair):
    pair = make_pair(answer="ñ" * 1_000_000)
    store.add_pairs([pair], "source:ayuda")
    assert store.pair(pair.id).pair.answer == pair.answer


@pytest.mark.parametrize("given", ["zz", "", "%", "a_"])
def test_an_id_that_is_not_there_is_named(store, make_pair, given):
    store.add_pairs([make_pair(1), make_pair(2)], "source:ayuda")
    with pytest.raises(InputError, match="pair"):
        store.pair(given)


def test_a_page_is_kept_once_with_what_was_read(store, make_pair):
    page = make_page()
    reading = PageReading(page=page.id, kind="faq", reason="", found=1)
    assert len(store.add_page(page, [make_pair()], reading).new) == 1
    assert store.add_page(page, [make_pair()], reading).known == 1
    assert list(store.pages()) == [page]
    assert store.page(page.id) == page
    assert store.readings() == {("faq", ""): 1}
    store.add_reading(PageReading(page=page.id, kind="none", reason="a login page", found=0), [], "extract")
    assert store.readings() == {("none", "a login page"): 1}


def test_only_the_latest_look_of_a_step_counts(store, make_pair):
    pair = make_pair()
    store.add_pairs([pair], "source:ayuda")
    old = Finding(pair=pair.id, step="length", kind="short", field="answer")
    store.add_look("length", "settings-1", [pair.id], [old])
    assert store.findings([pair.id]) == {pair.id: [old]}
    assert store.unseen("length", "settings-1", limit=9) == []
    assert [stored.pair for stored in store.unseen("length", "settings-2", limit=9)] == [pair]
    store.add_look("length", "settings-2", [pair.id], [])
    assert store.findings([pair.id]) == {pair.id: []}
    assert store.count_findings() == {("length", "short"): 1}  # nothing is forgotten


def test_pairs_are_read_in_slices_in_the_order_of_arrival(store, make_pair):
    pairs = [make_pair(number) for number in range(1203)]
    store.add_pairs(pairs, "source:ayuda")
    assert [stored.pair for stored in store.pairs("new")] == pairs
    assert len(store.pairs_by_id([pair.id for pair in pairs])) == 1203
    assert list(store.pairs("accepted")) == []


def test_the_tally_is_what_counting_gives(store, make_pair):
    store.add_pairs([make_pair(number) for number in range(5)], "source:ayuda")
    mark_sieved(store, [make_pair(number).id for number in range(4)])
    held = claim(store, "person:ana", lease_seconds=60)
    decide(store, Verdict(pair=held.pair.id, version=held.version, decision="accept", by="person:ana"))
    with store.database.read() as connection:
        query = sa.select(schema.pair.c.state, sa.func.count()).group_by(schema.pair.c.state)
        counted = {state: count for state, count in connection.execute(query)}  # noqa: C416
    assert store.counts() == counted == {"new": 1, "waiting": 3, "accepted": 1}


def test_the_history_cannot_be_changed(store, make_pair):
    store.add_pairs([make_pair()], "source:ayuda")
    with pytest.raises((sa.exc.DBAPIError, Exception), match="events are never changed"):
        store.database.write(lambda connection: connection.execute(sa.update(schema.event).values(actor="nobody")))
    assert [event.actor for event in store.events()] == ["source:ayuda"]


def test_the_tables_are_as_the_code_sees_them(store):
    with store.database.read() as connection:
        inspector = sa.inspect(connection)
        there = {
            table: {c["name"] for c in inspector.get_columns(table)}
            for table in inspector.get_table_names()
            if not table.startswith("pair_text")
        }
        nullable = {(table, c["name"]) for table in there for c in inspector.get_columns(table) if c["nullable"]} - {
            (table, "seq") for table in there
        }
    assert there == {table.name: {c.name for c in table.columns} for table in schema.METADATA.tables.values()}
    assert nullable == {(t.name, c.name) for t in schema.METADATA.tables.values() for c in t.columns if c.nullable}


def test_two_stores_on_one_database_see_each_other(store_url, make_pair):
    with Store.open(store_url) as one, Store.open(store_url) as other:
        one.add_pairs([make_pair()], "source:ayuda")
        assert other.counts() == {"new": 1}
