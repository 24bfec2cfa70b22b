"""FAULTS rows 6 to 9: claims, leases, versions and moves."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tamiz.decisions import claim, claim_pair, decide, judge, mark_sieved, release, renew, undo
from tamiz.errors import Conflict, InputError, NotAllowed
from tamiz.moves import MOVES, Move, State, next_state
from tamiz.records import Verdict
from tamiz.store import Store

ANA, LEO = "person:reviewer-1", "person:reviewer-2"


@pytest.fixture
def waiting(store, make_pair):
    pairs = [make_pair(number) for number in range(3)]
    store.add_pairs(pairs, "source:ayuda")
    mark_sieved(store, [pair.id for pair in pairs])
    return pairs


def verdict(held, decision, by=ANA, **more):
    return Verdict(pair=held.pair.id, version=held.version, decision=decision, by=by, **more)


def edited(held, by=ANA, answer="Mejor así, en dos pasos."):
    return dataclasses.replace(held.pair, answer=answer, made_from=(held.pair.id,), made_by=by)


def states(store):
    return {stored.pair.id: stored.state for stored in store.pairs()}


def test_two_people_are_never_given_one_pair(store, waiting):
    first, second = claim(store, ANA, lease_seconds=60), claim(store, LEO, lease_seconds=60)
    assert first.pair != second.pair


def test_a_reloaded_screen_shows_the_same_pair(store, waiting):
    assert claim(store, ANA, lease_seconds=60).pair == claim(store, ANA, lease_seconds=60).pair


def test_a_lease_that_ended_gives_the_pair_back_and_a_late_submit_is_a_conflict(store, clock, waiting):
    held = claim(store, ANA, lease_seconds=60)
    clock.forward(61)
    with pytest.raises(Conflict, match=r"the time kept for pair .* has ended"):
        decide(store, verdict(held, "accept"))
    assert claim(store, LEO, lease_seconds=60).pair == held.pair
    with pytest.raises(Conflict):
        decide(store, verdict(held, "accept"))
    assert store.counts() == {"waiting": 3}


def test_a_heartbeat_keeps_the_pair(store, clock, waiting):
    held = claim(store, ANA, lease_seconds=60)
    clock.forward(50)
    assert renew(store, held.pair.id, ANA, lease_seconds=60)
    clock.forward(50)
    assert decide(store, verdict(held, "accept")).state == "accepted"
    assert not renew(store, held.pair.id, ANA, lease_seconds=60)


def test_a_person_can_give_back_what_they_hold(store, waiting):
    held = claim(store, ANA, lease_seconds=60)
    assert release(store, ANA) == 1
    assert claim(store, LEO, lease_seconds=60).pair == held.pair


def test_the_second_edit_of_one_version_is_a_conflict(store, waiting):
    """FAULTS row 8."""
    held = claim(store, ANA, lease_seconds=60)
    after = decide(store, verdict(held, "edit", edited=edited(held)), lease_seconds=60)
    with pytest.raises(Conflict, match="changed by somebody else"):
        decide(store, verdict(held, "edit", edited=edited(held, answer="Otra versión.")), lease_seconds=60)
    assert (after.state, after.claimed_by) == ("waiting", ANA)
    assert states(store)[held.pair.id] == "replaced"


def test_an_edit_with_accept_is_one_decision_and_one_undo(store, waiting):
    held = claim(store, ANA, lease_seconds=60)
    made = decide(store, verdict(held, "accept", edited=edited(held)))
    assert made.state == "accepted"
    assert undo(store, ANA, lease_seconds=60) == [held.pair.id]
    assert states(store) == {**{pair.id: "waiting" for pair in waiting}, made.pair.id: "withdrawn"}
    assert store.pair(held.pair.id).pair == held.pair
    again = decide(store, verdict(store.pair(held.pair.id), "accept", edited=edited(held)))
    assert (again.pair, again.state) == (made.pair, "accepted")


def test_undo_goes_back_any_number_of_steps(store, waiting):
    for decision in ("accept", "reject", "skip"):
        decide(store, verdict(claim(store, ANA, lease_seconds=60), decision))
    assert store.counts() == {"accepted": 1, "rejected": 1, "skipped": 1}
    for _ in range(3):
        undo(store, ANA)
    assert store.counts() == {"waiting": 3}
    with pytest.raises(InputError, match="no decision left to undo"):
        undo(store, ANA)


def test_undo_takes_back_ones_own_decision_only(store, waiting):
    mine = decide(store, verdict(claim(store, ANA, lease_seconds=60), "accept"))
    theirs = decide(store, verdict(claim(store, LEO, lease_seconds=60), "reject", by=LEO))
    assert undo(store, ANA) == [mine.pair.id]
    assert states(store)[theirs.pair.id] == "rejected"


def test_undo_of_what_somebody_decided_again_is_a_conflict(store, waiting):
    mine = decide(store, verdict(claim(store, ANA, lease_seconds=60), "accept"))
    decide(store, verdict(claim_pair(store, mine.pair.id, LEO, lease_seconds=60), "reject", by=LEO))
    with pytest.raises(Conflict, match="decided again"):
        undo(store, ANA)
    assert states(store)[mine.pair.id] == "rejected"


def test_what_is_skipped_comes_again_after_the_rest(store, waiting):
    skipped = claim(store, ANA, lease_seconds=60)
    decide(store, verdict(skipped, "skip"))
    rest = [claim(store, ANA, lease_seconds=60)]
    decide(store, verdict(rest[0], "accept"))
    rest.append(claim(store, ANA, lease_seconds=60))
    decide(store, verdict(rest[1], "accept"))
    assert skipped.pair not in [held.pair for held in rest]
    assert claim(store, ANA, lease_seconds=60).pair == skipped.pair


def test_a_rule_never_decides_what_a_person_is_looking_at(store, waiting):
    held = claim(store, ANA, lease_seconds=60)
    judged = judge(store, [verdict(stored, "reject", by="rule:all") for stored in list(store.pairs())])
    assert (judged.done, judged.passed_over) == (2, (held.pair.id,))
    assert decide(store, verdict(held, "accept")).state == "accepted"


def test_a_rule_that_edits_brings_in_a_new_pair_to_be_sieved(store, make_pair):
    pair = make_pair()
    store.add_pairs([pair], "source:ayuda")
    stored = store.pair(pair.id)
    made = edited(stored, by="rule:clean")
    judged = judge(store, [Verdict(pair=pair.id, version=1, decision="edit", by="rule:clean", edited=made)])
    assert judged.made == (made.id,)
    assert states(store) == {pair.id: "replaced", made.id: "new"}
    assert store.pair(pair.id).pair == pair


@pytest.mark.parametrize("state", get_args(State))
@pytest.mark.parametrize("move", get_args(Move))
def test_each_move_is_in_the_table_or_refused(state, move):
    """FAULTS row 9."""
    if (state, move) in MOVES:
        assert next_state("a", state, move) == MOVES[state, move]
    else:
        with pytest.raises(NotAllowed, match=f"pair a is {state}: {move} is not possible"):
            next_state("a", state, move)


def test_a_refused_move_leaves_no_event(store, waiting):
    held = claim(store, ANA, lease_seconds=60)
    decide(store, verdict(held, "accept"))
    again = claim_pair(store, held.pair.id, ANA, lease_seconds=60)
    before = list(store.events())
    with pytest.raises(NotAllowed, match="accepted: skip is not possible; possible are: reject, edit"):
        decide(store, verdict(again, "skip"))
    assert list(store.events()) == before


def replay(store):
    """The states that the events alone tell."""
    told = {}
    for event in store.events():
        assert told.get(event.pair, "") == event.from_state
        told[event.pair] = event.to_state
    return told


def test_replaying_the_events_gives_the_states(store, waiting):
    held = claim(store, ANA, lease_seconds=60)
    decide(store, verdict(held, "accept", edited=edited(held)))
    undo(store, ANA)
    decide(store, verdict(claim(store, LEO, lease_seconds=60), "reject", by=LEO))
    assert replay(store) == states(store)


def claim_all(url: str, by: str) -> list[str]:
    with Store.open(url) as store:
        got = []
        while held := claim(store, by, lease_seconds=600):
            got.append(held.pair.id)
            decide(store, Verdict(pair=held.pair.id, version=held.version, decision="accept", by=by))
    return got


def test_eight_processes_are_never_given_one_pair_twice(store_url, make_pair, in_processes):
    """FAULTS row 6."""
    pairs = [make_pair(number) for number in range(80)]
    with Store.open(store_url) as store:
        store.add_pairs(pairs, "source:ayuda")
        mark_sieved(store, [pair.id for pair in pairs])
    given = in_processes("claim_all", [(store_url, f"person:{n}") for n in range(8)])
    claimed = [pair for one in given for pair in one]
    assert len(claimed) == 80
    assert set(claimed) == {pair.id for pair in pairs}
    with Store.open(store_url) as store:
        assert store.counts() == {"accepted": 80}


DYING = """
import os, signal, sys
from tamiz.decisions import claim
from tamiz.store import Store
store = Store.open(sys.argv[1])
print(claim(store, "person:reviewer-1", lease_seconds=0.5).pair.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_pair_of_a_reviewer_who_was_killed_comes_back_after_the_lease(store_url, make_pair):
    with Store.open(store_url) as store:
        store.add_pairs([make_pair()], "source:ayuda")
        mark_sieved(store, [make_pair().id])
        killed = subprocess.run(
            [sys.executable, "-c", DYING, store_url], stdout=subprocess.PIPE, text=True, check=False
        )
        assert (killed.returncode, killed.stdout.strip()) == (-signal.SIGKILL, make_pair().id)
        assert store.pair(make_pair().id).claimed_by == ANA
        time.sleep(0.5)
        assert claim(store, LEO, lease_seconds=60).pair == make_pair()


def test_any_order_of_decisions_keeps_the_rules(tmp_path, make_pair):
    """Two people, any acts in any order: versions grow by one, events tell the states, undo restores."""
    folders = iter(range(10_000))

    class Desk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.store = Store.open(f"sqlite:///{tmp_path / str(next(folders))}.db")
            pairs = [make_pair(number) for number in range(3)]
            self.store.add_pairs(pairs, "source:ayuda")
            mark_sieved(self.store, [pair.id for pair in pairs])
            self.held = {}

        @rule(by=st.sampled_from([ANA, LEO]))
        def claims(self, by):
            held = claim(self.store, by, lease_seconds=600)
            if held is not None:
                self.held[by] = held

        @rule(by=st.sampled_from([ANA, LEO]), decision=st.sampled_from(["accept", "reject", "skip", "edit"]))
        def decides(self, by, decision):
            held = self.held.pop(by, None)
            if held is None:
                return
            more = {"edited": edited(held, by, answer=f"Edición {held.version}")} if decision == "edit" else {}
            decide(self.store, verdict(held, decision, by=by, **more), lease_seconds=600)

        @rule(by=st.sampled_from([ANA, LEO]))
        def undoes(self, by):
            before = states(self.store)
            try:
                undo(self.store, by)
            except (InputError, Conflict):
                assert states(self.store) == before
            self.held.pop(by, None)
            release(self.store, by)

        @invariant()
        def events_tell_the_states(self):
            assert replay(self.store) == states(self.store)

        def teardown(self):
            self.store.close()

    run_state_machine_as_test(Desk, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))
