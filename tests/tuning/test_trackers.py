"""Where the curves of a run go."""

from __future__ import annotations

import os
import struct
from importlib.util import find_spec
from pathlib import Path

import pytest

from tamiz.errors import SettingsError
from tamiz.settings import TuningSettings
from tuning.live import draw_curves
from tuning.tensorboard import EventFile
from tuning.trackers import check_trackers, open_trackers


class Quiet:
    def update(self, done: int, total: int | None = None, note: str = "") -> None: ...


def events(folder: Path) -> list[tuple[int, dict[str, float]]]:
    """Scalars of every event file, read with the messages and checksums of tensorboardX."""
    if find_spec("tensorboardX") is None:
        pytest.skip("no tensorboardX to read event files with; bring it with: pip install tensorboardX")
    from tensorboardX.crc32c import crc32c
    from tensorboardX.proto.event_pb2 import Event

    def masked(data: bytes) -> int:
        crc = crc32c(data)
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

    found, kinds = [], set()
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        while data:
            (length,), (check,) = struct.unpack("<Q", data[:8]), struct.unpack("<I", data[8:12])
            assert check == masked(data[:8])
            record, rest = data[12 : 12 + length], data[12 + length :]
            assert struct.unpack("<I", rest[:4])[0] == masked(record)
            event, data = Event.FromString(record), rest[4:]
            kinds.add(event.WhichOneof("what"))
            if event.WhichOneof("what") == "summary":
                found.append((event.step, {value.tag: value.simple_value for value in event.summary.value}))
            if event.WhichOneof("what") == "session_log":
                assert event.session_log.status == event.session_log.START
    assert "file_version" in kinds
    return found


def test_a_tensorboard_file_has_what_was_added(tmp_path):
    with EventFile(tmp_path) as file:
        file.begin_at(1)
        file.add(1, {"loss/train": 2.5, "learning_rate": 1e-3})
        file.add(300, {"loss/train": float("nan")})
    first, second = events(tmp_path)
    assert first == (1, {"loss/train": 2.5, "learning_rate": pytest.approx(1e-3)})
    assert second[0] == 300
    assert second[1]["loss/train"] != second[1]["loss/train"]


def test_a_run_leaves_its_curves_for_tensorboard(tmp_path):
    with open_trackers(tmp_path, TuningSettings(), Quiet(), after=0) as log:
        log.add(1, steps=9, loss=2.0, seconds=1.0, gradient_norm=0.5)
        log.add(1, validation_loss=3.0)
    assert events(tmp_path / "tensorboard") == [
        (1, {"loss/train": 2.0, "gradient_norm": 0.5}),
        (1, {"loss/validation": 3.0}),
    ]


def test_a_tracker_that_is_not_installed_is_named_before_training(toy_export, tmp_path, settings):
    missing = next((name for name in ("mlflow", "wandb", "trackio") if find_spec(name) is None), None)
    if missing is None:
        pytest.skip("all trackers are installed here")
    with pytest.raises(SettingsError, match=rf"names {missing}, which is not installed. Run: pip install {missing}"):
        check_trackers([missing])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the trackers' own
@pytest.mark.parametrize("name", ["trackio", "wandb", "mlflow"])
def test_a_tracker_takes_a_runs_numbers_on_this_machine(tmp_path, monkeypatch, name):
    if find_spec(name) is None:
        pytest.skip(f"no {name} here; bring it with: pip install {name}")
    for variable in [one for one in os.environ if one.startswith(("WANDB_", "MLFLOW_", "TRACKIO_"))]:
        monkeypatch.delenv(variable)
    run = tmp_path / "runs" / "support"
    run.mkdir(parents=True)
    with open_trackers(run, TuningSettings(trackers=(name,)), Quiet(), after=0) as log:
        log.add(1, steps=2, loss=2.0)
    left = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert any(name in str(path.relative_to(tmp_path)) for path in left)


def test_curves_on_a_terminal_fall_as_the_loss_does():
    lines = draw_curves([(step, 10.0 - step) for step in range(1, 10)], [(9, 5.0)], 9)
    assert len(lines) == 8
    assert lines[0].startswith("       9 │")
    assert lines[-1].startswith("       1 │")
    starts = [next(n for n, letter in enumerate(line[10:]) if letter != " ") for line in lines if line[10:].strip()]
    assert starts == sorted(starts)
    assert sum(line.count("◆") for line in lines) == 1
    assert draw_curves([(1, 2.0)], [], 9) == []
    assert draw_curves([(1, float("nan")), (2, float("inf"))], [], 9) == []
