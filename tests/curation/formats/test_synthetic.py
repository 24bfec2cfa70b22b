"""Synthetic pairs are for training only: in no other part, near nothing that is tested, and stated in the card."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from curation.dividing import divide_accepted, reject_leaks
from curation.export import export, is_stale
from curation.synthetic import SyntheticLeak, origins_of
from tamiz.cli import cli
from tamiz.decisions import judge, mark_sieved
from tamiz.records import Pair, Turn, Verdict

BY = "person:reviewer-1"
WORDS = [
    f"{one}{two}" for one in ("cable", "lampa", "puerta", "mesa", "torre") for two in ("rio", "lago", "nube", "ral")
]


@pytest.fixture
def world(make_project, opened, distinct_pair):
    """A project whose 30 pairs were divided by a first version; (project, store, pairs by part)."""
    project = make_project(more="[export]\nmin_pairs = 4\n")
    store = opened(project)
    pairs = [distinct_pair(n, group=f"own {n}") for n in range(30)]
    accept(store, pairs)
    export(project, store, ["json"])
    parts = {part: [pair for pair in pairs if pair.id in ids_of(project, part)] for part in ("train", "test")}
    return project, store, parts


def ids_of(project, part, version="v001") -> set[str]:
    text = (project.exports / version / "pairs" / f"{part}.jsonl").read_text(encoding="utf-8")
    return {json.loads(line)["id"] for line in text.split("\n") if line}


def accept(store, pairs) -> None:
    store.add_pairs(pairs, "synth:test")
    mark_sieved(store, [pair.id for pair in pairs])
    versions = {name: one.version for name, one in store.pairs_by_id([pair.id for pair in pairs]).items()}
    judge(store, [Verdict(pair=p.id, version=versions[p.id], decision="accept", by=BY) for p in pairs])


def synthetic(origin: Pair, question: str = "", answer: str = "", **more) -> Pair:
    """A pair that a recipe made from another one, with words of its own."""
    chance = random.Random(question + answer + origin.id)
    values = {
        "question": question or f"¿Y qué hay de {' '.join(chance.sample(WORDS, 7))}?",
        "answer": answer or f"Sobre ello: {' '.join(chance.sample(WORDS, 12))}.",
        "kind": "synthetic",
        "made_from": (origin.id,),
        "made_by": "synth:paraphrase by small-model",
        "pattern": "synth:paraphrase by small-model",
    }
    return replace(origin, **(values | more))


def test_synthetic_pairs_go_with_their_origin_into_train_and_nowhere_else(world) -> None:
    project, store, parts = world
    made = [synthetic(pair) for pair in parts["train"][:10]]
    accept(store, made)
    manifest = export(project, store, ["json", "chat"])
    assert {pair.id for pair in made} <= ids_of(project, "train", "v002")
    assert manifest.splits["test"] == len(parts["test"])


def test_before_any_part_is_known_the_groups_of_synthetic_pairs_are_training(
    make_project, opened, distinct_pair
) -> None:
    project = make_project(more="[export]\nmin_pairs = 4\ntest = 0.4\n")
    store = opened(project)
    found = [distinct_pair(n, group=f"own {n}") for n in range(20)]
    made = [synthetic(pair) for pair in found[:8]]
    accept(store, [*found, *made])
    export(project, store, ["json"])
    assert {pair.id for pair in (*made, *found[:8])} <= ids_of(project, "train")
    assert ids_of(project, "test")


def test_an_export_is_refused_while_a_synthetic_pair_asks_what_the_test_asks(world) -> None:
    project, store, parts = world
    tested = parts["test"][0]
    leak = synthetic(parts["train"][0], question=tested.question.replace("¿", ""))
    accept(store, [leak, synthetic(parts["train"][1])])
    with pytest.raises(SyntheticLeak) as refused:
        export(project, store, ["json"])
    said = str(refused.value)
    assert leak.id in said
    assert "synth:paraphrase" in said
    assert f"question as pair {tested.id} (test)" in said
    assert "1 synthetic pair is" in said
    assert "tamiz export --reject-leaks" in said
    assert not (project.exports / "v002").exists()


def test_a_changed_copy_of_a_training_question_that_comes_near_the_test_is_refused_too(world) -> None:
    project, store, parts = world
    tested = parts["test"][0]
    noisy = synthetic(
        parts["train"][0],
        answer=parts["train"][0].answer,
        question=tested.question.lower().replace("ó", "o"),
        made_by="synth:noise",
        pattern="synth:noise augmentation",
    )
    accept(store, [noisy])
    with pytest.raises(SyntheticLeak, match=noisy.id):
        export(project, store, ["json"])


def test_an_exchange_inside_a_synthetic_dialogue_that_the_test_holds_is_refused(world) -> None:
    project, store, parts = world
    tested = parts["test"][0]
    turns = (Turn(role="user", content=tested.question), Turn(role="assistant", content=tested.answer))
    leak = synthetic(parts["train"][0], context=turns)
    accept(store, [leak])
    with pytest.raises(SyntheticLeak, match=f"{leak.id}.*question and answer as pair {tested.id}"):
        export(project, store, ["json"])


def test_a_synthetic_pair_that_was_made_from_a_test_pair_is_refused(world) -> None:
    project, store, parts = world
    leak = synthetic(parts["test"][0])
    accept(store, [leak])
    with pytest.raises(SyntheticLeak, match=f"{leak.id}.*belongs with pair {parts['test'][0].id} .test"):
        export(project, store, ["json"])


def test_an_edited_synthetic_pair_is_still_one(world) -> None:
    project, store, parts = world
    first = synthetic(parts["test"][0])
    accept(store, [first])
    edited = replace(first, answer="Otra respuesta, escrita a mano.", made_from=(first.id,), made_by=BY)
    version = store.pair(first.id).version
    judge(store, [Verdict(pair=first.id, version=version, decision="accept", by=BY, edited=edited)])
    assert origins_of(store, [edited])[edited.id].recipe == "paraphrase"
    with pytest.raises(SyntheticLeak, match=edited.id):
        export(project, store, ["json"])


def test_real_pairs_that_are_alike_are_no_business_of_this(world) -> None:
    project, store, parts = world
    accept(store, [replace(parts["test"][0], answer=f"{parts['test'][0].answer} Fin.", url="https://otra.example")])
    export(project, store, ["json"])


def test_the_leaks_are_rejected_with_what_they_are_near_when_that_is_asked_for(world) -> None:
    project, store, parts = world
    tested = parts["test"][0]
    leak, good = synthetic(parts["train"][0], question=tested.question), synthetic(parts["train"][1])
    accept(store, [leak, good])
    assert reject_leaks(project, store) == 1
    last = store.history(leak.id)[-1]
    assert (last.to_state, last.actor) == ("rejected", "rule:not-near-the-test")
    assert tested.id in last.reason
    assert reject_leaks(project, store) == 0
    manifest = export(project, store, ["json"])
    assert good.id in ids_of(project, "train", "v002")
    assert manifest.left_out == {"rejected by rule not-near-the-test": 1}


def test_an_answer_of_a_talk_that_somebody_mended_is_no_longer_synthetic(world, distinct_pair) -> None:
    _, store, _ = world
    said = distinct_pair(80, kind="synthetic", source="chat", made_by="adapter:support", group="chat:1")
    store.add_pairs([said], "person:reviewer-1")
    mended = replace(said, answer="Lo correcto, dicho por una persona.", made_from=(said.id,), made_by=BY)
    store.add_pairs([mended], "person:reviewer-1")
    assert origins_of(store, [said, mended]).keys() == {said.id}


def test_the_manifest_and_the_card_state_the_share_the_recipes_and_the_models(world) -> None:
    project, store, parts = world
    made = [synthetic(pair) for pair in parts["train"][:4]]
    made += [synthetic(pair, made_by="synth:noise", pattern="synth:noise augmentation") for pair in parts["train"][4:7]]
    accept(store, made)
    manifest = export(project, store, ["json"])
    train = manifest.splits["train"]
    assert manifest.synthetic == {
        "pairs": {"train": 7, "validation": 0, "test": 0},
        "share_of_train": round(7 / train, 4),
        "recipes": {"noise": 3, "paraphrase": 4},
        "models": {"no model": 3, "small-model": 4},
        "changed_copies": 3,
    }
    card = (project.exports / "v002" / "README.md").read_text(encoding="utf-8")
    section = card.split("## Synthetic pairs")[1].split("\n## ")[0]
    assert f"7 pairs of train ({7 / train:.1%}) were made, not found" in section
    assert "| recipe | `paraphrase` | 4 |" in section
    assert "| model | `small-model` | 4 |" in section
    assert "3 of them are changed copies" in section


def test_a_version_without_synthetic_pairs_says_so(world) -> None:
    project, _, _ = world
    card = (project.exports / "v001" / "README.md").read_text(encoding="utf-8")
    assert re.search(r"## Synthetic pairs\n\nThere are none", card)


def test_a_synthetic_pair_makes_an_export_stale_as_any_other(world) -> None:
    project, store, parts = world
    assert not is_stale(project, store)
    accept(store, [synthetic(parts["train"][0])])
    assert is_stale(project, store)
    pairs = [stored.pair for stored in store.pairs("accepted")]
    assert divide_accepted(project, store, pairs).leaks == []


def test_the_command_refuses_and_rejects_the_leaks_first_when_asked(world) -> None:
    project, store, parts = world
    accept(store, [synthetic(parts["train"][0], question=parts["test"][0].question)])
    command = ["--project", str(project.folder), "export", "--format", "alpaca,dpo", "--format", "json"]
    refused = CliRunner().invoke(cli, command)
    assert isinstance(refused.exception, SyntheticLeak)
    done = CliRunner().invoke(cli, [*command, "--reject-leaks"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "rejected 1 synthetic pair near validation or test" in done.output
    assert "alpaca/train.jsonl" in done.output
