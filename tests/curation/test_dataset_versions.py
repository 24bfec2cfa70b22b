"""Versions for people: read however broken one is, compared pair by pair, and taken away whole."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections import Counter
from dataclasses import replace

import pytest

from curation.dataset_versions import Unreadable, Version, freshness, part_counts, versions, zip_to
from curation.export import export
from curation.version_diff import difference, row_at
from tamiz.decisions import judge
from tamiz.errors import InputError
from tamiz.records import Verdict
from tamiz.splitparts import ancestry

SMALL = "[export]\nmin_pairs = 4\n"
BY = "person:reviewer-1"


def decide(store, stored, decision: str, **values: object) -> None:
    verdict = Verdict(pair=stored.pair.id, version=stored.version, decision=decision, by=BY, **values)
    assert judge(store, [verdict]).done == 1


@pytest.fixture
def exported(make_project, opened, distinct_pair):
    project = make_project(more=SMALL)
    store = opened(project)
    store.add_pairs([distinct_pair(n) for n in range(24)], "import:test")
    for stored in list(store.pairs("new")):
        decide(store, stored, "accept")
    export(project, store)
    return project, store


@pytest.fixture
def changed(exported):
    """Two versions: in the second one a pair was edited twice, one had another label, one went and one came."""
    project, store = exported
    first, second, third, *_ = store.pairs("accepted")
    once = replace(first.pair, answer="Reinicia el router.", made_from=(first.pair.id,), made_by=BY)
    decide(store, first, "edit", edited=once)
    middle = store.pair(once.id)
    twice = replace(once, answer="Reinicia el router dos veces.", made_from=(once.id,), made_by=BY)
    decide(store, middle, "accept", edited=twice)
    decide(store, second, "accept" if second.state != "accepted" else "reject")
    new = replace(
        third.pair, question="¿Dónde veo mi tarifa?", answer="En Mi cuenta.", url="https://x.example/n", group="n"
    )
    store.add_pairs([new], "import:test")
    decide(store, store.pair(new.id), "accept")
    state = freshness(project, store)
    export(project, store)
    new_version, old_version = versions(project)
    return store, old_version, new_version, state, (first.pair.id, twice.id, second.pair.id, new.id)


def test_a_version_says_what_each_part_holds(exported):
    project, store = exported
    [version] = versions(project)
    counts = part_counts(version)
    held = list(store.pairs("accepted"))
    for name in ("lang", "label", "source", "kind"):
        whole = sum((counts[part][name] for part in counts), Counter())
        assert whole == Counter(getattr(stored.pair, name) for stored in held)
    assert {part: sum(counts[part]["lang"].values()) for part in counts} == version.manifest.splits
    assert version.missing == ()
    assert version.size == sum(path.stat().st_size for path in version.folder.rglob("*") if path.is_file())


def test_two_versions_differ_by_what_came_went_and_was_changed(changed):
    store, old, new, _, (first, twice, gone, came) = changed
    found = difference(old, new, ancestry(store))
    assert [row_at(new, place)["id"] for place in found.added] == [came]
    assert [row_at(old, place)["id"] for place in found.removed] == [gone]
    assert [(row_at(old, one.before)["id"], row_at(new, one.after)["id"]) for one in found.changed] == [(first, twice)]
    assert found.moved == ()
    assert found.same == 22


def test_a_changed_label_is_a_change_and_another_part_a_move(exported, tmp_path):
    project, _ = exported
    [version] = versions(project)
    other = tmp_path / "v002"
    shutil.copytree(version.folder, other)
    files = {part: other / "pairs" / f"{part}.jsonl" for part in ("train", "test")}
    rows = {part: [json.loads(line) for line in path.read_text().splitlines()] for part, path in files.items()}
    rows["train"][0]["label"] = "otra"
    rows["test"].append(rows["train"].pop())
    for part, path in files.items():
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[part]))
    found = difference(version, replace(version, folder=other), {})
    assert (len(found.added), len(found.removed), len(found.changed), len(found.moved)) == (0, 0, 1, 1)
    assert (found.moved[0].before.part, found.moved[0].after.part) == ("train", "test")


def test_a_version_is_stale_by_so_many_pairs(exported, changed):
    *_, state, _ = changed
    assert (state.version, state.added, state.removed, state.stale) == ("v001", 2, 2, True)
    project, store = exported
    fresh = freshness(project, store)
    assert (fresh.version, fresh.stale) == ("v002", False)


def test_a_broken_or_half_copied_version_is_named_and_the_others_are_read(exported):
    project, _ = exported
    good = project.exports / "v001"
    for name in ("v002", "v003", "v004", "v005"):
        (project.exports / name).mkdir()
    (project.exports / "v003" / "manifest.json").write_text('{"version": "v003"')
    (project.exports / "v004" / "manifest.json").write_text('["no", "manifest"]')
    values = json.loads((good / "manifest.json").read_text()) | {"splits": {"train": "many"}}
    (project.exports / "v005" / "manifest.json").write_text(json.dumps(values))
    (project.exports / "v006").symlink_to(good)
    found = versions(project)
    assert [one.name for one in found] == ["v006", "v005", "v004", "v003", "v002", "v001"]
    assert [type(one) for one in found] == [Unreadable] * 5 + [Version]
    assert "not copied whole" in found[4].reason


def test_a_file_that_is_missing_or_cut_off_is_named(exported):
    project, _ = exported
    path = project.exports / "v001" / "pairs" / "train.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"train\.jsonl cannot be read"):
        part_counts(versions(project)[0])
    path.unlink()
    assert versions(project)[0].missing == ("pairs/train.jsonl",)


def test_the_archive_of_a_version_holds_all_its_files(exported):
    project, _ = exported
    [version] = versions(project)
    file = io.BytesIO()
    zip_to(version, file)
    with zipfile.ZipFile(file) as archive:
        assert {name.removeprefix("v001/") for name in archive.namelist()} == set(version.files)
        for name in version.files:
            assert archive.read(f"v001/{name}") == (version.folder / name).read_bytes()


def test_the_card_comes_without_its_yaml_header(exported):
    project, _ = exported
    [version] = versions(project)
    assert (version.folder / "README.md").read_text().startswith("---\n")
    assert version.card().lstrip().startswith("# ")
