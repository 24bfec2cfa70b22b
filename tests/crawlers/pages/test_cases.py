"""Every folder of tests/cases/pages is one page with what must be read from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.pages import FoundPair, read_page

CASES = Path(__file__).parents[2] / "cases" / "pages"
FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_the_page_gives_the_expected_pairs(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    url = expected.pop("url", "https://ayuda.example/p")
    reading = read_page((folder / "page.html").read_text(encoding="utf-8"), url)
    wanted = expected.pop("pairs")
    assert {name: getattr(reading, name) for name in expected} == expected
    assert [_only(pair, want) for pair, want in zip(reading.pairs, wanted, strict=False)] == wanted
    assert len(reading.pairs) == len(wanted)


def _only(pair: FoundPair, wanted: dict[str, object]) -> dict[str, object]:
    return {name: getattr(pair, name) for name in wanted}


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_no_address_of_an_answer_can_run_anything(folder: Path) -> None:
    reading = read_page((folder / "page.html").read_text(encoding="utf-8"), "https://ayuda.example/p")
    for pair in reading.pairs:
        assert "](javascript:" not in pair.answer_markdown.replace("\\]", "")
        assert "](data:" not in pair.answer_markdown
