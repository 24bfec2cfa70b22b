"""A table in three parts, with no project: every row once, groups whole, earlier parts kept."""

from __future__ import annotations

import hashlib
import random

import pytest

from curation.gather import FrozenConflict
from curation.split_rows import REASON, split_rows
from tamiz.errors import InputError
from tamiz.settings import ExportSettings

SETTINGS = ExportSettings()


@pytest.fixture
def row(distinct_pair):
    def make(number, **values):
        pair = distinct_pair(number)
        return {"id": number, "question": pair.question, "answer": pair.answer, **values}

    return make


def where(result) -> dict[object, str]:
    return {row["id"]: part for part, rows in result.parts.items() for row in rows}


def test_groups_are_whole_by_each_of_several_columns(row) -> None:
    rows = [row(n, page=f"p{n // 4}", board=f"b{(n + 2) // 6 if n < 30 else n}") for n in range(60)]
    result = split_rows(rows, SETTINGS, group_fields=["page", "board"])
    parts = where(result)
    assert parts.keys() == set(range(60))
    for field in ("page", "board"):
        for value in {one[field] for one in rows}:
            assert len({parts[one["id"]] for one in rows if one[field] == value}) == 1
    assert all(result.parts.values())


def test_the_order_of_the_rows_does_not_matter(row) -> None:
    rows = [row(n, g=n // 3) for n in range(40)]
    expected = where(split_rows(rows, SETTINGS, group_fields=["g"]))
    assert where(split_rows(random.Random(3).sample(rows, 40), SETTINGS, group_fields=["g"])) == expected


def test_rows_keep_their_order_and_their_columns(row) -> None:
    rows = [row(n, extra=[n]) for n in range(30)]
    for mine in split_rows(rows, SETTINGS).parts.values():
        assert mine == [one for one in rows if one in mine]


def test_rows_without_a_text_are_left_out_with_the_reason(row) -> None:
    result = split_rows([row(1), row(2), row(3, answer="  "), row(4, question=None), row(5, answer="\x00")], SETTINGS)
    assert [(one["id"], one[REASON]) for one in result.left_out] == [(n, "no question or no answer") for n in (3, 4, 5)]


def test_rows_of_an_earlier_result_keep_their_part_by_id_or_else_by_text(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    more = [*(row(n) for n in range(100, 130)), *rows]
    again = split_rows(more, ExportSettings(seed=5), earlier=first.parts)
    assert where(first).items() <= where(again).items()
    assert again.kept == 40
    nameless = {
        part: [{k: v for k, v in one.items() if k != "id"} for one in mine] for part, mine in first.parts.items()
    }
    assert where(first).items() <= where(split_rows(more, ExportSettings(seed=5), earlier=nameless)).items()


def test_an_id_counts_for_more_than_the_text(row) -> None:
    first = split_rows([row(n) for n in range(40)], SETTINGS)
    tested = first.parts["test"][0]
    changed = {**tested, "answer": "Otra respuesta, del todo distinta a la de antes."}
    again = split_rows([changed, *(row(n) for n in range(100, 130))], SETTINGS, earlier=first.parts)
    assert where(again)[tested["id"]] == "test"


def test_a_row_like_one_that_is_gone_goes_where_that_was(row) -> None:
    first = split_rows([row(n) for n in range(40)], SETTINGS)
    tested = first.parts["test"][0]
    alike = {**tested, "id": "new", "question": tested["question"].upper()}
    again = split_rows([alike, *(row(n) for n in range(100, 130))], SETTINGS, earlier=first.parts)
    assert where(again)["new"] == "test"


def test_a_row_between_two_parts_is_left_out_with_both_rows_named(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    train, test = first.parts["train"][0], first.parts["test"][0]
    bridge = {"id": "b", "question": train["question"], "answer": test["answer"]}
    again = split_rows([*rows, bridge], SETTINGS, earlier=first.parts)
    [left] = again.left_out
    assert left["id"] == "b"
    assert f"the same question as row {train['id']} (train)" in left[REASON]
    assert f"the same answer as row {test['id']} (test)" in left[REASON]
    assert sum(map(len, again.parts.values())) + 1 == len(rows) + 1


def test_a_row_edited_towards_another_part_is_left_out_and_all_others_stay(row) -> None:
    rows = [row(n, page=f"p{n}") for n in range(40)]
    first = split_rows(rows, SETTINGS, group_fields=["page"])
    train, test = first.parts["train"][0], first.parts["test"][0]
    edited = [{**one, "question": test["question"] + " Gracias."} if one["id"] == train["id"] else one for one in rows]
    again = split_rows(edited, SETTINGS, group_fields=["page"], earlier=first.parts)
    [left] = again.left_out
    assert left["id"] == train["id"]
    assert f"the same page as row {train['id']} of the earlier result (train)" in left[REASON]
    assert f"question as row {test['id']} (test)" in left[REASON]
    assert where(again) == {name: part for name, part in where(first).items() if name != train["id"]}
    assert again.kept == 39
    [note] = [note for note in again.notes if "left out" in note]
    assert note.startswith(f"row {train['id']} is left out: it would join test and train")


def test_a_row_edited_like_two_parts_at_once_is_left_out(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    mine, other = first.parts["validation"][0], first.parts["train"][0]
    changed = {**mine, "question": first.parts["test"][0]["question"], "answer": other["answer"]}
    again = split_rows([changed if one is mine else one for one in rows if one["id"] != mine["id"]] + [changed],
                       SETTINGS, earlier=first.parts)  # fmt: skip
    [left] = again.left_out
    assert left["id"] == mine["id"]
    assert f"the same id as row {mine['id']} of the earlier result (validation)" in left[REASON]


def test_a_row_edited_within_its_part_keeps_it(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    edited = [{**one, "question": hashlib.sha256(bytes([one["id"]])).hexdigest()} for one in rows]
    again = split_rows(edited, ExportSettings(seed=8), earlier=first.parts)
    assert where(again) == where(first)
    assert again.kept == 40
    assert again.left_out == []


def test_two_rows_edited_to_the_same_text_are_never_in_two_parts(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    names = {first.parts["train"][0]["id"], first.parts["test"][0]["id"]}
    same = "¿Qué hago si la luz del aparato parpadea en rojo?"
    edited = [{**one, "question": same} if one["id"] in names else one for one in rows]
    again = split_rows(edited, SETTINGS, earlier=first.parts)
    assert len(again.left_out) == 1
    assert again.left_out[0]["id"] in names
    assert again.kept == 39


def test_a_row_moved_to_a_page_of_another_part_is_left_out(row) -> None:
    rows = [row(n, page=f"p{n}") for n in range(40)]
    first = split_rows(rows, SETTINGS, group_fields=["page"])
    train, test = first.parts["train"][0], first.parts["test"][0]
    moved = [{**one, "page": test["page"]} if one is rows[train["id"]] else one for one in rows]
    again = split_rows(moved, SETTINGS, group_fields=["page"], earlier=first.parts)
    assert [left["id"] for left in again.left_out] == [train["id"]]


def test_where_every_row_would_be_left_out_nothing_is_divided(row) -> None:
    rows = [row(n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    mine = first.parts["train"][0]
    bridge = {**mine, "question": first.parts["test"][0]["question"]}
    with pytest.raises(FrozenConflict, match=rf"no row is left .*row {mine['id']} is left out.*--frozen"):
        split_rows([bridge], SETTINGS, earlier=first.parts)


def test_earlier_rows_that_nobody_edited_and_that_may_not_be_apart_are_named(row) -> None:
    rows = [row(n, page=n) for n in range(40)]
    first = split_rows(rows, SETTINGS)
    train, test = first.parts["train"][0]["id"], first.parts["test"][0]["id"]
    joined = [{**one, "board": "x" if one["id"] in (train, test) else one["id"]} for one in rows]
    with pytest.raises(
        FrozenConflict, match=rf"row ({train}|{test}) .*the same board as row ({train}|{test}) .*--frozen"
    ):
        split_rows(joined, SETTINGS, group_fields=["board"], earlier=first.parts)


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [
        pytest.param([], (0, 0, 0), id="nothing"),
        pytest.param([{"id": 1, "question": "¿Cómo?", "answer": "Así."}], (1, 0, 0), id="one row"),
        pytest.param([{"question": "¿Cómo?", "answer": "Así."}] * 9, (9, 0, 0), id="nine times the same"),
    ],
)
def test_what_cannot_be_divided_is_for_training(rows, sizes) -> None:
    result = split_rows(rows, SETTINGS)
    assert tuple(len(result.parts[part]) for part in ("train", "validation", "test")) == sizes


def test_a_column_that_is_not_there_is_named_with_those_that_are(row) -> None:
    with pytest.raises(InputError, match="no column 'page'; the columns are: answer, id, question"):
        split_rows([row(1)], SETTINGS, group_fields=["page"])


def test_an_id_that_several_rows_have_names_none_of_them(row) -> None:
    rows = [{**row(n), "id": n % 10, "number": n} for n in range(60)]
    first = split_rows(rows, SETTINGS)
    again = split_rows(rows, SETTINGS, earlier=first.parts)
    parts = [{one["number"]: part for part, many in result.parts.items() for one in many} for result in (first, again)]
    assert parts[0] == parts[1]
    assert len(set(parts[1].values())) == 3
