"""Written rules: whom they concern, what they leave to people, and that no copy goes with its witness."""

from __future__ import annotations

import pytest

from curation.rules import accept_by_rules, judge_by_rules, verdict_of
from tamiz.decisions import claim, decide
from tamiz.errors import SettingsError
from tamiz.records import Finding, Verdict
from tamiz.settings import CurationSettings, RuleSettings


def found(pair, kind: str = "near_duplicate", step: str = "dedupe", **more: object) -> Finding:
    return Finding(pair=pair.id, step=step, kind=kind, **more)  # type: ignore[arg-type]


def add(store, *pairs, findings=()) -> None:
    store.add_pairs(pairs, "import:test")
    shown = [pair.id for pair in pairs]
    store.add_look("dedupe", "1", shown, [finding for finding in findings if finding.pair in shown])


REJECT = RuleSettings(name="copies", then="reject", findings=("near_duplicate",), at_least=0.8)


@pytest.mark.parametrize(
    ("rule", "finding", "judged"),
    [
        pytest.param({}, {}, True, id="everything fits"),
        pytest.param({"steps": ("quality",)}, {}, False, id="another step"),
        pytest.param({"findings": ("exact_duplicate",)}, {}, False, id="another kind of finding"),
        pytest.param({"at_least": 0.9}, {"confidence": 0.85}, False, id="not sure enough"),
        pytest.param({"kinds": ("forum",)}, {}, False, id="another kind of pair"),
        pytest.param({"languages": ("en",)}, {}, False, id="another language"),
        pytest.param({"kinds": ("faq",), "languages": ("es",)}, {}, True, id="kind and language fit"),
    ],
)
def test_a_rule_judges_what_it_is_written_for(opened, make_project, distinct_pair, rule, finding, judged) -> None:
    store = opened(make_project())
    pair = distinct_pair(1)
    add(store, pair, findings=[found(pair, **finding)])
    told = judge_by_rules(store, [RuleSettings(**{"name": "r", "then": "reject", **rule})])
    assert told == ({("rejected", "r"): 1} if judged else {})


def test_a_pair_that_somebody_looks_at_is_left_to_them(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    pair = distinct_pair(1)
    add(store, pair, findings=[found(pair)])
    from tamiz.decisions import mark_sieved

    mark_sieved(store, [pair.id])
    assert claim(store, "person:ana", lease_seconds=60) is not None
    assert judge_by_rules(store, [REJECT]) == {("left to a person", "copies"): 1}
    assert store.pair(pair.id).state == "waiting"


def test_a_pair_that_a_person_edited_is_left_to_people(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    pair = distinct_pair(1, made_by="person:ana")
    add(store, pair, findings=[found(pair)])
    assert judge_by_rules(store, [REJECT]) == {}


def test_two_copies_of_each_other_are_not_both_rejected(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    one, other = distinct_pair(1), distinct_pair(2)
    add(store, one, other, findings=[found(one, witness=other.id), found(other, witness=one.id)])
    judge_by_rules(store, [REJECT])
    assert "new" in {store.pair(one.id).state, store.pair(other.id).state}


def test_a_copy_stays_while_its_witness_is_rejected_for_another_reason(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    copy, witness = distinct_pair(1), distinct_pair(2)
    short = RuleSettings(name="short", then="reject", findings=("too_short",))
    add(store, copy, witness, findings=[found(copy, witness=witness.id), found(witness, "too_short")])
    told = judge_by_rules(store, [REJECT, short])
    assert told == {("rejected", "short"): 1}
    assert judge_by_rules(store, [REJECT, short]) == {}
    assert store.pair(copy.id).state == "new"


def test_a_copy_of_a_copy_is_rejected_for_the_one_that_stands(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    best, copy, same = distinct_pair(1), distinct_pair(2), distinct_pair(3)
    exact = RuleSettings(name="exact", then="reject", findings=("exact_duplicate",))
    told = [
        found(copy, witness=best.id, confidence=0.9),
        found(same, "exact_duplicate", witness=copy.id),
        found(same, witness=best.id, confidence=0.9),
    ]
    add(store, best, copy, same, findings=told)
    assert judge_by_rules(store, [exact, REJECT]) == {("rejected", "copies"): 2}
    assert best.id in store.history(same.id)[-1].reason


def test_a_copy_of_a_doubtful_copy_goes_while_that_one_waits(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    best, copy, same = distinct_pair(1), distinct_pair(2), distinct_pair(3)
    exact = RuleSettings(name="exact", then="reject", findings=("exact_duplicate",))
    doubtful = [found(pair, witness=best.id, confidence=0.7) for pair in (copy, same)]
    add(store, best, copy, same, findings=[*doubtful, found(same, "exact_duplicate", witness=copy.id)])
    assert judge_by_rules(store, [exact, REJECT]) == {("rejected", "exact"): 1}
    assert [store.pair(pair.id).state for pair in (best, copy, same)] == ["new", "new", "rejected"]


@pytest.mark.parametrize("kind", ["same_question", "contradiction"])
def test_no_rule_rejects_what_asks_the_same_and_is_answered_another_way(
    opened, make_project, distinct_pair, kind
) -> None:
    store, pair = opened(make_project()), distinct_pair(1)
    add(store, pair, findings=[found(pair, kind)])
    assert judge_by_rules(store, [RuleSettings(name="all", then="reject", steps=("dedupe",))]) == {}
    with pytest.raises(SettingsError, match=f"findings is '{kind}'; what it finds is for people"):
        RuleSettings(name="all", then="reject", findings=(kind,))


@pytest.mark.parametrize("name", ["exact", "near"])
def test_a_project_that_names_the_steps_of_old_is_told_the_new_one(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"\[curation\] steps is '{name}'.*replace them by \"dedupe\""):
        CurationSettings(steps=("clean", name))
    with pytest.raises(SettingsError, match=rf"r: steps is '{name}'.*replace them by \"dedupe\""):
        RuleSettings(name="r", then="reject", steps=(name,))


@pytest.mark.parametrize("step", ["gates", "judge"])
def test_a_rule_may_name_what_looks_at_made_pairs_though_no_step_of_curate_is_called_so(step: str) -> None:
    rule = RuleSettings(name="ungrounded", then="reject", steps=(step,), kinds=("synthetic",))
    assert CurationSettings(rules=(rule,)).rules == (rule,)


def test_all_changes_of_a_rule_make_one_edited_pair(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    pair = distinct_pair(1, answer="uno dos tres")
    changes = [
        found(pair, "spelling", field="answer", start=0, end=3, before="uno", after="un"),
        found(pair, "markup", field="answer", start=8, end=12, before="tres", after="3"),
    ]
    add(store, pair, findings=changes)
    assert judge_by_rules(store, [RuleSettings(name="all", then="apply")]) == {("applied", "all"): 1}
    [made] = [stored for stored in store.pairs() if stored.pair.made_from]
    assert (made.pair.answer, made.pair.made_from, made.state) == ("un dos 3", (pair.id,), "new")
    assert store.history(pair.id)[-1].reason == "rule all: 1 markup, 1 spelling"
    assert store.pair(pair.id).state == "replaced"


@pytest.mark.parametrize(
    ("rule", "kinds", "confidence", "accepted"),
    [
        pytest.param({}, (), 1.0, True, id="nothing found"),
        pytest.param({}, ("too_short",), 1.0, False, id="an open finding"),
        pytest.param({"despite": ("too_short",)}, ("too_short",), 1.0, True, id="a finding that does not matter"),
        pytest.param({"despite": ("too_short",)}, ("too_short", "same_question"), 1.0, False, id="one that does"),
        pytest.param({"at_least": 0.9}, (), 0.8, False, id="a doubtful extraction"),
        pytest.param({"languages": ("en",)}, (), 1.0, False, id="another language"),
    ],
)
def test_an_accept_rule_takes_what_has_nothing_left_open(
    opened, make_project, distinct_pair, rule, kinds, confidence, accepted
) -> None:
    store = opened(make_project())
    pair = distinct_pair(1, confidence=confidence)
    add(store, pair, findings=[found(pair, kind) for kind in kinds])
    accept_by_rules(store, [RuleSettings(**{"name": "sound", "then": "accept", **rule})], frozenset([pair.id]))
    assert store.pair(pair.id).state == ("accepted" if accepted else "new")


def test_the_first_rule_that_has_something_to_do_decides(opened, make_project, distinct_pair) -> None:
    store = opened(make_project())
    pair = distinct_pair(1)
    add(store, pair, findings=[found(pair)])
    rules = [RuleSettings(name="nothing", then="apply"), REJECT, RuleSettings(name="late", then="reject")]
    assert judge_by_rules(store, rules) == {("rejected", "copies"): 1}


def test_a_person_can_take_back_what_a_rule_rejected(opened, make_project, distinct_pair) -> None:
    from tamiz.decisions import claim_pair

    store = opened(make_project())
    pair = distinct_pair(1)
    add(store, pair, findings=[found(pair)])
    judge_by_rules(store, [REJECT])
    held = claim_pair(store, pair.id, "person:ana", lease_seconds=60)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="accept", by="person:ana"))
    assert judge_by_rules(store, [REJECT]) == {}
    assert store.pair(pair.id).state == "accepted"
    assert verdict_of(REJECT, held, []) is None
