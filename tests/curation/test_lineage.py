"""Where a pair came from, and what was seen in it."""

from __future__ import annotations

import json

import pytest

from curation.lineage import lineage, pair_of_line
from curation.sieve import curate
from tamiz.errors import InputError


def test_lineage_tells_what_stands_in_the_way_of_a_waiting_pair(make_project, opened, distinct_pair) -> None:
    project = make_project()
    store = opened(project)
    first = distinct_pair(1, votes=3)
    other = distinct_pair(1, answer="Llama a la central y pide una cita con el técnico de la zona.", url="u")
    store.add_pairs([first, other], "import:test")
    curate(project, store)
    [one] = lineage(store, other.id)
    assert one.stored.state == "waiting"
    assert [(found.kind, found.witness, found.step) for found in one.findings] == [
        ("same_question", first.id, "dedupe")
    ]


def test_a_line_is_counted_by_its_end_alone_whatever_the_texts_hold(tmp_path) -> None:
    rows = [{"id": "a1", "answer": "one\u2028two\x85three"}, {"id": "b2"}]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "train.jsonl").write_text(text, encoding="utf-8")
    assert [pair_of_line(f"train.jsonl:{number}", tmp_path) for number in (1, 2)] == ["a1", "b2"]


@pytest.mark.parametrize("line", ["0", "3", "999999999999"])
def test_a_line_that_is_not_there_is_an_error_and_no_other_line(tmp_path, line) -> None:
    (tmp_path / "train.jsonl").write_text('{"id": "a1"}\n{"id": "b2"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=rf"train\.jsonl:{line} is no line"):
        pair_of_line(f"train.jsonl:{line}", tmp_path)


def test_a_number_no_file_has_is_no_line(tmp_path) -> None:
    place = f"train.jsonl:{'9' * 5000}"
    assert pair_of_line(place, tmp_path) == place
