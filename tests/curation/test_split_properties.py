"""Whatever pairs there are: groups stay whole, order does not matter, no part ever changes, none gets lost."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.gather import FrozenConflict
from curation.split import Frozen, check_splits, split_pairs
from tamiz.records import Pair
from tamiz.settings import ExportSettings, NearSettings

NEAR = NearSettings()
WORDS = ["router", "wifi", "factura", "línea", "antena", "contrato", "recibo", "tarjeta", "señal", "mando", "clave"]

texts = st.lists(st.sampled_from(WORDS), min_size=2, max_size=9).map(" ".join)
pairs = st.builds(
    lambda question, answer, group, page, author, number, lang: Pair(
        question=question,
        answer=answer,
        lang=lang,
        url=f"u{number}",
        kind="forum",
        group=f"g{group}",
        page=f"p{page}" if page < 6 else "",
        author=f"a{author}" if author < 9 else "",
        source="foro",
    ),
    texts,
    texts,
    st.integers(0, 30),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 10**6),
    st.sampled_from(["es", "en"]),
)
many = st.lists(pairs, max_size=30, unique_by=lambda pair: pair.id)
slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def where(splits) -> dict[str, str]:
    return {pair.id: part for part, mine in splits.parts.items() for pair in mine}


@slow
@given(found=many, seed=st.integers(0, 3), by_author=st.booleans())
def test_groups_are_whole_and_every_pair_is_somewhere(found, seed, by_author) -> None:
    splits = split_pairs(found, ExportSettings(seed=seed, group_by_author=by_author), NEAR)
    check_splits(splits, NEAR, by_author=by_author)
    parts = where(splits)
    assert parts.keys() == {pair.id for pair in found}
    for name in ("group", "page", *(("author",) if by_author else ())):
        for value in {getattr(pair, name) for pair in found} - {""}:
            assert len({parts[pair.id] for pair in found if getattr(pair, name) == value}) == 1
    assert splits.siblings.ours == 0


@slow
@given(found=many, order=st.integers(0, 10**6))
def test_the_order_does_not_matter(found, order) -> None:
    assert split_pairs(random.Random(order).sample(found, len(found)), ExportSettings()) == split_pairs(
        found, ExportSettings()
    )


@slow
@given(first=many, second=many, third=many, gone=st.integers(0, 8))
def test_adding_pairs_never_changes_a_part_and_loses_none(first, second, third, gone) -> None:
    known: dict[str, str] = {}
    seen: dict[str, Pair] = {}
    for added in (first, second, third):
        seen |= {pair.id: pair for pair in added}
        here = sorted(seen.values(), key=lambda pair: pair.id)[gone:]
        away = [pair for pair in seen.values() if pair.id in known and pair not in here]
        splits = split_pairs(here, ExportSettings(), NEAR, frozen=Frozen(parts=known, departed=away))
        parts = where(splits)
        assert {pair: part for pair, part in parts.items() if pair in known}.items() <= known.items()
        left_out = {one.pair for one in splits.left_out}
        assert parts.keys() | left_out == {pair.id for pair in here}
        assert not parts.keys() & left_out
        assert not left_out & known.keys()
        check_splits(splits, NEAR)
        known |= parts


@slow
@given(found=many, more=many, order=st.integers(0, 10**6))
def test_the_order_does_not_matter_beside_frozen_pairs(found, more, order) -> None:
    known = where(split_pairs(found, ExportSettings()))
    whole = list({pair.id: pair for pair in [*found, *more]}.values())
    expected = split_pairs(whole, ExportSettings(), frozen=Frozen(parts=known))
    shuffled = dict(random.Random(order).sample(sorted(known.items()), len(known)))
    mixed = random.Random(order).sample(whole, len(whole))
    assert split_pairs(mixed, ExportSettings(), frozen=Frozen(parts=shuffled)) == expected


@slow
@given(found=many, parts=st.lists(st.sampled_from(["train", "validation", "test"]), min_size=30, max_size=30))
def test_any_assignment_is_kept_or_refused_with_names(found, parts) -> None:
    known = {pair.id: part for pair, part in zip(found, parts, strict=False)}
    refused, splits = "", None
    try:
        splits = split_pairs(found, ExportSettings(), NEAR, frozen=Frozen(parts=known))
    except FrozenConflict as conflict:
        refused = str(conflict)
    if splits is None:
        assert sum(pair.id in refused for pair in found) >= 2
        assert "--resplit" in refused
    else:
        assert where(splits) == known
        check_splits(splits, NEAR)
