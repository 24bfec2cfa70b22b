"""Preferences: only what a person said of an answer, never personal data, never a text of another part."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from curation.export import export, newest_export
from curation.preferences.said import NotUsed, edits_of, taken_over
from tamiz.cli import cli
from tamiz.decisions import judge, mark_sieved
from tamiz.records import Finding, Turn, Verdict

BY = "person:reviewer-1"


def test_every_edit_of_an_answer_by_a_person_is_chosen_over_the_answer_before(made) -> None:
    found = {
        (line["id"], line["rejected_id"]): line for part in made.manifest.splits for line in made.lines("dpo", part)
    }
    names = [("edited", "edited, before"), ("edited too", "edited too, before")]
    assert found.keys() == {(made.named[new], made.named[old]) for new, old in names}
    line = found[made.named["edited"], made.named["edited, before"]]
    old, new = (made.store.pair(made.named[name]).pair for name in ("edited, before", "edited"))
    assert line["prompt"] == [{"role": "user", "content": new.question}]
    assert line["chosen"] == [{"role": "assistant", "content": new.answer}]
    assert line["rejected"] == [{"role": "assistant", "content": old.answer}]


def test_a_preference_is_in_the_part_of_its_pair(made) -> None:
    for part in made.manifest.splits:
        pairs = {line["id"] for line in made.lines("pairs", part)}
        assert {line["id"] for line in made.lines("dpo", part)} <= pairs
        assert {line["id"] for line in made.lines("kto", part) if line["label"]} == pairs


def test_edits_that_say_nothing_of_an_answer_are_counted_by_reason(made) -> None:
    assert made.manifest.formats["dpo"]["left_out"] == {
        "the answer was not changed": 1,
        "it only took over what steps proposed": 1,
        "the answer before held personal data": 1,
    }


def test_what_says_nothing_is_named_in_a_file_of_its_own(made) -> None:
    text = (made.folder / "dpo" / "left_out.jsonl").read_text(encoding="utf-8")
    left = {line["id"]: line["reason"] for line in map(json.loads, text.splitlines())}
    assert left == {
        made.named["question edited, before"]: "the answer was not changed",
        made.named["taken over, before"]: "it only took over what steps proposed",
        made.named["of a person, before"]: "the answer before held personal data",
    }


def test_answers_rejected_as_wrong_are_undesirable_and_other_rejections_say_nothing(made) -> None:
    bad = {line["id"] for part in made.manifest.splits for line in made.lines("kto", part) if not line["label"]}
    assert bad == {made.named[name] for name in ("edited, before", "edited too, before", "rejected: wrong")}
    assert made.named["rejected: wrong"] in {line["id"] for line in made.lines("kto", "train")}
    left = made.manifest.formats["kto"]["left_out"]
    assert left["rejected for a reason that says nothing of the answer ([export] kto_reasons)"] == 1
    assert left["rejected without a reason"] == 1


def test_no_personal_data_of_an_answer_before_is_in_any_file(made) -> None:
    for path in made.folder.rglob("*.jsonl"):
        assert "lucia.perez" not in path.read_text(encoding="utf-8")


@pytest.fixture
def project_of(make_project, opened):
    def fill(pairs, *, more: str = ""):
        project = make_project(more=f"[export]\nmin_pairs = 1\n{more}")
        store = opened(project)
        store.add_pairs(pairs, "import:test")
        mark_sieved(store, [pair.id for pair in pairs])
        judge(store, [Verdict(pair=pair.id, version=2, decision="accept", by=BY) for pair in pairs])
        return project, store

    return fill


def reject(store, pair, reason="wrong") -> None:
    store.add_pairs([pair], "import:test")
    judge(store, [Verdict(pair=pair.id, version=1, decision="reject", by=BY, reason=reason)])


def edit(store, pair, **change):
    version = store.pair(pair.id).version
    new = replace(pair, **change, made_from=(pair.id,), made_by=BY)
    judge(store, [Verdict(pair=pair.id, version=version, decision="accept", by=BY, edited=new)])
    return new


def kto(project, store):
    manifest = export(project, store, ["kto", "dpo"])
    return manifest.formats["kto"]


def test_a_rejected_answer_that_is_near_a_test_pair_is_left_out(project_of, distinct_pair) -> None:
    project, store = project_of([distinct_pair(n) for n in range(20)])
    parts = _parts(project, export(project, store, ["json"]))
    tested = distinct_pair(next(n for n in range(20) if parts[distinct_pair(n).id] == "test"))
    reject(store, distinct_pair(700, answer=f"{tested.answer} Fin."))
    assert kto(project, store)["left_out"] == {"it is nearly the same as a text of another part": 1}


def test_a_rejected_answer_of_a_tested_thread_is_left_out(project_of, distinct_pair) -> None:
    project, store = project_of([distinct_pair(n) for n in range(20)])
    parts = _parts(project, export(project, store, ["json"]))
    tested = distinct_pair(next(n for n in range(20) if parts[distinct_pair(n).id] == "test"))
    reject(store, distinct_pair(700, group=tested.group))
    assert kto(project, store)["left_out"] == {"it belongs with a pair of validation or test": 1}


def test_a_pair_that_was_tested_and_is_rejected_now_is_no_example_for_training(project_of, distinct_pair) -> None:
    pairs = [distinct_pair(n, group=f"own {n}") for n in range(20)]
    project, store = project_of(pairs)
    parts = _parts(project, export(project, store, ["json"]))
    tested = next(pair for pair in pairs if parts[pair.id] == "test")
    version = store.pair(tested.id).version
    judge(store, [Verdict(pair=tested.id, version=version, decision="reject", by=BY, reason="wrong")])
    assert kto(project, store)["left_out"] == {"it belongs with a pair of validation or test": 1}


def test_an_answer_before_that_is_near_another_part_is_left_out(project_of, distinct_pair) -> None:
    pairs = [distinct_pair(n, group=f"own {n}") for n in range(20)]
    project, store = project_of(pairs)
    parts = _parts(project, export(project, store, ["json"]))
    tested = next(pair for pair in pairs if parts[pair.id] == "test")
    learnt = next(pair for pair in pairs if parts[pair.id] == "train")
    first = edit(store, learnt, answer="Primero se reinicia el aparato y luego se espera a la luz.")
    second = edit(store, first, answer=f"{tested.answer} Y nada más.")
    edit(store, second, answer="Se pide la baja por escrito, con quince días de antelación.")
    facts = export(project, store, ["dpo"]).formats["dpo"]
    assert facts["left_out"] == {"it is nearly the same as a text of another part": 1}
    assert sum(facts["lines"].values()) == 2


def test_each_edit_of_a_chain_is_answered_by_what_stands_at_its_end(project_of, distinct_pair) -> None:
    _, store = project_of([distinct_pair(n) for n in range(6)])
    first = edit(store, distinct_pair(1), answer="Se apaga, se espera un minuto y se enciende.")
    last = edit(store, first, answer="Se desenchufa el aparato de la pared durante un minuto entero.")
    found = [one for _, one in edits_of(store, {"train": [last], "validation": [], "test": []})]
    assert [(one.pair.id, one.id) for one in found] == [(last.id, first.id), (last.id, distinct_pair(1).id)]


def test_a_bad_answer_of_a_talk_is_a_preference_once_somebody_writes_the_right_one(project_of, distinct_pair) -> None:
    talk = {"kind": "synthetic", "source": "chat", "made_by": "adapter:support", "group": "chat:1"}
    project, store = project_of([*(distinct_pair(n) for n in range(6)), distinct_pair(50, **talk)])
    made = edit(store, distinct_pair(50, **talk), answer="La factura llega el día cinco de cada mes por correo postal.")
    facts = export(project, store, ["dpo"]).formats["dpo"]
    assert sum(facts["lines"].values()) == 1
    empty = distinct_pair(51, **talk, answer="(…)")
    store.add_pairs([empty], "import:test")
    answered = edit(store, empty, answer="El técnico llega entre las nueve y las dos de la tarde.")
    parts = {"train": [made, answered], "validation": [], "test": []}
    not_used = [one for _, one in edits_of(store, parts) if isinstance(one, NotUsed)]
    assert [one.why for one in not_used] == ["there was no answer before"]


def test_turns_and_tools_of_a_preference_stay_with_its_prompt(project_of, distinct_pair) -> None:
    project, store = project_of([distinct_pair(n) for n in range(6)])
    call = '[{"id": "c1", "type": "function", "function": {"name": "bill", "arguments": "{}"}}]'
    turns = (
        Turn(role="user", content="¿Cuánto debo?"),
        Turn(role="assistant", content="", tool_calls=call),
        Turn(role="tool", content="42", tool_call_id="c1"),
    )
    tools = '[{"type": "function", "function": {"name": "bill"}}]'
    asked = distinct_pair(60, question="¿Cuánto debo?", context=turns, tools=tools)
    store.add_pairs([asked], "import:test")
    edit(store, asked, answer="Debes cuarenta y dos euros, a pagar antes del día diez.")
    export(project, store, ["dpo"])
    paths = (project.exports / "v001" / "dpo").glob("*.jsonl")
    [line] = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    assert [message["role"] for message in line["prompt"]] == ["user", "assistant", "tool"]
    assert line["tools"][0]["function"]["name"] == "bill"


def files_of(project, manifest) -> set[str]:
    folder = project.exports / manifest.version
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("dpo", "dpo was not written: there are no preferences yet. They come from review"),
        ("kto", "kto was not written: there are no undesirable answers yet. They come from review"),
    ],
)
def test_where_there_are_no_preferences_no_file_is_written_and_the_command_says_how_they_come_to_be(
    project_of, distinct_pair, name, says
) -> None:
    project, _ = project_of([distinct_pair(n) for n in range(20)])
    command = ["--project", str(project.folder), "export", "--format", name]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0
    assert f"note: {says}" in done.output
    manifest = newest_export(project)
    assert not [path for path in files_of(project, manifest) if path.startswith(name) or "dataset_info" in path]
    assert manifest.formats[name]["lines"] == {"train": 0, "validation": 0, "test": 0}
    card = (project.exports / "v001" / "README.md").read_text(encoding="utf-8")
    assert f"`{name}/`" not in card


def test_the_first_edit_brings_the_files_and_a_part_without_any_has_none(project_of, distinct_pair) -> None:
    project, store = project_of([distinct_pair(n) for n in range(20)])
    parts = _parts(project, export(project, store, ["dpo", "kto"]))
    learnt = next(pair for pair in map(distinct_pair, range(20)) if parts[pair.id] == "train")
    edit(store, learnt, answer="Primero se reinicia el aparato y luego se espera a la luz.")
    manifest = export(project, store, ["dpo", "kto"])
    written = files_of(project, manifest)
    assert {"dpo/train.jsonl", "dpo/sharegpt/train.jsonl", "kto/train.jsonl", "dataset_info.json"} <= written
    assert {"dpo/trl.yaml", "dpo/axolotl.yaml", "kto/trl.yaml"} <= written
    assert not {"dpo/validation.jsonl", "dpo/test.jsonl", "dpo/sharegpt/test.jsonl"} & written
    assert written == {"manifest.json", "README.md", *manifest.files}


def test_what_says_nothing_is_still_named_where_nothing_else_is_there(project_of, distinct_pair) -> None:
    project, store = project_of([distinct_pair(n) for n in range(20)])
    edit(store, distinct_pair(1), question="¿Y cómo se pide un duplicado de la tarjeta?")
    manifest = export(project, store, ["dpo"])
    assert [path for path in manifest.files if path.startswith("dpo")] == ["dpo/left_out.jsonl"]
    assert manifest.formats["dpo"]["left_out"] == {"the answer was not changed": 1}


def change(before: str, start: int, old: str, new: str) -> Finding:
    end = start + len(old)
    return Finding(pair="p", step="s", kind="k", field="answer", start=start, end=end, before=old, after=new)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param("Una casa y otra cosa", True, id="all of them"),
        pytest.param("Una casa y otra cosza", True, id="one of them"),
        pytest.param("Una caza y otra cosza", True, id="none of them"),
        pytest.param("Una casa y otra cosa más", False, id="and a word more"),
        pytest.param("Una cama y otra cosa", False, id="another word"),
        pytest.param("", False, id="nothing is left"),
    ],
)
def test_an_edit_is_known_by_the_proposals_it_took_over(after, expected) -> None:
    before = "Una caza y otra cosza"
    found = [change(before, 4, "caza", "casa"), change(before, 16, "cosza", "cosa"), change(before, 0, "Una", "Uno")]
    assert taken_over(before, after, found) is expected


def _parts(project, manifest) -> dict[str, str]:
    return {
        json.loads(line)["id"]: part
        for part in manifest.splits
        for line in (project.exports / manifest.version / "pairs" / f"{part}.jsonl").read_text().splitlines()
    }
