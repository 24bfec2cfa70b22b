"""Every block of a page is accounted for: found = kept + dropped, always."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawlers.archive import ArchiveWriter
from crawlers.explain import explain
from crawlers.pages import decode, read_page
from tamiz.cli import cli
from tamiz.errors import InputError
from tamiz.records import Page
from tamiz.store import PageReading

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TAMIZ_SHARED") or ROOT.parent / "shared")
PAGES = [*(ROOT / "tests/cases/pages").glob("*/page.html"), *(SHARED / "pages/html").glob("*")]

FAQ = """<html lang=es><title>Preguntas frecuentes</title><body><h1>Preguntas frecuentes</h1>
<nav><details><summary>¿Menú?</summary>Inicio</details></nav>
<details><summary>¿Cómo pago?</summary><p>Con tarjeta.</p></details>
<details><summary>¿Cómo pago?</summary><p>Con tarjeta.</p></details>
<details><summary>¿Y las fotos?</summary><p><img src=a.png></p></details>
<details><summary>¿No encuentras lo que buscas?</summary><p>Escríbenos.</p></details>"""


def refuse() -> Any:
    raise AssertionError("a saved file needs no project")


@pytest.mark.parametrize("page", [pytest.param(p, id=f"{p.parent.name}/{p.name}") for p in sorted(PAGES)])
def test_the_kept_blocks_of_a_help_page_are_its_pairs_and_all_others_are_dropped_with_a_reason(page: Path) -> None:
    reading = read_page(decode(page.read_bytes()), "https://ayuda.example/p")
    told = explain(str(page), refuse)
    assert told.found == told.kept + told.dropped == len(told.blocks)
    assert all(block.reason for block in (*reading.blocks, *told.blocks))
    if reading.kind != "forum":
        kept = [block.text for block in reading.blocks if block.kept]
        assert sorted(kept) == sorted(pair.question for pair in reading.pairs)


def test_each_way_to_drop_a_block_says_its_own_reason(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    told = explain(str(tmp_path / "faq.html"), refuse)
    assert [(block.text, block.kept, block.reason) for block in told.blocks] == [
        ("¿Menú?", False, "in the site's own navigation or frame"),
        ("¿Cómo pago?", True, "the summary opens the answer"),
        ("¿Cómo pago?", False, "repeats a pair of this page"),
        ("¿Y las fotos?", False, "no text as answer"),
        ("¿No encuentras lo que buscas?", False, "a call to action"),
    ]


def test_the_command_prints_blocks_and_their_sum_and_nothing_a_terminal_obeys(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ.replace("pago", "pa\x9bgo"), encoding="utf-8")
    result = CliRunner().invoke(cli, ["extract", "--why", str(tmp_path / "faq.html")])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "  5 found = 1 kept + 4 dropped"
    assert "\x9b" not in result.output


def test_the_command_gives_the_same_as_json(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    result = CliRunner().invoke(cli, ["extract", "--why", "--json", str(tmp_path / "faq.html")])
    (told,) = json.loads(result.output)
    assert (told["found"], told["kept"], told["dropped"]) == (5, 1, 4)
    assert told["blocks"][1]["pattern"] == "details"


def test_a_stored_page_is_explained_by_its_address_in_its_newest_version(bench: Callable[..., Any]) -> None:
    work = bench("https://ayuda.example/")
    with ArchiveWriter(work.project.pages, "run") as archive:
        for n, html in enumerate(("<p>Nada.", FAQ)):
            name, offset = archive.write(
                url="https://ayuda.example/faq", fetched_at="2026-01-31T09:30:00+00:00", status=200, headers=(),
                body=html.encode(), agent="tamiz",
            )  # fmt: skip
            page = Page(
                url="https://ayuda.example/faq", final_url="https://ayuda.example/faq/", status=200,
                fetched_at="2026-01-31T09:30:00+00:00", content_type="text/html; charset=utf-8", content_hash=str(n),
                source="ayuda", archive=name, archive_offset=offset,
            )  # fmt: skip
            work.store.add_page(page, (), PageReading(page=page.id, kind="none", reason="unread", found=0))
    told = explain("https://ayuda.example/faq#pagos", lambda: nullcontext((work.project, work.store)))
    assert (told.page, told.found, told.kept) == ("https://ayuda.example/faq/", 5, 1)
    with pytest.raises(InputError, match=r"ayuda\.example/otra is no stored page"):
        explain("https://ayuda.example/otra", lambda: nullcontext((work.project, work.store)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.html cannot be read"):
        explain(str(tmp_path / "gone.html"), refuse)


def test_a_file_that_cannot_be_read_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text(FAQ, encoding="utf-8")
    done = CliRunner().invoke(cli, ["extract", "--why", str(tmp_path / "gone.html"), str(tmp_path / "faq.html")])
    assert "kept" in done.stdout
    assert isinstance(done.exception, InputError)
    assert "gone.html cannot be read" in str(done.exception)
