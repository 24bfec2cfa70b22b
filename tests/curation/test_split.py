"""The division of an export: nothing in one part has been seen in another, and it is always the same one."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from curation.split import SplitError, check_splits, split_pairs
from tamiz.settings import ExportSettings, NearSettings


def where(splits) -> dict[str, str]:
    return {pair.id: part for part, pairs in splits.parts.items() for pair in pairs}


def test_the_parts_have_the_wanted_sizes_and_languages(distinct_pair) -> None:
    pairs = [distinct_pair(n) for n in range(96)]
    splits = split_pairs(pairs, ExportSettings(validation=0.1, test=0.2))
    sizes = splits.sizes()
    assert sum(sizes.values()) == 96
    assert abs(sizes["test"] - 19.2) <= 3
    assert abs(sizes["validation"] - 9.6) <= 3
    assert splits.notes == ()
    english = Counter(part for pair in pairs if pair.lang == "en" for part in [where(splits)[pair.id]])
    assert abs(english["test"] - 32 * 0.2) <= 3


def test_the_order_of_the_pairs_does_not_matter(distinct_pair) -> None:
    pairs = [distinct_pair(n) for n in range(40)]
    expected = split_pairs(pairs, ExportSettings())
    for seed in range(3):
        assert split_pairs(random.Random(seed).sample(pairs, 40), ExportSettings()) == expected


def test_another_seed_gives_another_division(distinct_pair) -> None:
    pairs = [distinct_pair(n) for n in range(40)]
    assert where(split_pairs(pairs, ExportSettings(seed=1))) != where(split_pairs(pairs, ExportSettings(seed=2)))


@pytest.mark.parametrize(
    "tie",
    [
        pytest.param(lambda pair, n: replace(pair, group="one thread"), id="the same thread"),
        pytest.param(lambda pair, n: replace(pair, page="9" * 32), id="the same page"),
        pytest.param(lambda pair, n: replace(pair, made_from=("0" * 32,)), id="made from the same pair"),
        pytest.param(
            lambda pair, n: replace(pair, answer="Se hace en la web, en Mi cuenta. " * 3), id="the same answer"
        ),
        pytest.param(lambda pair, n: replace(pair, question="¿Cómo cambio la clave del wifi?"), id="the same question"),
    ],
)
def test_what_belongs_together_is_not_torn_apart(distinct_pair, tie) -> None:
    pairs = [tie(distinct_pair(n), n) if n in (1, 11, 21, 31) else distinct_pair(n) for n in range(60)]
    pairs = [replace(pair, group=pair.group if pair.group == "one thread" else pair.url) for pair in pairs]
    for seed in range(3):
        parts = where(split_pairs(pairs, ExportSettings(seed=seed)))
        assert len({parts[pairs[n].id] for n in (1, 11, 21, 31)}) == 1


def test_near_duplicates_stay_together_by_way_of_others(distinct_pair) -> None:
    words = [f"palabra{n}" for n in range(40)]
    chain = [
        replace(distinct_pair(n), group=f"c{n}", answer=" ".join(words[2 * n : 2 * n + 20])) for n in range(10)
    ]  # the first and the last share few words, each shares most with the next
    splits = split_pairs([*chain, *(distinct_pair(n) for n in range(100, 160))], ExportSettings())
    assert len({where(splits)[pair.id] for pair in chain}) == 1


def test_the_proof_finds_a_group_in_two_parts(distinct_pair) -> None:
    splits = split_pairs([distinct_pair(n) for n in range(20)], ExportSettings())
    torn = replace(splits, groups=dict.fromkeys(splits.groups, "one"))
    with pytest.raises(SplitError, match="group"):
        check_splits(torn, NearSettings())


def test_the_proof_finds_a_near_duplicate_in_two_parts(distinct_pair) -> None:
    splits = split_pairs([distinct_pair(n) for n in range(20)], ExportSettings())
    leak = replace(splits.parts["train"][0], url="https://elsewhere.example", group="elsewhere")
    torn = replace(
        splits, parts=splits.parts | {"test": (*splits.parts["test"], leak)}, groups=splits.groups | {leak.id: leak.id}
    )
    with pytest.raises(SplitError, match="nearly the same"):
        check_splits(torn, NearSettings())


def test_a_group_that_is_too_large_is_said(distinct_pair) -> None:
    pairs = [replace(distinct_pair(n), group="one page") for n in range(30)]
    splits = split_pairs(pairs, ExportSettings())
    assert splits.sizes() == {"train": 30, "validation": 0, "test": 0}
    assert "must not be torn apart" in splits.notes[0]


def test_a_part_without_a_share_stays_empty_and_others_are_filled(distinct_pair) -> None:
    pairs = [replace(distinct_pair(n), group=f"g{n}") for n in range(4)]
    assert split_pairs(pairs, ExportSettings(validation=0, test=0.1)).sizes() == {
        "train": 3,
        "validation": 0,
        "test": 1,
    }


def test_rows_of_a_table_that_name_one_page_stay_together(distinct_pair) -> None:
    pairs = [
        distinct_pair(n, kind="table", group=f"row {n}", url=f"https://ayuda.example/{n // 3}#{n}") for n in range(90)
    ]
    splits = split_pairs(pairs, ExportSettings())
    part_of = {pair.url: part for part, mine in splits.parts.items() for pair in mine}
    for page in range(30):
        assert len({part for url, part in part_of.items() if url.startswith(f"https://ayuda.example/{page}#")}) == 1
    assert set(part_of.values()) == {"train", "validation", "test"}
