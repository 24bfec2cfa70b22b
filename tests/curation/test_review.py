"""FAULTS rows 6 to 9 as a reviewer meets them, and what becomes of edits and proposed changes."""

from __future__ import annotations

import dataclasses
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from curation.review import KEEP_AT_MOST, QUIET_SECONDS, Desk, Draft, Pace, Refused, reviewer_name, safe_link
from curation.revise import proposals, revise, word_diff
from tamiz.decisions import mark_sieved
from tamiz.errors import Conflict
from tamiz.records import Finding, Page, Turn
from tamiz.settings import ReviewSettings
from tamiz.store import PageReading, Store

LEASE = ReviewSettings(lease_seconds=60)


@pytest.fixture
def store_url(tmp_path):
    return f"sqlite:///{tmp_path / 'tamiz.db'}"


def finding(pair, before, after, field="answer", **more):
    start = getattr(pair, field).index(before)
    values = {"step": "spelling", "kind": "spelling", "start": start, "end": start + len(before)}
    return Finding(pair=pair.id, field=field, before=before, after=after, **(values | more))


@pytest.fixture
def pairs(store, make_pair):
    made = [make_pair(number) for number in range(4)]
    store.add_pairs(made, "source:ayuda")
    mark_sieved(store, [pair.id for pair in made])
    return made


@pytest.fixture
def desk(store, pairs, reading_desk):
    return reading_desk(store, "reviewer-1", LEASE)


@pytest.fixture
def other(store, pairs, reading_desk):
    return reading_desk(store, "reviewer-2", LEASE)


def changed(card, **values):
    return dataclasses.replace(Draft.of(card), **values)


# What changes look like


@given(st.text("aáb ñ.,\n", max_size=40), st.text("aáb ñ.,\n", max_size=40))
def test_a_word_diff_spells_both_texts(before, after):
    segments = word_diff(before, after)
    assert "".join(text for op, text in segments if op != "insert") == before
    assert "".join(text for op, text in segments if op != "delete") == after


def test_a_proposal_shows_its_change_in_its_surroundings(make_pair):
    pair = make_pair(answer="palabra " * 30 + "cotraseña" + " palabra" * 30)
    (proposal,) = proposals(pair, [finding(pair, "cotraseña", "contraseña")])
    ops = [op for op, _ in proposal.segments]
    assert ops == ["equal", "equal", "delete", "insert", "equal", "equal"]
    assert proposal.segments[1][1].startswith("palabra ")
    assert sum(len(text) for _, text in proposal.segments) < 160


def test_a_finding_that_does_not_fit_the_text_is_no_proposal(make_pair):
    pair = make_pair()
    beside = finding(pair, "Wifi", "wifi", start=0, end=4)
    assert proposals(pair, [beside, finding(pair, "Wifi", None), finding(pair, "Wifi", "Wifi")]) == []


# Edits


def test_a_draft_that_changes_nothing_makes_no_pair(make_pair):
    pair = make_pair(answer="uno\r\ndos")
    draft = Draft(question=pair.question, answer="uno\ndos", label=pair.label, lang=pair.lang)
    assert revise(pair, [], draft, by="person:reviewer-1") is None


def test_typed_words_and_chosen_changes_make_one_pair(make_pair):
    pair = make_pair(answer="La cotraseña esta en la pegatina.")
    findings = [finding(pair, "cotraseña", "contraseña"), finding(pair, "esta", "está")]
    draft = Draft(
        question=pair.question,
        answer="Mira debajo. La cotraseña esta en la pegatina blanca.",
        label="wifi",
        lang="es",
        chosen=(findings[0].id, findings[1].id),
    )
    made = revise(pair, findings, draft, by="person:reviewer-1")
    assert made.answer == "Mira debajo. La contraseña está en la pegatina blanca."
    assert (made.label, made.made_from, made.made_by) == ("wifi", (pair.id,), "person:reviewer-1")


def test_a_chosen_change_keeps_the_markdown_and_typing_drops_it(make_pair):
    pair = make_pair(answer="La cotraseña nueva", answer_markdown="La **cotraseña** nueva")
    found = finding(pair, "cotraseña", "contraseña")
    draft = Draft(question=pair.question, answer=pair.answer, label="", lang="es", chosen=(found.id,))
    assert revise(pair, [found], draft, by="person:reviewer-1").answer_markdown == "La **contraseña** nueva"
    typed = dataclasses.replace(draft, answer="La cotraseña nueva y larga")
    assert revise(pair, [found], typed, by="person:reviewer-1").answer_markdown == ""


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        pytest.param({"question": " \n"}, "empty_question", id="no question"),
        pytest.param({"answer": "\u00a0"}, "empty_answer", id="no answer"),
        pytest.param({"lang": "klingon"}, "language", id="no language"),
        pytest.param({"chosen": (0, 1)}, "overlap", id="two changes of the same words"),
        pytest.param({"answer": "Ni rastro.", "chosen": (0,)}, "retyped", id="a change of words typed over"),
    ],
)
def test_what_cannot_be_a_pair_is_refused_with_a_word(make_pair, draft, code):
    pair = make_pair(answer="La cotraseña nueva")
    findings = [finding(pair, "cotraseña", "contraseña"), finding(pair, "La cotraseña", "Una clave")]
    values = {"question": pair.question, "answer": pair.answer, "label": "", "lang": "es"} | draft
    values["chosen"] = tuple(findings[number].id for number in values.get("chosen", ()))
    with pytest.raises(Refused) as refused:
        revise(pair, findings, Draft(**values), by="person:reviewer-1")
    assert refused.value.code == code


def test_of_two_changes_of_the_same_words_either_is_accepted_on_its_own(make_pair):
    pair = make_pair(answer="La cotraseña nueva", context=(Turn(role="user", content="La cotraseña"),))
    wide = {"field": "context 1", "before": "La cotraseña", "start": 0, "end": 12, "after": "Una clave"}
    narrow = {"field": "context 1", "before": "cotraseña", "start": 3, "end": 12, "after": "contraseña"}
    earlier = [Finding(pair=pair.id, step="spelling", kind="spelling", **change) for change in (wide, narrow)]
    later = [finding(pair, "La cotraseña", "Una clave"), finding(pair, "cotraseña", "contraseña")]
    both = {"answer": ["Una clave nueva", "La contraseña nueva"], "context": ["Una clave", "La contraseña"]}
    for field, findings in (("answer", later), ("context", earlier)):
        assert [proposal.finding for proposal in proposals(pair, findings)] == findings
        draft = Draft(question=pair.question, answer=pair.answer, label=pair.label, lang=pair.lang)
        made = [revise(pair, findings, dataclasses.replace(draft, chosen=(one.id,)), by="person:x") for one in findings]
        assert [one.answer if field == "answer" else one.context[0].content for one in made] == both[field]
        with pytest.raises(Refused, match="touch the same words"):  # and none is left out without a word
            revise(pair, findings, dataclasses.replace(draft, chosen=tuple(one.id for one in findings)), by="person:x")


def test_accepting_an_untouched_card_makes_no_new_pair(store, desk):
    card = desk.next_pair()
    assert desk.accept(card, Draft.of(card)).pair == card.pair
    assert store.counts() == {"waiting": 3, "accepted": 1}


def test_accepting_an_edited_card_keeps_the_original(store, desk):
    card = desk.next_pair()
    made = desk.accept(card, changed(card, answer="Mejor así."))
    assert (made.state, made.pair.answer, made.pair.made_from) == ("accepted", "Mejor así.", (card.pair.id,))
    assert store.pair(card.pair.id).state == "replaced"


def test_saving_goes_on_with_the_new_pair(desk):
    card = desk.next_pair()
    saved = desk.save(card, changed(card, question="¿Y esto?"))
    assert saved.pair.made_from == (card.pair.id,)
    assert saved.stored.state == "waiting"
    assert desk.accept(saved).state == "accepted"


def test_a_label_edited_again_after_an_undo_is_the_newer_one(store, desk):
    card = desk.next_pair()
    desk.accept(card, changed(card, label="red"))
    again = desk.undo()
    made = desk.accept(again, changed(again, label="wifi"))
    assert store.pair(made.pair.id).pair.label == "wifi"


# What a card shows


def test_a_card_has_the_findings_the_witness_and_the_page(store, desk, pairs):
    page = Page(
        url="https://ayuda.example/faq",
        final_url="https://ayuda.example/faq",
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type="text/html",
        content_hash="0" * 64,
        source="ayuda",
        licence="CC BY 4.0",
    )
    pair = dataclasses.replace(pairs[0], question="¿Otra?", page=page.id, url="javascript:alert(1)")
    store.add_page(page, [pair], PageReading(page=page.id, kind="faq", reason="", found=1))
    mark_sieved(store, [pair.id])
    near = Finding(pair=pair.id, step="dedupe", kind="near_duplicate", witness=pairs[1].id)
    store.add_look("dedupe", "s", [pair.id], [near, finding(pair, "elige", "escoge")])
    card = desk.next_pair(pair.id)
    assert [proposal.finding.after for proposal in card.proposals] == ["escoge"]
    assert card.warnings == (near,)
    assert card.witnesses == {pairs[1].id: pairs[1]}
    assert (card.link, card.licence) == ("https://ayuda.example/faq", "CC BY 4.0")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param(" java\nscript:alert(1)", id="script with white space"),
        pytest.param("data:text/html,<script>", id="data"),
        pytest.param("//evil.example", id="no scheme"),
        pytest.param('https://a.example/"><img>', id="markup"),
        pytest.param("https://[", id="broken"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("", id="none"),
    ],
)
def test_only_web_addresses_become_links(url):
    assert safe_link(url) == ""


# Two people, leases, conflicts


def test_two_people_never_look_at_one_pair(desk, other):
    assert desk.next_pair().pair != other.next_pair().pair


def test_a_late_submit_is_a_conflict_and_the_pair_can_be_taken_up_again(store, clock, desk):
    card = desk.next_pair()
    clock.forward(61)
    with pytest.raises(Conflict):
        desk.accept(card, changed(card, answer="Tarde."))
    assert store.counts() == {"waiting": 4}
    assert desk.next_pair(card.pair.id).pair == card.pair


def test_a_pair_somebody_took_over_is_not_overwritten(store, clock, desk, other):
    card = desk.next_pair()
    clock.forward(61)
    taken = other.next_pair()
    other.reject(taken, "off-topic")
    with pytest.raises(Conflict):
        desk.accept(card)
    assert taken.pair == card.pair
    assert store.pair(card.pair.id).state == "rejected"
    assert store.history(card.pair.id)[-1].reason == "off-topic"
    assert desk.next_pair(card.pair.id).pair != card.pair


def test_a_heartbeat_keeps_the_pair_but_not_for_ever(clock, desk, other):
    card = desk.next_pair()
    for _ in range(KEEP_AT_MOST * 2):
        clock.forward(30)
        assert desk.heartbeat(card)
    clock.forward(30)
    assert not desk.heartbeat(card)
    clock.forward(61)
    assert other.next_pair().pair == card.pair


def test_what_is_skipped_comes_last(desk, pairs):
    first = desk.next_pair()
    desk.skip(first)
    seen = []
    while (card := desk.next_pair()).pair != first.pair:
        seen.append(desk.accept(card).pair)
    assert seen == pairs[1:]


def test_undo_works_across_restarts_and_shows_the_pair_again(store, store_url, clock, desk, pairs, reading_desk):
    for _ in range(3):
        desk.reject(desk.next_pair(), "wrong")
    with Store.open(store_url, now=clock) as later:
        again = reading_desk(later, "reviewer-1", LEASE)
        assert [again.undo().pair for _ in range(3)] == pairs[2::-1]
        with pytest.raises(Refused, match="no decision of yours left"):
            again.undo()
    assert store.counts() == {"waiting": 4}


def test_progress_counts_what_is_decided(desk):
    desk.accept(desk.next_pair())
    desk.skip(desk.next_pair())
    progress = desk.progress()
    assert (progress.open, progress.skipped, progress.decided, progress.share) == (3, 1, 1, 0.25)


@pytest.mark.parametrize("name", ["", "  \n", "a" * 61, "\u202ereviewer"])
def test_a_name_that_says_nothing_is_refused(name):
    with pytest.raises(Refused, match="reviewer's name"):
        reviewer_name(name)


def test_a_held_key_never_decides_more_than_once():
    seconds = [0.0]
    pace = Pace(lambda: seconds[0])
    pace.show("one")
    seconds[0] += QUIET_SECONDS
    assert pace.allows_decision()
    pace.show("two")
    for _ in range(40):
        seconds[0] += 0.03
        pace.show("two")
        assert not pace.allows_decision()
    seconds[0] += QUIET_SECONDS
    assert pace.allows_decision()


def _review(url, name):
    with Store.open(url) as opened:
        desk = Desk(opened, name, ReviewSettings())
        seen = []
        while (card := desk.next_pair()) is not None:
            time.sleep(QUIET_SECONDS)
            desk.accept(card, changed(card, label=name) if len(seen) % 3 == 0 else None)
            seen.append(card.pair.id)
    return seen


def test_three_processes_never_decide_one_pair_twice(store_url, make_pair, in_processes):
    pairs = [make_pair(number) for number in range(12)]
    with Store.open(store_url) as store:
        store.add_pairs(pairs, "source:ayuda")
        mark_sieved(store, [pair.id for pair in pairs])
    seen = in_processes("_review", [(store_url, f"reviewer-{number}") for number in range(3)])
    decided = [pair for one in seen for pair in one]
    assert sorted(decided) == sorted(pair.id for pair in pairs)
    with Store.open(store_url) as store:
        assert store.counts()["accepted"] == 12


def test_any_order_of_acts_loses_no_decision(tmp_path, make_pair, clock, reading_desk):
    """Two desks do anything in any order: each pair or what was made of it stands once, with a history that says so."""
    numbers = iter(range(10**6))

    class Reviewing(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.store = Store.open(f"sqlite:///{tmp_path / f'{next(numbers)}.db'}", now=clock)
            self.pairs = [make_pair(number) for number in range(3)]
            self.store.add_pairs(self.pairs, "source:ayuda")
            mark_sieved(self.store, [pair.id for pair in self.pairs])
            self.desks = [reading_desk(self.store, name, LEASE) for name in ("reviewer-1", "reviewer-2")]
            self.cards = [None, None]

        @rule(who=st.integers(0, 1))
        def look(self, who):
            self.cards[who] = self.desks[who].next_pair()

        @rule(who=st.integers(0, 1), act=st.sampled_from(["accept", "edit", "save", "reject", "skip"]))
        def decide(self, who, act):
            card, desk = self.cards[who], self.desks[who]
            if card is None:
                return
            draft = changed(card, answer=card.pair.answer + " Más.")
            try:
                if act in ("accept", "edit"):
                    desk.accept(card, draft if act == "edit" else None)
                elif act == "save":
                    desk.save(card, draft)
                else:
                    getattr(desk, act)(card)
            except Conflict:
                before = self.store.pair(card.pair.id)
                assert (before.version, before.claimed_by) != (card.stored.version, desk.by)

        @rule(who=st.integers(0, 1))
        def undo(self, who):
            try:
                self.cards[who] = self.desks[who].undo()
            except (Refused, Conflict):
                self.cards[who] = None

        @invariant()
        def each_pair_stands_once(self):
            stands = [stored for stored in self.store.pairs() if stored.state not in ("replaced", "withdrawn")]
            assert len(stands) == len(self.pairs)
            for stored in self.store.pairs():
                assert self.store.history(stored.pair.id)[-1].to_state == stored.state

        def teardown(self):
            self.store.close()

    run_state_machine_as_test(Reviewing, settings=settings(max_examples=8, stateful_step_count=20, deadline=None))
