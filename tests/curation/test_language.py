"""In which language texts are, and what the step language makes of it."""

from __future__ import annotations

import pytest

from curation.language import LanguageStep, detect_language, text_language
from curation.language_code import code_share, without_code
from curation.sieve import curate
from tamiz.records import Pair
from tamiz.settings import CurationSettings, LanguageSettings

PROJECT = ("es", "en")


def pair_of(question: str, answer: str, lang: str = "es") -> Pair:
    return Pair(question=question, answer=answer, lang=lang, url="u", kind="faq", group="g")


def found(question: str, answer: str, lang: str = "es", languages: tuple[str, ...] = PROJECT) -> list[tuple[str, str]]:
    step = LanguageStep(CurationSettings(language=LanguageSettings(languages=languages)))
    return [(one.kind, one.field) for one in step.look([pair_of(question, answer, lang)])]


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        pytest.param("Abre Settings > Network y desactiva el proxy.", "es", id="menus in English"),
        pytest.param("Run sudo apt update and restart the nginx service.", "en", id="a command"),
        pytest.param("Öffnen Sie die Einstellungen und wählen Sie Netzwerk.", "other", id="German"),
        pytest.param("設定を開いてセキュリティを選択してください。", "other", id="Japanese"),
        pytest.param("OK", "und", id="too short"),
        pytest.param("192.168.1.1 ERR_TIMEOUT 0x80070005", "und", id="no words"),
        pytest.param("", "und", id="nothing"),
    ],
)
def test_a_text_is_in_a_language_of_the_project_or_another_or_too_short_to_tell(text: str, closed: str) -> None:
    assert detect_language(text, PROJECT).closed == closed


def test_code_and_quotations_do_not_count() -> None:
    text = 'Sale el mensaje "The server could not be reached, please try again later". Espera un minuto y prueba.'
    assert text_language(text, PROJECT).language == "es"
    assert (
        text_language("Haz esto:\n```\ngit clone the repository and run make\n```\nY reinicia.", PROJECT).language
        == "es"
    )


def test_the_other_language_and_how_sure_it_is_are_in_the_note() -> None:
    step = LanguageStep(CurationSettings(language=LanguageSettings(languages=PROJECT)))
    pair = pair_of("¿Cómo cambio la clave?", "Öffnen Sie die Einstellungen und wählen Sie Netzwerk.")
    [wrong, differ] = step.look([pair])
    assert (wrong.kind, wrong.field, "reads as de" in wrong.note) == ("wrong_language", "answer", True)
    assert differ.kind == "question_answer_differ"


def test_a_pair_in_another_language_than_it_says_is_found_once() -> None:
    answer = "Open the settings, choose Security and type the new password twice."
    assert found("How do I change my mail password?", answer, "es") == [("wrong_language", "")]
    assert found("How do I change my mail password?", answer, "en") == []


def test_a_message_that_is_quoted_is_not_the_language_of_the_question() -> None:
    answer = "Ese aviso indica que el certificado ha caducado. Corrige la fecha del equipo y recarga la página."
    assert found('Sale "Your connection is not private"', answer) == []


def test_words_of_another_language_that_are_spoken_of_do_not_make_it_that_language() -> None:
    answer = (
        "Hold Alt and type 164 on the number pad, or add the Spanish layout: año, mañana and señor then take one key."
    )
    assert found("How do I type ñ on a US keyboard?", answer, "en") == []


def test_one_command_is_an_answer_and_a_page_of_code_is_none() -> None:
    assert found("How do I undo the last commit?", "`git reset --soft HEAD~1`", "en") == []
    code = "```\nimport turtle\npen = turtle.Turtle()\npen.speed(0)\nturtle.done()\n```"
    assert found("How do I draw a circle?", code, "en") == [("code_only", "answer")]


def test_a_strange_sentence_is_found_with_its_place() -> None:
    strange = "You can also block it by calling us at any time of day."
    text = f"Bloquéala desde la aplicación cuanto antes.\n{strange}"
    step = LanguageStep(CurationSettings(language=LanguageSettings(languages=PROJECT)))
    mixed = [
        one for one in step.look([pair_of("¿Qué hago si pierdo la tarjeta?", text)]) if one.kind == "mixed_language"
    ]
    assert [one.before for one in mixed] == [strange] or [one.before for one in mixed] == [text.split("\n")[0]]


def test_without_languages_the_one_of_the_pair_counts() -> None:
    answer = "Öffnen Sie die Einstellungen und wählen Sie Netzwerk."
    assert found("Wie ändere ich mein Passwort im Router?", answer, "de", ()) == []
    assert ("wrong_language", "answer") in found("¿Cómo cambio la clave del router?", answer, "es", ())


def test_taking_code_out_moves_no_character() -> None:
    text = "Así:\nfor (int i = 0; i < 10; i++) {\n  suma += i;\n}\nY ya está."
    plain = without_code(text)
    assert len(plain) == len(text)
    assert plain.split() == ["Así:", "Y", "ya", "está."]
    assert without_code(plain) == plain
    assert code_share("sudo systemctl restart nginx") == (1.0, 0)


def test_the_languages_of_the_project_are_those_that_count_in_a_run(make_project, opened) -> None:
    rule = '[[curation.rules]]\nname = "all"\nthen = "accept"\n'
    project = make_project(steps='[project]\nlanguages = ["es"]\n[curation]\nsteps = ["language"]\n', rules=rule)
    store = opened(project)
    good = pair_of("¿Cómo cambio la clave del router?", "Entra en el router, abre Seguridad y escribe la clave nueva.")
    english = pair_of("How do I change my mail password?", "Open the settings and type the new password twice.", "en")
    store.add_pairs([good, english], actor="person:ana")
    curate(project, store)
    assert {stored.pair.lang: stored.state for stored in store.pairs()} == {"es": "accepted", "en": "waiting"}
    assert curate(project, store).steps[0].looked == 0
