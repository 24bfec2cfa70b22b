"""Rows that repeat rows of another table: by question, by answer, by both; boilerplate is told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.contaminated_file import check_file
from curation.contamination import BOILERPLATE, find_contamination
from tamiz.errors import InputError
from tamiz.settings import NearSettings

RESET = "Hold the button at the back of the router for ten seconds and wait until the light turns green."
TEST = [
    ("How do I reset the router to its first settings?", RESET),
    (
        "Which ports does the firewall of model AX20 open?",
        "Ports 80 and 443, nothing else unless you add a rule.",
    ),
]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        pytest.param(("how do i reset the router to its first settings", RESET), "pair", id="both"),
        pytest.param(("How do I reset the router to its first settings?", "Ask us."), "question", id="the question"),
        pytest.param(("The light is red, what now?", RESET.replace("until", "till")), "answer", id="the answer"),
        pytest.param(("Where is my invoice?", "In your account, under Payments."), "", id="neither"),
        pytest.param(("Which ports does the firewall of model AX30 open?", "None."), "", id="another model"),
        pytest.param(("What is this?", ""), "", id="no answer"),
    ],
)
def test_a_row_repeats_another_by_its_question_its_answer_or_both(row: tuple[str, str], rule: str) -> None:
    found = find_contamination([row], [*TEST, ("Is anybody here?", "")])
    assert [repeat.rule for repeat in found.repeats.values()] == ([rule] if rule else [])


def test_a_repeat_names_the_row_and_how_similar_it_is() -> None:
    repeat = find_contamination([("Hello?", "Yes."), TEST[1]], TEST).repeats[1]
    assert (repeat.other, repeat.rule, repeat.question, repeat.answer) == (1, "pair", 1.0, 1.0)


def test_only_the_rules_that_are_asked_for_count() -> None:
    rows = [(TEST[0][0], "Ask us."), ("The light is red, what now?", RESET), TEST[0]]
    assert list(find_contamination(rows, TEST, rules=["answer"]).repeats) == [1, 2]
    assert list(find_contamination(rows, TEST, rules=["pair"]).repeats) == [2]


def test_a_higher_threshold_finds_less() -> None:
    rows = [("How can I reset the router to its first settings?", "Ask us.")]
    assert len(find_contamination(rows, TEST)) == 1
    assert len(find_contamination(rows, TEST, near=NearSettings(threshold=0.95))) == 0


def test_an_answer_that_many_questions_got_is_no_contamination() -> None:
    thanks = "Thank you for your message, we will call you back within the day."
    topics = ["bill", "router", "phone", "tariff", "contract", "mailbox", "roaming", "modem", "antenna", "invoice"]
    rows = [(f"What about the {topic} of mine?", thanks) for topic in topics[:BOILERPLATE]]
    others = [("When do you answer?", thanks), TEST[0]]
    found = find_contamination([*rows, TEST[0]], others)
    assert list(found.repeats) == [len(rows)]
    assert found.boilerplate == {0: len(rows)}
    few = find_contamination(rows[: BOILERPLATE - 2], others)
    assert few.counts()["answer"] == BOILERPLATE - 2


def test_one_question_that_was_copied_many_times_is_no_boilerplate() -> None:
    rows = [("The light is red, what now?", RESET)] * (3 * BOILERPLATE)
    assert len(find_contamination(rows, TEST)) == 3 * BOILERPLATE


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    lines = [json.dumps({"id": f"{path.stem}-{n}", "question": q, "answer": a}) for n, (q, a) in enumerate(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_file_is_checked_against_several_and_each_row_names_its_file(tmp_path: Path) -> None:
    others = [write(tmp_path / "validation.jsonl", TEST[:1]), write(tmp_path / "test.jsonl", TEST[1:])]
    source = write(tmp_path / "train.jsonl", [("Hello?", "Yes."), TEST[1], TEST[0]])
    found = check_file(source, others)
    assert [(found.evidence(row)["against"], found.evidence(row)["kept_id"]) for row in (1, 2)] == [
        (str(others[1]), "test-0"),
        (str(others[0]), "validation-0"),
    ]
    assert [one.name for one in found.shown(5)] == ["train-1", "train-2"]


def test_a_file_with_questions_only_is_compared_by_questions(tmp_path: Path) -> None:
    (tmp_path / "eval.csv").write_text(f"question\n{TEST[0][0]}\n")
    found = check_file(write(tmp_path / "train.jsonl", TEST), [tmp_path / "eval.csv"])
    assert [repeat.rule for repeat in found.found.repeats.values()] == ["question"]


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"question": "What is it?", "answer": "This."}\n{"question"\n')
    (tmp_path / "eval.jsonl").write_text('{"question": "Who is it?", "answer": "Me."}\n[]\n7\n')
    found = check_file(tmp_path / "train.jsonl", [tmp_path / "eval.jsonl"])
    assert (found.malformed, found.skipped) == (1, {str(tmp_path / "eval.jsonl"): 2})


def test_a_file_is_not_compared_with_itself(tmp_path: Path) -> None:
    source = write(tmp_path / "train.jsonl", TEST)
    with pytest.raises(InputError, match="compared with itself"):
        check_file(source, [source])


def test_a_file_without_the_column_is_named_with_its_columns(tmp_path: Path) -> None:
    (tmp_path / "eval.csv").write_text("ask,answer\na,b\n")
    with pytest.raises(InputError, match=r"eval\.csv has no column 'question'; the columns are: ask, answer"):
        check_file(write(tmp_path / "train.jsonl", TEST), [tmp_path / "eval.csv"])


@pytest.mark.parametrize(
    "content",
    [pytest.param("question,answer\n", id="no rows"), pytest.param("foo,bar\n1,2\n", id="other columns")],
)
def test_a_file_with_nothing_to_compare_is_no_clean_bill(tmp_path: Path, content: str) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("question,answer\nHow do I reset the modem?,Hold the button for ten seconds.\n")
    other = tmp_path / "other.csv"
    other.write_text(content)
    with pytest.raises(InputError, match=r"other\.csv|there is no column"):
        check_file(rows, [other])
    with pytest.raises(InputError):
        check_file(other, [rows])
