"""Files that people bring: their names are only names, and they lie where the project keeps them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from tamiz import schema
from tamiz.errors import InputError, NotPermitted
from tamiz.project import Project
from tamiz.store import Store
from tamiz.uploads import importable_files, keep_upload, peek, remove_upload


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    return Project.open(tmp_path)


@pytest.fixture
def keep(project: Project):
    def run(name: str, content: bytes = b"question,answer\n", by: str = "person:chief") -> Path:
        with Store.open(project.store_url) as store:
            return keep_upload(project, name, io.BytesIO(content), store=store, by=by)

    return run


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("pairs.csv", "pairs.csv"),
        ("../../tamiz.toml.csv", "tamiz.toml.csv"),
        ("C:\\Users\\me\\Preguntas y respuestas.XLSX", "Preguntas y respuestas.xlsx"),
        ("-rf $(x).csv", "rf -(x).csv"),
        ("\x00\n.csv", "file.csv"),
        ("WhatsApp Chat with Somebody.txt", "WhatsApp Chat with Somebody.txt"),
        ("😀" * 300 + ".csv", "file.csv"),
        ("é" * 300 + ".csv", "é" * 50 + ".csv"),
    ],
)
def test_of_a_name_only_a_name_is_left(project, keep, name, kept) -> None:
    path = keep(name)
    assert path.name == kept
    assert path.parent.parent == project.folder / "work" / "uploads"
    assert path.read_bytes() == b"question,answer\n"


@pytest.mark.parametrize("name", ["x.exe", "x", "x.toml", ""])
def test_an_ending_that_no_import_reads_is_refused(project, keep, name) -> None:
    with pytest.raises(InputError, match="no import reads"):
        keep(name)
    assert not (project.folder / "work").exists()


def test_the_same_file_is_kept_once_and_another_of_that_name_beside_it(keep) -> None:
    assert keep("a.csv", b"1") == keep("a.csv", b"1") != keep("a.csv", b"2")


def test_only_an_uploaded_file_can_be_removed(project, keep) -> None:
    other = project.folder / "mine.csv"
    other.write_text("x", encoding="utf-8")
    kept = keep("a.csv")
    with Store.open(project.store_url) as store:
        assert not remove_upload(project, other, store=store, by="person:chief")
        assert remove_upload(project, kept, store=store, by="person:chief")
    assert other.exists()
    assert not kept.parent.exists()


def test_only_who_may_manage_brings_files(project, keep) -> None:
    row = {"at": "", "actor": "", "name": "chief", "version": 1, "role": "admin", "pin": "", "subject": ""}
    with Store.open(project.store_url) as store:
        values = [row, row | {"name": "reviewer-1", "role": "reviewer"}]
        store.database.write(lambda connection: connection.execute(sa.insert(schema.person_change), values))
    with pytest.raises(NotPermitted):
        keep("a.csv", by="person:reviewer-1")
    assert keep("a.csv").exists()


def test_files_of_the_folder_are_offered_but_not_the_project_s_own(project, keep) -> None:
    keep("a.csv")
    (project.folder / "work" / "b.mbox").write_text("x", encoding="utf-8")
    (project.folder / "c.jsonl").write_text("x", encoding="utf-8")
    (project.folder / "d.jsonl").symlink_to("/etc/passwd")
    assert [path.name for path in importable_files(project)] == ["c.jsonl", "b.mbox"]


def test_a_look_at_a_table_gives_its_columns_and_first_rows(project) -> None:
    table = project.folder / "a.csv"
    table.write_text(f"Pregunta;Respuesta\n¿Qué?;{'x' * 500}\n", encoding="utf-8")
    looked = peek(table)
    assert looked.columns == ("Pregunta", "Respuesta")
    assert looked.rows[0]["Pregunta"] == "¿Qué?"
    assert len(looked.rows[0]["Respuesta"]) == 200
    (project.folder / "b.csv").write_text("", encoding="utf-8")
    assert peek(project.folder / "b.csv").columns == ()
    assert peek(project.folder / "c.xlsx").columns == ()
