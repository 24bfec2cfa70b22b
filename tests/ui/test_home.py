"""The first screen: the funnel, what to do next and its buttons, who did what, and how good each source is."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st

import curation.overview
from tamiz.activity import Deed
from tamiz.decisions import judge, mark_sieved
from tamiz.jobs import job
from tamiz.jobworker import _lock
from tamiz.project import Project
from tamiz.records import Finding, Verdict
from tamiz.store import Store
from ui.widgets.activity import grouped


def html_of(test) -> str:
    return "\n".join(element.proto.body for element in test.get("html"))


def labels(test) -> list[str]:
    return [button.label for button in test.button]


def bring(store: Store, pairs, decision: str = "", by: str = "person:reviewer-1", reason: str = "") -> None:
    store.add_pairs(pairs, f"source:{pairs[0].source}")
    mark_sieved(store, [pair.id for pair in pairs])
    told = [Verdict(pair=pair.id, version=2, decision=decision, by=by, reason=reason) for pair in pairs if decision]
    assert judge(store, told).done == len(told)


def test_an_empty_project_without_sources_says_how_to_begin(draw, opened):
    test = draw("home")
    assert "Name the sources of your site" in html_of(test)
    assert labels(test) == []


def test_a_project_with_sources_fetches_them_at_a_press(draw, opened, folder):
    with (folder / "tamiz.toml").open("a", encoding="utf-8") as file:
        file.write('[[sources]]\nname = "ayuda"\nurl = "https://ayuda.example/"\n')
    assert labels(draw("home")) == ["Fetch"]
    assert labels(draw("home", language="es")) == ["Descargar"]


def test_the_funnel_alone_is_drawn_again_while_a_job_runs(draw, opened, folder, make_pair, monkeypatch):
    drawn, real = {}, st.fragment

    def fragment(draw=None, **options):
        def keep(part):
            drawn[part.__qualname__.partition(".")[0]] = (part, options.get("run_every"))
            return real(part, **options)

        return keep(draw) if draw else keep

    monkeypatch.setattr(st, "fragment", fragment)
    draw("home")
    assert drawn["_draw_funnel"][1] is None
    home = folder / "jobs" / "crawl-ayuda"
    home.mkdir(parents=True)
    about = {"pid": 2**22 + 7, "by": "", "arguments": ["crawl", "ayuda"], "started_at": datetime.now(UTC).isoformat()}
    (home / "job.json").write_text(json.dumps(about), encoding="utf-8")
    lock = _lock(home / "lock")
    try:
        draw("home")
    finally:
        os.close(lock)
    part, seconds = drawn["_draw_funnel"]
    assert seconds <= 5
    shown: list[str] = []
    monkeypatch.setattr(st, "html", shown.append)
    opened.add_pairs([make_pair(number) for number in range(7)], "source:ayuda")
    part()
    assert '<td class="tz-count">7</td>' in shown[0]


def test_what_another_job_does_already_is_not_offered_again(draw, opened, folder):
    with (folder / "tamiz.toml").open("a", encoding="utf-8") as file:
        file.write('[[sources]]\nname = "ayuda"\nurl = "https://ayuda.example/"\n')
    home = folder / "jobs" / "crawl-ayuda"
    home.mkdir(parents=True)
    about = {"pid": 2**22 + 7, "by": "", "arguments": ["crawl", "ayuda"], "started_at": datetime.now(UTC).isoformat()}
    (home / "job.json").write_text(json.dumps(about), encoding="utf-8")
    lock = _lock(home / "lock")
    try:
        assert labels(draw("home")) == ["Stop"]
    finally:
        os.close(lock)
    assert labels(draw("home")) == ["Fetch"]


def test_what_is_new_is_checked_at_a_press_and_not_twice(draw, opened, folder, make_pair):
    opened.add_pairs([make_pair(number) for number in range(2)], "source:ayuda")
    test = draw("home")
    assert "Pairs not checked yet: 2." in html_of(test)
    test.button(key="job-start-curate").click().run()
    assert not test.exception
    project, end = Project.open(folder), time.monotonic() + 60
    while (state := job(project, "curate")) is None or state.running:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert state.code == 0, state.said
    test.run()
    assert labels(test) == []
    assert "Checking pairs: done" in html_of(test)


def test_the_funnel_is_a_table_that_reads_without_seeing_it(draw, opened, make_pair):
    bring(opened, [make_pair(number) for number in range(6)])
    bring(opened, [make_pair(number) for number in range(6, 9)], "accept")
    bring(opened, [make_pair(9)], "reject", reason="wrong")
    opened.add_pairs([make_pair(number) for number in range(10, 20)], "source:ayuda")
    rows = re.findall(
        r'<th scope="row">(.*?)</th>.*?tz-count">(.*?)</td><td class="tz-part">(.*?)</td>', html_of(draw("home"))
    )
    assert rows == [
        ("Pages", "0", ""),
        ("Pairs", "20", ""),
        ("Checked", "10", "50%"),
        ("Decided", "4", "40%"),
        ("Accepted", "3", "75%"),
    ]


def test_too_few_accepted_pairs_are_told_before_an_export_is_offered(draw, opened, make_pair):
    bring(opened, [make_pair(1)], "accept")
    said = html_of(draw("home"))
    assert "A dataset needs 20 accepted pairs; 19 to go." in said
    bring(opened, [make_pair(number) for number in range(2, 22)], "accept")
    assert labels(draw("home")) == ["Export"]


def test_what_somebody_did_on_a_day_is_one_line_under_their_name(draw, opened, make_pair):
    bring(opened, [make_pair(number) for number in range(14)], "accept", by="person:night <b>shift</b>")
    bring(opened, [make_pair(20)], "reject", by="rule:exact-copies")
    said = html_of(draw("home"))
    assert "<li>night &lt;b&gt;shift&lt;/b&gt; accepted 14 pairs · " in said
    assert "the rule exact-copies" not in said.split("tz-cards")[0]
    test = draw("home")
    test.toggle[0].set_value(True).run()
    assert "the rule exact-copies rejected 1 pair · " in html_of(test)
    assert "la regla exact-copies" not in html_of(test)


def test_each_person_is_counted_today_and_this_week(draw, opened, make_pair):
    bring(opened, [make_pair(number) for number in range(3)], "accept")
    bring(opened, [make_pair(9)], "reject", reason="wrong")
    table = html_of(draw("home")).split("tz-table")[1]
    row = re.search(r'<th scope="row">reviewer-1</th>(.*?)</tr>', table)
    assert row is not None
    assert re.findall(r"<td>(\d+)</td>", row[1]) == ["4", "4", "3", "1", "0"]


def test_each_source_shows_its_shares_what_is_found_and_why_pairs_are_rejected(draw, opened, make_pair):
    pairs = [make_pair(number, confidence=0.5) for number in range(4)]
    bring(opened, pairs[:3], "accept")
    bring(opened, pairs[3:], "reject", reason="<i>no</i>")
    found = [Finding(pair=pairs[0].id, step="quality", kind="too_short", field="answer")] * 2
    opened.add_look("quality", "s", [pair.id for pair in pairs], found)
    card = html_of(draw("home")).split("tz-card")[-1]
    assert "accepted 3 (75%)" in card
    assert "rejected 1 (25%)" in card
    assert "findings per pair: 0.5 · mean confidence: 0.50" in card
    assert "too short (2)" in card
    assert "&lt;i&gt;no&lt;/i&gt; (1)" in card


@pytest.mark.parametrize("language", ["en", "es"])
def test_jobs_that_ended_badly_are_told_with_their_last_lines(draw, opened, folder, make_pair, language):
    bring(opened, [make_pair(1)], "accept")
    home = folder / "jobs" / "curate"
    home.mkdir(parents=True)
    about = '{"pid": 1, "by": "", "arguments": ["curate"], "started_at": "2026-01-31T09:30:00+00:00", "code": 1}'
    (home / "job.json").write_text(about, encoding="utf-8")
    (home / "said.txt").write_text("tamiz: no", encoding="utf-8")
    test = draw("home", language=language)
    expected = {"en": "Checking pairs: did not succeed, exit code 1", "es": "Comprobando pares: no salió bien"}
    assert expected[language] in test.expander[0].label.replace("\\", "")
    assert test.code[0].value == "tamiz: no"


def test_deeds_of_several_hours_are_one_line_of_their_day():
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)

    def deed(hours: int, pairs: int, move: str = "accept") -> Deed:
        at = (start + timedelta(hours=hours)).isoformat()
        return Deed(actor="person:a", move=move, pairs=pairs, first_at=at, last_at=at, last_seq=hours)

    found = [deed(26, 1), deed(25, 2), deed(3, 4), deed(2, 8, "reject"), deed(1, 16)]
    days = [(day, [(one.move, one.pairs) for one in lines]) for day, lines in grouped(found)]
    assert days == [("2026-02-01", [("accept", 3)]), ("2026-01-31", [("accept", 20), ("reject", 8)])]


def test_words_that_would_take_long_to_count_are_not_counted(draw, opened, make_pair, monkeypatch):
    monkeypatch.setattr(curation.overview, "FINDINGS_COUNTED", 2)
    pairs = [make_pair(number) for number in range(3)]
    bring(opened, pairs)
    about = {"step": "spelling", "kind": "spelling", "field": "answer", "start": 0, "end": 1, "after": "x"}
    found = [Finding(pair=pair.id, before=pair.answer[:1], confidence=0.6, **about) for pair in pairs]
    opened.add_look("spelling", "s", [pair.id for pair in pairs], found)
    assert "too many findings to count them here" in html_of(draw("home"))
