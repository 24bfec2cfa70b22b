"""What was typed and not decided is kept, for its person alone, on both databases."""

from __future__ import annotations

import pytest

from tamiz.decisions import claim, decide, mark_sieved
from tamiz.drafts import drop_draft, load_draft, save_draft
from tamiz.records import Verdict

ME, OTHER = "person:reviewer-1", "person:reviewer-2"


@pytest.fixture
def pair(store, make_pair):
    made = make_pair(1)
    store.add_pairs([made], "source:ayuda")
    mark_sieved(store, [made.id])
    return made


def test_a_draft_comes_back_for_its_person_alone(store, pair):
    assert save_draft(store, ME, pair.id, 2, {"question": "¿Y el «router»?"})
    kept = load_draft(store, ME, pair.id)
    assert (kept.body, kept.version, kept.pair) == ({"question": "¿Y el «router»?"}, 2, pair.id)
    assert load_draft(store, OTHER, pair.id) is None


def test_the_later_draft_stands(store, pair, clock):
    save_draft(store, ME, pair.id, 2, {"question": "a"})
    clock.forward(5)
    save_draft(store, ME, pair.id, 3, {"question": "b"})
    kept = load_draft(store, ME, pair.id)
    assert (kept.body, kept.version, kept.at) == ({"question": "b"}, 3, store.timestamp())


def test_a_dropped_draft_is_gone_and_the_others_stay(store, pair):
    save_draft(store, ME, pair.id, 2, {"question": "a"})
    save_draft(store, OTHER, pair.id, 2, {"question": "b"})
    assert drop_draft(store, ME, pair.id)
    assert not drop_draft(store, ME, pair.id)
    assert load_draft(store, ME, pair.id) is None
    assert load_draft(store, OTHER, pair.id).body == {"question": "b"}


def test_nothing_is_kept_for_a_pair_that_is_decided_or_not_there(store, pair):
    held = claim(store, ME, lease_seconds=60)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="reject", by=ME))
    assert not save_draft(store, ME, pair.id, held.version, {"question": "a"})
    assert not save_draft(store, ME, "nowhere", 1, {"question": "a"})
    assert load_draft(store, ME, pair.id) is None
