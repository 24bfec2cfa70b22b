"""Spelling in the rows of a table: what changes, what stays to the byte, and what is listed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from curation.edits import Edit, apply_edits
from curation.spelling.checker import Checked, Checker
from curation.spelling.corrections import Correction
from curation.spelling.rows import spell_rows
from tamiz.errors import InputError
from tamiz.settings import SpellingSettings


@pytest.fixture
def checker() -> Checker:
    return Checker(SpellingSettings(engine="embedded", glossary=""))


def test_named_fields_change_everything_else_stays_and_every_change_comes_undone(checker) -> None:
    row = {"id": 7, "question": "  ¿Como va la configuracion?\n", "answer": "Vuelve a hacrelo 😀 despues.", "x": "=1+1"}
    [spelled] = spell_rows([row], checker, fields=["answer"], lang="es").rows
    assert {name: spelled[name] for name in ("id", "question", "x")} == {n: row[n] for n in ("id", "question", "x")}
    assert spelled["answer"] == "Vuelve a hacerlo 😀 después."
    first = spelled["changes"][0]
    assert set(first) == {"field", "start", "before", "after", "rule", "engine", "kind", "confidence", "applied"}
    shift, back = 0, []
    for change in spelled["changes"]:
        back.append(Edit(change["start"] + shift, change["start"] + shift + len(change["after"]), change["before"], ""))
        shift += len(change["after"]) - len(change["before"])
    assert apply_edits(spelled["answer"], back) == row["answer"]


def test_a_cell_in_which_nothing_is_applied_keeps_what_it_had_to_the_byte(checker) -> None:
    text = " " + unicodedata.normalize("NFD", "La configuración está lista\x00 ") + "\ud800"
    [spelled] = spell_rows([{"answer": text}, {"answer": 5}][:1], checker, fields=["answer"], lang="es").rows
    assert spelled == {"answer": text, "changes": []}


def test_what_is_not_sure_enough_is_listed_and_not_applied(checker) -> None:
    [spelled] = spell_rows([{"answer": "La configuracion."}], checker, fields=["answer"], lang="es", at_least=1).rows
    assert (spelled["answer"], spelled["changes"][0]["applied"]) == ("La configuracion.", False)


def test_each_text_may_have_a_language_of_its_own(checker) -> None:
    rows = [
        {"answer": "Vuelve a abrir la configuracion del router de tu casa."},
        {"answer": "You will get the bill by mail becuase you asked for it."},
        {"answer": "OK"},
    ]
    result = spell_rows(rows, checker, fields=["answer"], lang="auto")
    assert result.languages == {"es": 1, "en": 1, "und": 1}
    assert [len(row["changes"]) for row in result.rows] == [1, 1, 0]


def test_cells_that_hold_no_text_are_passed_over(checker) -> None:
    rows = [{"answer": None}, {"answer": 5}, {"answer": "  "}, {"answer": ["configuracion"]}, {}]
    assert spell_rows(rows, checker, fields=["answer"], lang="es").rows == [{**row, "changes": []} for row in rows]


def test_a_column_that_is_not_there_is_named(checker) -> None:
    with pytest.raises(InputError, match="no column 'answer'; the columns are: text"):
        spell_rows([{"text": "x"}], checker, fields=["answer"], lang="es")


def test_grammar_is_listed_and_never_applied() -> None:
    found = Correction(
        start=0, end=2, before="La", after="El", kind="grammar", rule="r", engine="languagetool", confidence=0.99
    )

    class Grammar(Checker):
        def learn(self, texts, watch=None) -> None:
            pass

        def check(self, texts):
            return [Checked(corrections=[found, replace(found, start=3, end=4, before="a", kind="style")])]

    settings = SpellingSettings(engine="embedded", glossary="")
    [spelled] = spell_rows([{"answer": "La agua"}], Grammar(settings), fields=["answer"], lang="es", at_least=0).rows
    assert spelled["answer"] == "La agua"
    assert [change["applied"] for change in spelled["changes"]] == [False, False]


def test_texts_in_a_language_that_nothing_checks_are_counted(checker) -> None:
    rows = [{"answer": "Abre la configuracion."}, {"answer": "12 ok"}]
    assert spell_rows(rows, checker, fields=["answer"], lang="auto").not_checked == {
        "its language could not be told": 1
    }


def test_a_named_language_that_nothing_checks_is_an_error(checker) -> None:
    with pytest.raises(InputError, match=r"'eu'; there are dictionaries of .*\bes\b"):
        spell_rows([{"answer": "Sakatu botoia."}], checker, fields=["answer"], lang="eu")


def test_a_word_list_that_has_to_be_built_is_told_and_one_that_cannot_be_kept_is_named(
    checker, tmp_path, monkeypatch
) -> None:
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    told: list[str] = []
    with pytest.raises(InputError, match=r"cannot be kept in .*/cache/tamiz/spelling .*XDG_CACHE_HOME"):
        spell_rows(
            [{"answer": "Hola."}], checker, fields=["answer"], lang="es", watch=lambda _, note: told.append(note)
        )
    assert told == ["building the word list of en, once: half a minute or more"]
