"""The desk and the list of disputes where several people are asked about every pair."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import suppress

import pytest

from curation.review import Bench, Desk, Draft, Left, Refused, review_agreement
from curation.review.pace import QUIET_SECONDS
from tamiz.assignments import Assignment, assign
from tamiz.decisions import mark_sieved
from tamiz.errors import Conflict, NotPermitted
from tamiz.records import Finding
from tamiz.settings import ReviewSettings
from tamiz.store import Store
from tamiz.vault import KEY_VARIABLE, Vault

SEVERAL = ReviewSettings(double=1.0)


@pytest.fixture
def store_url(tmp_path):
    return f"sqlite:///{tmp_path / 'tamiz.db'}"


@pytest.fixture
def pair(store, make_pair):
    made = make_pair(1)
    store.add_pairs([made], "source:ayuda")
    mark_sieved(store, [made.id])
    return made


@pytest.fixture
def desks(store, pair, reading_desk):
    return [reading_desk(store, f"reviewer-{number}", SEVERAL) for number in (1, 2)]


@pytest.fixture
def bench(store, clock):
    return Bench(store, "reviewer-3")


def disputed(desks, clock, bench):
    first, second = desks
    card = first.next_pair()
    first.accept(card, dataclasses.replace(Draft.of(card), answer="Mejor así."))
    second.reject(second.next_pair(), "wrong")
    (dispute,) = bench.disputes()
    clock.forward(QUIET_SECONDS)
    return dispute


def test_a_card_says_that_several_are_asked(desks):
    assert desks[0].next_pair().several


def test_nobody_sees_what_others_said_before_they_have_spoken(desks):
    desks[0].reject(desks[0].next_pair(), "wrong")
    assert "wrong" not in repr(desks[1].next_pair())


def test_a_text_that_others_have_spoken_about_is_not_saved_anew(desks):
    desks[0].accept(desks[0].next_pair())
    card = desks[1].next_pair()
    with pytest.raises(Refused, match="others have given their opinion"):
        desks[1].save(card, dataclasses.replace(Draft.of(card), answer="Otra."))


def test_undo_takes_an_opinion_back_and_shows_the_pair_again(store, desks, pair):
    desks[0].reject(desks[0].next_pair(), "wrong")
    assert desks[0].next_pair() is None
    assert desks[0].left() == Left(others=0, said=1, assigned=False)
    assert desks[0].undo().pair == pair


def test_who_has_done_their_part_is_told_what_is_left_for_others(store, make_pair, reading_desk):
    pairs = [make_pair(number, lang=lang) for number, lang in enumerate(("es", "en", "en"))]
    store.add_pairs(pairs, "source:ayuda")
    mark_sieved(store, [one.id for one in pairs])
    assign(store, "reviewer-1", Assignment(langs=("es",)), "person:reviewer-2")
    desk = reading_desk(store, "reviewer-1", ReviewSettings())
    desk.accept(desk.next_pair())
    assert desk.next_pair() is None
    assert desk.left() == Left(others=2, said=0, assigned=True)


def test_a_dispute_shows_every_opinion_with_its_words(desks, clock, bench, pair):
    dispute = disputed(desks, clock, bench)
    accepted, rejected = dispute.opinions
    assert "".join(text for op, text in dispute.changes(accepted, "answer") if op != "delete") == "Mejor así."
    assert (dispute.changes(accepted, "question"), dispute.changes(rejected, "answer")) == ([], [])
    assert (dispute.mine_to_decide, rejected.reason, dispute.pair) == (True, "wrong", pair)


def test_the_text_of_an_opinion_can_be_taken(store, desks, clock, bench):
    dispute = disputed(desks, clock, bench)
    made = bench.accept(dispute, opinion=dispute.opinions[0])
    assert (made.state, made.pair.answer, made.pair.made_by) == ("accepted", "Mejor así.", "person:reviewer-3")
    assert bench.count() == 0
    bench.undo()
    assert (bench.count(), store.pair(dispute.pair.id).pair) == (1, dispute.pair)


def test_a_text_of_ones_own_can_be_accepted(desks, clock, bench):
    dispute = disputed(desks, clock, bench)
    own = Draft(question=dispute.pair.question, answer="Ni así ni así.", label="", lang="es")
    assert bench.accept(dispute, draft=own).pair.answer == "Ni así ni así."


def test_who_spoke_does_not_decide_and_two_do_not_decide_both(store, desks, clock, bench):
    dispute = disputed(desks, clock, bench)
    spoke = Bench(store, "reviewer-1")
    (mine,) = spoke.disputes()
    assert not mine.mine_to_decide
    clock.forward(QUIET_SECONDS)
    with pytest.raises(NotPermitted):
        spoke.accept(mine)
    bench.reject(dispute, "wrong")
    with pytest.raises(Conflict):
        Bench(store, "reviewer-4").accept(dispute)


def test_a_dispute_is_not_decided_before_anybody_can_read_it(desks, clock, bench):
    disputed(desks, clock, bench)
    (dispute,) = bench.disputes()
    with pytest.raises(Refused, match="sooner than anybody can read"):
        bench.accept(dispute)


def test_disputes_come_a_page_at_a_time(store, make_pair, reading_desk, bench):
    pairs = [make_pair(number) for number in range(3)]
    store.add_pairs(pairs, "source:ayuda")
    mark_sieved(store, [one.id for one in pairs])
    for name, act in (("reviewer-1", "accept"), ("reviewer-2", "reject")):
        desk = reading_desk(store, name, SEVERAL)
        while card := desk.next_pair():
            getattr(desk, act)(card)
    first = bench.disputes(limit=2)
    rest = bench.disputes(after=first[-1].stored.seq, limit=2)
    assert [one.pair for one in (*first, *rest)] == pairs
    report = review_agreement(store, bench.by)
    assert (report.overall.pairs, report.overall.percent) == (3, 0.0)


# The pace


def test_ten_presses_30_ms_apart_decide_one_pair_at_most(store, clock, make_pair):
    pairs = [make_pair(number) for number in range(12)]
    store.add_pairs(pairs, "source:ayuda")
    mark_sieved(store, [one.id for one in pairs])
    desk = Desk(store, "reviewer-1", ReviewSettings())
    card = desk.next_pair()
    clock.forward(1)
    for _ in range(10):
        with suppress(Refused):
            desk.accept(card)
        card = desk.next_pair()
        clock.forward(0.03)
    assert store.counts() == {"accepted": 1, "waiting": 11}


@pytest.mark.parametrize("act", ["accept", "reject", "skip"])
def test_nothing_is_decided_at_once(store, clock, pair, act):
    desk = Desk(store, "reviewer-1", ReviewSettings())
    card = desk.next_pair()
    clock.forward(QUIET_SECONDS - 0.01)
    with pytest.raises(Refused, match="sooner than anybody can read"):
        getattr(desk, act)(card)
    clock.forward(0.01)
    getattr(desk, act)(card)


def test_the_time_runs_from_when_the_pair_was_drawn(store, clock, pair):
    desk = Desk(store, "reviewer-1", ReviewSettings())
    card = desk.next_pair()
    clock.forward(5)  # a slow server
    shown = desk.shown(card)
    with pytest.raises(Refused, match="sooner than anybody can read"):
        desk.accept(shown)


def test_opinions_are_sealed_with_the_original(tmp_path, clock, make_pair, reading_desk, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    url = f"sqlite:///{tmp_path / 'sealing.db'}"
    with Store.open(url, now=clock, vault=Vault(tmp_path, "encrypt")) as store:
        pair = make_pair(1, answer="Llama al 612 998 877 y ya.")
        store.add_pairs([pair], "source:ayuda")
        place = {"field": "answer", "start": 9, "end": 20, "before": "612 998 877", "after": "<PHONE_1>"}
        private = Finding(pair=pair.id, step="privacy", kind="phone", **place)
        store.add_look("privacy", "s", [pair.id], [private])
        mark_sieved(store, [pair.id])
        masked = "Llama al <PHONE_1> y ya."
        for name, answer in (("reviewer-1", "Llama al 612 998 877, y ya."), ("reviewer-2", masked)):
            desk = reading_desk(store, name, SEVERAL)
            card = desk.next_pair()
            desk.accept(card, dataclasses.replace(Draft.of(card), answer=answer))
        bench = Bench(store, "reviewer-3")
        (dispute,) = bench.disputes()
        clock.forward(QUIET_SECONDS)
        bench.accept(dispute, opinion=dispute.opinions[1])
        with sqlite3.connect(tmp_path / "sealing.db") as database:
            assert database.execute("SELECT count(*) FROM opinion WHERE edited <> ''").fetchone() == (0,)
        bench.undo()
        (again,) = bench.disputes()
        assert [one.edited for one in again.opinions] == [one.edited for one in dispute.opinions]
