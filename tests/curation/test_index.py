"""The index on disk: grows by what is added, and says what a search from the start would say."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.duplicates import find_duplicates
from curation.near.index import Index
from curation.near.index.ranks import id_texts as texts_of_ids
from curation.near.index.ranks import order_among, rank_texts
from tamiz.errors import InputError, SettingsError, StoreError
from tamiz.settings import NearSettings

WORDS = ("reset", "restart", "the", "router", "phone", "please", "my", "home", "again", "device", "cable", "now")
Row = tuple[str, str, str, int]
PAIRS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=3, max_size=6).map(" ".join),
        st.lists(st.sampled_from(WORDS), min_size=3, max_size=6).map(" ".join),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=24,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

ASKED = (
    "How do I reset the router at home when the light is red",
    "How do I reset the router at home when the light is red please",
    "Where can I see the invoices of the last year",
    "Where can I see all the invoices of the last year",
    "Why does the screen stay dark after an update",
)
TOLD = (
    "Hold the button on the back for ten seconds and wait until the light turns green again",
    "Hold the button on the back for ten seconds and wait until the light turns green",
    "Open your account, choose Billing, and every invoice is listed there by month",
    "Open your account, choose Billing, and every invoice is listed there by the month",
    "Turn it off at the wall, wait for a minute, and turn it on again",
)
IDS = tuple("abcde")


def rebuilt(rows: list[Row]) -> dict[str, tuple[str, str, float, float]]:
    """What a search among all of them, from the start, finds."""
    ranks = rank_texts([(row[3],) for row in rows])
    order = order_among(ranks, texts_of_ids([row[0] for row in rows]))
    found = find_duplicates([row[1] for row in rows], [row[2] for row in rows], order=order, threads=1)
    return {rows[one.pair][0]: (rows[one.kept][0], one.rule, one.question, one.answer) for one in found}


def told_by(index: Index) -> dict[str, tuple[str, str, float, float]]:
    return {one.id: (one.kept, one.rule, one.question, one.answer) for one in index.duplicates()}


def put(index: Index, rows: list[Row]) -> None:
    if rows:
        ids, questions, answers, ranks = zip(*rows, strict=True)
        index.add(ids, questions, answers, [(rank,) for rank in ranks])


def rows_from(drawn: list[tuple[str, str, int]]) -> list[Row]:
    return [(f"id{number:02}", *pair) for number, pair in enumerate(drawn)]


@pytest.fixture
def filled(tmp_path):
    with Index.open(tmp_path / "index") as index:
        index.add(IDS, ASKED, TOLD)
    return tmp_path / "index"


@SLOW
@given(drawn=PAIRS, data=st.data())
def test_pairs_added_in_any_split_and_order_give_what_a_search_from_the_start_gives(tmp_path_factory, drawn, data):
    rows = rows_from(drawn)
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    folder = tmp_path_factory.mktemp("index")
    hot = data.draw(st.sampled_from([1, 2, 5, 1000]))
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        with Index.open(folder, hot_size=hot, threads=data.draw(st.sampled_from([1, 3]))) as index:
            put(index, shuffled[begin:end])
    with Index.open(folder, read_only=True) as index:
        assert told_by(index) == rebuilt(rows)
        assert set(index.kept()) | set(told_by(index)) == {row[0] for row in rows}


@SLOW
@given(drawn=PAIRS, data=st.data())
def test_removing_and_adding_again_leaves_what_was_never_removed(tmp_path_factory, drawn, data):
    rows = rows_from(drawn)
    with Index.open(tmp_path_factory.mktemp("index"), hot_size=data.draw(st.sampled_from([1, 2, 1000]))) as index:
        put(index, rows)
        for _ in range(2):
            gone = data.draw(st.lists(st.sampled_from(rows), unique=True))
            leave = index.forget if data.draw(st.booleans()) else index.remove
            leave([row[0] for row in gone])
            assert told_by(index) == rebuilt([row for row in rows if row not in gone])
            put(index, data.draw(st.permutations(gone)))
            assert told_by(index) == rebuilt(rows)


def test_the_changes_of_an_add_name_new_repeats_and_those_that_follow_a_better_pair(tmp_path):
    with Index.open(tmp_path) as index:
        first = index.add(["old", "older"], ASKED[:2], TOLD[:2], [(1,), (2,)])
        assert [(one.id, one.kept, one.rule) for one in first.repeats] == [("older", "old", "near")]
        better = index.add(["best"], ASKED[:1], TOLD[:1], [(0,)])
        assert {one.id: (one.kept, one.rule) for one in better.repeats} == {
            "old": ("best", "exact"),
            "older": ("best", "near"),
        }
        gone = index.remove(["best"])
        assert gone.kept == ("old",)
        assert [(one.id, one.kept) for one in gone.repeats] == [("older", "old")]


def test_matches_name_old_pairs_and_add_nothing(filled):
    with Index.open(filled, read_only=True) as index:
        found = index.matches(["¿Unheard of?", ASKED[3]], ["Nothing to say about it", TOLD[3]])
        assert [(one.pair, one.id, one.kept, one.rule) for one in found] == [
            (1, "d", "c", "exact"),
            (1, "c", "c", "near"),
        ]
        assert found[1].question >= 0.7
        assert len(index) == 5
        assert "d" in index
        assert "f" not in index


def test_a_forgotten_pair_is_in_no_file(filled):
    marker = "xylophonequestion"
    with Index.open(filled) as index:
        index.add([f"id-{marker}"], [f"Where is the {marker}"], [f"There is the {marker}"], [(marker,)])
        assert _files_with(filled, marker)
        index.remove(["a"])
        index.forget([f"id-{marker}"])
        assert told_by(index) == {"d": ("c", *told_by(index)["d"][1:])}
        assert "b" in set(index.kept())
    assert _files_with(filled, marker) == []
    assert (
        _files_with(filled, "hold the button on the back for ten seconds and wait until the light turns green again")
        == []
    )


def _files_with(folder: Path, marker: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and marker.encode() in path.read_bytes()]


def test_removing_most_pairs_writes_the_files_anew(filled):
    columns = ("questions", "keys", "ids")
    before = {path.name.split(".")[0]: path.stat().st_size for path in filled.iterdir()}
    with Index.open(filled) as index:
        index.remove(["a", "b", "c"])
        assert list(index.ids()) == ["d", "e"]
    after = {path.name.split(".")[0]: path.stat().st_size for path in filled.iterdir()}
    assert all(after[name] < 0.6 * before[name] for name in columns)
    assert after["keys"] == before["keys"] * 2 / 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"ids": ["a"]}, "the pair 'a' is in .* already", id="an id that is there"),
        pytest.param(
            {"ids": ["x", "x"], "questions": ["q", "r"], "answers": ["s", "t"]}, "'x' is given twice", id="twice"
        ),
        pytest.param({"ids": [""]}, "'' is no id", id="empty"),
        pytest.param({"ids": ["\ud800"]}, "half a character", id="half a character"),
        pytest.param({"questions": []}, "give as many of each", id="unequal"),
        pytest.param({"ranks": [(None,)]}, "None cannot be part of a rank", id="rank"),
        pytest.param({"ranks": [(float("nan"),)]}, "nan cannot be part of a rank", id="nan"),
    ],
)
def test_what_cannot_be_added_is_said_and_changes_nothing(filled, change, says):
    given = {"ids": ["x"], "questions": ["q"], "answers": ["a"], "ranks": None} | change
    with Index.open(filled) as index:
        with pytest.raises(InputError, match=says):
            index.add(**given)
        assert len(index) == 5


def test_removing_what_is_not_there_is_said(filled):
    with Index.open(filled) as index, pytest.raises(InputError, match="no pair 'nobody'"):
        index.remove(["a", "nobody"])


def test_another_writer_is_locked_out_and_readers_are_not(filled):
    with Index.open(filled):
        with pytest.raises(StoreError, match="another process writes to"):
            Index.open(filled)
        with Index.open(filled, read_only=True) as reader:
            assert len(reader) == 5
            with pytest.raises(StoreError, match="not open for writing"):
                reader.add(["x"], ["q"], ["a"])


def test_a_reader_sees_what_was_there_when_it_opened(filled):
    with Index.open(filled, read_only=True) as reader, Index.open(filled) as writer:
        writer.forget(["a"])
        writer.add(["z"], ["Another question about something else"], ["Another answer to it"])
        assert list(reader.ids()) == list(IDS)
        assert "a" in {one.id for one in reader.matches(ASKED[:1], TOLD[:1])}


def test_other_settings_are_refused_with_the_way_out(filled):
    with pytest.raises(SettingsError, match=r"threshold 0\.7 \(now 0\.8\).*Delete .* and add all pairs again"):
        Index.open(filled, NearSettings(threshold=0.8))


def test_an_index_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="there is no index in"):
        Index.open(tmp_path / "none", read_only=True)


@pytest.mark.parametrize("how", ["short", "flipped", "gone"])
def test_a_damaged_file_is_named(filled, how):
    names = [path.name for path in filled.iterdir() if path.stat().st_size and path.name != "index.json"]
    assert len(names) > 15
    for name in names:
        path = filled / name
        content = path.read_bytes()
        if how == "short":
            path.write_bytes(content[:-1])
        elif how == "flipped":
            path.write_bytes(bytes([content[0] ^ 64]) + content[1:])
        else:
            path.unlink()
        with pytest.raises(InputError, match=f"{name} is damaged.*add all pairs again"):
            Index.open(filled)
        path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"checksum": 1}'])
def test_a_damaged_header_is_named(filled, content):
    (filled / "index.json").write_bytes(content)
    with pytest.raises(InputError, match=r"index\.json is damaged"):
        Index.open(filled)


def test_what_a_killed_writer_left_is_swept(filled):
    (filled / "segment_z.99").write_bytes(b"stray")
    with (filled / "questions.1").open("ab") as file:
        file.write(b"planted stray")
    with Index.open(filled) as index:
        assert len(index) == 5
    assert _files_with(filled, "stray") == []


@SLOW
@given(
    ranks=st.lists(
        st.tuples(st.sampled_from([True, False]), st.floats(allow_nan=False) | st.integers(-9, 9), st.text(max_size=3)),
        min_size=1,
        max_size=20,
    )
)
def test_ranks_order_as_their_tuples_do(ranks):
    ids = [f"{number:03}" for number in range(len(ranks))]
    expected = sorted(range(len(ranks)), key=lambda n: (*ranks[n][:2], ranks[n][2], ids[n]))
    assert order_among(rank_texts(ranks), texts_of_ids(ids)).tolist() == expected


def _points(folder: Path, action: str, survive: int) -> int:
    """Run the action in a process that is killed at its nth write to the disk; its exit status."""
    code = f"""
import os, signal, sys, zlib
from pathlib import Path
from curation.near.index import Index, files

left = {survive}

def counted(function):
    def call(*given, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return call

index = Index.open(Path({str(folder)!r}))
files._written = counted(files._written)
files._sync = counted(files._sync)
files.write_whole = counted(files.write_whole)
Path.unlink = counted(Path.unlink)
os.replace = os.rename = counted(os.replace)
{action}
"""
    return subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode


@pytest.mark.parametrize("action", ["add", "forget"])
def test_a_writer_that_is_killed_leaves_the_state_before_or_after(tmp_path, action):
    rows = [(one, *pair, 0) for one, *pair in zip(IDS, ASKED, TOLD, strict=True)]
    after = rows if action == "add" else rows[1:3]
    said = {
        "add": f"index.add({IDS[3:]!r}, {ASKED[3:]!r}, {TOLD[3:]!r}, [(0,), (0,)])",
        "forget": "index.forget(['a'])",
    }[action]
    seen = set()
    for survive in (0, 3, 9, 15, 20, 22, 25, 30, 40, 46, 47, 48, 50, 60, 200):
        folder = tmp_path / str(survive)
        with Index.open(folder) as index:
            put(index, rows[:3])
        status = _points(folder, said, survive)
        assert status in (0, -signal.SIGKILL)
        with Index.open(folder) as index:
            now = [row for row in rows if row[0] in index]
            assert now in (rows[:3], after)
            assert status < 0 or now == after
            assert told_by(index) == rebuilt(now)
            seen.add((status, len(now)))
            put(index, [row for row in rows if row not in now])
            assert told_by(index) == rebuilt(rows)
        assert not [path for path in folder.iterdir() if path.name.startswith(".writing")]
    assert (-signal.SIGKILL, 3) in seen
    assert (0, len(after)) in seen
