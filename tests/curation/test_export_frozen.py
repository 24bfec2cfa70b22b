"""Yesterday's test is tomorrow's: parts over many exports, at once, after a kill, and from scratch."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from curation.export import export, is_stale, newest_export
from curation.gather import FrozenConflict
from tamiz.decisions import judge
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Verdict
from tamiz.splitparts import split_parts
from tamiz.store import Store

SMALL = "[export]\nmin_pairs = 4\n"
PARTS = ("train", "validation", "test")


def add(store, pairs) -> None:
    store.add_pairs(pairs, "import:test")
    accept_new(store)


def accept_new(store) -> None:
    new = [Verdict(pair=s.pair.id, version=s.version, decision="accept", by="rule:all") for s in store.pairs("new")]
    judge(store, new)


def parts_of(project: Project, version: str) -> dict[str, str]:
    folder = project.exports / version / "pairs"
    lines = {part: (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines() for part in PARTS}
    return {json.loads(line)["id"]: part for part, many in lines.items() for line in many}


@pytest.fixture
def started(make_project, store_url, distinct_pair):
    """A project on either database, its store, and twenty accepted pairs."""
    project = make_project(more=f'[store]\nurl = "{store_url}"\n{SMALL}')
    with Store.open(project.store_url) as store:
        add(store, [distinct_pair(n) for n in range(20)])
        yield project, store


def with_settings(project: Project, **export_settings) -> Project:
    settings = project.settings
    return replace(project, settings=replace(settings, export=replace(settings.export, **export_settings)))


def test_a_pair_keeps_its_part_in_every_later_version(started, distinct_pair) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    for number in (2, 3, 4):
        add(store, [distinct_pair(n) for n in range(100 * number, 100 * number + 11)])
        manifest = export(project, store)
        found = parts_of(project, manifest.version)
        assert known.items() <= found.items()
        assert manifest.proof["kept_part"] == len(known)
        known = found
    assert split_parts(store).parts == known


def test_other_shares_and_seeds_change_new_pairs_only_and_this_is_said(started, distinct_pair) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    add(store, [distinct_pair(n) for n in range(100, 130)])
    manifest = export(with_settings(project, test=0.4, seed=5), store)
    assert known.items() <= parts_of(project, "v002").items()
    assert manifest.splits["test"] >= 18  # the old share would give 5
    assert any("20 pairs were assigned; these keep their part" in note for note in manifest.notes)


def test_a_pair_that_leaves_and_comes_back_has_its_old_part(started, distinct_pair) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    tested = next(pair for pair, part in known.items() if part == "test")
    judge(store, [Verdict(pair=tested, version=store.pair(tested).version, decision="reject", by="person:ana")])
    again = Verdict(pair=tested, version=store.pair(tested).version, decision="accept", by="person:ana")
    add(store, [distinct_pair(n) for n in range(100, 110)])
    export(project, store)
    assert tested not in parts_of(project, "v002")
    judge(store, [again])
    export(project, store)
    assert parts_of(project, "v003")[tested] == "test"


def test_an_edited_pair_has_the_part_of_the_one_it_replaces(started) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    for pair, part in known.items():
        stored = store.pair(pair)
        edited = replace(
            stored.pair, answer=stored.pair.answer + " Y ya está.", made_from=(pair,), made_by="person:ana"
        )
        verdict = Verdict(pair=pair, version=stored.version, decision="accept", by="person:ana", edited=edited)
        assert judge(store, [verdict]).done == 1
        known[pair] = part
    export(project, store)
    found = parts_of(project, "v002")
    assert not found.keys() & known.keys()
    assert {store.pair(pair).pair.made_from[0]: part for pair, part in found.items()} == known


def test_a_pair_between_two_parts_is_left_out_counted_and_named(started, distinct_pair) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    one, other = (next(pair for pair, part in known.items() if part == wanted) for wanted in ("train", "test"))
    bridge = distinct_pair(500, question=store.pair(one).pair.question, answer=store.pair(other).pair.answer)
    add(store, [bridge])
    assert is_stale(project, store)
    manifest = export(project, store)
    assert manifest.left_out == {"would join test and train, whose pairs keep their parts": 1}
    assert any(bridge.id in note and one in note and other in note for note in manifest.notes)
    [left] = (project.exports / "v002" / "left_out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(left)["pair"] == bridge.id
    assert parts_of(project, "v002") == known
    assert not is_stale(project, store)
    assert export(project, store).version == "v002"


def test_a_pair_edited_towards_another_part_is_left_out_and_all_others_stay(started) -> None:
    project, store = started
    export(project, store)
    known = parts_of(project, "v001")
    mine, test = (next(pair for pair, part in known.items() if part == wanted) for wanted in ("train", "test"))
    stored = store.pair(mine)
    edited = replace(
        stored.pair, question=store.pair(test).pair.question + " Gracias.", made_from=(mine,), made_by="person:ana"
    )
    judge(store, [Verdict(pair=mine, version=stored.version, decision="accept", by="person:ana", edited=edited)])
    manifest = export(project, store)
    [left] = map(json.loads, (project.exports / "v002" / "left_out.jsonl").read_text(encoding="utf-8").splitlines())
    assert left["pair"] == edited.id
    assert manifest.left_out == {"would join test and train, whose pairs keep their parts": 1}
    assert parts_of(project, "v002") == {pair: part for pair, part in known.items() if pair != mine}


def test_a_setting_that_brings_parts_together_is_refused_and_resplit_solves_it(
    make_project, opened, distinct_pair
) -> None:
    project = make_project(more=SMALL)
    store = opened(project)
    add(store, [distinct_pair(n, author=f"author {n % 3}", group=f"own {n}") for n in range(30)])
    first = export(project, store)
    by_author = with_settings(project, group_by_author=True)
    with pytest.raises(FrozenConflict, match=r"the same author.*tamiz export --resplit"):
        export(by_author, store)
    assert newest_export(project) == first
    assert split_parts(store).parts == parts_of(project, "v001")
    manifest = export(by_author, store, resplit=True)
    assigned = parts_of(project, "v002")
    authors = [{store.pair(pair).pair.author for pair in assigned if assigned[pair] == part} for part in PARTS]
    assert sum(len(found) for found in authors) == 3
    assert any("no longer compare" in note for note in manifest.notes)
    assert split_parts(store).parts == parts_of(project, "v002")
    assert not any("no longer compare" in note for note in export(by_author, store, again=True).notes)


def test_parts_of_a_version_from_before_parts_were_kept_are_taken_over(started, distinct_pair) -> None:
    project, store = started
    export(project, store)
    folder = project.exports / "v001" / "pairs"
    train, test = ((folder / f"{part}.jsonl").read_text(encoding="utf-8") for part in ("train", "test"))
    (folder / "train.jsonl").write_text(test, encoding="utf-8")  # another assignment than this tamiz would make
    (folder / "test.jsonl").write_text(train, encoding="utf-8")
    known = parts_of(project, "v001")
    with store.database._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM split_part")
        connection.exec_driver_sql("DELETE FROM split_claim")
    add(store, [distinct_pair(n) for n in range(100, 104)])
    export(project, store)
    assert known.items() <= parts_of(project, "v002").items()
    assert split_parts(store).parts == parts_of(project, "v002")


def test_a_version_whose_parts_cannot_be_read_is_named(started) -> None:
    project, store = started
    export(project, store)
    with store.database._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM split_part")
        connection.exec_driver_sql("DELETE FROM split_claim")
    (project.exports / "v001" / "pairs" / "test.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"v001/pairs cannot be read"):
        export(project, store)


# Several processes

CHILD = """
    import sys
    from pathlib import Path
    from curation import export as module
    from tamiz.project import Project
    from tamiz.store import Store
    project = Project.open(Path(sys.argv[1]))
    waits = sys.argv[2]
    {hook}
    with Store.open(project.store_url) as store:
        print(module.export(project, store, again=True).version)
"""
AT_ONCE = """
    content = module._content
    first = []
    def slow(*given, **more):
        made = content(*given, **more)
        if not first:  # everybody has computed a split from the same state before anybody claims
            first.append(1)
            print("computed", flush=True)
            sys.stdin.readline()
        return made
    module._content = slow
"""
KILLED = """
    import os
    def die(*given):
        os._exit(9)
    module._write = die
"""


def child(project: Project, hook: str, seed: int = 13) -> subprocess.Popen[str]:
    seeded = f"import dataclasses; s = project.settings; e = dataclasses.replace(s.export, seed={seed}); "
    seeded += "project = dataclasses.replace(project, settings=dataclasses.replace(s, export=e))"
    code = textwrap.dedent(CHILD).format(hook=f"{seeded}\n{textwrap.dedent(hook)}")
    command = [sys.executable, "-c", code, str(project.folder), ""]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_of_two_exports_at_once_the_second_keeps_what_the_first_assigned(started) -> None:
    project, store = started
    others = [child(project, AT_ONCE, seed=seed) for seed in (1, 2)]
    for other in others:
        assert other.stdout.readline() == "computed\n"
    versions = [other.communicate("go\n", timeout=60)[0].strip() for other in others]
    assert sorted(versions) == ["v001", "v002"]
    assert parts_of(project, "v001") == parts_of(project, "v002") == split_parts(store).parts
    seeds = {newest_export(project).seed, json.loads((project.exports / "v001/manifest.json").read_text())["seed"]}
    assert seeds == {1, 2}


def test_a_kill_between_claim_and_write_costs_nothing(started, distinct_pair) -> None:
    project, store = started
    killed = child(project, KILLED, seed=77)
    assert killed.wait(timeout=60) == 9
    killed.communicate()
    claimed = split_parts(store).parts
    assert len(claimed) == 20
    assert newest_export(project) is None
    add(store, [distinct_pair(n) for n in range(100, 110)])
    export(project, store)
    assert claimed.items() <= parts_of(project, "v001").items()


def test_a_failed_export_is_tried_again_from_what_is_there_now(started, monkeypatch, distinct_pair) -> None:
    project, store = started
    from curation import export as module

    content = module._content
    calls = []

    def meanwhile(*given, **more):
        made = content(*given, **more)
        calls.append(1)
        if len(calls) == 1:
            with Store.open(project.store_url) as other:
                module._content = content
                export(with_settings(project, seed=99), other)
                module._content = meanwhile
        return made

    monkeypatch.setattr(module, "_content", meanwhile)
    export(project, store)
    assert len(calls) == 2
    assert parts_of(project, "v001") == parts_of(project, "v002")


# Break it


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"group": "one"}, id="one group"),
        pytest.param({"question": "¿Cómo?", "answer": "Así se hace, siempre."}, id="all identical texts"),
    ],
)
def test_what_cannot_be_divided_is_exported_whole_and_this_is_said(
    make_project, opened, distinct_pair, changes
) -> None:
    project = make_project(more=SMALL)
    store = opened(project)
    add(store, [distinct_pair(n, **changes) for n in range(12)])
    manifest = export(project, store)
    assert manifest.splits == {"train": 12, "validation": 0, "test": 0}
    assert manifest.proof["groups"] == 1
    assert any("has 12 pairs that must not be torn apart" in note for note in manifest.notes)
    assert (project.exports / "v001" / "README.md").is_file()


def test_without_shares_everything_is_for_training(make_project, opened, distinct_pair) -> None:
    project = make_project(more=SMALL + "validation = 0.0\ntest = 0.0\n")
    store = opened(project)
    add(store, [distinct_pair(n) for n in range(12)])
    manifest = export(project, store)
    assert manifest.splits == {"train": 12, "validation": 0, "test": 0}
    assert manifest.notes == ()
