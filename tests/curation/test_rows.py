"""One step on a table: every column stays, and changes are listed."""

from __future__ import annotations

import pytest

from curation.clean import CleanStep
from curation.rows import change_rows
from tamiz.errors import InputError
from tamiz.settings import CurationSettings


def test_a_step_changes_the_named_fields_and_lists_what_it_did() -> None:
    rows = [
        {"n": 1, "question": "¿Y <b>esto</b>?", "answer": " Pulsa&nbsp;<b>ya</b> "},
        {"n": 2, "question": "", "answer": "Bien"},
    ]
    changed = change_rows(rows, CleanStep(CurationSettings()), fields=["answer"])
    assert [row["answer"] for row in changed] == ["Pulsa ya", "Bien"]
    assert [row["question"] for row in changed] == ["¿Y <b>esto</b>?", ""]
    assert [row["n"] for row in changed] == [1, 2]
    assert changed[0]["changes"][0] == {
        "field": "answer",
        "start": 5,
        "before": "&nbsp;",
        "after": " ",
        "rule": "entity",
        "confidence": 0.97,
        "applied": True,
    }
    assert changed[1]["changes"] == []


def test_changes_that_are_not_sure_enough_are_listed_and_not_applied() -> None:
    rows = [{"answer": "Pulsa <b>ya</b>"}]
    changed = change_rows(rows, CleanStep(CurationSettings()), fields=["answer"], at_least=0.99)
    assert changed[0]["answer"] == "Pulsa <b>ya</b>"
    assert [change["applied"] for change in changed[0]["changes"]] == [False, False]


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match="no column 'question'; the columns are: a, b"):
        change_rows([{"a": 1, "b": 2}], CleanStep(CurationSettings()))
