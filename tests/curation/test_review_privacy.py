"""Personal data at the review desk: seen while the pair is open, masked or let stand by one act each."""

from __future__ import annotations

import pytest

from curation.review import Desk, Draft
from curation.rules import judge_by_rules
from tamiz.decisions import mark_sieved
from tamiz.errors import SealedError
from tamiz.records import Finding, SealedPair
from tamiz.settings import ReviewSettings, RuleSettings
from tamiz.store import Store
from tamiz.vault import KEY_VARIABLE, Vault

PHONE = "612 998 877"


@pytest.fixture
def pair(make_pair):
    answer = f"Llama al {PHONE} y escribe la cotraseña."
    return make_pair(1, answer=answer, answer_markdown=f"Llama al **{PHONE}** y escribe la cotraseña.")


@pytest.fixture
def desk_of(store_url, tmp_path, clock, pair, monkeypatch, reading_desk):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    stores = []

    def make(originals: str = "encrypt") -> tuple[Desk, Store]:
        store = Store.open(store_url, now=clock, vault=Vault(tmp_path, originals))
        stores.append(store)
        store.add_pairs([pair], "source:ayuda")
        found = [
            Finding(
                pair=pair.id,
                step="privacy",
                kind="phone",
                field=field,
                start=text.index(PHONE),
                end=text.index(PHONE) + len(PHONE),
                before=PHONE,
                after="<PHONE_1>",
                confidence=0.5,
            )
            for field, text in (("answer", pair.answer), ("answer_markdown", pair.answer_markdown))
        ]
        store.add_look("privacy", "s", [pair.id], found)
        mark_sieved(store, [pair.id])
        return reading_desk(store, "ana", ReviewSettings()), store

    yield make
    for store in stores:
        store.close()


def test_the_reviewer_sees_what_was_found_and_its_place(desk_of, pair) -> None:
    desk, _ = desk_of()
    card = desk.next_pair()
    assert [(one.finding.kind, one.finding.before, one.finding.field) for one in card.proposals] == [
        ("phone", PHONE, "answer"),
        ("phone", PHONE, "answer_markdown"),
    ]


def test_one_act_masks_it_everywhere_and_seals_the_original(desk_of, pair) -> None:
    desk, store = desk_of()
    card = desk.next_pair()
    after = desk.mask(card, Draft.of(card), card.proposals[0].finding.id)
    assert after.pair.answer == pair.answer.replace(PHONE, "<PHONE_1>")
    assert after.pair.answer_markdown == pair.answer_markdown.replace(PHONE, "<PHONE_1>")
    assert isinstance(store.pair(pair.id).pair, SealedPair)
    assert desk.undo().pair == pair


def test_what_was_typed_is_kept_when_something_is_masked(desk_of, pair) -> None:
    desk, _ = desk_of()
    card = desk.next_pair()
    draft = Draft(question="¿Y ahora qué hago?", answer=pair.answer, label="", lang="es")
    after = desk.mask(card, draft, card.proposals[0].finding.id)
    assert (after.pair.question, PHONE in after.pair.answer) == ("¿Y ahora qué hago?", False)


def test_a_masking_whose_original_was_dropped_cannot_be_taken_back(desk_of, pair) -> None:
    desk, store = desk_of("drop")
    card = desk.next_pair()
    desk.mask(card, Draft.of(card), card.proposals[0].finding.id)
    with pytest.raises(SealedError, match="was dropped"):
        desk.undo()
    assert store.counts() == {"replaced": 1, "waiting": 1}


def test_what_is_let_stand_is_no_proposal_any_more_and_no_rule_masks_it(desk_of, pair) -> None:
    desk, store = desk_of()
    card = desk.next_pair()
    after = desk.keep(card, card.proposals[0].finding.id)
    assert (after.proposals, {one.note for one in after.kept}) == ((), {"person:ana"})
    desk.skip(after)
    rule = RuleSettings(name="privacy", steps=("privacy",))
    assert judge_by_rules(store, [rule]) == {}
    back = desk.next_pair()
    assert len(desk.take_back(back, back.kept[0].id).proposals) == 2
