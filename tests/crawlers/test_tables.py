"""Tables and dialogues of many makes, imported into a real store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawlers.imports.tables import ImportReport, import_table
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import Settings
from tamiz.store import Store

REPOSITORY = Path(__file__).parents[2]
Import = Callable[..., tuple[ImportReport, list[Pair]]]


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Import]:
    project = Project(folder=tmp_path, settings=Settings())
    with Store.open(project.store_url) as store:

        def run(content: str | bytes | Path, name: str = "t.csv", **options: Any) -> tuple[ImportReport, list[Pair]]:
            path = content if isinstance(content, Path) else tmp_path / name
            if not isinstance(content, Path):
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            report = import_table(project, store, path, **options)
            return report, [stored.pair for stored in store.pairs()]

        yield run


Q, A = "¿Cómo reinicio el router?", "Desenchúfalo diez segundos."
ROWS = [{"pregunta": Q, "respuesta": A}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("t.csv", f"question,answer\n{Q},{A}\n", id="csv"),
        pytest.param("t.csv", f"\ufeffpregunta,respuesta\r\n{Q},{A}\r\n", id="byte-order-mark-and-crlf"),
        pytest.param("t.csv", f"Pregunta;Respuesta\n{Q};{A}\n".encode("cp1252"), id="semicolon-windows-1252"),
        pytest.param("t.csv", f"Pregunta|Respuesta\n{Q}|{A}\n".encode("utf-16"), id="bar-utf-16"),
        pytest.param("t.tsv", f"q\ta\n{Q}\t{A}\n", id="tsv"),
        pytest.param("t.csv", f"\n\nTÍTULO,Solución\n\n{Q},{A}\n,\n", id="accents-and-blank-lines"),
        pytest.param("t.txt", f"title,reply\n{Q},{A}\n", id="unknown-ending-csv"),
        pytest.param("t.json", json.dumps(ROWS), id="json-array"),
        pytest.param("t.json", json.dumps({"version": 1, "data": ROWS}), id="json-data"),
        pytest.param("t.json", json.dumps({"preguntas": ROWS}), id="json-one-list"),
        pytest.param("t.json", json.dumps(ROWS[0]), id="json-one-object"),
        pytest.param("t.json", json.dumps(ROWS[0]) + "\n\n" + json.dumps(ROWS[0]), id="json-lines-named-json"),
        pytest.param("t.jsonl", json.dumps(ROWS[0]) + "\n", id="json-lines"),
        pytest.param("t.data", json.dumps(ROWS[0]) + "\n", id="unknown-ending-json-lines"),
        pytest.param("t.jsonl", json.dumps({"instruction": Q, "input": "", "output": A}), id="alpaca"),
    ],
)
def test_questions_and_answers_are_found(name: str, content: str | bytes, imported: Import) -> None:
    report, pairs = imported(content, name)
    assert [(pair.question, pair.answer, pair.lang, pair.kind) for pair in pairs] == [(Q, A, "es", "table")]
    assert report.refused == ()


def test_quotes_delimiters_and_line_breaks_in_cells_are_kept(imported: Import) -> None:
    _, pairs = imported('question,answer\n"¿Qué es ""LUMBRE, S. A.""?","Uno:\n- dos, tres\n- ""cuatro"""\n')
    assert pairs[0].question == '¿Qué es "LUMBRE, S. A."?'
    assert pairs[0].answer == 'Uno:\n- dos, tres\n- "cuatro"'


def test_every_refused_row_has_its_line_and_reason(imported: Import) -> None:
    content = f'question,answer\n{Q},\n{Q},uno,dos\n"{Q}","Línea\nuna"\nx,"a"b"c"\n ,"nada"\n{Q},{A}\n'
    report, pairs = imported(content)
    assert [line.split(":")[0] for line in report.refused] == ["line 2", "line 3", "line 6", "line 7"]
    assert report.refused[0] == "line 2: the answer is empty"
    assert "3 cells under 2 columns" in report.refused[1]
    assert "quotes" in report.refused[2]
    assert (report.rows, report.refused_rows, len(pairs)) == (6, 4, 2)


def test_a_quote_that_is_never_closed_does_not_swallow_rows_in_silence(imported: Import) -> None:
    report, pairs = imported(f'question,answer\n{Q},{A}\n"sin cerrar,uno\n{Q},dos\n')
    assert len(pairs) == 1
    assert report.refused_rows == 1
    assert report.refused[0].startswith("line 3: the quotes do not match")


def test_bad_lines_of_json_lines_are_refused_and_the_rest_imported(imported: Import) -> None:
    lines = [json.dumps(ROWS[0]), '{"pregunta": "x", ', "[1, 2]", '{"pregunta": {"a": 1}, "respuesta": "x"}']
    report, pairs = imported("\n".join(lines), "t.jsonl")
    assert len(pairs) == 1
    assert report.refused[0].startswith("line 2: not valid JSON")
    assert report.refused[1:] == ("line 3: no object with named values", "line 4: the question is no text")


def test_importing_twice_adds_nothing_and_repeats_are_counted(imported: Import) -> None:
    content = f"question,answer\n{Q},{A}\n{Q},{A}\n¿Otra?,Sí.\n"
    first, _ = imported(content)
    second, pairs = imported(content)
    assert (first.new_pairs, first.repeated) == (2, 1)
    assert (second.new_pairs, second.known_pairs, len(pairs)) == (0, 2, 2)


def test_a_row_put_in_between_changes_no_other_pair(imported: Import) -> None:
    imported(f"question,answer\n{Q},{A}\n")
    report, pairs = imported(f"question,answer\n¿Otra?,Sí.\n{Q},{A}\n")
    assert (report.new_pairs, report.known_pairs, len(pairs)) == (1, 1, 2)


def test_all_columns_find_their_field(imported: Import) -> None:
    header = "Id,Asunto,Respuesta,Categoría,Idioma,Enlace,Aceptada,Votos"
    rows = [
        f"7,{Q},{A},wifi,Español,https://ayuda.example/7,sí,12",
        "8,How do I pay?,By card or bank transfer.,,en-GB,,no,muchos",
        "9,¿Dónde?,Allí.,,,javascript:x,,",
    ]
    _, (first, second, third) = imported("\n".join([header, *rows]), label="general")
    assert (first.label, first.lang, first.url) == ("wifi", "es", "https://ayuda.example/7")
    assert (first.accepted, first.votes, first.source) == (True, 12, "file:t.csv")
    assert (second.label, second.lang, second.url) == ("general", "en", "file:t.csv#8")
    assert (second.accepted, second.votes) == (False, None)
    assert (third.lang, third.url, third.accepted) == ("und", "file:t.csv#9", None)


def test_rows_with_one_question_belong_together(imported: Import) -> None:
    _, (first, second, third) = imported(f"question,answer\n{Q},{A}\n{Q.upper()},Otra respuesta.\n¿Otra?,Sí.\n")
    assert first.group == second.group != third.group


def test_columns_are_mapped_by_option(imported: Import) -> None:
    content = f"a,b,question\n{A},{Q},no\n"
    report, pairs = imported(content, columns={"question": "b", "answer": "a", "label": None}, lang="es")
    assert (pairs[0].question, pairs[0].answer) == (Q, A)
    assert dict(report.columns) == {"question": "b", "answer": "a"}


def test_dialogues_become_pairs_with_their_context(imported: Import) -> None:
    messages = [
        {"role": "system", "content": "Eres amable."},
        {"role": "user", "content": "No tengo internet."},
        {"role": "assistant", "content": "¿De qué color es la luz?"},
        {"role": "user", "content": "Roja."},
        {"role": "assistant", "content": "Entonces no llega señal; llama al 900 000 118."},
    ]
    tools = [{"type": "function", "function": {"name": "line_test"}}]
    sharegpt = [{"from": "human", "value": "How do I pay?"}, {"from": "gpt", "value": "By card."}]
    lines = [{"messages": messages, "tools": tools}, {"conversations": sharegpt}, {"messages": messages[:2]}]
    report, pairs = imported("\n".join(map(json.dumps, lines)), "chats.jsonl")
    assert [pair.question for pair in pairs] == ["No tengo internet.", "Roja.", "How do I pay?"]
    assert [turn.role for turn in pairs[1].context] == ["system", "user", "assistant"]
    assert json.loads(pairs[1].tools) == tools
    assert pairs[0].group == pairs[1].group != pairs[2].group
    assert report.refused == ("line 3: no answer of the assistant follows a question of the user",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("t.csv", "", "is empty", id="empty"),
        pytest.param("t.csv", "  \n\n", "is empty", id="blank"),
        pytest.param("t.csv", "question,answer\n", "nothing below it", id="header-only"),
        pytest.param("t.csv", "foo,bar\n1,2\n", r"there are: foo, bar.*--question COLUMN", id="no-question-column"),
        pytest.param("t.csv", "question,bar\n1,2\n", r"--answer COLUMN", id="no-answer-column"),
        pytest.param("t.json", '[\n{"question": 1,}\n]', "line 2, column 16", id="malformed-json"),
        pytest.param("t.json", '{"a": 1, "b": [1], "c": [2]}', "no list of objects", id="json-of-another-shape"),
        pytest.param("t.json", "[" * 100_000, "nested too deep", id="json-bomb"),
        pytest.param("t.jsonl", "{\n{\n", "line 1: not valid JSON", id="no-good-line"),
        pytest.param("t.xlsx", "PK", "no XLSX workbook.*as CSV", id="no-spreadsheet"),
        pytest.param("t.ods", "PK", "save it as CSV", id="other-spreadsheet"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_next_move(
    name: str, content: str, said: str, imported: Import
) -> None:
    with pytest.raises(InputError, match=said):
        imported(content, name)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"columns": {"question": "preguntas"}}, "did you mean pregunta?", id="column-misspelt"),
        pytest.param({"columns": {"reply": "pregunta"}}, "map one of: question", id="field-unknown"),
        pytest.param({"lang": "klingon"}, "ISO 639-1", id="language-unknown"),
    ],
)
def test_a_wrong_option_is_answered_with_what_there_is(options: dict[str, Any], said: str, imported: Import) -> None:
    with pytest.raises(InputError, match=said):
        imported(f"pregunta,respuesta\n{Q},{A}\n", **options)


def test_missing_files_and_folders_are_named(imported: Import, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        imported(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        imported(tmp_path)


def test_the_sample_s_tickets_are_all_imported(imported: Import) -> None:
    report, pairs = imported(REPOSITORY / "data" / "tickets.csv")
    assert (report.new_pairs, report.refused, report.repeated) == (20, (), 0)
    assert {pair.lang for pair in pairs} == {"es", "en"}
    assert all(pair.label for pair in pairs)


def test_who_answered_is_kept_as_a_hash_the_same_for_all_rows_of_one_person(imported: Import) -> None:
    rows = [("Ana  Ruiz", "https://a.example/1"), ("Ana Ruiz", "https://b.example/2"), ("Luis", ""), ("", "")]
    rows += [("Anónimo", ""), ("guest", "")]
    lines = [f"¿Pregunta {n}?,Respuesta {n}.,{name},{url}" for n, (name, url) in enumerate(rows)]
    report, pairs = imported("\n".join(["pregunta,respuesta,Respondido por,url", *lines]))
    marks = {pair.question: pair.author for pair in pairs}
    ana, again, luis, *nobody = (marks[f"¿Pregunta {n}?"] for n in range(len(rows)))
    assert report.columns["author"] == "Respondido por"
    assert ana == again != luis
    assert len(luis) == 16
    assert nobody == ["", "", ""]


def test_an_author_that_is_no_name_refuses_no_row(imported: Import) -> None:
    content = json.dumps([{"question": Q, "answer": A, "author": {"id": 7}}, {"question": "¿Y?", "answer": A}])
    report, pairs = imported(content, "t.json")
    assert report.refused == ()
    assert [pair.author for pair in pairs] == ["", ""]


def test_of_two_columns_of_one_name_none_is_lost_and_the_text_s_must_be_chosen(imported: Import) -> None:
    report, pairs = imported(f"question,answer,tag,tag\n{Q},{A},a,b\n")
    assert (report.columns["label"], pairs[0].label) == ("tag", "a")
    with pytest.raises(InputError, match=r"'answer' and 'answer \(2\)'.*--answer COLUMN"):
        imported(f"question,answer,answer\n{Q},{A},Otra.\n")
    _, pairs = imported(f"question,answer,answer\n{Q},{A},Otra.\n", columns={"answer": "answer (2)"})
    assert "Otra." in [pair.answer for pair in pairs]
