"""Rows of JSON Lines are written as `json` writes them, and lines it can make nothing of are listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.row_files import Columns, row_writer
from tamiz.rows import read_rows

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers() | st.integers(-(2**70), 2**70) | st.floats()
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(values=st.dictionaries(TEXTS, VALUES, max_size=5))
def test_a_row_is_written_as_json_writes_it(values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    with row_writer(path, ".jsonl", Columns()) as write:
        write(values)
        write({name: str(value) for name, value in values.items()})
    texts = {name: str(value) for name, value in values.items()}
    wanted = [json.dumps(row, ensure_ascii=False) for row in (values, texts)]
    assert path.read_bytes().decode() == "".join(f"{line}\n" for line in wanted)


def test_a_line_that_is_no_json_is_listed_with_its_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"question": "a"}\n{"question": "b"\n{"question": 1e999}\n{"question": 1' + "0" * 5000 + "}", encoding="utf-8"
    )
    first, second, third, fourth = read_rows(path)
    assert first.values == {"question": "a"}
    assert (second.place, second.raw) == ("line 2", '{"question": "b"')
    assert "not valid JSON" in second.trouble
    assert third.values == {"question": float("inf")}
    assert "a number of thousands of digits" in fourth.trouble
