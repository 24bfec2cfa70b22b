"""A pair keeps its part: what joins it follows, what would join two parts is left out, conflicts are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.gather import FrozenConflict
from curation.split import Frozen, check_splits, split_pairs
from curation.ties import find_ties
from tamiz.settings import ExportSettings, NearSettings

SETTINGS = ExportSettings(validation=0.2, test=0.2)


@pytest.fixture
def apart(distinct_pair):
    def make(number, **changes):
        return distinct_pair(number, **({"group": f"own {number}"} | changes))

    return make


def where(splits) -> dict[str, str]:
    return {pair.id: part for part, pairs in splits.parts.items() for pair in pairs}


def test_pairs_keep_their_part_when_others_come_and_settings_change(apart) -> None:
    old = [apart(n) for n in range(20)]
    known = where(split_pairs(old, SETTINGS))
    for settings in (SETTINGS, replace(SETTINGS, seed=99), replace(SETTINGS, test=0.5, validation=0)):
        splits = split_pairs([*old, *(apart(n) for n in range(100, 140))], settings, frozen=Frozen(parts=known))
        assert known.items() <= where(splits).items()
        assert splits.kept == 20


def test_new_pairs_bring_the_sizes_back_to_what_is_asked_for(apart) -> None:
    known = {apart(n).id: "train" for n in range(20)}
    splits = split_pairs([apart(n) for n in range(40)], SETTINGS, frozen=Frozen(parts=known))
    assert splits.sizes() == {"train": 24, "validation": 8, "test": 8}


@pytest.mark.parametrize(
    "tie",
    [
        pytest.param({"group": "own 1"}, id="the same thread"),
        pytest.param({"page": "9" * 32}, id="the same page"),
        pytest.param({"question": "¿Cómo cambio la clave del wifi de casa?"}, id="nearly the same question"),
        pytest.param({"answer": "Se cambia en la web, en Mi cuenta, en Wifi."}, id="nearly the same answer"),
    ],
)
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_a_new_pair_follows_the_one_that_it_is_tied_to(apart, tie, part) -> None:
    old = apart(
        1,
        page="9" * 32,
        question="¿Cómo cambio la clave del wifi de casa?",
        answer="Se cambia en la web, en Mi cuenta, en Wifi.",
    )
    new = [apart(100 + n, **tie) for n in range(3)]
    splits = split_pairs([old, *new], SETTINGS, frozen=Frozen(parts={old.id: part}))
    assert set(where(splits).values()) == {part}


def test_a_new_pair_between_train_and_test_is_left_out_with_both_named(apart) -> None:
    one, other = apart(1, page="1" * 32), apart(2, answer="Se cambia en la web, en Mi cuenta, en Wifi.")
    new = apart(3, page="1" * 32, answer="Se cambia en la web, en Mi cuenta, en wifi!")
    splits = split_pairs([one, other, new], SETTINGS, frozen=Frozen(parts={one.id: "train", other.id: "test"}))
    assert where(splits) == {one.id: "train", other.id: "test"}
    [left] = splits.left_out
    assert (left.pair, left.reason) == (new.id, "would join test and train, whose pairs keep their parts")
    assert left.ties == (f"the same answer as pair {other.id} (test)", f"the same page as pair {one.id} (train)")


def test_of_a_page_only_the_pair_that_is_tied_elsewhere_is_left_out(apart) -> None:
    train = [apart(n, page="1" * 32) for n in range(5)]
    test = apart(50)
    new = [apart(100 + n, page="2" * 32, question=train[n].question) for n in range(5)]
    stray = apart(200, page="2" * 32, question=test.question)
    known = {pair.id: "train" for pair in train} | {test.id: "test"}
    splits = split_pairs([*train, test, *new, stray], SETTINGS, frozen=Frozen(parts=known))
    assert [left.pair for left in splits.left_out] == [stray.id]


def test_an_edited_pair_has_the_part_of_its_family(apart) -> None:
    first = apart(1)
    edited = apart(100, made_from=(first.id,))
    twice = apart(200, made_from=(edited.id,))
    cousin = apart(300, made_from=("0" * 32,))
    ancestry = {edited.id: (first.id,), "0" * 32: (first.id,)}
    frozen = Frozen(parts={first.id: "test"}, ancestry=ancestry)
    splits = split_pairs([twice, cousin, apart(5), apart(6)], SETTINGS, frozen=frozen)
    assert where(splits)[twice.id] == where(splits)[cousin.id] == "test"
    assert splits.left_out == ()


def test_a_pair_made_from_two_parts_is_left_out(apart) -> None:
    one, other = apart(1), apart(2)
    both = apart(3, made_from=(one.id, other.id))
    splits = split_pairs([one, other, both], SETTINGS, frozen=Frozen(parts={one.id: "train", other.id: "test"}))
    assert [left.pair for left in splits.left_out] == [both.id]
    assert "the same origin" in splits.left_out[0].ties[0]


def test_what_resembles_a_pair_that_has_left_follows_it(apart) -> None:
    gone = apart(1, question="¿Cómo cambio la clave del wifi de casa?")
    new = apart(2, question="¿cómo cambio la clave del wifi de casa")
    frozen = Frozen(parts={gone.id: "test"}, departed=[gone])
    splits = split_pairs([new, *(apart(n) for n in range(10, 30))], SETTINGS, frozen=frozen)
    assert where(splits)[new.id] == "test"
    assert gone.id not in where(splits)
    assert sum(splits.sizes().values()) == 21


@pytest.mark.parametrize(
    ("tie", "settings", "near", "said"),
    [
        pytest.param({"author": "x"}, replace(SETTINGS, group_by_author=True), {}, "the same author", id="by author"),
        pytest.param(
            {"question": "¿Cómo cambio la clave del wifi?"}, SETTINGS, {}, "the same question", id="the same question"
        ),
    ],
)
def test_frozen_pairs_that_may_not_be_apart_are_named_with_the_way_out(apart, tie, settings, near, said) -> None:
    one, other = apart(1, **tie), apart(2, **tie)
    known = Frozen(parts={one.id: "train", other.id: "test"})
    with pytest.raises(FrozenConflict, match=said) as raised:
        split_pairs([one, other], settings, NearSettings(**near), frozen=known)
    message = str(raised.value)
    assert one.id in message
    assert other.id in message
    assert "tamiz export --resplit" in message


def test_a_lower_threshold_brings_a_conflict_with_the_similarity(apart) -> None:
    one = apart(1, answer="Entra en el router, elige Wifi y cambia la clave.")
    other = apart(2, answer="Entra en el router, elige Antena y mira la clave.")
    known = Frozen(parts={one.id: "train", other.id: "test"})
    assert where(split_pairs([one, other], SETTINGS, NearSettings(threshold=0.8), frozen=known)) == known.parts
    with pytest.raises(FrozenConflict, match=r"nearly the same \(0\.\d\d\) answer"):
        split_pairs([one, other], SETTINGS, NearSettings(threshold=0.4), frozen=known)


def test_many_conflicts_are_counted_and_the_first_named(apart) -> None:
    pairs = [apart(n, group="one") for n in range(12)]
    known = {pair.id: ("train", "test")[n % 2] for n, pair in enumerate(pairs)}
    with pytest.raises(FrozenConflict, match=r"and [0-9] more") as raised:
        split_pairs(pairs, SETTINGS, frozen=Frozen(parts=known))
    assert len(str(raised.value)) < 1500


def test_a_part_is_kept_for_a_pair_that_the_store_no_longer_has(apart) -> None:
    made = apart(2, made_from=("f" * 32,))
    splits = split_pairs([made, *(apart(n) for n in range(10, 20))], SETTINGS, frozen=Frozen(parts={"f" * 32: "test"}))
    assert where(splits)[made.id] == "test"
    check_splits(splits, NearSettings())


def crowd(apart, count):
    """Pairs whose answers are all nearly the same."""
    answer = "Entra en la web con tu usuario y tu clave, elige Mi cuenta y después Servicios, y marca la casilla "
    return [apart(1000 + n, answer=f"{answer}{n:03}.") for n in range(count)]


def test_very_many_like_texts_are_one_group_without_a_tie_for_every_two(apart) -> None:
    pairs = [*crowd(apart, 300), *(apart(n) for n in range(60))]
    ties = find_ties(pairs, NearSettings())
    assert sum(map(len, ties.near.values())) < 1000
    splits = split_pairs(pairs, SETTINGS)
    check_splits(splits, NearSettings())
    assert len({where(splits)[pair.id] for pair in pairs[:300]}) == 1
    assert "the group of pair" in splits.notes[0]


def test_a_new_pair_follows_a_crowd_that_has_a_part(apart) -> None:
    pairs = crowd(apart, 300)
    frozen = Frozen(parts={pairs[7].id: "test"})
    assert set(where(split_pairs(pairs, SETTINGS, frozen=frozen)).values()) == {"test"}


def test_pairs_of_two_parts_that_only_others_connect_keep_them(apart) -> None:
    words = [f"palabra{n}" for n in range(600)]
    chain = [
        apart(n, answer=" ".join(words[n : n + 12]), question=f"¿{'xyz'[n % 3] * 9}{n}{n}{n}?") for n in range(420)
    ]
    known = {chain[0].id: "train", chain[-1].id: "test"}
    splits = split_pairs(chain, SETTINGS, frozen=Frozen(parts=known))
    assert known.items() <= where(splits).items()
    assert 1 <= len(splits.left_out) <= 5  # each answer is like the next five
    check_splits(splits, NearSettings())
