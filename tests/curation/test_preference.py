"""Which of several copies is kept, and what is said of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from curation.preference import PreferenceColumns, id_ranks
from tamiz.errors import InputError, SettingsError
from tamiz.settings import NearSettings

ALL = ("accepted", "votes", "longest", "newest", "source")


def columns(*rows: dict[str, Any], policies: tuple[str, ...] = ALL, sources: tuple[str, ...] = ()) -> PreferenceColumns:
    made = PreferenceColumns(policies, sources)
    for row in rows:
        made.add(row, row.get("answer", "Sí."))
    return made


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        pytest.param({"accepted": True}, {"votes": 9}, "is the accepted answer", id="accepted before votes"),
        pytest.param({"accepted": "TRUE"}, {"accepted": "no"}, "is the accepted answer", id="accepted in a table"),
        pytest.param({"votes": 7}, {"votes": 2, "answer": "Sí, sí."}, "has more votes (7 / 2)", id="votes"),
        pytest.param({"votes": None}, {"votes": "-3"}, "has more votes (0 / -3)", id="no votes before bad ones"),
        pytest.param({"votes": "4.0"}, {"votes": "many"}, "has more votes (4 / 0)", id="votes that are no number"),
        pytest.param(
            {"answer": "Sí, claro."}, {"written_at": "2024"}, "has the longer answer", id="length before date"
        ),
        pytest.param(
            {"written_at": "2024-05-09T10:00:00+00:00"},
            {"written_at": "2021-01"},
            "is newer (2024-05 / 2021-01)",
            id="date",
        ),
        pytest.param(
            {"written_at": datetime(2024, 5, 9, tzinfo=UTC)},
            {"written_at": date(2024, 5, 8)},
            "is newer (2024-05-09 / 2024-05-08)",
            id="another day of the same month",
        ),
        pytest.param({"created_at": "2020-02-01"}, {"written_at": "soon"}, "has a date (2020-02)", id="no date"),
    ],
)
def test_the_first_difference_decides_and_is_told(better: dict[str, Any], worse: dict[str, Any], why: str) -> None:
    found = columns(worse, better)
    assert found.order().tolist() == [1, 0]
    assert found.why(1, 0) == why


def test_the_order_of_the_policies_is_the_settings_own() -> None:
    rows = {"votes": 7, "answer": "Sí."}, {"votes": 2, "answer": "Sí, claro."}
    assert columns(*rows, policies=("votes", "longest")).order().tolist() == [0, 1]
    assert columns(*rows, policies=("longest", "votes")).order().tolist() == [1, 0]


def test_sources_stand_as_given_and_unknown_ones_last() -> None:
    rows = {"source": "foro"}, {"source": "otro"}, {"source": "ayuda"}
    found = columns(*rows, policies=("source",), sources=("ayuda", "foro"))
    assert found.order().tolist() == [2, 0, 1]
    assert found.why(2, 0) == "comes from a source that stands before"
    assert columns(*rows, policies=("source",)).order().tolist() == [0, 1, 2]


def test_where_nothing_differs_the_lower_id_is_kept() -> None:
    found = columns({}, {}, {})
    assert found.order(id_ranks(["c", "a", "b"])).tolist() == [1, 2, 0]
    assert found.why(1, 0) == "stands before by its id"


def test_a_policy_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match="keep is 'longst'; did you mean longest"):
        NearSettings(keep=("votes", "longst"))
    with pytest.raises(SettingsError, match="name each policy once"):
        NearSettings(keep=("votes", "votes"))
    with pytest.raises(InputError, match="no policy 'luck'"):
        PreferenceColumns(["luck"])
