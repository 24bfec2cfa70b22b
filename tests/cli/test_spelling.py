"""`tamiz spell` on a file, and `tamiz words` on a project."""

from __future__ import annotations

import csv
import json

import pytest

ROWS = [
    {"id": "a", "question": "Como va?", "answer": " Abre la configuracion y vuelve a hacrelo 😀. ", "x": "=1+1"},
    {"id": "b", "question": "How?", "answer": "You will get it by mail becuase you asked for it.", "x": "@x"},
]
PROJECT = '[curation]\nsteps = ["spelling"]\n[curation.spelling]\nengine = "embedded"\napply_at = 1\n'


@pytest.fixture(autouse=True)
def no_languagetool(monkeypatch, tmp_path):
    monkeypatch.setenv("LTP_PATH", str(tmp_path / "nowhere"))


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_spell_keeps_every_column_and_lists_its_changes(run, tmp_path):
    write(tmp_path / "in.csv", ROWS)
    done = run("spell", "in.csv", "-o", "out.csv", "--lang", "auto", "--json")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["question"], row["x"]) for row in rows] == [("a", "Como va?", "=1+1"), ("b", "How?", "@x")]
    assert rows[0]["answer"] == " Abre la configuración y vuelve a hacerlo 😀. "
    assert "because" in rows[1]["answer"]
    assert all(row["changes"].startswith("[") for row in rows)  # what we add is no formula
    changes = json.loads(rows[0]["changes"])
    names = {"field", "start", "before", "after", "rule", "engine", "kind", "confidence", "applied"}
    assert [set(change) for change in changes] == [names] * len(changes)
    for change in changes:
        assert ROWS[0][change["field"]][change["start"] :].startswith(change["before"])
    result = json.loads(done.stdout)
    assert (result["rows"], result["applied"]) == (2, 3)
    assert "dictionary es" in result["engines"]["embedded"]


def test_spell_leaves_the_terms_of_a_glossary_alone(run, tmp_path):
    write(tmp_path / "in.csv", ROWS[:1])
    (tmp_path / "terms.txt").write_text("hacrelo # ours\n", encoding="utf-8")
    run("spell", "in.csv", "-o", "out.jsonl", "--lang", "es", "--fields", "answer", "--glossary", "terms.txt")
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert row["answer"] == " Abre la configuración y vuelve a hacrelo 😀. "


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        pytest.param(["--lang", "es", "--engine", "languagetool"], 1, "[curation.spelling] url", id="no LanguageTool"),
        pytest.param(
            ["--lang", "es", "--url", "http://127.0.0.1:9"], 1, "refused); nothing was written", id="no server"
        ),
        pytest.param(["--lang", "es", "--glossary", "no.txt"], 1, "no.txt is not there", id="no glossary"),
        pytest.param(["--lang", "spanish"], 2, "ISO 639-1", id="no code of a language"),
        pytest.param(["--lang", "es", "--fields", "text"], 1, "no column 'text'", id="no such column"),
        pytest.param(["--lang", "es", "--url", "ftp://x"], 1, "give an http or https address", id="no web address"),
    ],
)
def test_spell_says_what_it_cannot_do_and_writes_nothing(run, tmp_path, options, code, said):
    write(tmp_path / "in.csv", ROWS)
    done = run("spell", "in.csv", "-o", "out.csv", *options, code=code)
    assert said in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_words_are_listed_and_decided_about_once_for_all_pairs(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text(PROJECT, encoding="utf-8")
    rows = [{"question": f"¿Caso {n}?", "answer": f"Vuelve a hacrelo en el momneto {n}."} for n in range(3)]
    write(tmp_path / "in.csv", rows)
    run("import", "in.csv")
    said = run("curate").stdout
    assert "0 words changed in 0 places, 2 words in 6 places wait for people (100%)" in said
    listed = json.loads(run("words", "--json").stdout)["words"]
    assert [(one["before"], one["after"], one["pairs"]) for one in listed] == [
        ("hacrelo", "hacerlo", 3),
        ("momneto", "momento", 3),
    ]
    assert "hacrelo" in listed[0]["examples"][0]["text"]
    assert "3 pairs changed" in run("words", "hacrelo", "--always", "--by", "reviewer-1").stdout
    run("words", "momneto", "--never", "--by", "reviewer-1")
    assert "es: momneto" in (tmp_path / "glossary.txt").read_text(encoding="utf-8")
    assert "no word waits" in run("words").stdout
    assert "3 pairs changed" in run("words", "hacrelo", "--undo", "--by", "reviewer-2").stdout
    assert "no open pair has a finding about 'momneto'" in run("words", "momneto", "--always", code=1).stderr
    assert "give one of" in run("words", "x", "--always", "--never", code=2).stderr
    assert "--to belongs to a decision" in run("words", "hacrelo", "--to", "hacerlo", code=2).stderr
    assert "in an open pair 'zzz'" in run("words", "hacrelo", "--here", "zzz", code=1).stderr
    report = json.loads((tmp_path / "work" / "reports" / "spelling.json").read_text(encoding="utf-8"))
    assert (report["waiting_times"], report["waiting_share"], report["questions"]) == (6, 1.0, "keep")
    assert "| 3 | 3 | es | `hacrelo` | `hacerlo` | spelling |" in (tmp_path / "work/reports/spelling.md").read_text()
