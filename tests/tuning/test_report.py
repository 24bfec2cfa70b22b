"""The proof of a run from end to end: probes, a report, and texts in it that must not act."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from tamiz.cli import cli
from tuning.adapters import read_card
from tuning.card import result_table
from tuning.data import Example
from tuning.evaluate import plan_answers
from tuning.proof import Proof
from tuning.report.findings import weigh
from tuning.report.intervals import Interval
from tuning.report.markdown import as_markdown, fenced, in_line, told_lines
from tuning.report.page import as_page
from tuning.report.plots import Bar, bars, curves, intervals, scatter
from tuning.report.probes import general_questions, mistyped, reworded, unanswerable
from tuning.report.written import write_report
from tuning.train import tune

HOSTILE = "<script>alert('x')</script> ```\n# big [a](https://evil.example) | \x1b[31m"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture(scope="module")
def proved(toy, tmp_path_factory, base_folder):
    """A run whose test split has hostile texts, two languages and two labels; its folder and card."""
    from tamiz.settings import LoraSettings, TuningSettings

    folder, rows = tmp_path_factory.mktemp("proved"), toy.rows()
    spanish = [toy.row(f"¿Qué hay en la caja {n}?", f"Hay {n} marcas.", lang="es", label="dark") for n in range(3)]
    hostile = toy.row(f"What is {HOSTILE}?", f"A mark {HOSTILE}.", label="dark")
    export = toy.export(folder / "v001", train=rows[:20], validation=rows[20:22], test=[*rows[22:], *spanish, hostile])
    wanted = TuningSettings(
        base=str(base_folder("llama")),
        epochs=2.0,
        learning_rate=0.02,
        device="cpu",
        max_new_tokens=8,
        samples=2,
        eval_probes=3,
        lora=LoraSettings(r=4, alpha=8),
    )
    card = tune(export, wanted, name="proved", runs=folder / "runs", adapters=folder / "adapters")
    return folder / "runs" / "proved", card


def test_a_gain_on_questions_that_were_learnt_is_not_proved():
    asked = tuple(
        Example(id=f"{n}", question=f"Who is {n}?", answer=f"It is number {n}.", lang="en") for n in range(12)
    )
    truth = tuple(example.answer for example in asked)
    answers = {"base": ["nobody"] * 12, "tuned": list(truth)}
    losses = {"base": [(9.0, 3)] * 12, "tuned": [(1.0, 3)] * 12}
    proof = Proof(questions=asked, truth=truth, results={}, answers=answers, tested=asked, losses=losses)
    assert weigh(proof, "causal", 13).verdict.outcome == "helped"
    doubted = weigh(proof, "causal", 13, seen=asked[:2]).verdict
    assert (doubted.outcome, doubted.recommended) == ("unclear", False)
    assert doubted.reason.startswith("2 test questions are among the training pairs (0, 1), so that no gain is proved")


@pytest.fixture
def labelled():
    asked = tuple(
        Example(id=f"{n}", question=f"Who is {n}?", answer="", lang="en", label="ab"[n % 2]) for n in range(12)
    )
    truth = tuple(example.label for example in asked)
    answers = {"base": ["a"] * 12, "tuned": list(truth), "majority": ["a"] * 12}
    losses = {"base": [(0.9, 1)] * 12, "tuned": [(0.1, 1)] * 12}
    return Proof(questions=asked, truth=truth, results={}, answers=answers, tested=asked, losses=losses)


def test_the_loss_of_labels_is_told_by_the_question_and_that_of_answers_by_the_token(proved, labelled):
    evidence = weigh(labelled, "classify", 13)
    told = (as_markdown(evidence, {}), as_page(evidence, {}), "\n".join(told_lines(evidence.parts[0])))
    assert all("loss (nats a question)" in text and "nats a token" not in text for text in told)
    answered = (proved[0] / "report.md").read_text()
    assert "loss (nats a token)" in answered
    assert "nats a question" not in answered


def test_the_head_says_where_base_is_the_adapter_that_the_run_started_from(proved, labelled, tmp_path):
    card = replace(proved[1], settings={**proved[1].settings, "method": "dpo", "start": "taught"})
    write_report(tmp_path, card, labelled, weigh(labelled, "classify", 13))
    said = "below is the adapter taught, which the run started from"
    for text in ((tmp_path / "report.md").read_text(), (tmp_path / "report.html").read_text(), result_table(card)):
        assert said in text
    assert said not in (proved[0] / "report.md").read_text()


def test_the_card_has_the_verdict_and_the_report_its_reasons(proved):
    run, card = proved
    assert card.proof["verdict"] in ("helped", "unclear", "harmed")
    assert card.proof["recommended"] is (card.proof["verdict"] == "helped")
    assert read_card(run).proof == card.proof
    value, low, high = card.proof["changes"]["loss"]
    assert low <= value <= high < 0
    told = json.loads((run / "proof.json").read_bytes())
    named = {part["name"]: part for part in told["evidence"]["parts"]}
    assert {"test", "mistyped", "price mistyped", "reworded", "unanswerable", "general", "general es"} <= set(named)
    assert {"language en", "language es", "label dark", "label light"} <= set(named)
    assert named["mistyped"]["rows"] == named["unanswerable"]["rows"] == 3
    assert named["general"]["rows"] == 40
    assert len(told["evidence"]["worst"]) == 10
    assert told["evidence"]["verdict"]["line"] == card.proof["line"]


def test_the_parts_add_up_to_the_whole(proved):
    told = json.loads((proved[0] / "proof.json").read_bytes())
    parts = {part["name"]: part for part in told["evidence"]["parts"]}
    assert parts["language en"]["rows"] + parts["language es"]["rows"] == parts["test"]["rows"] == 14
    loss = next(one for one in parts["test"]["measures"] if one["measure"] == "loss")
    assert loss["after"]["value"] == pytest.approx(proved[1].results["tuned"]["loss"])
    assert loss["change"]["value"] == pytest.approx(loss["after"]["value"] - loss["before"]["value"])


def test_texts_of_pairs_do_not_act_in_the_page(proved):
    page = (proved[0] / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not tags.names & {"script", "img", "a", "iframe", "link", "form", "object"}
    assert not any(name.startswith("on") or name in ("href", "src") for name in tags.attributes)
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    for drawn in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(drawn)
    assert "<svg" in page


def test_texts_of_pairs_do_not_act_in_the_markdown(proved):
    lines = (proved[0] / "report.md").read_text(encoding="utf-8").split("\n")
    fence = ""
    for line in lines:
        mark = re.match(r"`{3,}", line)
        if not fence and mark:
            fence = mark[0]
        elif fence and line == fence:
            fence = ""
        elif not fence:
            assert "<script>" not in line
            assert not line.startswith("# big")
    assert fence == ""
    assert "\x1b" not in "".join(lines)


def test_every_training_pair_has_its_losses_before_and_after(proved):
    rows = [json.loads(line) for line in (proved[0] / "losses.jsonl").read_text().splitlines()]
    assert len({row["id"] for row in rows}) == 20
    assert sum(row["last"] < row["first"] for row in rows) > 15
    assert not (proved[0] / "losses-first.json").exists()


def test_the_losses_of_pairs_are_those_of_their_batches(toy_export, tokenizer_for, toy, settings):
    import torch

    from tuning.data import read_export
    from tuning.lessons import make_lesson
    from tuning.losses import losses_of

    for kind in ("llama", "gemma2"):  # with and without the fast way
        model, tokenizer = toy.causal(kind), tokenizer_for()
        lesson = make_lesson(model, tokenizer, read_export(toy_export), (), settings(kind), torch.device("cpu"))
        found = losses_of(model, lesson, lesson.test)
        with torch.no_grad():
            for pair, (loss, count) in zip(lesson.test, found, strict=True):
                alone, counted = lesson.loss(lesson.collate([pair]))
                assert (loss, count) == (pytest.approx(float(alone), rel=1e-4), counted)


def test_a_classifier_is_proved_with_its_labels(toy, tmp_path, settings):
    rows = toy.rows()
    export = toy.export(tmp_path / "v001", train=rows[:20], test=rows[20:])
    wanted = settings("bert", task="classify", epochs=1.0, eval_probes=4)
    card = tune(export, wanted, name="labels", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    told = json.loads((tmp_path / "runs" / "labels" / "proof.json").read_bytes())
    assert {part["name"] for part in told["evidence"]["parts"]} >= {"test", "majority", "price mistyped", "label dark"}
    assert set(card.proof["changes"]) == {"loss", "accuracy", "macro_f1"}
    assert "macro F1" in (tmp_path / "runs" / "labels" / "report.md").read_text(encoding="utf-8")


def test_mistyped_questions_are_the_same_again_and_keep_their_digits():
    asked = "¿Cuánto cuesta la tarifa de 600 megas con 2 líneas?"
    typed = mistyped(asked, seed=13)
    assert typed == mistyped(asked, seed=13) != asked
    assert re.findall(r"\d+", typed) == ["600", "2"]
    assert not set("áé¿") & set(typed)
    assert mistyped("123", seed=1) == "123"


@pytest.mark.parametrize(
    ("asked", "lang", "other"),
    [
        ("¿Cómo cambio la clave?", "es", "Quería saber cómo cambio la clave, gracias."),
        ("¿Puedo cambiar de tarifa?", "es", "Quería saber si puedo cambiar de tarifa, por favor."),
        ("Mi router no va", "es", "Hola, tengo una duda: Mi router no va Gracias."),
        ("Where is my bill?", "en", "Hello, could you tell me something? where is my bill, please?"),
        ("Où est ma facture ?", "fr", None),
    ],
)
def test_questions_are_asked_in_other_words(asked, lang, other):
    assert reworded(asked, lang) == other


def test_bundled_questions_are_in_both_languages():
    assert {example.lang for example in general_questions()} == {"es", "en"}
    assert [example.lang for example in unanswerable(["es", "fr"], 4)] == ["es", "en", "es", "en"]


def test_time_goes_to_test_questions_before_probes():
    sizes = {"questions": 40, "probes": 12, "kinds": 3, "models": 2}
    plenty = plan_answers(0.1, **sizes, seconds=60.0)
    some = plan_answers(1.0, **sizes, seconds=110.0)
    short = plan_answers(5.0, **sizes, seconds=60.0)
    assert (plenty.questions, plenty.probes, plenty.left_out) == (40, 12, ())
    assert (some.questions, some.probes) == (40, 5)
    assert (short.questions, short.probes) == (16, 0)
    assert "24 of 40 test questions" in short.left_out[0]


def test_a_run_without_time_says_what_it_left_out(toy, tmp_path, settings):
    rows = toy.rows()
    export = toy.export(tmp_path / "v001", train=rows[:12], test=[*rows[12:], toy.row("Où ?", "Là.", lang="fr")])
    wanted = settings(epochs=0.1, eval_seconds=1e-6, eval_probes=4, eval_answers=20, max_new_tokens=2)
    card = tune(export, wanted, name="short", runs=tmp_path / "runs", adapters=tmp_path / "adapters")
    assert card.results["tuned"]["answered"] == 16
    assert card.results["tuned"]["pairs"] == 21
    text = " ".join(card.proof["left_out"])
    assert "1 of 21 test questions: [tuning] eval_answers" in text
    assert "4 of 20 test questions" in text
    assert "probes" in text


def test_a_fence_is_longer_than_any_in_the_text():
    assert fenced("a ```` b")[0] == "`````text"
    assert in_line("[a](http://x.example) <b>\n# *c* www.d.example") == (
        r"\[a\](http\://x.example) \<b\> \# \*c\* www\.d.example"
    )


def test_pictures_are_whole_and_their_names_are_escaped():
    one = Interval(value=0.5, low=0.4, high=1.6)
    drawn = [
        intervals([("<b>", one, one)], ("base", "tuned"), "a & b"),
        curves({"<train>": [(0, 3.0), (5, 1.0)], "none": []}, "loss"),
        scatter([(1.0, 0.5), (2.0, 2.5)], "pairs", across="before", up="after"),
        bars({"memory": [Bar(name="LoRA", value=1.0, told="1 MB"), Bar(name="full", value=3.0, told="3 MB")]}, "c"),
    ]
    for svg in drawn:
        assert ET.fromstring(svg).tag.endswith("svg")
        assert "<b>" not in svg
    assert curves({}, "") == intervals([], ("a", "b"), "") == scatter([], "", across="", up="") == bars({}, "") == ""


def test_questions_without_a_group_stand_for_themselves():
    from tuning.report.evidence import draws_of

    some = [Example(id=str(n), question="a", answer="b", lang="en", group="g" if n < 2 else "") for n in range(5)]
    assert draws_of(some, 1).groups == 4


def test_losses_makes_no_database_where_there_is_none(tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    result = CliRunner().invoke(cli, ["--project", str(tmp_path), "losses", "run"])
    assert result.exit_code != 0
    assert "has no database" in str(result.exception)
    assert not (tmp_path / "tamiz.db").exists()
