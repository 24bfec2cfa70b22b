"""A run of all steps: what it finds and does, that a second one finds nothing, and that a killed one goes on."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from curation.sieve import curate, sieve
from curation.steps import NotNow, find_steps, lift
from tamiz.decisions import claim, claim_pair, decide
from tamiz.errors import InputError
from tamiz.records import Finding, Verdict
from tamiz.store import Store


def snapshot(store: Store) -> dict[str, str]:
    return {stored.pair.id: stored.state for stored in store.pairs()}


def of_step(report, name: str):
    return next(step for step in report.steps if step.name == name)


def accept(store: Store, pair: str) -> None:
    held = claim(store, "person:ana", lease_seconds=60)
    while held is not None and held.pair.id != pair:
        decide(store, Verdict(pair=held.pair.id, version=held.version, decision="skip", by="person:ana"))
        held = claim(store, "person:ana", lease_seconds=60)
    assert held is not None
    decide(store, Verdict(pair=pair, version=held.version, decision="accept", by="person:ana"))


def test_the_pure_sieve_stores_nothing_and_changes_nothing(make_project, distinct_pair) -> None:
    pairs = [
        distinct_pair(1),
        distinct_pair(2, answer="Pulsa <b>ya</b> y espera a que acabe."),
        distinct_pair(1, url="u"),
    ]
    found = sieve(pairs, find_steps(make_project().settings.curation), batch_size=1)
    assert {finding.kind for finding in found} == {"markup", "exact_duplicate"}


def test_a_run_repairs_rejects_copies_and_leaves_the_rest_to_people(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    dirty, copy = distinct_pair(1, answer="Pulsa <b>Guardar</b> y espera a que acabe."), distinct_pair(2, url="u2")
    store.add_pairs([dirty, distinct_pair(2), copy, distinct_pair(3, answer="Sí.")], "import:test")
    report = curate(project, store)
    assert report.before == {"new": 4}
    assert report.after == {"replaced": 1, "rejected": 1, "waiting": 3}
    assert dict(of_step(report, "clean").found) == {"markup": 2}
    assert (of_step(report, "clean").applied, of_step(report, "dedupe").rejected) == (1, 1)
    assert report.rules == {("applied", "repair-text"): 1, ("rejected", "exact-copies"): 1}
    [made] = [stored.pair for stored in store.pairs() if stored.pair.made_from]
    assert (made.answer, made.made_by) == ("Pulsa Guardar y espera a que acabe.", "rule:repair-text")


def test_a_rejection_names_the_rule_the_finding_and_the_witness(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    kept, copy = distinct_pair(2, votes=1), distinct_pair(2, url="u2")
    store.add_pairs([kept, copy], "import:test")
    curate(project, store)
    reason = store.history(copy.id)[-1].reason
    assert "exact-copies" in reason
    assert "exact_duplicate" in reason
    assert kept.id in reason


def test_curating_twice_finds_nothing_new(make_project, opened, distinct_pair) -> None:
    project = make_project(accept=True)
    store = opened(project)
    ends = ["", "\nUn saludo, el equipo", " Pulsa <b>ya</b>. ", "\nWas this helpful? Yes No"]
    pairs = [distinct_pair(n, answer=distinct_pair(n).answer + ends[n % 4]) for n in range(40)]
    copies = [distinct_pair(n, url=f"again{n}") for n in range(5)]
    near = [distinct_pair(n, question=pairs[n].question + " Gracias", url=f"near{n}") for n in range(8)]
    same_as_near = [dataclasses.replace(pair, url=f"{pair.url}-again") for pair in near]
    other = [distinct_pair(n, answer=f"Otra cosa es {pairs[n + 9].answer}", url=f"other{n}") for n in range(9, 14)]
    against = [distinct_pair(n, answer=pairs[n].answer + " Tarda 5 días.", url=f"against{n}") for n in range(14, 18)]
    store.add_pairs([*pairs, *copies, *near, *same_as_near, *other, *against], "import:test")
    first = curate(project, store)
    assert set(of_step(first, "dedupe").found) >= {
        "exact_duplicate",
        "near_duplicate",
        "same_question",
        "contradiction",
    }
    before, findings = snapshot(store), store.count_findings()
    report = curate(project, store)
    assert (snapshot(store), store.count_findings()) == (before, findings)
    assert report.rules == {}
    assert all(step.looked == 0 and step.found == {} for step in report.steps)


def test_the_order_of_the_sources_can_say_which_copy_is_kept(make_project, opened, distinct_pair) -> None:
    sources = [f'[[sources]]\nname = "{name}"\nurl = "https://{name}.example/"' for name in ("ayuda", "foro")]
    project = make_project(more="\n".join(['[curation.near]\nkeep = ["source", "votes"]', *sources]))
    store = opened(project)
    forum, help_page = distinct_pair(2, source="foro", votes=50), distinct_pair(2, source="ayuda", url="u2")
    store.add_pairs([forum, help_page], "import:test")
    curate(project, store)
    assert snapshot(store) == {forum.id: "rejected", help_page.id: "waiting"}
    assert "comes from a source that stands before" in store.history(forum.id)[-1].reason


def test_the_better_copy_that_comes_in_a_later_run_wins(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    first, better = distinct_pair(2), distinct_pair(2, url="u2", votes=9)
    store.add_pairs([first], "import:test")
    curate(project, store)
    store.add_pairs([better], "import:test")
    curate(project, store)
    assert snapshot(store) == {first.id: "rejected", better.id: "waiting"}


def test_a_copy_of_an_accepted_pair_is_rejected_however_good(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    first, better = distinct_pair(2), distinct_pair(2, url="u2", votes=9, accepted=True)
    store.add_pairs([first], "import:test")
    curate(project, store)
    accept(store, first.id)
    store.add_pairs([better], "import:test")
    curate(project, store)
    assert snapshot(store) == {first.id: "accepted", better.id: "rejected"}


def test_copies_of_a_pair_that_was_rejected_since_are_compared_again(make_project, opened, distinct_pair) -> None:
    project = make_project(rules="")
    store = opened(project)
    first, copy = distinct_pair(2, votes=1), distinct_pair(2, url="u2")
    store.add_pairs([first, copy], "import:test")
    curate(project, store)
    assert [finding.witness for finding in store.findings([copy.id])[copy.id]] == [first.id]
    held = claim_pair(store, first.id, "person:ana", lease_seconds=60)
    decide(store, Verdict(pair=first.id, version=held.version, decision="reject", by="person:ana", reason="wrong"))
    curate(project, store)
    assert store.findings([copy.id])[copy.id] == []


def test_a_new_rule_is_carried_out_on_what_was_found_before(make_project, opened, distinct_pair) -> None:
    project = make_project(rules="")
    store = opened(project)
    store.add_pairs([distinct_pair(2), distinct_pair(2, url="u2")], "import:test")
    curate(project, store)
    assert store.counts() == {"waiting": 2}
    again = make_project(more=f'[store]\nurl = "{project.store_url}"')
    assert curate(again, store).after == {"waiting": 1, "rejected": 1}


def test_a_step_that_cannot_work_now_leaves_its_pairs_and_the_others_go_on(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    store.add_pairs([distinct_pair(n) for n in range(3)], "import:test")
    down = True

    def look(pair):
        if down:
            raise NotNow("the server is down. Start it")
        yield Finding(pair=pair.id, step="remote", kind="seen")

    steps = [lift("remote", look), *find_steps(project.settings.curation)]
    report = curate(project, store, steps=steps)
    assert report.notes == ("remote: the server is down. Start it",)
    assert (of_step(report, "remote").looked, report.after) == (0, {"waiting": 3})
    down = False
    assert of_step(curate(project, store, steps=steps), "remote").found == {"seen": 3}


def test_a_step_that_speaks_of_pairs_it_was_not_shown_is_refused(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    store.add_pairs([distinct_pair(1)], "import:test")
    step = lift("odd", lambda pair: [Finding(pair="0" * 32, step="odd", kind="k")])
    with pytest.raises(InputError, match="odd"):
        curate(project, store, steps=[step])


def test_two_steps_that_undo_each_other_end_with_a_note(make_project, opened, distinct_pair) -> None:
    project = make_project(rules='[[curation.rules]]\nname = "all"\nthen = "apply"\n')
    store = opened(project)
    store.add_pairs([distinct_pair(1, answer="gris gris gris gris")], "import:test")

    def swap(name: str, before: str, after: str):
        def look(pair):
            if pair.answer.startswith(before):
                yield Finding(
                    pair=pair.id, step=name, kind="k", field="answer", end=len(before), before=before, after=after
                )  # fmt: skip

        return lift(name, look)

    report = curate(project, store, steps=[swap("there", "gris", "azul"), swap("back", "azul", "gris")])
    assert "one step after the other" in report.notes[0]


def test_every_step_is_closed_even_when_one_fails(make_project, opened, distinct_pair) -> None:
    project, closed = make_project(), []
    store = opened(project)
    store.add_pairs([distinct_pair(1)], "import:test")

    class Failing:
        name = "failing"

        def look(self, batch):
            raise ZeroDivisionError

        def close(self) -> None:
            closed.append(self.name)

    with pytest.raises(ZeroDivisionError):
        curate(project, store, steps=[Failing()])
    assert closed == ["failing"]


def test_two_runs_at_once_do_no_harm(make_project, opened, distinct_pair) -> None:
    project = make_project(accept=True)
    store = opened(project)
    store.add_pairs([distinct_pair(n % 20, url=f"u{n}", group=f"g{n}") for n in range(60)], "import:test")
    failures: list[Exception] = []

    def run() -> None:
        try:
            with Store.open(project.store_url) as own:
                curate(project, own)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    curate(project, store)
    assert store.counts() == {"accepted": 20, "rejected": 40}


CHILD = """
    import sys
    from pathlib import Path
    from curation.sieve import curate
    from tamiz.project import Project
    from tamiz.store import Store
    project = Project.open(Path(sys.argv[1]))
    print("ready", flush=True)
    with Store.open(project.store_url) as store:
        curate(project, store)
"""


def test_a_killed_run_goes_on_where_it_was(make_project, opened, distinct_pair) -> None:
    def filled(project):
        store = opened(project)
        texts = {n: distinct_pair(n).answer + (" <b>ya</b>" if n % 5 == 0 else "") for n in range(30)}
        store.add_pairs(
            [distinct_pair(n % 30, answer=texts[n % 30], url=f"u{n}", group=f"g{n}") for n in range(45)], "import:t"
        )
        return store

    whole, killed = make_project(accept=True), make_project(accept=True)
    expected = filled(whole)
    curate(whole, expected)
    store = filled(killed)
    for milliseconds in (50, 250, 600):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CHILD), str(killed.folder)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(milliseconds / 1000)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    curate(killed, store)
    assert snapshot(store) == snapshot(expected)
