"""Pairs on which several people decide: nobody twice, nobody knowing, and what becomes of it."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
import sqlalchemy as sa

from tamiz import schema
from tamiz.assignments import Assignment, assign
from tamiz.decisions import claim, claim_pair, decide, judge, mark_sieved, undo
from tamiz.errors import Conflict, NotPermitted
from tamiz.opinions import adjudicate, asks_several, disputed, every_opinion, opine, opined_by, opinions_of
from tamiz.people import change_person
from tamiz.records import Verdict
from tamiz.rejections import reasons

ANA, LEO, EVA = "person:reviewer-1", "person:reviewer-2", "person:reviewer-3"


@pytest.fixture
def pair(store, make_pair):
    made = make_pair(1, answer="Entra en el router y elige Wifi.")
    store.add_pairs([made], "source:ayuda")
    mark_sieved(store, [made.id], {made.id: 0.4})
    return made


def say(store, by, decision="accept", answer="", *, needed=2, reason=""):
    """This person's opinion on the one pair that is open."""
    held = claim(store, by, lease_seconds=60)
    changed = dataclasses.replace(held.pair, answer=answer, made_from=(held.pair.id,), made_by=by) if answer else None
    verdict = Verdict(pair=held.pair.id, version=held.version, decision=decision, by=by, reason=reason, edited=changed)
    return opine(store, verdict, needed=needed)


def fingerprint(store, pair):
    """The hash of everything in a pair's row, its tags and its texts, but for the version and who holds it."""
    p = schema.pair
    columns = [column for column in p.c if column.name not in ("version", "claimed_by", "claimed_until")]
    tags = sa.select(schema.pair_tag.c.tag).where(schema.pair_tag.c.pair == pair).order_by(schema.pair_tag.c.tag)
    with store.database.read() as connection:
        row = connection.execute(sa.select(*columns).where(p.c.id == pair)).one()
        return hashlib.sha256(repr((tuple(row), connection.execute(tags).scalars().all())).encode()).hexdigest()


def test_one_opinion_leaves_the_pair_to_others_and_is_not_asked_for_again(store, pair):
    assert say(store, ANA).state == "waiting"
    assert claim(store, ANA, lease_seconds=60) is None
    with pytest.raises(Conflict, match="others are asked for theirs"):
        claim_pair(store, pair.id, ANA, lease_seconds=60)
    assert opined_by(store, ANA) == 1
    assert claim(store, LEO, lease_seconds=60).pair == pair


def test_the_history_tells_that_somebody_spoke_and_not_what_they_said(store, pair):
    say(store, ANA, "reject", reason="wrong")
    event = store.history(pair.id)[-1]
    assert (event.actor, event.move, event.reason, event.to_state) == (ANA, "opinion", "", "waiting")


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        pytest.param(("accept", ""), ("accept", ""), "accepted", id="both accept"),
        pytest.param(("reject", ""), ("reject", ""), "rejected", id="both reject"),
        pytest.param(("accept", "Mejor así."), ("accept", "Mejor así."), "replaced", id="both edit the same"),
        pytest.param(("accept", ""), ("reject", ""), "disputed", id="one accepts, one rejects"),
        pytest.param(("accept", "Así."), ("accept", "No, así."), "disputed", id="both edit, each their own way"),
        pytest.param(("accept", ""), ("accept", "Así."), "disputed", id="one edits, one takes it as it is"),
    ],
)
def test_the_pair_moves_when_all_have_spoken(store, pair, first, second, state):
    say(store, ANA, *first)
    say(store, LEO, *second)
    assert store.pair(pair.id).state == state
    if state == "replaced":
        (made,) = store.pairs("accepted")
        assert (made.pair.answer, made.pair.made_from) == ("Mejor así.", (pair.id,))


def test_three_opinions_are_asked_for_where_three_are_needed(store, pair):
    assert say(store, ANA, "reject", needed=3, reason="wrong").state == "waiting"
    assert say(store, LEO, "reject", needed=3, reason="outdated").state == "waiting"
    assert say(store, EVA, "reject", needed=3, reason="wrong").state == "rejected"
    (rejected,) = reasons(store)
    assert (rejected.reason, rejected.source, rejected.by, rejected.pairs) == ("wrong", "ayuda", EVA, 1)


def test_a_dispute_is_decided_by_who_has_not_spoken_or_an_admin(store, pair):
    say(store, ANA)
    say(store, LEO, "reject", reason="wrong")
    ((stored, opinions),) = disputed(store)
    assert [(one.actor, one.decision, one.reason) for one in opinions] == [
        (ANA, "accept", ""),
        (LEO, "reject", "wrong"),
    ]
    with pytest.raises(NotPermitted, match="somebody else, or an admin, has to decide"):
        adjudicate(store, Verdict(pair=pair.id, version=stored.version, decision="accept", by=ANA))
    held = claim_pair(store, pair.id, EVA, lease_seconds=60)
    with pytest.raises(Conflict, match="list of disputes"):
        decide(store, Verdict(pair=pair.id, version=held.version, decision="accept", by=EVA))
    assert judge(store, [Verdict(pair=pair.id, version=stored.version, decision="reject", by="rule:x")]).done == 0
    assert (
        adjudicate(store, Verdict(pair=pair.id, version=stored.version, decision="accept", by=EVA)).state == "accepted"
    )
    with pytest.raises(Conflict, match="decided by somebody else"):
        adjudicate(store, Verdict(pair=pair.id, version=stored.version, decision="reject", by=EVA))
    undo(store, EVA)
    assert store.counts() == {"disputed": 1}
    for name, role in (("reviewer-1", "admin"), ("reviewer-2", "viewer")):
        change_person(store, name, "shell:test", lambda _, role=role: {"role": role})
    again = store.pair(pair.id)
    assert (
        adjudicate(store, Verdict(pair=pair.id, version=again.version, decision="reject", by=ANA)).state == "rejected"
    )


def test_opinions_are_taken_back_as_decisions_are_and_the_row_is_as_before(store, pair):
    before = fingerprint(store, pair.id)
    say(store, ANA, "accept", "Así.")
    say(store, LEO, "accept", "Así.")
    with pytest.raises(Conflict, match="decided again after your decision"):
        undo(store, ANA)
    assert undo(store, LEO, lease_seconds=60) == [pair.id]
    assert fingerprint(store, pair.id) == before
    assert [one.actor for one in opinions_of(store, [pair.id])[pair.id]] == [ANA]
    assert undo(store, ANA) == [pair.id]
    assert fingerprint(store, pair.id) == before
    assert list(every_opinion(store)) == []
    say(store, LEO, "reject")
    assert say(store, ANA, "reject").state == "rejected"


def test_a_chain_of_decisions_about_one_pair_is_taken_back_step_by_step(store, pair):
    before = fingerprint(store, pair.id)
    for decision in ("skip", "accept"):
        held = claim_pair(store, pair.id, ANA, lease_seconds=60)
        decide(store, Verdict(pair=pair.id, version=held.version, decision=decision, by=ANA))
    held = claim_pair(store, pair.id, ANA, lease_seconds=60)
    edited = dataclasses.replace(pair, answer="Otra.", made_from=(pair.id,), made_by=ANA)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="edit", by=ANA, edited=edited))
    assert [undo(store, ANA) and store.pair(pair.id).state for _ in range(3)] == ["accepted", "skipped", "waiting"]
    assert fingerprint(store, pair.id) == before


def test_people_with_shares_are_asked_about_each_others_pairs_where_several_are_needed(store, pair):
    assign(store, "reviewer-1", Assignment(share=(0.0, 0.5)), EVA)
    assign(store, "reviewer-2", Assignment(share=(0.5, 1.0)), EVA)
    owner, guest = (ANA, LEO) if pair.id < "8" else (LEO, ANA)
    assert claim(store, guest, lease_seconds=60) is None
    say(store, owner)
    assert say(store, guest).state == "accepted"


def test_replaying_the_events_gives_the_states_of_disputes_too(store, pair):
    say(store, ANA)
    say(store, LEO, "reject")
    undo(store, LEO)
    say(store, LEO, "accept", "Así.")
    adjudicate(store, Verdict(pair=pair.id, version=store.pair(pair.id).version, decision="reject", by=EVA))
    undo(store, EVA)
    told = {}
    for event in store.events():
        assert told.get(event.pair, "") == event.from_state
        told[event.pair] = event.to_state
    assert told == {stored.pair.id: stored.state for stored in store.pairs()} == {pair.id: "disputed"}


def test_the_share_that_asks_several_is_the_same_for_everybody_and_grows_with_the_setting():
    ids = [f"{number:032x}" for number in range(2000)]
    few, many = ({one for one in ids if asks_several(one, share)} for share in (0.1, 0.3))
    assert few < many
    assert 150 < len(few) < 250


def test_what_an_opinion_said_is_never_changed(store, pair):
    say(store, ANA)
    change = sa.update(schema.opinion).values(decision="reject")
    with pytest.raises(Exception, match="never changed"):
        store.database.write(lambda connection: connection.execute(change))
