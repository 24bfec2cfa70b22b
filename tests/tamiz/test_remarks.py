"""Comments and tags: who said what of a pair, and nothing of it is ever erased."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tamiz.bulk import freeze, tag_many
from tamiz.decisions import claim, decide, mark_sieved, undo
from tamiz.errors import InputError
from tamiz.filters import Filter
from tamiz.records import Verdict
from tamiz.remarks import (
    MOST_TAGS,
    add_remark,
    ancestors,
    change_tags,
    normal_tag,
    remarks,
    tag_counts,
    tag_history,
    tags_of,
    take_back_remark,
)

ME, OTHER = "person:reviewer-1", "person:reviewer-2"


@pytest.fixture
def pair(store, make_pair):
    made = make_pair(1)
    store.add_pairs([made], "source:ayuda")
    mark_sieved(store, [made.id])
    return made


def edit(store, pair):
    held = claim(store, ME, lease_seconds=60)
    made = replace(pair, answer="Otra.", made_from=(pair.id,), made_by=ME)
    return decide(store, Verdict(pair=pair.id, version=held.version, decision="edit", by=ME, edited=made)).pair


def test_comments_stand_in_their_order_with_who_and_when(store, pair, clock):
    add_remark(store, pair.id, "  ¿Sigue en venta?\n", ME)
    clock.forward(60)
    add_remark(store, pair.id, "<b>Sí</b>", OTHER)
    said = remarks(store, [pair.id])
    assert [(one.actor, one.text) for one in said] == [(ME, "¿Sigue en venta?"), (OTHER, "<b>Sí</b>")]
    assert said[0].at < said[1].at


def test_taking_a_comment_back_is_another_entry_and_only_its_writer_may(store, pair):
    add_remark(store, pair.id, "Mal.", ME)
    number = remarks(store, [pair.id])[0].seq
    with pytest.raises(InputError, match="not yours"):
        take_back_remark(store, number, OTHER)
    take_back_remark(store, number, ME)
    assert [(one.text, one.taken_back) for one in remarks(store, [pair.id])] == [("Mal.", ME)]


@pytest.mark.parametrize("text", [pytest.param(" \n", id="empty"), pytest.param("a" * 4_001, id="too long")])
def test_a_comment_that_is_none_is_refused(store, pair, text):
    with pytest.raises(InputError, match="comment"):
        add_remark(store, pair.id, text, ME)
    assert remarks(store, [pair.id]) == []


def test_nothing_can_be_said_of_a_pair_that_is_not_there(store):
    with pytest.raises(InputError, match="there is no pair"):
        add_remark(store, "nowhere", "Hola", ME)
    with pytest.raises(InputError, match="there is no pair"):
        change_tags(store, "nowhere", by=ME, add=["x"])


def test_tags_are_normalised_and_every_change_is_kept(store, pair):
    assert change_tags(store, pair.id, by=ME, add=["Revisar Legal", "wifi", "WIFI "]) == ["revisar-legal", "wifi"]
    assert change_tags(store, pair.id, by=OTHER, remove=["wifi"]) == ["revisar-legal"]
    assert tags_of(store, [pair.id]) == {pair.id: ["revisar-legal"]}
    changes = [(one.actor, one.tag, one.present) for one in tag_history(store, [pair.id])]
    assert changes == [(ME, "revisar-legal", True), (ME, "wifi", True), (OTHER, "wifi", False)]


def test_a_tag_that_stands_already_is_no_change(store, pair):
    change_tags(store, pair.id, by=ME, add=["wifi"])
    change_tags(store, pair.id, by=OTHER, add=["wifi"], remove=["nunca"])
    assert len(tag_history(store, [pair.id])) == 1


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param([" - "], id="nothing left"),
        pytest.param(["a" * 41], id="too long"),
        pytest.param([f"t{n}" for n in range(MOST_TAGS + 1)], id="too many"),
    ],
)
def test_tags_that_are_none_are_refused_and_none_is_put(store, pair, tags):
    with pytest.raises(InputError, match="tag"):
        change_tags(store, pair.id, by=ME, add=tags)
    assert tags_of(store, [pair.id]) == {pair.id: []}


def test_an_edit_has_the_tags_of_its_original_also_when_it_is_made_again(store, pair):
    change_tags(store, pair.id, by=ME, add=["uno", "dos"])
    made = edit(store, pair)
    assert tags_of(store, [made.id])[made.id] == ["dos", "uno"]
    undo(store, ME, lease_seconds=60)
    change_tags(store, pair.id, by=ME, add=["tres"], remove=["uno"])
    assert edit(store, pair).id == made.id
    assert tags_of(store, [made.id, pair.id]) == {made.id: ["dos", "tres"], pair.id: ["dos", "tres"]}
    assert tag_counts(store) == {"dos": 2, "tres": 2}


def test_tags_are_counted_as_they_come_and_go_and_one_that_nobody_has_is_gone(store, make_pair):
    pairs = [make_pair(number) for number in range(3)]
    store.add_pairs(pairs, "source:ayuda")
    every = freeze(store, Filter())[0]
    tag_many(store, every, "uno", ME)
    change_tags(store, pairs[0].id, by=ME, add=["dos"], remove=["uno"])
    assert tag_counts(store) == {"uno": 2, "dos": 1}
    tag_many(store, every, "uno", ME, present=False)
    assert tag_counts(store) == {"dos": 1}


def test_the_pairs_that_one_was_made_from_are_found_newest_first(store, pair):
    made = edit(store, pair)
    assert ancestors(store, made.id) == [made.id, pair.id]


def test_a_tag_of_any_writing_is_one_word():
    assert normal_tag("#Necesita  JURÍDICO,") == "necesita-jurídico"
