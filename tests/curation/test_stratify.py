"""Groups to parts: sizes within two points where that is possible, and otherwise said."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.stratify import ALLOWED, divide, size_notes
from curation.sums import closest_sums
from tamiz.records import Pair
from tamiz.settings import ExportSettings

WANTED = ExportSettings(validation=0.1, test=0.2)


def groups_of(sizes, **values) -> dict[str, list[Pair]]:
    """Groups with so many pairs each."""
    numbers = itertools.count()
    return {
        f"g{n:04}": [
            Pair(
                question=f"q{next(numbers)}",
                answer="a",
                lang=values.get("langs", ["es"])[n % len(values.get("langs", ["es"]))],
                url="u",
                kind="faq",
                group=f"g{n}",
                source=values.get("sources", ["ayuda"])[n % len(values.get("sources", ["ayuda"]))],
            )
            for _ in range(size)
        ]
        for n, size in enumerate(sizes)
    }


def sizes_of(where, members) -> Counter[str]:
    sizes = Counter(train=0, validation=0, test=0)
    for group, part in where.items():
        sizes[part] += len(members[group])
    return sizes


def missed(sizes: dict[str, int], wanted: ExportSettings) -> tuple[int, float]:
    """How many parts are empty, and how many pairs are where they should not be beyond what is allowed."""
    total = sum(sizes.values())
    aims = {"train": 1 - wanted.validation - wanted.test, "validation": wanted.validation, "test": wanted.test}
    allowed = max(ALLOWED * total, 0.5)
    away = sum(max(0.0, abs(sizes[part] - share * total) - allowed) for part, share in aims.items())
    return list(sizes.values()).count(0), round(away, 6)


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=7), seed=st.integers(0, 5))
def test_no_division_of_the_same_groups_comes_closer(sizes, seed) -> None:
    members = groups_of(sizes)
    wanted = replace(WANTED, seed=seed)
    found = sizes_of(divide(members, {}, wanted), members)
    best = min(
        missed(sizes_of(dict(zip(members, parts, strict=True)), members), wanted)
        for parts in itertools.product(("train", "validation", "test"), repeat=len(sizes))
    )
    assert missed(found, wanted) == best


def test_sizes_are_met_where_a_greedy_choice_misses_them() -> None:
    members = groups_of([7, 6, 6, 5, 4, 4, 4, 4])
    found = sizes_of(divide(members, {}, ExportSettings(validation=0.25, test=0.25)), members)
    assert found == {"train": 20, "validation": 10, "test": 10}


@pytest.mark.parametrize("seed", range(3))
def test_languages_and_sources_keep_their_shares(seed) -> None:
    chance = random.Random(seed)
    sizes = [chance.randint(1, 6) for _ in range(400)]
    members = groups_of(sizes, langs=["es", "es", "en"], sources=["ayuda", "foro", "foro", "wiki", "foro"])
    where = divide(members, {}, replace(WANTED, seed=seed))
    for name in ("lang", "source"):
        for value in {getattr(pair, name) for many in members.values() for pair in many}:
            mine = [where[group] for group, many in members.items() for p in many if getattr(p, name) == value]
            assert abs(mine.count("test") / len(mine) - 0.2) < 0.02
            assert abs(mine.count("validation") / len(mine) - 0.1) < 0.02


def test_a_group_that_is_too_large_is_named_with_its_size() -> None:
    members = groups_of([60, *([1] * 10)])
    where = divide(members, {}, WANTED)
    notes = size_notes(members, where, {}, WANTED)
    assert [note.split()[0] for note in notes] == ["train", "validation", "test"]
    assert all("the group of pair g0000 in train has 60 pairs that must not be torn apart" in note for note in notes)
    assert "20% of 70 would be 14.0" in notes[2]


def test_sizes_that_earlier_exports_decided_are_said_to_be_theirs() -> None:
    members = groups_of([1] * 50)
    fixed = dict.fromkeys(list(members)[:40], "test")
    where = divide(members, fixed, WANTED)
    assert {where[group] for group in fixed} == {"test"}
    notes = size_notes(members, where, fixed, WANTED)
    assert "40 pairs are in test since earlier exports" in notes[0]


def test_so_few_pairs_that_no_size_fits_is_said() -> None:
    members = groups_of([1, 1])
    where = divide(members, {}, WANTED)
    assert sorted(where.values()) == ["test", "train"]
    assert any("so few pairs" in note for note in size_notes(members, where, {}, WANTED))


def test_a_part_without_a_share_gets_nothing_but_what_it_had() -> None:
    members = groups_of([3, 1, 1, 5, 2, 2, 2, 1])
    closed = ExportSettings(validation=0, test=0)
    assert sizes_of(divide(members, {}, closed), members)["train"] == 17
    where = divide(members, {"g0001": "test"}, closed)
    assert [group for group, part in where.items() if part != "train"] == ["g0001"]


def test_sums_of_too_much_are_left_to_the_search() -> None:
    assert closest_sums([1] * 2000, (200.0, 200.0), 1.0) is None
    assert closest_sums([3, 2, 2], (None, 2.0), 0.5) == [0, 2, 0]
