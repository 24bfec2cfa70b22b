"""A run as a whole: what is asked, kept, told, and gone on with."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from curation.export import export
from curation.synthesis.run import Synthesis, estimate_synthesis
from tamiz import schema
from tamiz.errors import SettingsError, TooFewPairs
from tamiz.settings.synthesis import PriceSettings
from tamiz.splitparts import split_parts
from tamiz.synthledger import spent_by_recipe
from tamiz.synthmade import made_by


def test_a_run_asks_about_every_training_pair_once_and_keeps_what_comes_of_it(bench, server) -> None:
    report = bench.run()
    assert report.asked == report.ok + report.failed == report.materials == len(server.bodies)
    assert report.failed == 0
    made = bench.made()
    assert report.made == len(made) == 2 * report.materials
    accepted = {stored.pair.id for stored in bench.store.pairs("accepted")}
    for pair in made:
        assert set(pair.made_from) <= accepted
        assert (pair.kind, pair.made_by) == ("synthetic", "synth:rephrase by tiny")
    assert (report.prompt_tokens, report.completion_tokens) == (400 * report.asked, 100 * report.asked)


def test_the_same_run_again_asks_nothing_and_makes_nothing(bench, server) -> None:
    first = bench.run()
    again = bench.run()
    assert len(server.bodies) == first.asked
    assert (again.asked, again.made, again.answered_before) == (0, 0, first.asked)
    assert again.left_open == 0


def test_every_made_pair_leads_to_its_call_in_the_ledger(bench) -> None:
    bench.run()
    made = bench.made()
    how = made_by(bench.store, [pair.id for pair in made])
    for pair in made:
        call = how[pair.id].call
        assert call is not None
        assert (call.state, call.model, call.material) == ("ok", "tiny", pair.made_from[0])
        assert call.prompt in pair.reason


def test_nothing_of_validation_or_test_is_ever_sent(file_bench, server) -> None:
    report = file_bench.run()
    parts = split_parts(file_bench.store).parts
    accepted = [stored.pair for stored in file_bench.store.pairs("accepted") if stored.pair.kind != "synthetic"]
    sent = "\n".join(server.questions())
    held_out = [pair for pair in accepted if parts[pair.id] != "train"]
    assert held_out
    assert report.asked > 0
    assert not [pair for pair in held_out if pair.question in sent or pair.answer in sent]


def test_what_was_worked_on_stays_in_the_training_part_of_later_exports(file_bench) -> None:
    file_bench.run()
    worked_on = {pair.made_from[0] for pair in file_bench.made()}
    manifest = export(file_bench.project, file_bench.store, ["json"])
    train = (file_bench.project.exports / manifest.version / "pairs" / "train.jsonl").read_text(encoding="utf-8")
    assert all(pair in train for pair in worked_on)


def test_accepted_pairs_get_their_part_before_anything_is_made_of_them(bench) -> None:
    assert not split_parts(bench.store).parts
    report = bench.run(wanted={"limit": 1})
    assert report.divided == len(split_parts(bench.store).parts) == 16


def test_too_few_accepted_pairs_are_not_divided(bench) -> None:
    export = replace(bench.project.settings.export, min_pairs=99)
    bench.project = replace(bench.project, settings=replace(bench.project.settings, export=export))
    with pytest.raises(TooFewPairs, match="16 pairs are accepted"):
        bench.run()
    assert not split_parts(bench.store).parts


def test_a_limit_works_on_some_and_a_higher_one_goes_on(file_bench, server) -> None:
    first = file_bench.run(wanted={"limit": 5})
    assert (first.materials, first.asked) == (5, 5)
    more = file_bench.run(wanted={"limit": 9})
    assert (more.materials, more.asked, more.answered_before) == (9, 4, 5)


def test_calls_are_not_more_than_max_calls(file_bench, server) -> None:
    report = file_bench.run(max_calls=7)
    assert report.asked == len(server.bodies) == 7
    assert report.limited
    assert "--max-calls 7" in report.stopped
    assert report.not_asked == report.materials - 7
    rest = file_bench.run()
    assert rest.asked == rest.materials - 7


def test_tokens_stay_within_max_tokens_but_for_calls_in_flight(file_bench, server) -> None:
    report = file_bench.run(max_tokens=2000)
    used, each = report.prompt_tokens + report.completion_tokens, 500
    assert 0 < used <= 2000 + 4 * each  # what four calls in flight used above what was foreseen for them
    assert report.limited
    assert report.not_asked > 0


def test_money_stays_within_max_usd(file_bench, server) -> None:
    prices = {"tiny": PriceSettings(input=100.0, output=1000.0)}
    report = file_bench.run(max_usd=1.0, prices=prices, concurrency=1)
    assert report.usd == pytest.approx(report.asked * 0.14)
    assert 0 < report.usd <= 1.0 + 0.14
    assert report.limited


def test_without_a_price_money_cannot_be_bounded(file_bench) -> None:
    with pytest.raises(SettingsError, match=r'synthesis.prices."far"'):
        file_bench.run(max_usd=1.0, model="far", base_url="https://models.example/v1")


def test_the_estimate_tells_what_the_run_comes_to(file_bench) -> None:
    prices = {"tiny": PriceSettings(input=1.0, output=1.0)}
    settings = replace(file_bench.settings, prices=prices)
    wanted = Synthesis(recipe="rephrase")
    before = estimate_synthesis(
        file_bench.project, file_bench.store, wanted, settings=settings, recipe=file_bench.recipe
    )
    report = file_bench.run(prices=prices)
    assert before is not None
    assert before.calls == report.asked
    assert before.calls_most == 2 * before.calls
    assert before.completion_tokens_most == (60 + 120) * report.asked
    assert report.usd is not None
    assert before.usd_most is not None
    assert 0 < report.usd <= before.usd_most
    after = estimate_synthesis(
        file_bench.project, file_bench.store, wanted, settings=settings, recipe=file_bench.recipe
    )
    assert after is not None
    assert (after.calls, after.answered) == (0, report.asked)


def estimated(bench, **changes):
    settings = replace(bench.settings, **changes)
    wanted = Synthesis(recipe="rephrase")
    return estimate_synthesis(bench.project, bench.store, wanted, settings=settings, recipe=bench.recipe)


def test_nothing_that_replies_do_makes_a_run_come_to_more_than_the_estimate_says_at_most(
    file_bench, server, said
) -> None:
    prices = {"tiny": PriceSettings(input=1.0, output=1.0)}
    before = estimated(file_bench, prices=prices)
    server.behave = lambda number, body: {
        **said(body, '{"questions": ["' + "palabra " * 50, "length"),
        "usage": {"completion_tokens": body["max_tokens"]},
    }
    report = file_bench.run(prices=prices, stop_at_failures=1.0)
    assert report.asked <= before.calls_most == 2 * before.calls
    assert report.asked > before.calls
    assert report.prompt_tokens <= before.prompt_tokens_most
    assert report.completion_tokens > before.completion_tokens
    assert report.usd <= before.usd_most


def test_the_estimate_tells_what_becomes_of_the_materials_beyond_a_limit(file_bench, server) -> None:
    limited = estimated(file_bench, max_calls=5)
    assert (limited.cap, limited.beyond) == ("--max-calls 5", limited.calls - 5)
    assert "the other 7 get no call this time, and the same command goes on with them" in limited.lines()[-1]
    assert file_bench.run(max_calls=5).not_asked == limited.beyond
    assert estimated(file_bench).calls == limited.beyond
    maybe = estimated(file_bench, max_calls=10)
    assert (maybe.cap, maybe.beyond) == ("--max-calls 10", 0)
    assert "may end it earlier" in maybe.lines()[-1]
    assert estimated(file_bench, max_calls=14).cap == ""
    assert estimated(file_bench, max_tokens=100).beyond > estimated(file_bench, max_tokens=400).beyond > 0


def test_a_call_that_is_to_be_asked_once_more_is_in_the_estimate(file_bench, server) -> None:
    server.behave = lambda number, body: "no JSON"
    file_bench.run(max_calls=1, concurrency=1)
    left = estimated(file_bench)
    assert (left.calls, left.calls_most) == (12, 2 * 12 - 1)


def test_what_runs_here_costs_nothing(file_bench) -> None:
    report = file_bench.run(wanted={"limit": 2})
    assert report.usd == 0.0


def test_the_ledger_adds_up(file_bench, server) -> None:
    server.behave = lambda number, body: "no JSON" if "caso 0004" in body["messages"][1]["content"] else None
    report = file_bench.run()
    (spent,) = spent_by_recipe(file_bench.store)
    assert (spent.ok, spent.failed, spent.pending) == (report.ok, report.failed, 0)
    assert spent.ok + spent.failed == len(server.bodies)
    assert spent.prompt_tokens == 400 * len(server.bodies)


def test_a_settled_call_is_never_changed(bench) -> None:
    bench.run(wanted={"limit": 1})
    change = sa.update(schema.synth_call).values(state="failed")
    with pytest.raises(sa.exc.DBAPIError):
        bench.store.database.write(lambda connection: connection.execute(change))


def test_the_same_question_of_two_materials_is_asked_once(file_bench, server) -> None:
    class Same(type(file_bench.recipe)):  # type: ignore[misc]
        def ask(self, material, chance):
            ask = super().ask(material, chance)
            return replace(ask, messages=(ask.messages[0], replace(ask.messages[1], content="Rephrase:\nThe same.")))

    file_bench.recipe = Same()
    report = file_bench.run()
    assert (report.asked, len(server.bodies)) == (1, 1)
    assert Counter(len(pair.made_from) for pair in file_bench.made()) == {1: report.made}
    assert report.made == 2 * report.materials
