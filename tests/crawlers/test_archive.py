from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.archive import ArchiveWriter, read_archive, read_body
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Page
from tamiz.settings import Settings

HTML = "text/html; charset=utf-8"


def write(folder: Path, *bodies: bytes) -> tuple[Path, list[int]]:
    with ArchiveWriter(folder, "run") as archive:
        written = [
            archive.write(
                url=f"https://a.example/{n}?x=%C3%A1",
                fetched_at="2026-01-31T09:30:00.000+00:00",
                status=200,
                headers=(
                    ("Content-Type", HTML),
                    ("X-Título", "año"),
                    ("Content-Encoding", "gzip"),
                    ("Content-Length", "9"),
                ),
                body=body,
                agent="tamiz",
            )
            for n, body in enumerate(bodies)
        ]
    return folder / written[0][0], [offset for _, offset in written]


def page(archive: str, offset: int) -> Page:
    return Page(
        url="https://a.example/",
        final_url="https://a.example/",
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type=HTML,
        content_hash="0" * 64,
        source="a",
        archive=archive,
        archive_offset=offset,
    )


def test_bodies_come_back_by_their_place(tmp_path: Path) -> None:
    project = Project(folder=tmp_path, settings=Settings())
    bodies = (b"<p>uno</p>", "<p>año</p>".encode("cp1252"), b"", bytes(range(256)) * 300)
    path, offsets = write(project.pages, *bodies)
    assert [read_body(project, page(path.name, offset)) for offset in offsets] == [(body, HTML) for body in bodies]
    assert [(read.body, read.offset) for read in read_archive(path)] == list(zip(bodies, offsets, strict=True))


def test_any_warc_reader_sees_request_and_response(tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    path, _ = write(tmp_path, b"<p>uno</p>", b"<p>dos</p>")
    with path.open("rb") as file:
        records = [
            (record.rec_type, record.content_stream().read()) for record in ArchiveIterator(file, check_digests=True)
        ]
    kinds = ["warcinfo", "response", "request", "response", "request"]
    assert [kind for kind, _ in records] == kinds
    assert records[1][1] == b"<p>uno</p>"


def test_a_torn_last_record_costs_nothing_else(tmp_path: Path) -> None:
    path, offsets = write(tmp_path, b"<p>uno</p>" * 50, bytes(range(256)) * 40)
    whole = path.read_bytes()
    for end in range(offsets[1] + 1, len(whole), 37):
        path.write_bytes(whole[:end])
        read = list(read_archive(path))
        assert read[0].body == b"<p>uno</p>" * 50
        assert [later.body for later in read[1:]] in ([], [bytes(range(256)) * 40])


@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_missing_bytes_are_named_with_the_next_move(damage: str, tmp_path: Path) -> None:
    project = Project(folder=tmp_path, settings=Settings())
    path, offsets = write(project.pages, b"<p>uno</p>" * 50)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: offsets[0] + 60])
    with pytest.raises(InputError, match="fetch the page again"):
        read_body(project, page(path.name, offsets[0]))
