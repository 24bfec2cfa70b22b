"""A judge over made pairs that wait: bounded, in the ledger, shown the source, held against people."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from curation.synthesis.gates.findings import JUDGE_STEP
from curation.synthesis.gates.judge import RULES
from curation.synthesis.judging import estimate_judging, judge_agreement, judge_made
from curation.synthesis.making import Keeper
from curation.synthesis.providers.contract import Reply
from curation.synthesis.recipe import Ask, Made, Material
from curation.synthesis.recipes.paraphrase import RECIPE as PARAPHRASE
from curation.synthesis.run import Synthesis, synthesise
from tamiz.decisions import judge, undo
from tamiz.records import Verdict
from tamiz.synthledger import call_of, last_call, spent_by_recipe
from tamiz.synthmade import forget_replies


def verdict(accepts: bool, quote: str) -> str:
    said = {**dict.fromkeys(RULES, True), "grounded": accepts, "quote": quote, "reason": "no such cable in it"}
    return json.dumps({**said, "verdict": "accept" if accepts else "reject"})


@dataclass
class Judging:
    """Accepts what `accepts` says; quotes the answer's first words, which an untouched answer has from its source."""

    accepts: Callable[[str], bool] = lambda question: True
    name: str = "small"
    model: str = "small-judge"
    address: str = ""
    local: bool = True
    asked: list[str] = field(default_factory=list)

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        user = ask.messages[-1].content if len(ask.messages) == 2 else ask.messages[1].content
        self.asked.append(user)
        parts = [part.strip() for part in user.split("<<<")]
        question, answer = (parts[number].partition("\n")[2] for number in (3, 5))
        return Reply(text=verdict(self.accepts(question), answer.strip()[:12]))

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def waiting(file_bench: Any) -> Any:
    """Made pairs of four questions that wait."""
    bench = replace(file_bench, recipe=PARAPHRASE, settings=replace(file_bench.settings, provider="deterministic"))

    class Rewords(Judging):
        def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
            asked = next(line for line in ask.messages[1].content.splitlines() if "?" in line)
            return Reply(text=json.dumps({"questions": [f"Dime: {asked}", f"Oye, {asked}"]}))

    bench.run(provider=Rewords(), wanted={"limit": 4})
    assert len(bench.made()) == 8
    return bench


def ask_judge(bench: Any, provider: Judging, **changes: Any) -> Any:
    settings = replace(bench.settings, concurrency=1, **changes)
    return judge_made(bench.project, bench.store, Synthesis(recipe=""), settings=settings, provider=provider)


def decide(bench: Any, accepts: Callable[[str], bool]) -> Sequence[str]:
    verdicts = [
        Verdict(
            pair=stored.pair.id,
            version=stored.version,
            decision="accept" if accepts(stored.pair.question) else "reject",
            by="person:reviewer-1",
            reason="" if accepts(stored.pair.question) else "wrong",
        )
        for stored in bench.store.pairs(kinds=["synthetic"])
    ]
    for one in verdicts:
        judge(bench.store, [one])
    return [one.pair for one in verdicts]


def test_a_judge_is_shown_the_source_of_each_pair_and_its_rejections_are_findings_beside_those_of_the_gates(
    waiting,
) -> None:
    before = {pair.id: waiting.store.findings([pair.id])[pair.id] for pair in waiting.made()}
    provider = Judging(lambda question: "Dime" in question)
    report = ask_judge(waiting, provider)
    assert (report.asked, report.ok, report.made, report.clean) == (8, 8, 8, 4)
    assert report.found == {"grounded": 4}
    origins = waiting.store.pairs_by_id([name for pair in waiting.made() for name in pair.made_from])
    for pair in waiting.made():
        origin = origins[pair.made_from[0]].pair
        assert any(origin.question in text and origin.answer in text for text in provider.asked)
        found = waiting.store.findings([pair.id])[pair.id]
        mine = [one for one in found if one.step == JUDGE_STEP]
        assert [one for one in found if one.step != JUDGE_STEP] == before[pair.id]
        assert [one.kind for one in mine] == ([] if "Dime" in pair.question else ["judge_rejects"])
        assert all("small-judge: grounded (no such cable in it)" in one.note for one in mine)


def test_nothing_is_asked_twice_and_another_judge_is_another_look(waiting) -> None:
    ask_judge(waiting, Judging())
    again = Judging()
    report = ask_judge(waiting, again)
    assert (report.asked, report.made, again.asked) == (0, 0, [])
    other = Judging(lambda question: False, model="other-judge")
    assert ask_judge(waiting, other).made == 8
    assert {one.recipe: (one.model, one.ok) for one in spent_by_recipe(waiting.store)}["judge"][1] == 8
    decide(waiting, lambda question: True)
    assert {one.model: one.held_back for one in judge_agreement(waiting.store)} == {
        "small-judge": 0,
        "other-judge": 8,
        "": 8,
    }


def test_a_judge_is_bounded_as_every_run_and_goes_on_where_it_stopped(waiting) -> None:
    report = ask_judge(waiting, Judging(), max_calls=3)
    assert (report.asked, report.made, report.limited) == (3, 3, True)
    assert ask_judge(waiting, Judging()).made == 5


def test_an_estimate_counts_the_verdicts_to_come_and_asks_nobody(waiting) -> None:
    provider = Judging()
    told = estimate_judging(
        waiting.project, waiting.store, Synthesis(recipe=""), settings=waiting.settings, provider=provider
    )
    assert (told.calls, provider.asked) == (8, [])


def test_a_verdict_whose_quote_is_from_nowhere_is_asked_for_again_and_then_failed(waiting) -> None:
    class Inventing(Judging):
        def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
            return Reply(text=verdict(True, "words that nobody wrote"))

    report = judge_made(
        waiting.project, waiting.store, Synthesis(recipe="", limit=1), settings=waiting.settings, provider=Inventing()
    )
    assert (report.asked, report.ok, report.failed, report.made) == (2, 0, 2, 0)


def test_changed_copies_and_decided_pairs_are_not_judged(waiting) -> None:
    wanted = Synthesis(recipe="noise", limit=1)
    synthesise(waiting.project, waiting.store, wanted, settings=waiting.settings)
    copies = len(waiting.made()) - 8
    report = ask_judge(waiting, Judging())
    assert report.materials == 8
    assert report.left_out == {"changed copies, which are not for people to read": copies}
    decide(waiting, lambda question: True)
    assert ask_judge(waiting, Judging(model="other-judge")).materials == 0


def test_agreement_is_with_people_as_it_stands_by_recipe_and_model(waiting) -> None:
    assert judge_agreement(waiting.store) == []
    ask_judge(waiting, Judging(lambda question: "Dime" in question))
    assert judge_agreement(waiting.store) == []
    decide(waiting, lambda question: "Dime" in question)
    (one,) = judge_agreement(waiting.store)
    assert (one.recipe, one.model, one.pairs, one.kappa, one.trusted) == ("paraphrase", "small-judge", 8, 1.0, False)
    assert one.why == "too_few"
    assert undo(waiting.store, "person:reviewer-1")
    assert judge_agreement(waiting.store)[0].pairs == 7


def test_what_a_rule_decided_says_nothing_of_a_judge(waiting) -> None:
    ask_judge(waiting, Judging())
    judge(
        waiting.store,
        [
            Verdict(pair=one.pair.id, version=one.version, decision="accept", by="rule:all")
            for one in waiting.store.pairs(kinds=["synthetic"])
        ],
    )
    assert judge_agreement(waiting.store) == []


def test_a_judge_s_reply_goes_with_the_original_that_it_quotes(waiting) -> None:
    ask_judge(waiting, Judging())
    origin = waiting.store.pairs_by_id(waiting.made()[0].made_from)[waiting.made()[0].made_from[0]].pair
    waiting.store.database.write(lambda connection: forget_replies(connection, origin.id, origin.group))
    calls = [call_of(waiting.store, seq) for seq in range(1, last_call(waiting.store) + 1)]
    replies = {call.material: call.reply for call in calls if call is not None and call.recipe == "judge"}
    made_of_it = {pair.id for pair in waiting.made() if origin.id in pair.made_from}
    assert len(replies) == 8
    assert {name for name, reply in replies.items() if not reply} == made_of_it


def test_an_honest_refusal_is_not_judged_for_it_has_no_source(waiting) -> None:
    keeper = Keeper(store=waiting.store, run="r", recipe="refusals", model="", near=None)
    refusal = Made(question="¿Cómo cuido un halcón?", answer="No lo sé.", lang="es", refusal=True)
    keeper.keep(Material(key="es x", text="", lang="es"), [refusal])
    report = ask_judge(waiting, Judging())
    assert (report.materials, report.left_out) == (8, {"honest refusals, which have no source": 1})
