"""Spreadsheets, Parquet files and saved datasets, as their own libraries write them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from datasets import Dataset, DatasetDict

from crawlers.imports import tablefiles
from crawlers.imports.kinds import recognise
from crawlers.imports.report import ImportOptions, ImportReport
from crawlers.imports.run import import_files
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import Settings
from tamiz.store import Store

Import = Callable[..., tuple[ImportReport, list[Pair]]]
Q, A = "¿Cómo reinicio el router?", "Desenchúfalo diez segundos."


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Import]:
    project = Project(folder=tmp_path / "project", settings=Settings())
    project.folder.mkdir()
    with Store.open(project.store_url) as store:

        def run(path: Path, *, kind: Any = None, **options: Any) -> tuple[ImportReport, list[Pair]]:
            (report,) = import_files(project, store, [path], ImportOptions(**options), kind)
            return report, [stored.pair for stored in store.pairs()]

        yield run


def workbook(path: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_is_read_with_the_place_of_each_refused_row(imported: Import, tmp_path: Path) -> None:
    rows = [[None], ["Pregunta", "Respuesta", "Votos", "Fecha"], [Q, A, 3, date(2026, 3, 2)], [Q, None, 1], [], ["", A]]
    report, pairs = imported(workbook(tmp_path / "t.xlsx", rows))
    assert [(pair.question, pair.answer, pair.votes) for pair in pairs] == [(Q, A, 3)]
    assert report.refused == ("row 4: the answer is empty", "row 6: the question is empty")
    assert report.reasons == {"the answer is empty": 1, "the question is empty": 1}


def test_every_sheet_is_read(imported: Import, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", [["question", "answer"], [Q, A]], [["question", "answer"], [Q, ""], ["¿B?", "C"]]
    )
    report, pairs = imported(path)
    assert len(pairs) == 2
    assert report.refused == ("sheet Sheet1, row 2: the answer is empty",)


def test_sheets_may_name_their_columns_differently(imported: Import, tmp_path: Path) -> None:
    spanish = [["Pregunta", "Respuesta", "Tema"], [Q, A, "Router"]]
    english = [["question", "answer"], ["How do I restart the router?", "Unplug it for ten seconds."]]
    nameless = [["x", "y"], ["1", "2"]]
    report, pairs = imported(workbook(tmp_path / "t.xlsx", spanish, english, nameless))
    assert [pair.answer for pair in pairs] == [A, "Unplug it for ten seconds."]
    assert pairs[0].label == "Router"
    assert report.refused_rows == 1


def test_a_formula_is_never_a_text(imported: Import, tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["question", "answer"], [Q, '=HYPERLINK("http://x.example","y")'], [Q, A]])
    report, pairs = imported(path)
    assert [pair.answer for pair in pairs] == [A]
    assert report.refused == ("row 2: the answer is empty",)


def repacked(path: Path, target: Path, part: str, content: bytes) -> Path:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return target


def test_a_spreadsheet_with_entities_is_refused(imported: Import, tmp_path: Path) -> None:
    """FAULTS row 22."""
    path = workbook(tmp_path / "t.xlsx", [["question", "answer"], [Q, A]])
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    with pytest.raises(InputError, match="declares XML entities"):
        imported(repacked(path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", laughs))


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS row 19."""
    path = workbook(tmp_path / "t.xlsx", [["question", "answer"], [Q, A]])
    monkeypatch.setattr(tablefiles, "LARGEST_PART", 10 << 20)
    with pytest.raises(InputError, match=r"unpacks to 30 MB in sheet1\.xml"):
        imported(repacked(path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", b" " * (30 << 20)))


def test_a_damaged_sheet_is_named(imported: Import, tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["question", "answer"], [Q, A]])
    with pytest.raises(InputError, match=r"b\.xlsx is"):
        imported(repacked(path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><"))


def test_a_parquet_file_is_read(imported: Import, tmp_path: Path) -> None:
    rows = [{"instruction": Q, "output": A, "n": 1}, {"instruction": None, "output": A, "n": 2}]
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    report, pairs = imported(tmp_path / "t.parquet")
    assert [(pair.question, pair.answer) for pair in pairs] == [(Q, A)]
    assert report.refused == ("row 2: the question is empty",)
    assert dict(report.columns) == {"question": "instruction", "answer": "output"}


def test_no_parquet_under_its_ending_is_named(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"hello")
    with pytest.raises(InputError, match="no Parquet file"):
        imported(tmp_path / "t.parquet")


MESSAGES = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]


@pytest.mark.parametrize("row", [{"question": Q, "answer": A}, {"messages": MESSAGES}], ids=["pairs", "dialogues"])
def test_a_saved_dataset_is_read_with_all_its_splits(row: dict[str, Any], imported: Import, tmp_path: Path) -> None:
    other = {name: [{**m, "content": m["content"] + "!"} for m in value] if isinstance(value, list) else value + "!"
             for name, value in row.items()}  # fmt: skip
    splits = {"train": Dataset.from_list([row]), "test": Dataset.from_list([other])}
    DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))
    report, pairs = imported(tmp_path / "saved")
    assert [(pair.question, pair.answer) for pair in pairs] == [(Q, A), (f"{Q}!", f"{A}!")]
    assert report.taken_for.startswith("Hugging Face dataset")


def test_one_split_is_read_where_it_is_asked_for(imported: Import, tmp_path: Path) -> None:
    rows = {name: Dataset.from_list([{"question": f"¿{name}?", "answer": A}]) for name in ("train", "test")}
    DatasetDict(rows).save_to_disk(str(tmp_path / "saved"))
    _, pairs = imported(tmp_path / "saved", split="test")
    assert [pair.question for pair in pairs] == ["¿test?"]
    with pytest.raises(InputError, match="no split dev; there are: train, test"):
        imported(tmp_path / "saved", split="dev")


def test_a_folder_of_parquet_files_is_a_dataset(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "hub" / "data").mkdir(parents=True)
    for name in ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"):
        table = pa.Table.from_pylist([{"question": f"¿{name}?", "answer": A}])
        pyarrow.parquet.write_table(table, tmp_path / "hub" / "data" / f"{name}.parquet")
    _, pairs = imported(tmp_path / "hub", split="train")
    assert len(pairs) == 2


def test_a_dataset_of_the_hub_without_a_network_says_what_to_do(
    imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="Without a network, load it elsewhere"):
        imported(Path("hf:nobody/nothing"))


def test_columns_without_telling_names_are_known_by_what_stands_in_them(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{n},¿Cómo cambio el {n}?,Entra en ajustes y pulsa el botón {n} dos veces.,wifi" for n in range(5)]
    path.write_text("\n".join(["n,cliente escribe,nosotros,cola", *rows]))
    report, pairs = imported(path)
    assert dict(report.columns) == {"question": "cliente escribe", "answer": "nosotros"}
    assert len(pairs) == 5


def test_two_columns_that_ask_are_not_guessed(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("uno,dos,tres\n¿A?,¿B?,Entra en ajustes y pulsa el botón dos veces.\n")
    with pytest.raises(InputError, match="no column is called question; there are: uno, dos, tres"):
        imported(tmp_path / "t.csv")


def test_a_packed_table_is_read(imported: Import, tmp_path: Path) -> None:
    import gzip

    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(f"question,answer\n{Q},{A}\n".encode()))
    report, pairs = imported(tmp_path / "t.csv.gz")
    assert (len(pairs), report.file) == (1, "t.csv.gz/t.csv")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        pytest.param("t.csv", "question,answer\nA: b,c\n", "table", id="csv"),
        pytest.param("t.txt", "question,answer\nA: b,c\nA: d,e\n", "table", id="csv-with-colons"),
        pytest.param("t.txt", "Cliente: hola\nAgente: hola\n", "transcript", id="chat"),
        pytest.param("t.log", "[10:00] Ana: hola\n[10:01] Luis: hola\n", "transcript", id="stamped"),
        pytest.param("t", "From a@b.example Mon Mar  2 09:14:00 2026\nFrom: a@b.example\n\nhola\n", "mail", id="mbox"),
        pytest.param("t", "Received: x\nSubject: y\nFrom: a@b.example\n\nhola\n", "mail", id="message"),
        pytest.param("p.xml", '<?xml version="1.0"?>\n<posts>\n<row Id="1"/></posts>', "stackexchange", id="dump"),
        pytest.param("RC_2011", '{"subreddit":"a","body":"b","link_id":"t3_c","id":"d"}\n', "reddit", id="reddit"),
        pytest.param("t.json", '[{"conversation_parts": [], "id": 1}]', "transcript", id="intercom"),
        pytest.param("t.json", '[{"question": "a", "answer": "b"}]', "table", id="json"),
        pytest.param("t.jsonl", '{"messages": []}', "table", id="messages"),
    ],
)
def test_a_file_is_taken_for_what_it_looks_like(name: str, content: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert recognise(tmp_path / name) == kind


def test_the_user_s_word_overrides_the_guess(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Cliente: ¿Uno?\nAgente: Dos.\n")
    report, pairs = imported(tmp_path / "t.csv", kind="transcript")
    assert (len(pairs), report.taken_for) == (1, "chat")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("none.csv", None, "does not exist", id="missing"),
        pytest.param("a.warc.gz", b"x", "spider = ", id="web-archive"),
        pytest.param("a.xml", b"<?xml version='1.0'?><rss/>", "XML of an unknown kind", id="other-xml"),
        pytest.param("folder", "folder", "is a folder", id="folder"),
        pytest.param("a.zip", b"PK", "damaged or locked", id="no-zip"),
    ],
)
def test_what_cannot_be_imported_is_said_with_the_next_move(
    name: str, content: bytes | str | None, said: str, imported: Import, tmp_path: Path
) -> None:
    if content == "folder":
        (tmp_path / name).mkdir()
    elif isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        imported(tmp_path / name)
