"""Many pairs decided at once: just those that were previewed, each with its event, and taken back as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.access import add_person
from curation.bulk import BulkDesk
from tamiz.decisions import claim_pair, decide, mark_sieved, undo
from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.filters import Filter
from tamiz.people import permit
from tamiz.records import Verdict
from tamiz.remarks import tags_of
from tamiz.settings import ReviewSettings

ANA, LEO = "person:reviewer-1", "person:reviewer-2"
FORUM = Filter(sources=("foro",), states=("waiting", "skipped"))


@pytest.fixture
def pairs(store, make_pair):
    made = [make_pair(number, source="foro" if number < 6 else "ayuda") for number in range(8)]
    store.add_pairs(made, "source:x")
    mark_sieved(store, [pair.id for pair in made])
    return made


@pytest.fixture
def desk(store):
    return BulkDesk(store, "reviewer-1", ReviewSettings())


def verdict(held, decision, by=LEO):
    return Verdict(pair=held.pair.id, version=held.version, decision=decision, by=by)


def states(store, pairs):
    return [store.pair(pair.id).state for pair in pairs]


def rows(store):
    return {one.pair.id: replace(one, version=0) for one in store.pairs()}


def replay(store):
    told = {}
    for event in store.events():
        assert told.get(event.pair, "") == event.from_state
        told[event.pair] = event.to_state
    return told


def test_a_preview_says_how_many_with_examples_and_is_carried_out_as_one_decision(store, desk, pairs):
    before = rows(store)
    preview = desk.preview(FORUM, "reject")
    assert (preview.pairs, preview.left_out, len(preview.examples)) == (6, 0, 5)
    done = desk.carry_out(preview, reason="placeholder")
    assert (done.done, done.moved, done.held, done.refused) == (6, 0, 0, 0)
    assert states(store, pairs) == ["rejected"] * 6 + ["waiting"] * 2
    for pair in pairs[:6]:
        last = store.history(pair.id)[-1]
        assert (last.move, last.actor, last.action, last.reason) == ("reject", ANA, done.action, "placeholder")
    [entry] = desk.history()
    assert (entry.action, entry.decision, entry.pairs, entry.undone) == (done.action, "reject", 6, "")
    assert Filter.from_dict(entry.chosen) == FORUM
    back = desk.take_back(done.action)
    assert (back.back, back.decided_since, back.held) == (6, 0, 0)
    assert rows(store) == before
    assert replay(store) == {one.pair.id: one.state for one in store.pairs()}
    assert desk.history()[0].undone
    with pytest.raises(Conflict, match="taken back already"):
        desk.take_back(done.action)


def test_pairs_that_moved_came_or_are_being_looked_at_since_the_preview_are_passed_over(store, desk, pairs, make_pair):
    preview = desk.preview(FORUM, "accept")
    claim_pair(store, pairs[0].id, LEO, lease_seconds=60)
    decide(store, verdict(claim_pair(store, pairs[1].id, LEO, lease_seconds=60), "skip"))
    new = make_pair(20, source="foro")
    store.add_pairs([new], "source:x")
    mark_sieved(store, [new.id])
    done = desk.carry_out(preview)
    assert (done.done, done.moved, done.held) == (4, 1, 1)
    assert states(store, [*pairs[:3], new]) == ["waiting", "skipped", "accepted", "waiting"]


def test_what_somebody_decided_since_stays_when_the_rest_is_taken_back(store, desk, pairs, clock):
    done = desk.carry_out(desk.preview(FORUM, "reject"))
    decide(store, verdict(claim_pair(store, pairs[0].id, LEO, lease_seconds=60), "accept"))
    claim_pair(store, pairs[1].id, LEO, lease_seconds=60)
    back = desk.take_back(done.action)
    assert (back.back, back.decided_since, back.held) == (4, 1, 1)
    assert states(store, pairs[:3]) == ["accepted", "rejected", "waiting"]


def test_a_decision_of_which_nothing_can_be_taken_back_is_said_to_stay(store, desk, pairs):
    done = desk.carry_out(desk.preview(Filter(text="número 3"), "reject"))
    decide(store, verdict(claim_pair(store, pairs[3].id, LEO, lease_seconds=60), "accept"))
    with pytest.raises(Conflict, match="decided again since"):
        desk.take_back(done.action)


def test_a_state_that_does_not_allow_the_move_is_counted(store, desk, pairs):
    desk.carry_out(desk.preview(Filter(text="número 3"), "accept"))
    done = desk.carry_out(desk.preview(Filter(sources=("foro",)), "skip"))
    assert (done.done, done.refused) == (5, 1)


def test_rows_that_were_picked_are_decided_as_they_were_seen(store, desk, pairs):
    picked = [store.pair(pair.id) for pair in pairs[5:7]]
    done = desk.carry_out(desk.preview_picked(picked, "accept"))
    assert (done.done, states(store, pairs[5:])) == (2, ["accepted", "accepted", "waiting"])
    assert desk.carry_out(desk.preview_picked(picked, "reject")).moved == 2
    with pytest.raises(InputError, match="no pair is chosen"):
        desk.carry_out(desk.preview_picked([], "accept"))


def test_tags_go_on_and_off_many_pairs_and_back(store, desk, pairs):
    done = desk.carry_out(desk.preview(FORUM, "tag"), tag="Needs Legal")
    assert tags_of(store, [pairs[0].id, pairs[7].id]) == {pairs[0].id: ["needs-legal"], pairs[7].id: []}
    again = desk.carry_out(desk.preview(Filter(), "tag"), tag="needs-legal")
    assert (done.done, again.done, again.refused) == (6, 2, 6)
    off = desk.carry_out(desk.preview(Filter(tags=("needs-legal",), text="número 3"), "untag"), tag="needs-legal")
    assert off.done == 1
    back = desk.take_back(done.action)
    assert (back.back, back.decided_since) == (5, 1)
    assert [bool(tags_of(store, [pair.id])[pair.id]) for pair in pairs] == [False] * 6 + [True] * 2
    desk.take_back(off.action)
    assert tags_of(store, [pairs[3].id])[pairs[3].id] == ["needs-legal"]


def test_pairs_that_somebody_looks_at_get_no_tag_and_are_counted(store, desk, pairs):
    claim_pair(store, pairs[2].id, LEO, lease_seconds=60)
    claim_pair(store, pairs[3].id, ANA, lease_seconds=60)
    done = desk.carry_out(desk.preview(FORUM, "tag"), tag="urgent")
    assert (done.done, done.held, done.moved, done.refused) == (5, 1, 0, 0)
    assert tags_of(store, [pairs[2].id, pairs[3].id]) == {pairs[2].id: [], pairs[3].id: ["urgent"]}


def test_tags_are_not_taken_back_from_a_pair_that_somebody_looks_at(store, desk, pairs):
    done = desk.carry_out(desk.preview(FORUM, "tag"), tag="urgent")
    claim_pair(store, pairs[2].id, LEO, lease_seconds=60)
    claim_pair(store, pairs[3].id, ANA, lease_seconds=60)
    back = desk.take_back(done.action)
    assert (back.back, back.decided_since, back.held) == (5, 0, 1)
    assert [bool(found) for found in tags_of(store, [pair.id for pair in pairs]).values()] == [n == 2 for n in range(8)]


def test_pairs_on_which_several_people_decide_are_left_out(store, pairs):
    several = BulkDesk(store, "reviewer-1", ReviewSettings(double=1.0))
    preview = several.preview(FORUM, "accept")
    assert (preview.pairs, preview.left_out) == (0, 6)
    assert several.preview(FORUM, "tag").pairs == 6


def test_the_reviewers_own_undo_takes_a_decision_about_many_as_one_step(store, desk, pairs):
    decide(store, verdict(claim_pair(store, pairs[7].id, ANA, lease_seconds=60), "accept", by=ANA))
    first = desk.carry_out(desk.preview(FORUM, "reject"))
    second = desk.carry_out(desk.preview(Filter(states=("rejected",)), "accept"))
    assert undo(store, ANA) == []
    assert states(store, pairs)[:6] == ["rejected"] * 6
    desk.take_back(first.action)
    assert undo(store, ANA) == [pairs[7].id]
    assert set(states(store, pairs)) == {"waiting"}
    assert [entry.action for entry in desk.history() if entry.undone] == [second.action, first.action]


def test_only_who_did_it_or_an_admin_takes_it_back_and_viewers_do_nothing(store, desk, pairs):
    done = desk.carry_out(desk.preview(FORUM, "reject"))
    for name, role in (("boss", "admin"), ("reviewer-1", "reviewer"), ("reviewer-2", "reviewer"), ("guest", "viewer")):
        add_person(store, name, role, by="person:boss", subject=f"{name}@example.org")
    permit(store, ANA, "decide")
    with pytest.raises(NotPermitted):
        BulkDesk(store, "reviewer-2", ReviewSettings()).take_back(done.action)
    guest = BulkDesk(store, "guest", ReviewSettings())
    with pytest.raises(NotPermitted):
        guest.carry_out(guest.preview(Filter(), "accept"))
    assert BulkDesk(store, "boss", ReviewSettings()).take_back(done.action).back == 6


def test_pairs_that_go_to_the_database_in_parts_are_one_decision(store, make_pair, monkeypatch):
    monkeypatch.setattr("tamiz.chosennow.ROWS", 20)
    store.add_pairs([make_pair(number) for number in range(50)], "source:x")
    desk = BulkDesk(store, "reviewer-1", ReviewSettings())
    done = desk.carry_out(desk.preview(Filter(), "accept"))
    assert store.counts() == {"accepted": 50}
    assert desk.take_back(done.action).back == 50
    assert store.counts() == {"new": 50}
