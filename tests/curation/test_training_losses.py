"""Pairs that a training run could not learn, or knew at once, come before people; nothing else of them changes."""

from __future__ import annotations

import json
import random

import pytest

from curation.export import export, is_stale
from curation.review.need import LEAST, need_of
from curation.rules import matching
from curation.sieve import curate
from curation.training_losses import PairLoss, look_at_losses, outlying
from tamiz.decisions import decide
from tamiz.errors import InputError
from tamiz.records import Verdict
from tamiz.settings import RuleSettings


def usual(count: int, **others: tuple[float, float]) -> list[PairLoss]:
    """Losses of a run in which most pairs are learnt, and `others` by name."""
    draw = random.Random(4)
    losses = [(f"p{n}", draw.uniform(2.5, 4.0), draw.uniform(0.8, 1.4)) for n in range(count)]
    losses += [(name, *two) for name, two in others.items()]
    return [PairLoss(pair=name, tokens=20, first=first, last=last) for name, first, last in losses]


def test_what_stands_out_is_found_with_its_run_and_losses():
    found = outlying(usual(60, stuck=(4.1, 4.0), known=(0.05, 0.03)), "first")
    assert [(one.pair, one.kind, one.witness) for one in found] == [
        ("stuck", "cannot_learn", "first"),
        ("known", "learnt_at_once", "first"),
    ]
    assert found[0].note == "loss 4.10 before the run, 4.00 after it (20 tokens)"
    assert found[0].after is None


def test_a_high_loss_that_fell_was_learnt():
    assert outlying(usual(60, hard=(9.0, 4.0)), "first") == []


def test_at_most_a_share_of_the_pairs_is_shown_the_farthest_first():
    many = {f"stuck{n}": (5.0 + n, 5.0 + n) for n in range(9)}
    found = outlying(usual(60, **many), "first")
    assert [one.pair for one in found] == ["stuck8", "stuck7", "stuck6"]


def test_a_few_pairs_say_nothing_of_what_is_usual():
    assert outlying(usual(10, stuck=(4.0, 4.0)), "first") == []


def test_pairs_that_are_all_alike_have_no_outliers():
    alike = [PairLoss(pair=str(n), tokens=5, first=1.0, last=0.5 + n / 1000) for n in range(30)]
    assert outlying(alike, "first") == []


@pytest.fixture
def trained(make_project, opened, distinct_pair):
    """A project with accepted pairs, exported, and the losses of a run on them."""
    project = make_project(more="[export]\nmin_pairs = 1\n", accept=True)
    store = opened(project)
    pairs = [distinct_pair(n) for n in range(24)]
    store.add_pairs(pairs, "source:ayuda")
    curate(project, store)
    for one in list(store.pairs("waiting")):
        decide(store, Verdict(pair=one.pair.id, version=one.version, decision="accept", by="rule:all"))
    export(project, store)
    draw = random.Random(1)
    rows = [{"id": pair.id, "tokens": 9, "first": draw.uniform(3, 4), "last": draw.uniform(0.5, 0.8)} for pair in pairs]
    rows[5] |= {"first": 4.0, "last": 3.9}
    rows.append({"id": "0" * 32, "tokens": 9, "first": 3.0, "last": 1.0})
    run = project.runs / "first"
    run.mkdir(parents=True)
    (run / "losses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return project, store, pairs


def test_accepted_pairs_are_weighed_and_stay_as_they_are(trained):
    project, store, pairs = trained
    before = {one.pair.id: (one.state, one.version, one.pair) for one in store.pairs()}
    report = look_at_losses(project, store, "first")
    assert (report.pairs, report.gone, report.found) == (24, 1, {"cannot_learn": 1, "learnt_at_once": 0})
    assert {one.pair.id: (one.state, one.version, one.pair) for one in store.pairs()} == before
    (found,) = store.findings([pairs[5].id])[pairs[5].id]
    assert (found.step, found.kind, found.witness) == ("training", "cannot_learn", "first")
    stored = store.pair(pairs[5].id)
    assert stored.need == need_of(pairs[5], [found]) > 0.2
    assert store.pair(pairs[6].id).need == LEAST
    assert not is_stale(project, store)


def test_a_run_is_looked_at_once(trained):
    project, store, pairs = trained
    look_at_losses(project, store, "first")
    again = look_at_losses(project, store, "first")
    assert again.known
    assert "looked at before" in str(again)
    assert len(store.findings([pairs[5].id])[pairs[5].id]) == 1


def test_a_later_run_has_the_last_word_and_the_first_is_kept(trained):
    project, store, pairs = trained
    look_at_losses(project, store, "first")
    rows = (project.runs / "first" / "losses.jsonl").read_text().splitlines()
    mended = [json.dumps(json.loads(row) | {"last": 0.6 + n / 100}) for n, row in enumerate(rows)]
    (project.runs / "second").mkdir()
    (project.runs / "second" / "losses.jsonl").write_text("\n".join(mended), encoding="utf-8")
    look_at_losses(project, store, "second")
    assert store.findings([pairs[5].id])[pairs[5].id] == []
    assert store.pair(pairs[5].id).need == LEAST
    assert store.count_findings()["training", "cannot_learn"] == 1


def test_no_rule_acts_by_what_a_run_could_not_learn():
    found = outlying(usual(60, stuck=(4.1, 4.0)), "first")
    reject, accept = (RuleSettings(name="all", then=then, at_least=0.0) for then in ("reject", "accept"))
    assert len(found) == 1
    assert matching(reject, found) == []
    assert matching(accept, found) == found  # and it stands in the way of accepting without a person


@pytest.mark.parametrize(
    ("name", "line", "error"),
    [
        pytest.param("none", None, "there is no run none in .* \\(there are: first\\)", id="no such run"),
        pytest.param("../first", None, "there is no run", id="a name that leaves the folder"),
        pytest.param("bare", None, "pair_losses above 0", id="a run without losses"),
        pytest.param("odd", '{"id": "a"}', "line 1 is no loss", id="half a line"),
        pytest.param("nan", '{"id": "a", "tokens": 1, "first": NaN, "last": 1}', "line 1 is no loss", id="no number"),
    ],
)
def test_losses_that_cannot_be_read_are_named(trained, name, line, error):
    project, store, _ = trained
    if "none" not in name and "/" not in name:
        (project.runs / name).mkdir()
    if line is not None:
        (project.runs / name / "losses.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=error):
        look_at_losses(project, store, name)
