"""Questions that run on into their answers, on pages made to be too much."""

from __future__ import annotations

import time

import pytest

from crawlers.pages import read_page

SECONDS = 10


@pytest.mark.parametrize(
    ("page", "pairs"),
    [
        pytest.param(
            "<h1>FAQ</h1>" + "".join(f"<p>Why is it {n}? So it is.</p>" for n in range(15_000)), 2000, id="runs"
        ),
        pytest.param(
            "<h1>FAQ</h1><pre>" + "\n\n".join(f"Why is it {n}?\nSo it is." for n in range(30_000)), 0, id="preformatted"
        ),
        pytest.param("FAQ\n\n" + "\n\n".join(f"Why is it {n}?\nSo it is." for n in range(30_000)), 0, id="no tag"),
        pytest.param("<h1>FAQ</h1>" + "<p>Why is it?" + "<br>x" * 30_000, 1, id="one question of many lines"),
    ],
)
def test_ten_thousands_of_questions_are_read_or_left_in_time(page: str, pairs: int) -> None:
    started = time.process_time()
    assert len(read_page(page, "https://ayuda.example/p").pairs) == pairs
    assert time.process_time() - started < SECONDS


def test_setting_questions_in_bold_leaves_every_word_in_place() -> None:
    page = (
        "<h1>Preguntas frecuentes</h1><ul>"
        "<li>¿Hay <i>otro</i> modo? Sí, <b>dos</b> más: <a href='/a'>uno</a> y otro.</li>"
        "<li><span>¿Es <u>libre</u>?</span> Lo es.</li>"
        "<li><strong>¿Y mañana? También <i>mañana</i>.</strong> Y después.</li></ul>"
    )
    assert [(pair.question, pair.answer) for pair in read_page(page, "https://ayuda.example/p").pairs] == [
        ("¿Hay otro modo?", "Sí, dos más: uno y otro."),
        ("¿Es libre?", "Lo es."),
        ("¿Y mañana?", "También mañana. Y después."),
    ]
