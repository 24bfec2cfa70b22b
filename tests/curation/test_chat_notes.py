"""What becomes of an answer that somebody liked or not: a vote, and for a bad one a pair that a person mends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.access import add_person
from curation.chat_notes import Said, note_bad, note_good, noted
from curation.export import export
from curation.review import Desk
from curation.sieve import curate
from tamiz.decisions import judge
from tamiz.errors import NotPermitted, TooFewPairs
from tamiz.project import Project
from tamiz.records import Turn, Verdict
from tamiz.remarks import remarks
from tamiz.votes import standing_votes

BY = "person:reviewer-1"
ACCEPT_ALL = (
    '[curation]\nsteps = ["clean"]\n[[curation.rules]]\nname = "all"\nthen = "accept"\n[export]\nmin_pairs = 1\n'
)


@pytest.fixture
def said() -> Said:
    return Said(
        question="¿Cuánto tarda la portabilidad?",
        answer="Unas tres semanas.",
        lang="es",
        model="support",
        base="pypi:tiny",
        version="v001",
        history=(Turn(role="user", content="Hola"), Turn(role="assistant", content="Hola, dime.")),
    )


def test_a_bad_answer_waits_for_a_person_with_where_it_comes_from(store, said):
    noted_pair = note_bad(store, said, by=BY, remark="It is one day.")
    stored = store.pair(noted_pair.pair)
    assert noted_pair.new
    assert (stored.state, stored.pair.question, stored.pair.answer) == ("waiting", said.question, said.answer)
    assert (stored.pair.kind, stored.pair.source, stored.pair.made_by) == ("synthetic", "chat", "adapter:support")
    assert stored.pair.confidence == 0
    assert stored.pair.context == said.history
    assert stored.pair.reason == (
        "bad answer of support on pypi:tiny, trained on v001, noted by reviewer-1: It is one day."
    )
    assert [event.actor for event in store.history(stored.pair.id)] == [BY, "step:sieve"]
    assert noted(store, [said], by=BY) == {said.key: False}


def test_the_same_bad_answer_twice_is_one_pair_with_what_each_person_remarked(store, said):
    first = note_bad(store, said, by=BY)
    again = note_bad(store, said, by="person:reviewer-2", remark=" No. ")
    assert (again.pair, again.new) == (first.pair, False)
    note_bad(store, said, by="person:reviewer-2", remark="No.")
    assert [(one.actor, one.text) for one in remarks(store, [first.pair])] == [("person:reviewer-2", "No.")]
    assert store.counts() == {"waiting": 1}
    assert note_bad(store, replace(said, answer="Un mes."), by=BY).new


def test_a_changed_mind_is_another_vote_and_the_latest_stands(store, said):
    note_bad(store, said, by=BY)
    note_good(store, said, by=BY)
    note_bad(store, said, by="person:reviewer-2")
    assert noted(store, [said], by=BY) == {said.key: True}
    assert len(standing_votes(store, "chat")) == 2


def test_no_rule_accepts_a_bad_answer_and_no_export_has_it(tmp_path, store, said, make_pair):
    (tmp_path / "tamiz.toml").write_text(ACCEPT_ALL, encoding="utf-8")
    project = Project.open(tmp_path)
    note_bad(store, said, by=BY)
    curate(project, store)
    assert store.counts() == {"waiting": 1}
    with pytest.raises(TooFewPairs):
        export(project, store)
    store.add_pairs([make_pair(1)], "source:ayuda")
    curate(project, store)
    assert store.counts() == {"waiting": 1, "accepted": 1}
    assert sum(export(project, store).splits.values()) == 1


def test_what_a_person_makes_of_it_is_exported_with_its_story(tmp_path, store, said):
    (tmp_path / "tamiz.toml").write_text(ACCEPT_ALL, encoding="utf-8")
    project = Project.open(tmp_path)
    pair = store.pair(note_bad(store, said, by=BY).pair)
    mended = replace(pair.pair, answer="Un día laborable.", made_from=(pair.pair.id,), made_by=BY)
    judge(store, [Verdict(pair=pair.pair.id, version=pair.version, decision="accept", by=BY, edited=mended)])
    export(project, store)
    text = "".join(path.read_text() for path in (project.exports / "v001" / "pairs").iterdir())
    assert "Un día laborable." in text
    assert "noted by reviewer-1" in text
    assert "tres semanas" not in text


def test_it_is_shown_to_a_reviewer(tmp_path, store, said):
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    note_bad(store, said, by=BY)
    card = Desk(store, "reviewer-2", Project.open(tmp_path).settings.review).next_pair()
    assert card is not None
    assert card.pair.question == said.question


def test_a_model_that_said_nothing_can_be_noted(store, said):
    assert store.pair(note_bad(store, replace(said, answer=" "), by=BY).pair).pair.answer == "(…)"


def test_who_may_only_look_notes_nothing(store, said):
    add_person(store, "boss", "admin", by="person:boss", subject="boss@x.example")
    add_person(store, "guest", "viewer", by="person:boss", subject="guest@x.example")
    for note in (note_bad, note_good):
        with pytest.raises(NotPermitted):
            note(store, said, by="person:guest")
    assert store.counts() == {}
    assert standing_votes(store, "chat") == []


def test_no_pair_is_rejected_as_a_copy_of_a_bad_answer(tmp_path, store, said, make_pair):
    rules = '[[curation.rules]]\nname = "copies"\nthen = "reject"\nsteps = ["dedupe"]\n'
    (tmp_path / "tamiz.toml").write_text(f'[curation]\nsteps = ["dedupe"]\n{rules}', encoding="utf-8")
    project = Project.open(tmp_path)
    steps = (f"paso {n}: abre el apartado número {n} de tu contrato y confirma los datos" for n in range(1, 12))
    answer = ", ".join(steps) + "."
    longer = replace(said, answer=f"{answer} Eso es todo.", history=())  # so it would be the copy that is kept
    bad = note_bad(store, longer, by=BY)
    same = make_pair(1, question=said.question, answer=answer)
    store.add_pairs([same], "source:ayuda")
    curate(project, store)
    [finding] = store.findings([same.id])[same.id]
    assert (finding.kind, finding.witness) == ("near_duplicate", bad.pair)
    assert store.pair(same.id).state == "waiting"
