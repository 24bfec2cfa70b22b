"""Every pair of nearly the same texts across two lists, as comparing each with each finds them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.across import pairs_across, shingle_sets
from curation.alike import Alike
from curation.near.overlap import similarity
from curation.near.texts import Texts
from tamiz.settings import NearSettings

words = st.text(alphabet="aábcñ 1.-🙂", max_size=12)


def each_with_each(texts, left, right, threshold, ngram):
    found = {(one, other): similarity(texts[one], texts[other], ngram) for one in left for other in right}
    return {pair: round(alike, 9) for pair, alike in found.items() if alike >= threshold}


def found_across(texts, left, right, threshold, ngram):
    columns = pairs_across(shingle_sets(texts, ngram), np.array(left, np.int64), np.array(right, np.int64), threshold)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert len({row[:2] for row in rows}) == len(rows)
    return {(one, other): round(alike, 9) for one, other, alike in rows}


@settings(max_examples=150, deadline=None)
@given(
    mine=st.lists(words, min_size=1, max_size=8),
    others=st.lists(words, min_size=1, max_size=8),
    threshold=st.sampled_from([0.1, 0.3, 0.5, 0.6, 0.7, 0.75, 0.9, 1.0]),
    ngram=st.integers(1, 5),
)
def test_it_finds_what_comparing_each_with_each_finds(mine, others, threshold, ngram) -> None:
    texts = Texts.of([*mine, *others])
    left, right = range(len(mine)), range(len(mine), len(texts))
    assert found_across(texts, left, right, threshold, ngram) == each_with_each(texts, left, right, threshold, ngram)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
def test_among_edited_texts_none_is_missed(threshold) -> None:
    chance = random.Random(7)
    texts = []
    for _ in range(60):
        first = chance.choices(["router", "wifi", "clave", "antena", "recibo", "señal", "2.4", "fibra", "mando"], k=9)
        for _ in range(4):
            first[chance.randrange(9)] = chance.choice(["puerto", "web", "código", "hoy"])
            texts.append(" ".join(first))
    normal = Texts.of(texts)
    left, right = range(0, len(texts), 2), range(1, len(texts), 2)
    expected = each_with_each(normal, left, right, threshold, 3)
    assert len(expected) > 50
    assert found_across(normal, left, right, threshold, 3) == expected


def test_equal_texts_of_both_sides_are_named_by_their_own_side() -> None:
    alike = Alike(["¿Cómo va?", "otra cosa", "¿cómo va", "y otra más"], NearSettings())
    assert list(alike.across([2, 3], [0, 1])) == [(2, 0, 1.0)]
    assert list(alike.across([0], [])) == []
