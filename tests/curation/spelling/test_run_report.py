"""What a run tells of words: the changes and by whom, the terms, what waits, and which engines said so."""

from __future__ import annotations

import json

from curation.sieve import curate
from curation.spelling.run_report import report_lines

SPELLING = '[curation]\nsteps = ["spelling"]\n[curation.spelling]\nengine = "embedded"\n'


def test_a_report_has_changes_terms_what_waits_and_versions(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    (project.folder / "glossary.txt").write_text("HomeBox\n", encoding="utf-8")
    store = opened(project)
    text = "Mira la configuracion del zorquiton en tu casa; el `|` y el xabrel|x quedan, caso {}."
    store.add_pairs([distinct_pair(n, answer=text.format(n), lang="es") for n in range(4)], "import:test")
    report = curate(project, store).spelling
    assert report is not None
    assert [(one.before, one.after, one.times, one.by) for one in report.changes] == [
        ("configuracion", "configuración", 4, "rule:spelling")
    ]
    assert report.changed_times == 4
    assert report.waiting_share == report.waiting_times / (4 + report.waiting_times)
    assert (report.protected, report.nevers) == (1, 0)
    doubted = {one.before for one in report.waiting}
    assert ("zorquiton" in report.terms) != ("zorquiton" in doubted)
    assert "configuracion" not in report.terms
    assert "dictionary es" in report.engines["embedded"]
    assert "1 words changed in 4 places" in report_lines(report)[0]
    written = json.loads((project.folder / "work" / "reports" / "spelling.json").read_text(encoding="utf-8"))
    assert written["changes"][0]["before"] == "configuracion"
    readable = (project.folder / "work" / "reports" / "spelling.md").read_text(encoding="utf-8")
    assert "| 4 | es | `configuracion` | `configuración` | accent | `rule:spelling` |" in readable


def test_a_run_that_looks_at_nothing_leaves_the_last_report(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    store.add_pairs([distinct_pair(1, answer="Mira la configuracion de tu casa.", lang="es")], "import:test")
    curate(project, store)
    path = project.folder / "work" / "reports" / "spelling.json"
    before = path.read_bytes()
    assert curate(project, store).spelling is not None
    assert path.read_bytes() == before


def test_pairs_in_a_language_without_a_dictionary_are_told_of(make_project, opened, distinct_pair) -> None:
    project = make_project(steps=SPELLING, rules="")
    store = opened(project)
    pairs = [distinct_pair(n, answer=f"Sakatu botoia {n}.", lang=lang) for n, lang in enumerate(["eu", "eu", "es"])]
    store.add_pairs(pairs, "import:test")
    report = curate(project, store).spelling
    assert report is not None
    assert report.unchecked == {"eu": 2}
    assert "no dictionary of their language (pairs): eu 2" in report_lines(report)[0]
    assert "eu 2." in (project.folder / "work" / "reports" / "spelling.md").read_text(encoding="utf-8")
