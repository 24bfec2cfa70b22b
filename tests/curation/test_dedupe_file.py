"""Copies taken out of a file: every row is kept, removed or malformed, and all files appear or none."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from curation import dedupe_file as module
from curation.dedupe_file import Deduped, dedupe_file, malformed_path
from curation.row_files import all_or_none
from tamiz.errors import InputError
from tamiz.settings import NearSettings

ANSWER = "Entra en la página del router, abre el menú de la red, escribe la clave nueva y pulsa Guardar al acabar."
ROWS = [
    {"id": "a", "question": "¿Cómo cambio la clave?", "answer": ANSWER, "x": 1},
    {"id": "b", "question": "¿cómo cambio la clave", "answer": ANSWER, "x": 2},
    {"id": "c", "question": "¿Cómo cambio la clave?", "answer": ANSWER.replace("al acabar", "al final"), "x": 3},
    {"id": "d", "question": "¿Cómo pago la factura?", "answer": "En la web, en tu cuenta, con tarjeta.", "x": 4},
]
ENDINGS = [".json", ".jsonl", ".csv", ".tsv", ".parquet"]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            columns = list(dict.fromkeys(name for row in rows for name in row))
            writer = csv.DictWriter(file, columns, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text(f"[{','.join(lines)}]" if path.suffix == ".json" else "\n".join(lines), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    if path.suffix in (".csv", ".tsv"):
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def run(tmp_path: Path, source: Path, **options: Any) -> Deduped:
    return dedupe_file(source, tmp_path / "kept.jsonl", tmp_path / "removed.jsonl", **options)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_file_goes_in_and_out_with_all_its_columns(tmp_path: Path, ending: str) -> None:
    source = write(tmp_path / f"in{ending}", ROWS)
    result = dedupe_file(source, tmp_path / f"kept{ending}", tmp_path / f"removed{ending}", keep=())
    kept, removed = read(tmp_path / f"kept{ending}"), read(tmp_path / f"removed{ending}")
    assert [(row["id"], str(row["x"])) for row in kept] == [("a", "1"), ("d", "4")]
    assert [(row["id"], str(row["x"]), row["kept_id"], row["rule"]) for row in removed] == [
        ("b", "2", "a", "exact"),
        ("c", "3", "a", "near"),
    ]
    assert list(kept[0]) == list(ROWS[0])
    assert (result.seen, result.kept, result.removed, result.malformed) == (4, 2, 2, 0)


def test_a_removed_row_says_how_similar_it_is_what_differs_and_why_the_other_is_kept(tmp_path: Path) -> None:
    run(tmp_path, write(tmp_path / "in.jsonl", ROWS))
    exact, near = read(tmp_path / "removed.jsonl")
    assert exact["similarity_question"] == exact["similarity_answer"] == 1.0
    assert exact["differs"] == ""
    assert exact["why"] == "the kept one stands before by its id"
    assert near["similarity_question"] == 1.0
    assert 0.7 <= near["similarity_answer"] < 1.0
    assert near["differs"] == "answer: final / acabar"
    assert near["why"] == "the kept one has the longer answer"


def test_the_copy_that_the_policies_prefer_is_kept(tmp_path: Path) -> None:
    rows = [{**row, "votes": votes} for row, votes in zip(ROWS, (1, 9, 3, 0), strict=True)]
    run(tmp_path, write(tmp_path / "in.csv", rows), keep=["votes"])
    assert [row["id"] for row in read(tmp_path / "kept.jsonl")] == ["b", "d"]
    assert read(tmp_path / "removed.jsonl")[0]["why"] == "the kept one has more votes (9 / 1)"


def test_a_higher_threshold_removes_less(tmp_path: Path) -> None:
    result = run(tmp_path, write(tmp_path / "in.jsonl", ROWS), near=NearSettings(threshold=0.98))
    assert (result.exact, result.near) == (1, 0)


def test_rows_without_an_id_are_called_by_their_number(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "id"} for row in ROWS]
    run(tmp_path, write(tmp_path / "in.jsonl", [{"question": "¿Otra cosa?", "answer": "Sí."}, *rows]))
    assert [row["kept_id"] for row in read(tmp_path / "removed.jsonl")] == [2, 2]
    assert read(tmp_path / "removed.jsonl")[0]["why"] == "the kept one came first"


def test_an_id_keeps_its_kind(tmp_path: Path) -> None:
    run(tmp_path, write(tmp_path / "in.jsonl", [{**row, "id": number} for number, row in enumerate(ROWS, start=7)]))
    assert [row["kept_id"] for row in read(tmp_path / "removed.jsonl")] == [7, 7]


def test_rows_that_cannot_be_read_are_listed_and_the_numbers_add_up(tmp_path: Path) -> None:
    lines = [json.dumps(ROWS[0]), '{"question": "¿Y', '{"question": "  "}', '{"question": ["x"]}', "[1]", "7"]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = run(tmp_path, tmp_path / "in.jsonl")
    assert (result.seen, result.kept, result.removed, result.malformed) == (6, 1, 0, 5)
    listed = read(tmp_path / "removed.malformed.jsonl")
    assert [one["place"] for one in listed] == ["line 2", "line 3", "line 4", "line 5", "line 6"]
    assert listed[0]["reason"].startswith("not valid JSON")
    assert [one["reason"] for one in listed[1:3]] == ["no question", "question is no text"]
    assert listed[1]["values"] == {"question": "  "}


def test_a_list_of_malformed_rows_from_before_does_not_outlive_them(tmp_path: Path) -> None:
    malformed_path(tmp_path / "removed.jsonl").write_text("{}\n")
    result = run(tmp_path, write(tmp_path / "in.jsonl", ROWS))
    assert result.malformed_file is None
    assert not (tmp_path / "removed.malformed.jsonl").exists()


def test_a_file_without_one_good_row_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"question": "", "answer": "x"}\n{"q', encoding="utf-8")
    with pytest.raises(InputError, match="no row that can be used \\(line 1: no question\\)"):
        run(tmp_path, tmp_path / "in.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    with pytest.raises(InputError, match="is empty"):
        run(tmp_path, tmp_path / "in.jsonl")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_without_rows_gives_tables_without_rows(tmp_path: Path, ending: str) -> None:
    source = tmp_path / f"in{ending}"
    if ending == ".parquet":
        schema = pyarrow.schema([("question", pyarrow.string()), ("answer", pyarrow.string())])
        pyarrow.parquet.write_table(schema.empty_table(), source)
    else:
        texts = {".json": "[]", ".jsonl": "\n", ".csv": "question,answer\n", ".tsv": "question\tanswer\n"}
        source.write_text(texts[ending])
        if ending == ".jsonl":
            return
    result = dedupe_file(source, tmp_path / f"kept{ending}", tmp_path / f"removed{ending}")
    assert (result.seen, result.kept, result.removed) == (0, 0, 0)
    assert read(tmp_path / f"kept{ending}") == []


def test_one_row_is_kept(tmp_path: Path) -> None:
    assert run(tmp_path, write(tmp_path / "in.jsonl", ROWS[:1])).kept == 1


def test_of_rows_that_are_all_the_same_one_is_kept(tmp_path: Path) -> None:
    result = run(tmp_path, write(tmp_path / "in.jsonl", [ROWS[0]] * 3000), report=tmp_path / "report.html")
    assert (result.kept, result.exact) == (1, 2999)


def test_long_answers_and_stray_characters_go_through_unchanged(tmp_path: Path) -> None:
    long = " ".join(f"palabra{number}" for number in range(9000))
    rows = [
        {"id": 1, "question": "¿Qué dice el contrato?", "answer": long},
        {"id": 2, "question": "¿Qué dice el contrato?", "answer": f"{long} fin"},
        {"id": 3, "question": "¿Un\0nulo?", "answer": "Sí\0, uno.\u202e\n\r=1+1"},
    ]
    run(tmp_path, write(tmp_path / "in.jsonl", rows), keep=(), report=tmp_path / "report.html")
    assert len(long) > 100_000
    assert read(tmp_path / "kept.jsonl") == [rows[0], rows[2]]
    assert read(tmp_path / "removed.jsonl")[0]["differs"] == "answer: fin / nothing"


def test_a_row_of_a_table_that_lacks_a_column_still_has_the_others(tmp_path: Path) -> None:
    rows = [{"question": "¿Qué es esto?", "answer": "Una cosa."}, {"question": "¿Y eso?", "answer": "Otra.", "x": 5}]
    dedupe_file(write(tmp_path / "in.jsonl", rows), tmp_path / "kept.csv", tmp_path / "removed.csv")
    assert [row["x"] for row in read(tmp_path / "kept.csv")] == ["", "5"]


def test_mixed_values_of_a_column_become_text_in_parquet_only(tmp_path: Path) -> None:
    rows = [
        {"question": "¿Uno?", "answer": "Sí.", "x": 1, "y": [1, 2], "z": 2**80},
        {"question": "¿Dos?", "answer": "No.", "x": "uno", "y": [3], "z": 1},
    ]
    dedupe_file(write(tmp_path / "in.jsonl", rows), tmp_path / "kept.parquet", tmp_path / "removed.jsonl")
    kept = read(tmp_path / "kept.parquet")
    assert [row["x"] for row in kept] == ["1", "uno"]
    assert [row["y"] for row in kept] == [[1, 2], [3]]
    assert kept[0]["z"] == str(2**80)


def test_columns_of_the_table_are_not_overwritten_by_ours(tmp_path: Path) -> None:
    rows = [{**row, "rule": "mine"} for row in ROWS]
    run(tmp_path, write(tmp_path / "in.jsonl", rows))
    removed = read(tmp_path / "removed.jsonl")
    assert [(row["rule"], row["dedupe_rule"]) for row in removed] == [("mine", "exact"), ("mine", "near")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"question_field": "q"}, "no column 'q'; the columns are: id, question, answer, x", id="question"),
        pytest.param({"answer_field": "respuesta"}, "no column 'respuesta'; .* compares questions alone", id="answer"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, options: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        run(tmp_path, write(tmp_path / "in.csv", ROWS), **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_questions_alone_decide_where_there_is_no_answer_field(tmp_path: Path) -> None:
    result = run(tmp_path, write(tmp_path / "in.jsonl", ROWS), answer_field="", keep=())
    assert [row["id"] for row in read(tmp_path / "removed.jsonl")] == ["b", "c"]
    assert result.near == 0
    assert read(tmp_path / "removed.jsonl")[0]["similarity_answer"] is None


@pytest.mark.parametrize("name", ["output", "removed", "report"])
def test_a_file_that_is_read_is_never_written(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "in.jsonl", ROWS)
    (tmp_path / "link.jsonl").symlink_to(source)
    paths = {"output": tmp_path / "kept.jsonl", "removed": tmp_path / "removed.jsonl", "report": tmp_path / "r.html"}
    with pytest.raises(InputError, match="is read and would be written"):
        dedupe_file(source, **(paths | {name: tmp_path / "link.jsonl"}))  # type: ignore[arg-type]
    assert read(source) == ROWS


def test_two_results_may_not_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="would be written twice"):
        dedupe_file(write(tmp_path / "in.jsonl", ROWS), tmp_path / "a.jsonl", tmp_path / "a.jsonl")


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        dedupe_file(tmp_path / "none.jsonl", tmp_path / "file" / "kept.jsonl", tmp_path / "removed.jsonl")
    assert not (tmp_path / "removed.jsonl").exists()


def test_a_file_that_changes_between_the_passes_is_an_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", ROWS)
    compare = module.compare

    def compare_and_change(*arguments: Any, **options: Any) -> Any:
        write(source, [*ROWS[:3], {**ROWS[3], "answer": "En el banco."}])
        return compare(*arguments, **options)

    monkeypatch.setattr(module, "compare", compare_and_change)
    with pytest.raises(InputError, match="changed while it was read"):
        run(tmp_path, source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


def test_rows_that_repeat_another_file_are_removed_first_and_say_which(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", ROWS)
    test = write(tmp_path / "test.jsonl", [{"id": "t", "question": "¿Cómo pago la factura?", "answer": "Llámanos."}])
    result = run(tmp_path, source, against=[test], keep=())
    removed = {row["id"]: row for row in read(tmp_path / "removed.jsonl")}
    assert removed["d"]["against"] == str(test)
    assert (removed["d"]["kept_id"], removed["d"]["rule"]) == ("t", "question")
    assert removed["b"]["against"] is None
    assert (result.kept, result.removed, result.against["question"]) == (1, 3, 1)


KILLED = """
import os, signal, sys
from pathlib import Path
from curation import row_files
from curation.dedupe_file import dedupe_file
folder = Path(sys.argv[1])
where, replace, writes = sys.argv[2], Path.replace, []
real = row_files._sync
def sync(path):
    writes.append(path)
    if len(writes) == int(where):
        os.kill(os.getpid(), signal.SIGKILL)
    real(path)
row_files._sync = sync
dedupe_file(folder / "in.jsonl", folder / "kept.jsonl", folder / "removed.jsonl")
"""


@pytest.mark.parametrize("where", [1, 2, 3, 4])
def test_what_is_killed_while_it_writes_leaves_no_kept_file_without_the_removed_one(tmp_path: Path, where: int) -> None:
    write(tmp_path / "in.jsonl", ROWS)
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(where)]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "kept.jsonl").exists()
    run(tmp_path, tmp_path / "in.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "kept.jsonl", "removed.jsonl"]


def test_what_is_killed_in_the_second_pass_leaves_nothing_under_a_final_name(tmp_path: Path) -> None:
    rows = [{"id": n, "question": f"¿Qué hace la pieza {n}?", "answer": f"Gira {n} veces."} for n in range(60_000)]
    source = write(tmp_path / "in.jsonl", rows)
    command = [sys.executable, "-m", "tamiz.cli", "dedupe", str(source), "-o", "kept.jsonl", "--removed", "removed.csv"]
    root = Path(__file__).parents[2]
    running = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, stderr=-3)
    try:
        aside = tmp_path / f".writing-{running.pid}-kept.jsonl"
        while running.poll() is None and not (aside.exists() and aside.stat().st_size):
            time.sleep(0.005)
    finally:
        running.kill()
        running.wait()
    assert not (tmp_path / "kept.jsonl").exists()
    assert not (tmp_path / "removed.csv").exists()


def test_two_at_once_leave_the_files_of_one_of_them(tmp_path: Path) -> None:
    sources = [write(tmp_path / f"{name}.jsonl", [{**row, "by": name} for row in ROWS * 50]) for name in ("one", "two")]
    command = [sys.executable, "-m", "tamiz.cli", "dedupe"]
    result = ["-o", "kept.jsonl", "--removed", "removed.jsonl"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [subprocess.Popen([*command, str(s), *result], cwd=tmp_path, env=environment, stdout=-3) for s in sources]
    assert [one.wait() for one in running] == [0, 0]
    names = {row["by"] for name in ("kept", "removed") for row in read(tmp_path / f"{name}.jsonl")}
    assert len(names) == 1
    assert not list(tmp_path.glob(".writing-*"))


def test_files_that_are_written_together_appear_together(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="cannot be written"),
        all_or_none([tmp_path / "a", tmp_path / "b"]) as temporary,
    ):
        temporary[0].write_text(tmp_path.read_text())
    assert list(tmp_path.iterdir()) == []
