"""Whose turn it is: orders, assignments, and what the database does to find out."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from tamiz import schema
from tamiz.assignments import Assignment, assign, assigned, assignments, share_bounds
from tamiz.decisions import claim, decide, mark_sieved, release, set_needs
from tamiz.errors import InputError, NotPermitted
from tamiz.people import change_person
from tamiz.queue import ORDERS, Queue, next_free
from tamiz.records import Verdict
from tamiz.remarks import change_tags

ANA, LEO = "person:reviewer-1", "person:reviewer-2"


@pytest.fixture
def waiting(store, make_pair):
    """Six pairs of two sources, languages and labels, with a need that is not their order of arrival."""
    made = [
        make_pair(
            number,
            source=("foro", "ayuda")[number % 2],
            lang=("es", "en")[number % 2],
            label=("red", "pago")[number // 4],
        )
        for number in range(6)
    ]
    store.add_pairs(made, "source:ayuda")
    mark_sieved(
        store, [pair.id for pair in made], {made[n].id: need for n, need in enumerate((0.1, 0.9, 0.5, 0.9, 0, 0.7))}
    )
    return made


def queue(store, by=ANA, **options):
    """The numbers of the pairs in the order in which this person gets them, each decided."""
    numbers = {stored.pair.id: stored.seq for stored in store.pairs()}
    first, given = min(numbers.values()), []
    while held := claim(store, by, lease_seconds=60, **options):
        given.append(numbers[held.pair.id] - first)
        decide(store, Verdict(pair=held.pair.id, version=held.version, decision="accept", by=by))
    return given


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param("need", [1, 3, 5, 2, 0, 4], id="what needs a person most"),
        pytest.param("newest", [5, 4, 3, 2, 1, 0], id="the newest"),
        pytest.param("oldest", [0, 1, 2, 3, 4, 5], id="the oldest"),
        pytest.param("source", [2, 0, 4, 1, 3, 5], id="by source"),
        pytest.param("balance", [4, 0, 5, 1, 2, 3], id="the label with the fewest accepted"),
    ],
)
def test_pairs_come_in_the_chosen_order(store, waiting, order, expected):
    assert queue(store, order=order, sources=["foro", "ayuda"]) == expected


def test_shuffled_is_the_order_of_the_ids(store, waiting):
    ids = sorted(pair.id for pair in waiting)
    assert queue(store, order="random") == [[pair.id for pair in waiting].index(one) for one in ids]


def test_an_order_that_is_none_is_refused_by_its_name():
    with pytest.raises(InputError, match="'best' is no order of the queue; give one of: need, newest"):
        Queue(order="best")


def test_skipped_pairs_come_after_all_others_in_every_order(store, waiting):
    for order in ORDERS:
        held = claim(store, ANA, lease_seconds=60, order=order)
        decide(store, Verdict(pair=held.pair.id, version=held.version, decision="skip", by=ANA))
    assert store.counts() == {"skipped": 6}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(Assignment(sources=("ayuda",)), [1, 3, 5], id="a source"),
        pytest.param(Assignment(sources=("foro", "ayuda"), langs=("es",)), [2, 0, 4], id="sources and a language"),
        pytest.param(Assignment(tags=("urgente",)), [3, 4], id="a tag"),
        pytest.param(Assignment(), [1, 3, 5, 2, 0, 4], id="everything"),
    ],
)
def test_a_person_gets_only_what_was_assigned_to_them(store, waiting, rule, expected):
    for pair in (waiting[3], waiting[4]):
        change_tags(store, pair.id, by=LEO, add=["urgente"])
    assign(store, "reviewer-1", rule, LEO)
    assert queue(store) == expected


def test_two_halves_have_no_pair_in_common_and_leave_none_out(store, waiting):
    for name, share in (("reviewer-1", (0, 0.5)), ("reviewer-2", (0.5, 1))):
        assign(store, name, Assignment(share=share), LEO)
    first, second = queue(store, ANA), queue(store, LEO)
    assert sorted([*first, *second]) == list(range(6))
    assert claim(store, ANA, lease_seconds=60) is None


@pytest.mark.parametrize("cut", [0.001, 1 / 3, 0.5, 0.999])
def test_where_one_share_ends_the_next_begins(cut):
    assert share_bounds((0, cut))[1] == share_bounds((cut, 1))[0] != ""


def test_the_latest_assignment_stands_and_an_empty_one_gives_everything_back(store, waiting):
    assign(store, "reviewer-1", Assignment(langs=("es",)), LEO)
    assign(store, "reviewer-1", Assignment(langs=("en",)), LEO)
    assert [(one.name, one.rule.langs, one.actor) for one in assignments(store)] == [("reviewer-1", ("en",), LEO)]
    assign(store, "reviewer-1", Assignment(), LEO)
    assert assignments(store) == []
    with store.database.read() as connection:
        assert assigned(connection, ANA).everything


def test_only_who_manages_assigns_and_only_who_decides_claims(store, waiting):
    roles = {"reviewer-1": "reviewer", "viewer-1": "viewer"}
    for name, role in {"admin-1": "admin", **roles}.items():
        change_person(store, name, "shell:test", lambda _, role=role: {"role": role})
    with pytest.raises(NotPermitted):
        assign(store, "reviewer-1", Assignment(), ANA)
    with pytest.raises(NotPermitted):
        claim(store, "person:viewer-1", lease_seconds=60)
    assign(store, "reviewer-1", Assignment(langs=("es",)), "person:admin-1")
    assert claim(store, ANA, lease_seconds=60).pair.lang == "es"


@pytest.mark.parametrize("share", [(0.5, 0.5), (-0.1, 1), (0.2, 1.2)])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InputError, match="give two numbers such as 0 and"):
        Assignment(share=share)


def test_a_need_that_changes_moves_the_pair_in_the_queue(store, waiting):
    set_needs(store, {waiting[4].id: 0.95})
    held = claim(store, ANA, lease_seconds=60)
    assert (held.pair, held.need) == (waiting[4], 0.95)
    release(store, ANA)


@pytest.mark.parametrize(
    ("store_url", "order"),
    [*(("sqlite", order) for order in ORDERS), ("postgresql", "need"), ("postgresql", "balance")],
    indirect=["store_url"],
)
def test_few_pairs_of_a_language_come_in_the_order_that_many_do(store, waiting, order, monkeypatch):
    """And those of a tag do; of one label a pair is accepted."""
    for pair in waiting:
        change_tags(store, pair.id, by=LEO, add=["urgente"])
    held = claim(store, LEO, lease_seconds=60)
    decide(store, Verdict(pair=held.pair.id, version=held.version, decision="accept", by=LEO))

    def given(rule, many):
        monkeypatch.setattr("tamiz.queue.MANY", many)
        monkeypatch.setattr("tamiz.assignments.MANY", many)
        assign(store, "reviewer-1", rule, LEO)
        numbers, p = [], schema.pair
        with store.database.read() as connection:
            while row := next_free(connection, ANA, 0, Queue(order=order, sources=("foro",))):
                numbers.append(row["seq"])
                connection.execute(sa.update(p).where(p.c.seq == row["seq"]).values(claimed_until=1))
        return numbers

    expected = given(Assignment(), -1)
    assert len(expected) == len(waiting) - 1
    assert given(Assignment(langs=("es", "en")), -1) == expected
    assert given(Assignment(langs=("es", "en")), 2_000) == expected
    assert given(Assignment(tags=("urgente",)), 2_000) == expected


def test_a_label_longer_than_an_index_entry_may_be_is_kept_and_its_pair_given_out(store, make_pair):
    noise = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(200))  # which does not compress
    long = [make_pair(number, label=f"{noise}{number}") for number in range(2)]
    store.add_pairs(long, "source:ayuda")
    mark_sieved(store, [pair.id for pair in long])
    assert queue(store, order="balance") == [0, 1]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(Assignment(), id="all"),
        pytest.param(Assignment(langs=("es",), share=(0.2, 0.7)), id="a language and a share"),
        pytest.param(Assignment(sources=("foro", "ayuda"), langs=("en",)), id="sources"),
    ],
)
def test_no_order_reads_all_pairs_or_sorts_them(store, waiting, order, rule, monkeypatch):
    monkeypatch.setattr("tamiz.queue.MANY", -1)  # six pairs are few
    assign(store, "reviewer-1", rule, LEO)
    asked = []

    def listen(connection, cursor, statement, parameters, context, many):
        if statement.startswith("SELECT pair.seq") and "claimed_until <=" in statement:
            asked.append((statement, parameters))

    sa.event.listen(store.database._engine, "before_cursor_execute", listen)
    while held := claim(store, ANA, lease_seconds=60, order=order):
        verdict = "accept" if held.state == "skipped" else "skip"
        decide(store, Verdict(pair=held.pair.id, version=held.version, decision=verdict, by=ANA))
    sa.event.remove(store.database._engine, "before_cursor_execute", listen)
    assert any("'skipped'" in statement for statement, _ in asked)
    with store.database.read() as connection:
        for statement, parameters in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert not any("TEMP B-TREE" in line or line.startswith("SCAN pair") for line in plan), plan
            assert any(line.startswith("SEARCH pair USING") for line in plan), plan
