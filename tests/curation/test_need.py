"""How much a pair needs a person, and that curating keeps it."""

from __future__ import annotations

import dataclasses

import pytest

from curation.review.need import LEAST, need_of
from curation.sieve import curate
from tamiz.records import KEPT_STEP, Finding


def found(pair, step, kind="", **more):
    return Finding(pair=pair.id, step=step, kind=kind or step, **more)


def word(pair, confidence):
    return found(pair, "spelling", before="wfi", after="wifi", confidence=confidence)


def test_what_is_doubtful_comes_before_what_is_sure(make_pair):
    pair = make_pair()
    needs = [need_of(pair, [word(pair, confidence)]) for confidence in (0.5, 0.7, 0.9, 1.0)]
    assert needs == sorted(needs, reverse=True)
    assert needs[-1] > need_of(pair, [])


def test_a_copy_on_the_uncertain_side_comes_before_a_sure_one(make_pair):
    pair = make_pair()
    near = [need_of(pair, [found(pair, "dedupe", "near_duplicate", confidence=c, witness="w")]) for c in (0.76, 0.9, 1)]
    assert near == sorted(near, reverse=True)
    assert near[-1] == LEAST


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"confidence": 0.4}, id="a low confidence of the extraction"),
        pytest.param({"kind": "synthetic", "made_from": ("a1",)}, id="synthetic"),
    ],
)
def test_where_a_pair_comes_from_can_need_a_person(make_pair, more):
    assert need_of(make_pair(**more), []) > need_of(make_pair(), []) == LEAST


def test_doubts_add_up_and_never_reach_beyond_one(make_pair):
    pair = make_pair(confidence=0.1, kind="synthetic", made_from=("a1",))
    opposed = found(pair, "dedupe", "contradiction", witness="w")
    private = found(pair, "privacy", "phone", before="612998877", after="<PHONE_1>")
    one, both = need_of(pair, [opposed]), need_of(pair, [opposed, private, word(pair, 0.5)])
    assert one < both <= 1


def test_personal_data_that_somebody_lets_stand_needs_nobody(make_pair):
    pair = make_pair()
    private = found(pair, "privacy", "phone", before="900 123 456", after="<PHONE_1>")
    assert need_of(pair, [private]) == 0.8
    assert need_of(pair, [private, dataclasses.replace(private, step=KEPT_STEP, after=None)]) == LEAST


class Doubting:
    """A step that has doubts about every pair, as sure as it is told."""

    name = "spelling-of-tests"

    def __init__(self, kind):
        self.settings = {"kind": kind}

    def look(self, batch):
        return [Finding(pair=pair.id, step=self.name, kind=self.settings["kind"], witness="w") for pair in batch]


def test_curating_keeps_the_need_and_curating_again_renews_it(make_project, opened, distinct_pair):
    project = make_project(rules="")
    store = opened(project)
    pair = distinct_pair(1)
    store.add_pairs([pair], "import:test")
    curate(project, store, steps=[Doubting("doubt")])
    assert (store.pair(pair.id).state, store.pair(pair.id).need) == ("waiting", 0.1)
    curate(project, store, steps=[Doubting("contradiction")])
    assert store.pair(pair.id).need == 0.9
