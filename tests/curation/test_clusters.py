"""Clusters of pairs that are alike: what is shown, what people decide about them, and that curate heeds it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from curation.clusters import Cluster, ClusterDesk, duplicate_of
from curation.dedupe import DedupeStep
from curation.meaning import find_same_meaning
from curation.review import Draft
from curation.revise import Refused
from curation.sieve import curate
from tamiz.decisions import claim_pair, decide, judge, mark_sieved, undo
from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.opinions import asks_several, opine
from tamiz.records import Finding, Pair, Verdict
from tamiz.relations import different_pairs, relations_of
from tamiz.settings import CurationSettings, MeaningSettings, NearSettings, ReviewSettings
from tamiz.store import Store

LONG = (
    "Entra en la página del router, abre el menú de la red inalámbrica, escribe la clave nueva dos veces y pulsa "
    "Guardar. El router tarda un momento en reiniciarse y después hay que conectar otra vez cada aparato."
)
ASKED = "¿Cómo cambio la clave del wifi de casa?"


def states(store: Store) -> dict[str, str]:
    return {stored.pair.id: stored.state for stored in store.pairs()}


@pytest.fixture
def cluster_of(store: Store, make_pair: Callable[..., Pair]) -> Callable[..., list[Pair]]:
    """Brings in pairs of which all others are found to be like the first."""

    def bring(*answers: str, kind: str = "near_duplicate", sure: float = 0.8) -> list[Pair]:
        pairs = [make_pair(number, question=ASKED, answer=answer) for number, answer in enumerate(answers)]
        store.add_pairs(pairs, "source:ayuda")
        found = [
            Finding(pair=p.id, step="dedupe", kind=kind, witness=pairs[0].id, confidence=sure, note="")
            for p in pairs[1:]
        ]
        store.add_look("dedupe", "s", [pair.id for pair in pairs], found)
        mark_sieved(store, [pair.id for pair in pairs])
        return pairs

    return bring


@pytest.fixture
def desk(store: Store) -> ClusterDesk:
    return ClusterDesk(store, "reviewer-1", ReviewSettings())


def only(desk: ClusterDesk, **which: Any) -> Cluster:
    [cluster], after = desk.page(**which)
    assert after is None
    return cluster


def reject_by_rule(store: Store, pair: Pair, witness: Pair) -> None:
    version = store.pair(pair.id).version
    reason = f"rule exact-copies: dedupe found near_duplicate of {witness.id} (same)"
    judge(store, [Verdict(pair=pair.id, version=version, decision="reject", by="rule:exact-copies", reason=reason)])


def test_a_cluster_shows_the_kept_pair_and_the_words_in_which_the_others_differ(desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    cluster = only(desk)
    assert (cluster.kept.pair, cluster.size, cluster.waiting) == (kept, 1, 1)
    [alike] = cluster.alike
    assert alike.pair == other
    assert alike.answer == (("equal", "Pulsa "), ("delete", "Guardar"), ("insert", "Aceptar"), ("equal", "."))


def test_contradictions_come_first_and_then_the_least_sure(store, desk, cluster_of) -> None:
    leads = []
    for number, (kind, sure) in enumerate([("near_duplicate", 0.95), ("near_duplicate", 0.72), ("contradiction", 0.9)]):
        cluster_of(f"Uno {number}.", f"Dos {number}.", kind=kind, sure=sure)
    after = None
    while True:
        [cluster], after = desk.page(limit=1, after=after)
        leads.append((cluster.lead.kind, cluster.lead.confidence))
        if after is None:
            break
    assert leads == [("contradiction", 0.9), ("near_duplicate", 0.72), ("near_duplicate", 0.95)]
    assert desk.count() == {"contradiction": 1, "near_duplicate": 2}


def test_what_a_rule_removed_is_told_under_settled_with_the_rule_and_its_witness(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa guardar.")
    reject_by_rule(store, other, kept)
    assert desk.page() == ([], None)
    [alike] = only(desk, settled=True).alike
    assert alike.rejected is not None
    assert (alike.rejected.actor, duplicate_of(alike.rejected)) == ("rule:exact-copies", kept.id)


def test_one_open_pair_makes_the_whole_cluster_open(store, desk, cluster_of) -> None:
    kept, removed, waiting = cluster_of("Pulsa Guardar.", "Pulsa guardar.", "Pulsa Aceptar.")
    reject_by_rule(store, removed, kept)
    assert desk.page(settled=True) == ([], None)
    assert [alike.pair for alike in only(desk).alike] == [waiting, removed]


def test_a_cluster_follows_the_kept_pair_when_it_is_edited(store, desk, cluster_of) -> None:
    kept, _other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    better = dataclasses.replace(kept, answer="Pulsa «Guardar».", made_from=(kept.id,), made_by="person:reviewer-2")
    judge(store, [Verdict(pair=kept.id, version=2, decision="edit", by="person:reviewer-2", edited=better)])
    assert only(desk).kept.pair == better


def test_keeping_one_rejects_the_others_as_its_duplicates_and_one_undo_takes_all_back(store, desk, cluster_of) -> None:
    pairs = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.", "Pulsa Grabar.")
    before = states(store)
    done = desk.keep(only(desk), pairs[1].id, accept=True)
    assert done.rejected == 2
    assert states(store) == {pairs[0].id: "rejected", pairs[1].id: "accepted", pairs[2].id: "rejected"}
    events = [store.history(pairs[place].id)[-1] for place in (0, 2)]
    assert {event.reason for event in events} == {f"duplicate of {pairs[1].id}"}
    assert len({event.action for event in events}) == 1
    assert desk.undo().pairs
    assert states(store) == before
    with pytest.raises(Refused):
        desk.undo()


def test_a_cluster_whose_other_pair_was_kept_instead_is_settled_while_that_waits_for_review(desk, cluster_of) -> None:
    _, other = cluster_of("Espera 24 horas.", "Espera 48 horas.")
    desk.keep(only(desk), other.id)
    assert desk.page() == ([], None)
    settled = only(desk, settled=True)
    assert (settled.kept.state, settled.alike[0].stored.state, settled.waiting) == ("rejected", "waiting", 1)
    desk.keep(settled, settled.kept.pair.id)
    settled = only(desk, settled=True)
    assert (settled.kept.state, settled.alike[0].stored.state) == ("waiting", "rejected")


def test_the_undo_of_the_review_desk_leaves_acts_on_clusters_alone(store, desk, cluster_of) -> None:
    pairs = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    desk.keep(only(desk), pairs[0].id)
    with pytest.raises(InputError, match="no decision left"):
        undo(store, "person:reviewer-1")
    assert desk.can_undo()


def test_an_act_can_be_undone_after_a_later_decision_was_taken_back(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    desk.keep(only(desk), kept.id)
    held = claim_pair(store, other.id, "person:reviewer-2", lease_seconds=60)
    decide(store, Verdict(pair=other.id, version=held.version, decision="accept", by="person:reviewer-2"))
    undo(store, "person:reviewer-2")
    desk.undo()
    assert states(store)[other.id] == "waiting"


def test_a_pair_that_a_rule_removed_can_be_kept_instead_and_is_open_again(store, desk, cluster_of) -> None:
    kept, removed = cluster_of("Pulsa Guardar.", "Pulsa guardar.")
    reject_by_rule(store, removed, kept)
    desk.keep(only(desk, settled=True), removed.id)
    assert states(store) == {kept.id: "rejected", removed.id: "waiting"}
    desk.undo()
    assert states(store) == {kept.id: "waiting", removed.id: "rejected"}


def test_merging_takes_the_better_text_and_names_both_origins(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Guardar y espera dos minutos.")
    card = Draft(question=kept.question, answer=other.answer, label=kept.label, lang="es")
    done = desk.keep(only(desk), kept.id, draft=card)
    made = store.pair(done.kept)
    assert (made.pair.answer, made.pair.made_from, made.state) == (other.answer, (kept.id, other.id), "waiting")
    assert store.history(other.id)[-1].reason == f"duplicate of {made.pair.id}"
    desk.undo()
    assert states(store) == {kept.id: "waiting", other.id: "waiting", made.pair.id: "withdrawn"}


def test_an_accepted_pair_that_is_edited_stays_accepted(store, desk, cluster_of) -> None:
    kept, _other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    judge(store, [Verdict(pair=kept.id, version=2, decision="accept", by="person:reviewer-1")])
    draft = Draft(question=kept.question, answer="Pulsa Guardar y espera.", label="", lang="es")
    assert store.pair(desk.keep(only(desk), kept.id, draft=draft).kept).state == "accepted"


def test_an_empty_answer_is_refused_and_nothing_is_written(store, desk, cluster_of) -> None:
    kept, _other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    with pytest.raises(Refused, match="answer is empty"):
        desk.keep(only(desk), kept.id, draft=Draft(question=ASKED, answer=" ", label="", lang="es"))
    assert set(states(store).values()) == {"waiting"}


@pytest.mark.parametrize("act", ["keep", "split"])
def test_whoever_is_second_gets_a_conflict_and_writes_nothing(store, desk, cluster_of, act) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    seen = only(desk)
    ClusterDesk(store, "reviewer-2", ReviewSettings()).keep(only(desk), other.id)
    with pytest.raises(Conflict, match="changed by somebody else"):
        desk.keep(seen, kept.id) if act == "keep" else desk.split(seen, [other.id])
    assert states(store) == {kept.id: "rejected", other.id: "waiting"}
    assert different_pairs(store) == []


def test_a_pair_before_somebody_else_is_not_decided_over_their_head(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    claim_pair(store, other.id, "person:reviewer-2", lease_seconds=60)
    with pytest.raises(Conflict, match="is being reviewed by person:reviewer-2"):
        desk.keep(only(desk), kept.id)
    claim_pair(store, kept.id, "person:reviewer-1", lease_seconds=60)  # one's own lease is no obstacle
    with pytest.raises(Conflict, match=other.id):
        desk.keep(only(desk), kept.id)


def test_an_act_on_a_pair_decided_since_is_not_undone(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    desk.keep(only(desk), kept.id)
    version = store.pair(other.id).version
    judge(store, [Verdict(pair=other.id, version=version, decision="accept", by="person:reviewer-2")])
    with pytest.raises(Conflict, match="decided again"):
        desk.undo()
    assert states(store)[other.id] == "accepted"


def test_splitting_takes_a_rules_rejection_back_and_undo_brings_it_again(store, desk, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    reject_by_rule(store, other, kept)
    found = store.findings([other.id])
    done = desk.split(only(desk, settled=True), [other.id])
    assert done.reopened == (other.id,)
    assert states(store)[other.id] == "waiting"
    assert store.findings([other.id]) == {other.id: []}
    assert desk.page() == desk.page(settled=True) == ([], None)
    assert desk.undo().together == 1
    assert states(store)[other.id] == "rejected"
    assert store.findings([other.id]) == found
    assert different_pairs(store) == []
    assert [entry.relation for entry in relations_of(store, [kept.id])] == ["different", "open"]


def test_splitting_leaves_what_a_person_rejected(store, desk, cluster_of) -> None:
    _kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    judge(store, [Verdict(pair=other.id, version=2, decision="reject", by="person:reviewer-2", reason="off topic")])
    assert desk.split(only(desk, settled=True), [other.id]).reopened == ()
    assert states(store)[other.id] == "rejected"


def test_acts_are_undone_one_after_the_other_the_latest_first(store, clock, desk, cluster_of) -> None:
    first = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.", "Pulsa Grabar.")
    desk.split(only(desk), [first[1].id])
    clock.forward(1)
    desk.keep(only(desk), first[0].id)
    desk.undo()
    assert states(store) == dict.fromkeys((pair.id for pair in first), "waiting")
    assert len(different_pairs(store)) == 1
    desk.undo()
    assert different_pairs(store) == []


def test_thousands_of_copies_show_a_few_and_are_settled_at_once(store, desk, cluster_of) -> None:
    pairs = cluster_of(*(f"Pulsa Guardar, vía {number}." for number in range(80)), kind="exact_duplicate", sure=1.0)
    cluster = only(desk)
    assert (cluster.size, len(cluster.alike), cluster.more) == (79, 6, 73)
    assert desk.keep(cluster, pairs[0].id).rejected == 79
    assert store.counts() == {"waiting": 1, "rejected": 79}
    assert len(desk.undo().pairs) == 79
    assert store.counts() == {"waiting": 80}


def test_a_viewer_may_look_and_not_decide(store, desk, cluster_of) -> None:
    import sqlalchemy as sa

    from tamiz import schema

    kept, _other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    values = {"at": "", "actor": "", "name": "reviewer-1", "version": 1, "role": "viewer", "pin": "", "subject": ""}
    store.database.write(lambda connection: connection.execute(sa.insert(schema.person_change).values(**values)))
    cluster = only(desk)
    for act in (lambda: desk.keep(cluster, kept.id), lambda: desk.split(cluster, [kept.id]), desk.undo):
        with pytest.raises(NotPermitted):
            act()


def several(share: float = 1.0) -> ReviewSettings:
    return ReviewSettings(double=share)


def test_open_pairs_on_which_several_people_decide_are_left_to_them(store, cluster_of) -> None:
    pairs = cluster_of(*(f"Pulsa {number}." for number in range(6)))
    asked = [pair.id for pair in pairs if asks_several(pair.id, 0.5)]
    alone = [pair.id for pair in pairs if not asks_several(pair.id, 0.5)]
    assert len(asked) > 1
    assert len(alone) > 1
    desk = ClusterDesk(store, "reviewer-1", several(0.5))
    done = desk.keep(only(desk), alone[0], accept=True)
    assert (done.rejected, done.left) == (len(alone) - 1, len(asked))
    assert {states(store)[pair] for pair in asked} == {"waiting"}
    assert states(store)[alone[0]] == "accepted"


def test_where_all_are_left_to_several_people_nothing_is_decided(store, cluster_of) -> None:
    kept, _other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    desk = ClusterDesk(store, "reviewer-1", several())
    with pytest.raises(Refused, match="several people decide"):
        desk.keep(only(desk), kept.id, accept=True)
    assert set(states(store).values()) == {"waiting"}
    assert desk.split(only(desk), [_other.id]).action  # to tell them apart decides about neither


def test_a_text_that_somebody_has_given_an_opinion_on_is_not_edited(store, cluster_of) -> None:
    kept, other = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.")
    claim_pair(store, kept.id, "person:reviewer-2", lease_seconds=60)
    said = Verdict(pair=kept.id, version=store.pair(kept.id).version, decision="accept", by="person:reviewer-2")
    opine(store, said, needed=2)
    desk = ClusterDesk(store, "reviewer-1", several())
    draft = Draft(question=kept.question, answer="Otra cosa.", label="", lang="es")
    with pytest.raises(Refused, match="several people decide"):
        desk.keep(only(desk), kept.id, draft=draft)
    assert states(store) == {kept.id: "waiting", other.id: "waiting"}


def test_a_disputed_pair_is_not_decided_as_a_copy(store, desk, cluster_of) -> None:
    kept, other, third = cluster_of("Pulsa Guardar.", "Pulsa Aceptar.", "Pulsa Enviar.")
    for by, decision in (("person:reviewer-2", "accept"), ("person:reviewer-3", "reject")):
        claim_pair(store, other.id, by, lease_seconds=60)
        opine(store, Verdict(pair=other.id, version=store.pair(other.id).version, decision=decision, by=by), needed=2)
    assert states(store)[other.id] == "disputed"
    done = desk.keep(only(desk), kept.id)
    assert (done.rejected, done.left) == (1, 1)
    assert states(store) == {kept.id: "waiting", other.id: "disputed", third.id: "rejected"}


COPY = LONG.replace("un momento", "un ratito")


def bring(store: Store, pairs: Sequence[Pair]) -> None:
    store.add_pairs(pairs, "import:test")


def test_what_was_split_stays_split_when_curate_runs_again(make_project, opened, make_pair) -> None:
    project = make_project()
    store = opened(project)
    kept = make_pair(1, question=ASKED, answer=LONG, votes=3)
    other = make_pair(2, question="¿Cómo cambio la clave del wifi de mi casa?", answer=COPY)
    bring(store, [kept, other])
    curate(project, store)
    assert states(store)[other.id] == "rejected"
    desk = ClusterDesk(store, "reviewer-1", ReviewSettings())
    [alike] = only(desk, settled=True).alike
    assert (alike.note.preferred, alike.note.values) == ("votes", "3 / 0")
    desk.split(only(desk, settled=True), [other.id])
    again = curate(project, store)
    assert sum(step.rejected for step in again.steps) == 0
    assert [step.found for step in again.steps if step.name == "dedupe"] == [{}]
    assert states(store) == {kept.id: "waiting", other.id: "waiting"}
    third = curate(project, store)
    assert [step.looked for step in third.steps] == [0, 0, 0]
    # and so does what is made of it
    better = dataclasses.replace(other, answer=f"{COPY} Y ya está.", made_from=(other.id,), made_by="rule:clean")
    version = store.pair(other.id).version
    judge(store, [Verdict(pair=other.id, version=version, decision="edit", by="rule:clean", edited=better)])
    curate(project, store)
    assert states(store) == {kept.id: "waiting", other.id: "replaced", better.id: "waiting"}
    assert store.findings([better.id]) == {better.id: []}


def look(apart: Callable[[str, str], bool], *pairs: Pair) -> list[tuple[str, str]]:
    step = DedupeStep(CurationSettings(near=NearSettings()))
    step.separate(apart)
    return [(finding.pair, finding.witness) for finding in step.look(pairs)]


def test_a_pair_told_apart_from_one_is_still_a_copy_of_another(make_pair) -> None:
    one = make_pair(1, question=ASKED, answer=LONG, votes=9)
    other = make_pair(2, question=ASKED, answer=LONG.replace("un momento", "un instante"), votes=5)
    last = make_pair(3, question=ASKED, answer=COPY, votes=1)
    assert set(look(lambda _a, _b: False, one, other, last)) == {(other.id, one.id), (last.id, one.id)}

    def apart(a: str, b: str) -> bool:
        return {a, b} == {one.id, last.id} or {a, b} == {one.id, other.id}

    assert look(apart, one, other, last) == [(last.id, other.id)]


def test_the_step_meaning_proposes_the_next_pair_where_the_closest_was_told_apart(make_pair) -> None:
    pytest.importorskip("sklearn", reason="no scikit-learn; run: pip install 'tamiz[semantic]'")
    asked = ("cambiar la contraseña de la red wifi", "cambiar contraseñas de redes wifi", "contraseña wifi: cambiarla")
    pairs = [
        make_pair(n, question=question, answer=f"{LONG} {n * 'x'}", group=f"g{n}") for n, question in enumerate(asked)
    ]
    meaning, near = MeaningSettings(threshold=0.2, neighbours=1), NearSettings()
    before = {(meant.pair.id, meant.other.id) for meant in find_same_meaning(pairs, meaning, near)}
    assert before
    kept = {
        (meant.pair.id, meant.other.id)
        for meant in find_same_meaning(pairs, meaning, near, apart=lambda a, b: (a, b) in before)
    }
    assert not kept & before
