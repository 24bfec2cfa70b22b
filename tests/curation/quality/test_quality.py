"""What the step quality finds: the labelled pairs, the limits of each kind, and that it says the same twice."""

from __future__ import annotations

import datetime
import importlib
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.quality.dated import out_of_date
from curation.quality.reading import Text, fold
from curation.quality.step import QualityStep
from curation.sieve import sieve
from tamiz.errors import SettingsError
from tamiz.records import Pair
from tamiz.settings import CurationSettings, LengthSettings, QualitySettings, read_settings

RECALL = {"not_an_answer": 0.7, "marketing": 0.85}  # by words alone; all others 0.9
SOUND = "Abre los ajustes del router, entra en Seguridad y escribe la clave nueva dos veces."


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    folder = str(Path(__file__).parents[3] / "benchmarks")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("quality")
    finally:
        sys.path.remove(folder)


@pytest.fixture(scope="module")
def table(benchmark: ModuleType) -> dict[str, tuple[int, int, int, list[str]]]:
    return benchmark.score([case for half in ("first", "second") for case in benchmark.read_cases(half)])


def kinds(answer: str, question: str = "¿Cómo cambio la clave del wifi?", **values: object) -> list[str]:
    given = {"lang": "es", "url": "u", "kind": "faq", "group": "g", **values}
    step = QualityStep(CurationSettings(quality=QualitySettings(today="2026-06-15")))
    return [found.kind for found in step.look([Pair(question=question, answer=answer, **given)])]  # type: ignore[arg-type]


def test_every_kind_is_found_where_it_is_labelled_and_not_where_it_is_not(table) -> None:
    poor = {}
    for kind, (right, wrong, missed, told) in table.items():
        if right / max(1, right + wrong) < 0.95 or right / (right + missed) < RECALL.get(kind, 0.9):
            poor[kind] = told
    assert poor == {}


def test_near_certain_junk_is_never_a_pair_that_is_labelled_clean(benchmark: ModuleType) -> None:
    cases = [case for half in ("first", "second") for case in benchmark.read_cases(half)]
    found = benchmark.found_kinds(cases)
    junk = {"link_only", "question_repeated", "see_above", "thanks_only", "not_an_answer"}
    sure = [
        case.pair.answer
        for case in cases
        if not case.expected and any(found[case.pair.id].get(kind, 0) >= 0.95 for kind in junk)
    ]
    assert sure == []


def test_the_blind_pairs_are_told_from_each_other(benchmark: ModuleType) -> None:
    table = benchmark.score_labelled("blind")
    poor = {kind for kind, (right, wrong, missed, _) in table.items() if wrong or right / (right + missed) < 0.9}
    assert poor <= {"not_an_answer"}  # one of them is found by words alone, with little confidence
    assert table["not_an_answer"][1] <= 1
    assert sum(sure for _, _, _, sure in table.values()) == 0


def test_what_may_be_the_answer_that_was_asked_for_is_never_near_certain_junk(benchmark: ModuleType) -> None:
    assert {kind: row[3] for kind, row in benchmark.score_labelled("doubtful").items() if row[3]} == {}


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        pytest.param("How long is the warranty?", "Two years.", [], id="what was asked for"),
        pytest.param("Is there a dark theme?", "Not yet.", [], id="a no"),
        pytest.param("How do I see the version?", "`x --version`", [], id="a command"),
        pytest.param("How do I mend the screen?", "Two years.", ["too_short"], id="something else"),
        pytest.param("How do I mend the screen?", "Yes.", ["too_short"], id="a yes to a question for a way"),
    ],
)
def test_a_short_answer_that_tells_what_was_asked_is_long_enough(question: str, answer: str, found: list[str]) -> None:
    assert kinds(answer, question, lang="en") == found


def test_a_question_about_an_old_product_is_sound_where_the_answer_says_that_it_is_old() -> None:
    asked = "How do I open the control panel in Windows 7?"
    assert kinds("Press the Windows key, type the name and press Enter.", asked, lang="en") == ["out_of_date"]
    assert kinds("Windows 7 is no longer supported; move to Windows 11 first.", asked, lang="en") == []


def test_a_sound_answer_has_no_finding() -> None:
    assert kinds(SOUND) == []


@pytest.mark.parametrize(
    ("kind", "question", "answer", "found"),
    [
        pytest.param("faq", "¿Y esto, cómo va?", "Va bien, hombre.", ["too_short"], id="a short answer"),
        pytest.param("transcript", "¿Y esto, cómo va?", "Va bien, hombre.", [], id="short, in a conversation"),
        pytest.param("faq", "¿Y?", SOUND, ["too_short"], id="a short question"),
        pytest.param("faq", "¿Cómo va esto? " + "x" * 600, SOUND, ["too_long"], id="a long question"),
        pytest.param("forum", "¿Cómo va esto? " + "x" * 600, SOUND, [], id="long, in a forum"),
    ],
)
def test_each_kind_of_pair_has_its_own_limits(kind: str, question: str, answer: str, found: list[str]) -> None:
    assert kinds(answer, question, kind=kind) == found


def test_a_limit_is_named_with_the_table_it_is_in() -> None:
    step = QualityStep(CurationSettings(quality=QualitySettings(faq=LengthSettings(min_answer=200))))
    pair = Pair(question="¿Cómo va esto?", answer=SOUND, lang="es", url="u", kind="faq", group="g")
    assert "the limit is 200 in [curation.quality.faq]" in next(iter(step.look([pair]))).note


def test_the_old_table_of_limits_is_refused_with_the_new_place(tmp_path: Path) -> None:
    (tmp_path / "tamiz.toml").write_text("[curation.length]\nmin_answer = 5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\[curation\.length\].*\[curation\.quality\.faq\]"):
        read_settings(tmp_path)


def test_the_old_step_is_refused_with_the_new_name() -> None:
    with pytest.raises(SettingsError, match='name "quality" instead'):
        CurationSettings(steps=("clean", "length"))


@pytest.mark.parametrize("day", ["2026-02-31", "mañana", "20260101"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(SettingsError, match="give a day such as"):
        QualitySettings(today=day)


@pytest.mark.parametrize(("today", "number"), [("2021-03-15", 0), ("2021-03-16", 1)])
def test_a_deadline_has_passed_on_the_day_after_it(today: str, number: int) -> None:
    text = Text("El plazo termina el 15/03/2021.")
    assert len(list(out_of_date(text, "answer", datetime.date.fromisoformat(today)))) == number


def test_a_product_is_out_of_date_from_the_end_of_its_support() -> None:
    text = Text("Con Python 2.7 instala el paquete.")
    assert list(out_of_date(text, "answer", datetime.date(2019, 12, 31))) == []
    assert len(list(out_of_date(text, "answer", datetime.date(2020, 1, 2)))) == 1


def pairs_of(answers: list[str], source: str = "s") -> list[Pair]:
    made = []
    for n, answer in enumerate(answers):
        question, place = f"¿Cómo cambio la clave número {n} del wifi?", f"{source}{n}"
        made.append(
            Pair(question=question, answer=answer, lang="es", url=place, kind="faq", group=place, source=source)
        )
    return made


def test_the_title_of_a_thread_is_no_question_beside_that_of_its_message() -> None:
    asked = "How much is a static IP?\n\nI want to reach my camera. How much is a static IP address on this plan?"
    assert kinds(SOUND, asked, kind="forum") == []


def test_a_sentence_that_many_answers_of_a_source_have_is_boilerplate_with_its_place() -> None:
    line = "Nuestro equipo está a tu lado en cada paso."
    pairs = pairs_of([f"Abre el menú {n} y pulsa dos veces. {line} Luego reinicia." for n in range(10)])
    found = [f for f in sieve(pairs, [QualityStep(CurationSettings())]) if f.kind == "boilerplate"]
    assert len(found) == 10
    assert {found.before for found in found} == {line}


def test_an_answer_given_again_and_again_is_no_boilerplate() -> None:
    found = sieve(pairs_of([SOUND] * 12), [QualityStep(CurationSettings())])
    assert [f.kind for f in found if f.kind == "boilerplate"] == []


def test_an_answer_without_a_telling_word_of_its_question_is_shown_with_little_confidence() -> None:
    words = ["factura", "antena", "contrato", "tarjeta", "recibo", "batería", "mando", "altavoz"]
    pairs = pairs_of([f"La {words[n % 8]} {n} se cambia en la oficina {n} con el formulario {n}." for n in range(40)])
    strange = Pair(
        question="¿Cómo configuro correo electrónico móvil Android empresa?",
        answer="Mi primo vive en Sevilla desde hace muchos años y allí hace tanto calor durante todo el verano "
        "que nadie quiere salir nunca antes de las nueve; por eso los bares abren tarde y cierran tarde cada noche.",
        lang="es", url="x", kind="forum", group="x", source="s",
    )  # fmt: skip
    found = [f for f in sieve([*pairs, strange], [QualityStep(CurationSettings())]) if f.kind == "not_an_answer"]
    assert [(one.pair, one.confidence < 0.6) for one in found] == [(strange.id, True)]


@pytest.mark.parametrize(
    "text",
    ["Nunca desactives el firewall.", "Never disable your firewall.", "Desactivar el firewall es peligroso."],
)
def test_a_warning_is_no_unsafe_advice(text: str) -> None:
    assert kinds(text) == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.lists(st.sampled_from(["Gracias.", "Ver arriba.", "https://a.b", "¿Y?", "+1", SOUND])))
def test_looking_twice_finds_the_same_at_places_that_are_there(text: str, parts: list[str]) -> None:
    answer = f"{text} {' '.join(parts)} x"
    pair = Pair(question="¿Cómo va esto?", answer=answer, lang="es", url="u", kind="faq", group="g")
    step = QualityStep(CurationSettings())
    found = list(step.look([pair]))
    assert found == list(step.look([pair]))
    assert all(one.after is None and one.end <= len(getattr(pair, one.field)) for one in found)
    assert all(one.before == getattr(pair, one.field)[one.start : one.end] for one in found if one.before)


@given(st.text())
def test_folding_moves_no_character(text: str) -> None:
    assert len(fold(text)) == len(text) or text.isascii()


@pytest.mark.parametrize("part", [".", "?", " ", "1", "¿", "https://a.b/ ", "no desactives el ", "a,", "\n"])
def test_a_million_characters_take_no_longer_than_a_moment(part: str) -> None:
    start = time.process_time()
    kinds("x" + part * (1_000_000 // len(part)) + "x")
    assert time.process_time() - start < 3
