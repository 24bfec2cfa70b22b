"""The whole way of a pair: from its page over its edits to the versions that hold it and what was trained on them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from curation.export import export
from curation.lineage_story import story
from tamiz.decisions import claim_pair, decide, judge, mark_sieved, undo
from tamiz.errors import InputError
from tamiz.records import Page, Verdict
from tamiz.store import PageReading

EXPORT = "[export]\nmin_pairs = 1\n"
CARD: dict[str, Any] = {
    "task": "causal",
    "base": "tiny",
    "base_origin": "here",
    "base_licence": "CC0-1.0",
    "started_at": "2026-02-01T00:00:00+00:00",
    "finished_at": "2026-02-01T00:10:00+00:00",
    "seed": 1,
    "device": "cpu",
    "settings": {},
    "versions": {},
    "parameters": {},
    "cost": {},
    "curves": {},
    "results": {},
}


@pytest.fixture
def made(make_project, opened, distinct_pair):
    """A project whose pair came from a page and was edited and accepted; (project, store, pair, edited)."""
    project = make_project(more=EXPORT)
    store = opened(project)
    page = Page(
        url="https://ayuda.example/1",
        final_url="https://ayuda.example/1",
        fetched_at="2026-01-30T10:00:00+00:00",
        status=200,
        content_type="text/html",
        content_hash="0" * 64,
        source="ayuda",
    )
    pair = distinct_pair(1, page=page.id)
    store.add_page(page, [pair], PageReading(page=page.id, kind="faq", reason="", found=1))
    others = [distinct_pair(number) for number in range(2, 30)]
    store.add_pairs(others, "import:test")
    mark_sieved(store, [one.id for one in (pair, *others)])
    by = "person:reviewer-1"
    edited = dataclasses.replace(pair, answer=f"{pair.answer} Y espera.", made_from=(pair.id,), made_by=by)
    verdicts = [Verdict(pair=pair.id, version=2, decision="accept", by=by, edited=edited)]
    verdicts += [Verdict(pair=one.id, version=2, decision="accept", by=by) for one in others]
    judge(store, verdicts)
    return project, store, pair, edited


def test_the_story_goes_from_the_page_over_the_edit_to_the_line_of_the_version(made) -> None:
    project, store, pair, edited = made
    manifest = export(project, store, ["json"])
    found = story(project, store, pair.id)
    assert [one.stored.pair for one in found.family] == [edited, pair]
    assert found.origin.page is not None
    assert found.origin.page.final_url == "https://ayuda.example/1"
    [change] = found.changes
    assert (change.actor, change.made, change.question) == ("person:reviewer-1", edited.id, ())
    assert [part for part in change.answer if part[0] != "equal"] == [("insert", " Y espera.")]
    [held] = found.held
    line = (project.folder / held.file).read_text(encoding="utf-8").splitlines()[held.line - 1]
    assert (held.version, json.loads(line)["id"]) == (manifest.version, edited.id)
    assert story(project, store, edited.id[:12]) == found


def test_what_was_trained_on_the_version_is_told_and_what_was_trained_on_another_is_not(made) -> None:
    project, store, pair, _edited = made
    manifest = export(project, store, ["json"])
    for name, content in (("mine", manifest.content_hash), ("others", "f" * 64)):
        folder = project.runs / name
        folder.mkdir(parents=True)
        card = CARD | {"name": name, "dataset_version": manifest.version, "dataset_hash": content}
        (folder / "runcard.json").write_text(json.dumps(card), encoding="utf-8")
    found = story(project, store, pair.id)
    assert [(one.name, one.version, one.part, one.adapter) for one in found.trained] == [
        ("mine", manifest.version, found.held[0].part, False)
    ]


def test_a_version_that_cannot_be_read_is_named_and_the_others_are_told(made) -> None:
    project, store, pair, _edited = made
    export(project, store, ["json"])
    broken = project.exports / "v002"
    broken.mkdir()
    (broken / "manifest.json").write_text("{", encoding="utf-8")
    found = story(project, store, pair.id)
    assert [held.version for held in found.held] == ["v001"]
    assert any(note.startswith("v002 cannot be read") for note in found.notes)


def test_an_edit_that_was_undone_is_no_part_of_the_story(store, make_pair, make_project) -> None:
    project, pair = make_project(), make_pair(1)
    store.add_pairs([pair], "source:ayuda")
    mark_sieved(store, [pair.id])
    by = "person:reviewer-1"
    held = claim_pair(store, pair.id, by, lease_seconds=60)
    edited = dataclasses.replace(pair, answer="Otra.", made_from=(pair.id,), made_by=by)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="accept", by=by, edited=edited))
    assert story(project, store, pair.id).now.stored.pair == edited
    undo(store, by)
    found = story(project, store, pair.id)
    assert (found.now.stored.pair, found.changes) == (pair, ())


def test_an_unknown_pair_is_an_error_that_says_what_to_give(store, make_project) -> None:
    with pytest.raises(InputError, match="no pair has 'ffff'"):
        story(make_project(), store, "ffff")
