"""What one edit teaches: the same change is offered where the same words stand, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation import learned
from curation.bulk import BulkDesk
from curation.learned import apply_offer, offers, typed_changes
from tamiz.decisions import claim_pair, decide, mark_sieved
from tamiz.records import Finding, Verdict
from tamiz.settings import ReviewSettings

ANA = "person:reviewer-1"
ANSWERS = (
    "Abre el panel de Lumbre Fibre y espera.",
    "Con Lumbre Fibre navegas más.",
    "lumbre fibre en minúsculas se queda.",
    "Lumbre Fibrex es otra cosa.",
    "Di Lumbre Fibre; sí, Lumbre Fibre.",
)


@pytest.fixture
def pairs(store, make_pair):
    made = [make_pair(number, answer=answer) for number, answer in enumerate(ANSWERS)]
    store.add_pairs(made, "source:x")
    mark_sieved(store, [pair.id for pair in made])
    return made


def edit(store, pair, **changes):
    held = claim_pair(store, pair.id, ANA, lease_seconds=60)
    made = replace(pair, **changes, made_from=(pair.id,), made_by=ANA)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="accept", by=ANA, edited=made))
    return made


def changes_of(before, after, make_pair):
    pair = make_pair(1, answer=before)
    return [(one.before, one.after) for one in typed_changes(pair, replace(pair, answer=after))]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param("la cotraseña nueva", "la contraseña nueva", [("cotraseña", "contraseña")], id="a word"),
        pytest.param("pulsa Router Uno ya", "pulsa Router Dos ya", [("Uno", "Dos")], id="one of several"),
        pytest.param("ve a mi cuenta ya", "ve a tu perfil ya", [("mi cuenta", "tu perfil")], id="neighbours"),
        pytest.param("llama y espera", "llama ahora y espera", [], id="only put in"),
        pytest.param("ok. Un saludo, Leo.", "ok.", [("Un saludo, Leo.", "")], id="taken out"),
        pytest.param("uno a  b", "uno a b", [], id="spaces"),
    ],
)
def test_which_words_became_which(make_pair, before, after, changes):
    assert changes_of(before, after, make_pair) == changes


def test_words_typed_by_hand_are_offered_where_they_stand_whole(store, pairs):
    made = edit(store, pairs[0], answer="Abre el panel de Lumbre Fibra y espera.")
    [offer], refused = offers(store, pairs[0], made, ANA)
    assert refused == []
    assert (offer.change.before, offer.change.after, offer.finding) == ("Fibre", "Fibra", "")
    assert [one.pair.answer for one in offer.pairs] == [ANSWERS[1], ANSWERS[4]]
    assert offer.examples[1][1].answer == "Di Lumbre Fibra; sí, Lumbre Fibra."


def test_an_offer_is_one_decision_and_one_undo(store, pairs):
    made = edit(store, pairs[0], answer="Abre el panel de Lumbre Fibra y espera.")
    [offer], _ = offers(store, pairs[0], made, ANA)
    claim_pair(store, pairs[1].id, "person:reviewer-2", lease_seconds=60)
    done = apply_offer(store, offer, ANA)
    assert (done.done, done.held) == (1, 1)
    assert store.pair(pairs[4].id).state == "replaced"
    [now] = [one for one in store.pairs("waiting") if pairs[4].id in one.pair.made_from]
    assert (now.pair.answer, now.pair.made_by) == ("Di Lumbre Fibra; sí, Lumbre Fibra.", ANA)
    desk = BulkDesk(store, "reviewer-1", ReviewSettings())
    assert desk.history()[0].chosen == {"before": "Fibre", "after": "Fibra", "field": "answer"}
    back = desk.take_back(done.action)
    assert (back.back, store.pair(pairs[4].id).state, store.pair(now.pair.id).state) == (1, "waiting", "withdrawn")


def test_an_edited_pair_that_was_decided_since_stays(store, pairs):
    made = edit(store, pairs[0], answer="Abre el panel de Lumbre Fibra y espera.")
    done = apply_offer(store, offers(store, pairs[0], made, ANA)[0][0], ANA)
    now = next(one for one in store.pairs("waiting") if pairs[4].id in one.pair.made_from)
    held = claim_pair(store, now.pair.id, ANA, lease_seconds=60)
    decide(store, Verdict(pair=now.pair.id, version=held.version, decision="accept", by=ANA))
    back = BulkDesk(store, "reviewer-1", ReviewSettings()).take_back(done.action)
    assert (back.back, back.decided_since) == (1, 1)
    assert store.pair(now.pair.id).state == "accepted"


def test_a_change_that_a_step_found_elsewhere_is_offered_by_its_findings(store, pairs):
    found = []
    for pair in (pairs[0], pairs[1], pairs[3]):
        start = pair.answer.index("Fibre")
        span = {"start": start, "end": start + 5, "before": "Fibre", "after": "Fibra"}
        found.append(Finding(pair=pair.id, step="spelling", kind="spelling", field="answer", confidence=0.5, **span))
    store.add_look("spelling", "s", [pair.id for pair in pairs], found)
    store.add_look("spelling", "s", [pairs[3].id], [])  # it stands there no more
    made = edit(store, pairs[0], answer="Abre el panel de Lumbre Fibra y espera.")
    [offer], _ = offers(store, pairs[0], made, ANA)
    assert (offer.finding, [one.pair.id for one in offer.pairs]) == ("spelling", [pairs[1].id])


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("en la red", "por la red", "short"),
        ("tarda 24 horas", "tarda 48 horas", "number"),
        ("Así es.", "Sí es.", "short"),
    ],
)
def test_a_change_too_short_to_be_the_same_everywhere_is_not_offered(store, make_pair, before, after, why):
    pair = make_pair(1, answer=before)
    store.add_pairs([pair], "source:x")
    offered, refused = offers(store, pair, replace(pair, answer=after), ANA)
    assert (offered, [one.why for one in refused]) == ([], [why])


def test_a_change_of_words_that_stand_almost_everywhere_is_not_offered(store, pairs, monkeypatch):
    monkeypatch.setattr(learned, "MOST_HITS", 2)
    _, refused = offers(store, pairs[0], replace(pairs[0], answer="Abre el panel de Lumbres Fibre y espera."), ANA)
    assert [one.why for one in refused] == ["common"]


def test_words_that_read_as_changed_already_are_left(store, make_pair):
    texts = ("Usa el router ya.", "Usa el router nuevo ya.", "Ese router no, el router nuevo.")
    pairs = [make_pair(number, answer=text) for number, text in enumerate(texts)]
    store.add_pairs(pairs, "source:x")
    mark_sieved(store, [pair.id for pair in pairs])
    change = learned.Change(field="answer", before="router", after="router nuevo")
    found = learned._standing_in(store, change, set())
    assert [(stored.pair.answer, one.start) for stored, one in found] == [(texts[0], 7), (texts[2], 4)]
