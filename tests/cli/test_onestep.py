"""One step on a file: every column stays, changes are listed, and nothing is dropped without its reason."""

from __future__ import annotations

import csv
import json

import pytest

ROWS = [
    {"id": "a", "question": "¿Cómo reinicio el router?", "answer": "Pulsa Sistema y despuÃ©s Reiniciar.", "x": "1"},
    {"id": "b", "question": "¿Cómo reinicio el router?", "answer": "Pulsa Sistema y despuÃ©s Reiniciar.", "x": "2"},
    {"id": "c", "question": "¿Cuánto cuesta una IP fija?", "answer": "Son 5 € al mes en todos los planes.", "x": "3"},
]


def write(path, rows):
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines) if path.suffix == ".jsonl" else f"[{','.join(lines)}]", encoding="utf-8")


@pytest.mark.parametrize("name", ["in.csv", "in.json", "in.jsonl"])
def test_clean_keeps_every_column_and_lists_its_changes(run, tmp_path, name):
    write(tmp_path / name, ROWS)
    run("clean", name, "-o", "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["x"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["answer"] == "Pulsa Sistema y después Reiniciar."
    change = rows[0]["changes"][0]
    assert set(change) == {"field", "start", "before", "after", "rule", "confidence", "applied"}
    assert ROWS[0]["answer"][change["start"] :].startswith(change["before"])
    assert rows[2]["changes"] == []


def test_split_keeps_a_group_together_and_loses_no_row(run, tmp_path, gold):
    rows = [{"question": item["question"], "answer": item["answer"], "page": item["url"]} for item in gold]
    write(tmp_path / "in.jsonl", rows)
    run("split", "in.jsonl", "-o", "parts", "--group-field", "page")
    part_of = {}
    total = 0
    for part in ("train", "validation", "test"):
        for line in (tmp_path / "parts" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            total += 1
            assert part_of.setdefault(row["page"], part) == part
    assert total == len(rows)
    assert set(part_of.values()) == {"train", "validation", "test"}


def test_parquet_goes_in_and_out(run, tmp_path):
    write(tmp_path / "in.json", ROWS)
    run("clean", "in.json", "-o", "out.parquet")
    run("clean", "out.parquet", "-o", "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again[0]["answer"] == "Pulsa Sistema y después Reiniciar."
    assert all(row["changes"] == [] for row in again)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("in.csv", b"question,answer\na,b,c\n", "in.csv, line 2", id="a row that is too wide"),
        pytest.param("in.jsonl", b'{"question": "a"}\n[1]\n', "in.jsonl, line 2", id="no object"),
        pytest.param("in.json", b'"hello"', "no list of objects", id="no list"),
        pytest.param("in.csv", b"question\0answer", "no text file", id="binary"),
        pytest.param("in.json", b"", "is empty", id="empty"),
        pytest.param("in.parquet", b"hello", "no Parquet file", id="no Parquet"),
        pytest.param("in.csv", b"pregunta,respuesta\na,b\n", "'question'; the columns are", id="other columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_line(run, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    done = run("clean", name, "-o", "out.json", code=1)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.json").exists()
