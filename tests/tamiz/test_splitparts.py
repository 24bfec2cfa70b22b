"""The part of a pair: assigned once, by one of two who try, and never changed."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tamiz.splitparts import SplitParts, ancestry, claim_parts, split_parts
from tamiz.store import Store

ASKED = {"validation": 0.1, "test": 0.1, "seed": 13}


def test_before_the_first_claim_no_pair_has_a_part(store):
    assert split_parts(store) == SplitParts()


def test_what_was_claimed_is_found_with_what_was_asked_for(store):
    assert claim_parts(store, split_parts(store), {"a": "train", "b": "test"}, ASKED)
    assert claim_parts(store, split_parts(store), {"c": "validation"}, ASKED | {"seed": 14})
    found = split_parts(store)
    assert found.parts == {"a": "train", "b": "test", "c": "validation"}
    assert found.asked == ((ASKED, 2), (ASKED | {"seed": 14}, 1))


def test_a_claim_from_an_older_state_writes_nothing(store):
    older = split_parts(store)
    assert claim_parts(store, older, {"a": "train"}, ASKED)
    assert not claim_parts(store, older, {"b": "train"}, ASKED)
    assert split_parts(store).parts == {"a": "train"}


def test_an_empty_claim_from_an_older_state_is_refused_too(store):
    older = split_parts(store)
    assert claim_parts(store, older, {}, ASKED)
    assert split_parts(store) == older
    claim_parts(store, older, {"a": "train"}, ASKED)
    assert not claim_parts(store, older, {}, ASKED)


def test_an_assignment_from_scratch_forgets_the_earlier_one(store):
    claim_parts(store, split_parts(store), {"a": "train", "b": "test"}, ASKED)
    assert claim_parts(store, split_parts(store), {"a": "test"}, ASKED, anew=True)
    found = split_parts(store)
    assert (found.parts, found.epoch) == ({"a": "test"}, 2)


@pytest.mark.parametrize("table", ["split_claim", "split_part"])
def test_the_database_itself_refuses_to_change_a_part(store, table):
    claim_parts(store, split_parts(store), {"a": "train"}, ASKED)
    with pytest.raises(Exception, match="never changed"), store.database._engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET epoch = 9"))
    assert split_parts(store).parts == {"a": "train"}


def test_of_many_claims_at_once_one_is_written(store_url):
    with Store.open(store_url) as first:
        older = split_parts(first)
    won: list[bool] = []

    def claim(number: int) -> None:
        with Store.open(store_url) as mine:
            won.append(claim_parts(mine, older, {f"p{n}": "train" for n in range(number * 5, number * 5 + 50)}, ASKED))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]
    with Store.open(store_url) as last:
        assert len(split_parts(last).parts) == 50


def test_what_pairs_were_made_from_is_known_for_all_that_were(store, make_pair):
    first = make_pair()
    made = make_pair(2, made_from=(first.id,))
    store.add_pairs([first, made], "import:x")
    assert ancestry(store) == {made.id: (first.id,)}
