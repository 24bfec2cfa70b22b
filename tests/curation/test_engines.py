"""Stages of tasks in one process: whole files, nothing made twice, one run in a folder."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import numpy as np
import pytest

from curation.engines.arrays import read_arrays, write_arrays
from curation.engines.stages import LocalEngine, Stages, Task, do_task
from tamiz.errors import EngineError, InputError


def count(inputs, settings):
    return {"count": np.bincount(inputs[0]["numbers"] * settings.get("times", 1), minlength=32)}


def add(inputs, settings):
    return {"count": np.sum([one["count"] for one in inputs], axis=0)}


def fail(inputs, settings):
    raise InputError("no")


def counted(stages: Stages, times: int = 1) -> str:
    shards = [stages.put({"numbers": np.arange(n, n + 8)}) for n in range(4)]
    counts = stages.run("counts", [Task(function=count, inputs=(one,), settings={"times": times}) for one in shards])
    return stages.run("sum", [Task(function=add, inputs=tuple(counts))])[0]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


ARRAYS = {
    "words": np.frombuffer("añil".encode(), np.uint8),
    "none": np.zeros((0, 3), np.float64),
    "table": np.arange(12, dtype=np.int64).reshape(3, 4)[:, ::2],
    "same": np.array([True, False]),
}


def test_arrays_come_back_from_their_file(tmp_path):
    write_arrays(tmp_path / "a.arrays", ARRAYS)
    found = read_arrays(tmp_path / "a.arrays")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_what_is_written_to_arrays_stays_out_of_their_file(tmp_path):
    write_arrays(tmp_path / "a.arrays", ARRAYS)
    read_arrays(tmp_path / "a.arrays")["table"][:] = 9
    np.testing.assert_array_equal(read_arrays(tmp_path / "a.arrays")["table"], ARRAYS["table"])


def test_the_same_arrays_make_the_same_bytes_in_any_order(tmp_path):
    write_arrays(tmp_path / "a", ARRAYS)
    write_arrays(tmp_path / "b", dict(reversed(ARRAYS.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_objects_are_not_written(tmp_path):
    with pytest.raises(InputError, match="an array of object; give numbers"):
        write_arrays(tmp_path / "a", {"texts": np.array(["a", None], dtype=object)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-1], id="cut"),
        pytest.param(lambda content: content + b"x", id="longer"),
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: b"PK" + content, id="another kind"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, damage):
    write_arrays(tmp_path / "a", ARRAYS)
    (tmp_path / "a").write_bytes(damage((tmp_path / "a").read_bytes()))
    with pytest.raises(InputError, match="delete it and run again"):
        read_arrays(tmp_path / "a")


def test_stages_hand_over_through_files(tmp_path):
    with Stages.open(tmp_path, LocalEngine()) as stages:
        total = stages.read(counted(stages))["count"]
        assert (stages.made, stages.found) == (5, 0)
    np.testing.assert_array_equal(total[:11], [1, 2, 3, 4, 4, 4, 4, 4, 3, 2, 1])


def test_a_folder_is_empty_after_a_run(tmp_path):
    with Stages.open(tmp_path, LocalEngine()) as stages:
        counted(stages)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(tmp_path):
    with contextlib.suppress(KeyboardInterrupt), Stages.open(tmp_path, LocalEngine()) as stages:
        last = counted(stages)
        (tmp_path / last).unlink()
        (tmp_path / "count-1.arrays.7.part").touch()  # half written
        raise KeyboardInterrupt
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.arrays")}
    with Stages.open(tmp_path, LocalEngine()) as stages:
        assert counted(stages) == last
        assert (stages.made, stages.found) == (1, 4)
        assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in before}
        assert not list(tmp_path.glob("*.part"))


def test_other_settings_make_other_files(tmp_path):
    with Stages.open(tmp_path, LocalEngine()) as stages:
        assert counted(stages, times=1) != counted(stages, times=2)
        assert stages.made == 10


def test_threads_make_the_same_files(tmp_path):
    found = []
    for threads in (1, 3):
        with Stages.open(tmp_path, LocalEngine(threads)) as stages:
            found.append(sha256(tmp_path / counted(stages)))
    assert found[0] == found[1]


def test_an_error_of_a_task_reaches_the_user(tmp_path):
    with pytest.raises(InputError, match="no"), Stages.open(tmp_path, LocalEngine()) as stages:
        stages.run("fails", [Task(function=fail, inputs=(stages.put({"a": np.zeros(1)}),))])


def test_a_second_run_in_a_folder_is_refused(tmp_path):
    with (
        Stages.open(tmp_path, LocalEngine()),
        pytest.raises(EngineError, match="another run works in"),
        Stages.open(tmp_path, LocalEngine()),
    ):
        pass


@pytest.mark.parametrize(
    ("shared", "said"), [(True, r"gone\.arrays was taken away"), (False, r"does not see .*\[curation\.ray\] folder")]
)
def test_a_task_says_what_it_does_not_see(tmp_path, monkeypatch, shared, said):
    monkeypatch.setattr("curation.engines.stages.SECONDS_TO_APPEAR", 0.0)
    if shared:
        (tmp_path / "lock").touch()
    with pytest.raises(EngineError, match=said):
        do_task(tmp_path, Task(function=add, inputs=("gone.arrays",)))
