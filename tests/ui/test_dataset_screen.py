"""The dataset screen: versions shown whatever one of them is like, exported from here, and their text as text."""

from __future__ import annotations

import html
import json

import pytest

from curation.export import export
from tamiz.decisions import judge
from tamiz.jobs import job
from tamiz.project import Project
from tamiz.records import Turn, Verdict
from ui.widgets.card_text import card_markdown

HOSTILE = "<img src=x onerror=alert(1)> $x$ :red[y]"


@pytest.fixture
def project(folder, opened, make_pair) -> Project:
    path = folder / "tamiz.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[export]\nmin_pairs = 2\n", encoding="utf-8")
    opened.add_pairs([make_pair(n, label=HOSTILE if n == 1 else "") for n in range(1, 9)], "source:ayuda")
    accept(opened)
    return Project.open(folder)


def accept(store) -> None:
    new = store.pairs("new")
    judge(store, [Verdict(pair=s.pair.id, version=s.version, decision="accept", by="rule:all") for s in new])


def pages(test) -> str:
    return "".join(element.proto.body for element in test.get("html"))


def test_without_a_version_the_screen_says_what_to_do_and_does_it(project, draw, until):
    test = draw("dataset")
    assert "no dataset version yet" in test.info[0].value
    next(button for button in test.button if button.label == "Export a new version").click().run()
    until(lambda: (state := job(project, "export")) is not None and not state.running)
    assert job(project, "export").code == 0
    test.run()
    assert not test.exception
    assert list(test.dataframe[0].value["Version"]) == ["v001"]


@pytest.mark.parametrize(
    ("language", "fresh", "stale"),
    [("en", "holds all accepted pairs", "1 more accepted pairs"), ("es", "todos los pares aceptados", "hay 1 pares")],
)
def test_the_screen_tells_how_far_a_version_is_behind(project, opened, make_pair, draw, language, fresh, stale):
    export(project, opened)
    assert any(fresh in text.value for text in draw("dataset", language=language).markdown)
    opened.add_pairs([make_pair(50, question="¿Otra cosa?", answer="Otra respuesta.")], "source:ayuda")
    accept(opened)
    assert any(stale in text.value for text in draw("dataset", language=language).markdown)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "chat",
                "has earlier turns",
                "Paraphrased questions",
                "<b>m</b>",
                "without a model",
                "not checked yet",
                "the rule junk",
            ),
        ),
        (
            "es",
            (
                "chat",
                "tiene turnos anteriores",
                "Preguntas parafraseadas",
                "<b>m</b>",
                "sin modelo",
                "sin comprobar",
                "la regla junk",
            ),
        ),
    ],
)
def test_what_was_made_and_what_formats_hold_is_told(project, opened, make_pair, draw, language, said):
    by = {"kind": "synthetic", "question": "¿Hecho a partir de otro?", "answer": "Sí, y con estas palabras."}
    asked = Turn(role="user", content="¿Hola?"), Turn(role="assistant", content="¿Sí?")
    named = "synth:paraphrase by <b>m</b>"
    more = [
        make_pair(40, **by, pattern=named, made_by=named),
        make_pair(41, context=asked, question="¿Y luego?", answer="Luego nada."),
        make_pair(42, kind="synthetic", question="¿cmo?", answer="Así.", pattern="synth:noise", made_by="synth:noise"),
    ]
    opened.add_pairs(more, "source:ayuda")
    accept(opened)
    extra = [make_pair(43, question="¿Nuevo?", answer="Nuevo."), make_pair(44, question="¿Otro?", answer="Otro.")]
    opened.add_pairs(extra, "source:ayuda")
    judge(opened, [Verdict(pair=extra[1].id, version=1, decision="reject", by="rule:junk")])
    manifest = export(project, opened, ["json", "chat", "dpo"])
    test = draw("dataset", language=language)
    figures = {one.label: one.value for one in test.metric}
    assert figures["Hechos, en entrenamiento" if language == "es" else "Made, in training"] == "2"
    assert f"{manifest.synthetic['share_of_train']:.1%}" in figures.values()
    told = pages(test) + "".join(one.value for one in test.info)
    left = next(list(one.value.iloc[:, 0]) for one in test.dataframe if len(one.value.columns) == 2)
    for one in said:
        assert html.escape(one) in told or any(one in reason for reason in left)
    assert "<b>m" not in told
    assert ("dpo was not written" if language == "en" else "dpo no se escribió") in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("formats", {"json": {"lines": {"train": "many"}, "left_out": {}}}),
        ("formats", {"json": 3}),
        ("synthetic", {"pairs": {"train": 1}}),
        ("synthetic", {"pairs": [], "recipes": {}, "models": {}, "share_of_train": 0.1, "changed_copies": 0}),
    ],
)
def test_a_manifest_that_somebody_changed_is_told_as_broken(project, opened, draw, name, value):
    export(project, opened)
    path = project.exports / "v001" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), name: value}), encoding="utf-8")
    assert "manifest\\.json cannot be read" in draw("dataset").warning[0].value


@pytest.mark.parametrize("part", ["contents", "changes", "files", "card"])
def test_a_broken_version_hides_no_other(project, opened, make_pair, draw, part):
    export(project, opened)
    opened.add_pairs([make_pair(50, question=f"¿{HOSTILE}?", answer=HOSTILE)], "source:ayuda")
    accept(opened)
    export(project, opened)
    (project.exports / "v003").mkdir()
    test = draw("dataset")
    assert "v003" in test.warning[0].value
    assert list(test.dataframe[0].value["Version"]) == ["v002", "v001"]
    test.session_state["dataset_part"] = part
    test.run()
    assert not test.exception
    assert not test.error
    assert "<img" not in pages(test)
    assert all("<img" not in text.value for text in test.markdown)
    if part == "changes":
        assert "&lt;img src=x onerror=alert(1)&gt;" in pages(test)


def test_a_version_whose_pairs_are_cut_off_is_told_and_its_files_are_there(project, opened, draw):
    export(project, opened)
    path = project.exports / "v001" / "pairs" / "train.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    test = draw("dataset")
    assert all("train\\.jsonl cannot be read" in error.value for error in test.error)
    assert test.error
    test.session_state["dataset_part"] = "files"
    test.run()
    assert not test.exception
    assert len(test.get("download_button")) > 5


def test_a_card_that_somebody_wrote_leads_nowhere():
    shown = card_markdown(
        "![x](http://evil/p.png) [go](http://evil) http://evil www.evil.example <b>x</b> :material/x:"
    )
    assert "![x]" not in shown
    assert "\\[go\\]" in shown
    assert "://" not in shown
    assert "www." not in shown
    assert "<b>" not in shown
    assert ":material" not in shown.replace("\\:material", "")
