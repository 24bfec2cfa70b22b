"""The report is one inert page whatever the rows hold."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from curation.contaminated_file import check_file
from curation.dedupe_file import dedupe_file
from curation.report import write_contamination_page
from curation.word_changes import changed_words, word_spans
from tamiz.errors import InputError
from tamiz.settings import NearSettings

LONG = "Open the settings, choose the network page and press the green button that says save at the end."
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</mark></p></article></main><h1>mine</h1>",
    "<a href='javascript:alert(1)'>here</a>",
    '" onmouseover="alert(1)',
    "</style><style>body{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=http://example.org>",
    "{{7*7}} ${7*7} <!-- -->",
    "\u202etxt.exe\u202c \u2066x\u2069 \u200b \x00 \x1b[31m",
]
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "small", "section", "table", "tr"}
TAGS |= {"th", "td", "span", "br", "div", "article", "b", "bdi", "mark", "ul", "li"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "dir"}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def report(tmp_path: Path, rows: list[dict[str, Any]], **options: Any) -> str:
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = tmp_path / "report.html"
    dedupe_file(tmp_path / "in.jsonl", tmp_path / "kept.csv", tmp_path / "removed.csv", report=page, **options)
    return page.read_text(encoding="utf-8")


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_rows_add_no_tag_no_attribute_and_no_unseen_character(tmp_path: Path, text: str) -> None:
    rows = [
        {"id": text, "question": f"How do I {text} my router?", "answer": f"{LONG} {text}", "votes": 3},
        {"id": text + "2", "question": f"How do I {text} my router, please?", "answer": f"{LONG} {text} {text}"},
        {"id": 3, "question": f"How do I {text} my router?", "answer": f"{text} It takes 24 hours. {LONG}"},
        {"id": 4, "question": f"How do I {text} my router?", "answer": f"{text} It takes 48 hours. {LONG}"},
        {"id": 5, "question": f"How do I {text} my router?", "answer": f"No. {text}"},
        {"id": 6, "question": f"What repeats {text} in the test?", "answer": text},
    ]
    (tmp_path / "test.jsonl").write_text(json.dumps(rows[-1]), encoding="utf-8")
    page = report(tmp_path, rows, against=[tmp_path / "test.jsonl"])
    tags = parsed(page)
    assert set(tags.tags) <= TAGS
    assert tags.attributes <= ATTRIBUTES
    assert tags.tags.count("h1") == tags.tags.count("style") == tags.tags.count("main") == 1
    assert not set(page) & set("\u202e\u202c\u2066\u2069\u200b\x00\x1b")
    assert "http" not in page.replace("http-equiv", "").replace("http://example.org", "")
    titles = "Near copies", "Contradictions", "Variants", "Rows that repeat the other files"
    assert all(any(text.startswith(title) for text in tags.text) for title in titles)


def test_a_removed_row_stands_beside_the_kept_one_with_the_words_that_differ_marked(tmp_path: Path) -> None:
    page = report(
        tmp_path,
        [
            {"id": "a", "question": "How do I change my key?", "answer": LONG},
            {"id": "b", "question": "How do I change my key?", "answer": LONG.replace("at the end", "at last")},
        ],
    )
    assert "<mark>the end.</mark>" in page
    assert "<mark>last.</mark>" in page
    assert "the kept one has the longer answer" in page


def test_the_funnel_and_the_thresholds_count_what_was_found(tmp_path: Path) -> None:
    rows = [{"id": n, "question": "How do I change my key?", "answer": LONG} for n in range(5)]
    text = " ".join(parsed(report(tmp_path, [*rows, {"id": 9, "question": ""}])).text)
    assert "rows seen 6" in text
    assert "exact copies −4" in text
    assert "could not be read −1" in text
    assert "At other thresholds" in text


def test_what_is_left_out_of_a_long_report_is_said(tmp_path: Path) -> None:
    rows = [{"id": n, "question": "How do I change my key?", "answer": LONG} for n in range(31)]
    assert "The first 20 of 30 are shown." in report(tmp_path, rows)


def test_a_very_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    rows = [{"id": n, "question": "Why?", "answer": "word " * 20_000} for n in range(2)]
    page = report(tmp_path, rows)
    assert len(page) < 30_000
    assert "more</span>" in page


def test_the_report_of_a_check_shows_the_rows_beside_what_they_repeat(tmp_path: Path) -> None:
    for name in ("train", "test"):
        row = {"id": name, "question": "How do I change my key?", "answer": LONG}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
    others = [tmp_path / "test.jsonl"]
    found = check_file(tmp_path / "train.jsonl", others)
    write_contamination_page(tmp_path / "report.html", found, others, NearSettings())
    text = " ".join(parsed((tmp_path / "report.html").read_text(encoding="utf-8")).text)
    assert "1 rows repeat" in text or "1 row repeats" in text
    assert text.count("How do I change my key?") == 2
    with pytest.raises(InputError, match="is read and would be written"):
        write_contamination_page(others[0], found, others, NearSettings())


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        pytest.param("a b c", "a b c", "", id="nothing"),
        pytest.param("a x c", "a y c", "x / y", id="a word for a word"),
        pytest.param("a b c", "a c", "b / nothing", id="a word more"),
        pytest.param("x b y", "z b w", "x / z, y / w", id="two places"),
        pytest.param(" ".join("abcdefghi"), "", "a b c d e f … / nothing", id="many"),
    ],
)
def test_words_that_differ_are_named(one: str, other: str, said: str) -> None:
    assert changed_words(one, other) == said


def test_stretches_of_words_cover_the_text() -> None:
    spans = word_spans(["a", "b", "x", "c"], ["a", "b", "c", "d"])
    assert spans == [(True, 0, 2), (False, 2, 3), (True, 3, 4)]
