from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawlers import pages, timelimit
from crawlers.archive import ArchiveWriter
from crawlers.extract import extract, extract_files
from tamiz.errors import InputError
from tamiz.records import Page
from tamiz.store import PageReading

FAQ = (
    "<html lang=es><body><h1>Ayuda</h1><details><summary>¿Cómo pago?</summary><p>Con tarjeta o por banco.</p></details>"
)


def test_a_saved_page_gives_one_row_of_the_contract(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    (row,) = extract_files([tmp_path / "faq.html"], url="https://ayuda.example/faq")
    assert list(row) == ["file", "kind", "reason", "pairs"]
    assert (row["file"], row["kind"], row["reason"]) == ("faq.html", "faq", None)
    assert {"question", "answer", "answer_markdown", "accepted", "label", "pattern"} <= set(row["pairs"][0])
    assert json.loads(json.dumps(row, ensure_ascii=False))["pairs"][0]["question"] == "¿Cómo pago?"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty file", id="empty"),
        pytest.param(b" \n", "empty file", id="blank"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "a binary file, not HTML", id="binary"),
        pytest.param(None, "cannot be read: no such file or directory", id="missing"),
        pytest.param("folder", "a folder; give the files in it", id="folder"),
    ],
)
def test_a_file_that_is_no_page_has_its_reason_and_stops_nothing(
    content: bytes | str | None, reason: str, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.html", tmp_path / "good.html"
    if isinstance(content, bytes):
        bad.write_bytes(content)
    elif content:
        bad.mkdir()
    good.write_text(FAQ, encoding="utf-8")
    first, second = extract_files([bad, good])
    assert first == {"file": "bad.html", "kind": "none", "reason": reason, "pairs": []}
    assert second["kind"] == "faq"


def test_utf_16_is_text(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-16")
    (row,) = extract_files([tmp_path / "faq.html"])
    assert row["pairs"][0]["question"] == "¿Cómo pago?"


def test_a_page_that_a_reader_trips_over_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(html: str, url: str = "") -> None:
        raise IndexError

    monkeypatch.setattr(timelimit, "read_page", trip)
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    (row,) = extract_files([tmp_path / "faq.html"])
    assert row["reason"] == "could not be read: IndexError"


def test_an_address_is_for_one_file_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one file"):
        list(extract_files([tmp_path / "a", tmp_path / "b"], url="https://a.example/"))


def test_stored_pages_are_read_again_in_their_newest_version(bench: Callable[..., Any]) -> None:
    work = bench("https://ayuda.example/")
    versions = [FAQ.replace("banco", "cheque"), FAQ]
    with ArchiveWriter(work.project.pages, "run") as archive:
        for n, html in enumerate([*versions, FAQ]):
            values: dict[str, Any] = {
                "url": f"https://ayuda.example/{n // 2}",
                "final_url": f"https://ayuda.example/{n // 2}",
                "fetched_at": "2026-01-31T09:30:00+00:00",
                "status": 200,
                "content_type": "text/html; charset=utf-8",
                "content_hash": str(n),
                "source": "ayuda",
            }
            name, offset = archive.write(
                url=values["url"],
                fetched_at=values["fetched_at"],
                status=200,
                headers=(),
                body=html.encode(),
                agent="tamiz",
            )
            page = Page(**values, archive="gone.warc.gz" if n == 2 else name, archive_offset=offset)
            work.store.add_page(page, (), PageReading(page=page.id, kind="none", reason="unread", found=0))
    report = extract(work.project, work.store)
    assert (report.pages, report.new_pairs) == (1, 1)
    assert "gone.warc.gz" in report.damaged[0]
    assert [stored.pair.answer for stored in work.store.pairs()] == ["Con tarjeta o por banco."]


def test_a_file_that_takes_too_long_is_given_up_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(html: str, url: str) -> Any:
        return re.match("(a+)+$", "a" * 64 + "b") if "trampa" in html else pages.read_page(html, url)

    monkeypatch.setattr(timelimit, "SECONDS_TO_READ", 0.2)
    monkeypatch.setattr(timelimit, "read_page", read)
    (tmp_path / "slow.html").write_text(f"{FAQ}<p>trampa", encoding="utf-8")
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    slow, quick = extract_files([tmp_path / "slow.html", tmp_path / "faq.html"])
    assert slow == {"file": "slow.html", "kind": "none", "reason": "too complex", "pairs": []}
    assert quick["kind"] == "faq"
