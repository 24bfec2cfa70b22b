"""LoRA beside full fine-tuning on the same pairs, measured on this machine: each in a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from tamiz.errors import InputError, TamizError
from tamiz.files import write_whole
from tamiz.progress import Job
from tamiz.records import RunCard
from tamiz.settings import TuningSettings
from tuning.adapters import check_name
from tuning.data import check_sizes, read_export
from tuning.needs import need_tune_extra
from tuning.train import Silence, tune

__all__ = ["Measured", "MethodComparison", "compare_methods", "settings_for", "trained", "write_methods"]

Method = Literal["lora", "full"]
METHODS: tuple[Method, ...] = ("lora", "full")
LOOK_SECONDS = 0.5
BUSY = 1.3  # load a core from which other programs take their share


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one method took and brought. Memory is the most that its process held while it trained, `saved_mb` what
    lies on the disk afterwards. `load` is how many programs wanted a core in the last minutes of its run, itself among
    them; None where the machine does not tell, or the run was finished before."""

    method: Method
    name: str
    trainable: int
    total: int
    peak_memory_mb: float
    seconds_per_step: float
    tokens_per_second: float
    saved_mb: float
    learning_rate: float
    results: dict[str, float]
    verdict: str
    load: float | None = None

    @property
    def share(self) -> float:
        """The part of the parameters that learnt, 0 to 1."""
        return self.trainable / max(1, self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodComparison:
    """Both methods on one dataset version, and how their answers differ, with intervals (tuning.report.evidence)."""

    dataset_version: str
    base: str
    device: str
    lora: Measured
    full: Measured
    quality: Any

    def busy(self) -> str:
        """What to make of the times where other programs ran beside; "" where they did not."""
        loads = [one.load for one in (self.lora, self.full) if one.load is not None]
        cores = os.cpu_count() or 1
        if self.device != "cpu" or not loads or max(loads) <= BUSY * cores:
            return ""
        told = " and ".join(f"{load:.1f}" for load in loads)
        return (
            f"Other programs ran beside (a load of {told} on {cores} cores), so the times say little; memory, size and "
            "quality do not depend on it."
        )

    def claim(self) -> str:
        """Both figures beside the usual claim."""
        memory = self.lora.peak_memory_mb / max(1.0, self.full.peak_memory_mb)
        return (
            f"LoRA trained {self.lora.share:.2%} of the parameters and took {memory:.0%} of the memory of full "
            "fine-tuning here; the usual claim is 2% and 30%."
        )


def compare_methods(
    export: Path, settings: TuningSettings, *, name: str, runs: Path, adapters: Path, report: Job | None = None
) -> MethodComparison:
    """Train NAME-lora and NAME-full on the export, one after the other, and set them side by side.

    A method whose run is finished is not trained again. InputError when a process was ended from outside, as for
    want of memory; what a run refuses (too few pairs, too little memory) is raised as it says it.
    """
    need_tune_extra("tamiz compare --full")
    check_sizes(read_export(export))
    found: dict[Method, Measured] = {}
    cards: dict[Method, RunCard] = {}
    for method in METHODS:
        run = check_name(f"{name}-{method}")
        wanted = settings_for(settings, method)
        before = (adapters / run / "runcard.json").is_file()
        cards[method] = trained(export, wanted, run, runs, adapters, report or Silence())
        found[method] = replace(
            _measured(method, cards[method], adapters / run), load=None if before else _load_of_minutes()
        )
    from tuning.report.beside import quality_of

    return MethodComparison(
        dataset_version=cards["lora"].dataset_version,
        base=cards["lora"].base,
        device=cards["lora"].device,
        lora=found["lora"],
        full=found["full"],
        quality=quality_of(*(runs / found[method].name for method in METHODS), seed=settings.seed),
    )


def settings_for(settings: TuningSettings, method: Method) -> TuningSettings:
    """The settings of one method. Full fine-tuning wants a learning rate of its own, about a tenth of LoRA's, and
    weights that are not quantised: the preset derives the one, the other is left out."""
    if method == "lora":
        return replace(settings, method="lora")
    given = tuple(name for name in settings.given if name != "learning_rate")
    usual = TuningSettings().learning_rate
    return replace(settings, method="full", quantise="no", approximations=(), learning_rate=usual, given=given)


def write_methods(comparison: MethodComparison, folder: Path) -> Path:
    """Write the comparison as FOLDER/VERSION-NAME/report.html, report.md and methods.json; the page."""
    from tuning.report.beside import methods_markdown, methods_page

    place = folder / f"{comparison.dataset_version}-{comparison.lora.name}-and-full"
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / "methods.json", json.dumps(asdict(comparison), ensure_ascii=False, indent=1) + "\n")
    write_whole(place / "report.md", methods_markdown(comparison))
    write_whole(place / "report.html", methods_page(comparison))
    return place / "report.html"


def trained(export: Path, settings: TuningSettings, name: str, runs: Path, adapters: Path, report: Job) -> RunCard:
    """The run in a process of its own, so that its memory is its own; told of as it goes on."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        future = process.submit(_train, export, settings, name, runs, adapters)
        _watch(future, runs / name / "steps.jsonl", name, report)
        try:
            told = future.result()
        except BrokenProcessPool:
            raise InputError(
                f"the process of {name} was ended from outside, most likely for want of memory. Free some, or choose "
                "a smaller base (tamiz models), then run it again"
            ) from None
    if isinstance(told, str):
        raise TamizError(told)
    return told


def _train(export: Path, settings: TuningSettings, name: str, runs: Path, adapters: Path) -> RunCard | str:
    """The card, or what the run refused: an error of ours need not survive the way between two processes."""
    try:
        return tune(export, settings, name=name, runs=runs, adapters=adapters)
    except TamizError as error:
        return str(error)


def _watch(future: Future[Any], steps: Path, name: str, report: Job) -> None:
    told: dict[str, float] = {}
    while True:
        try:
            future.exception(timeout=LOOK_SECONDS)
        except TimeoutError:
            last = _last_step(steps)
            if last and last != told:
                told = last
                report.update(int(last["step"]), int(last["steps"]), note=f"{name}: loss {last['loss']:.3f}")
            continue
        return


def _last_step(steps: Path) -> dict[str, float]:
    """The newest step that is told of; {} before the first."""
    try:
        lines = steps.read_text(encoding="utf-8").split("\n")[-4:]
    except FileNotFoundError:
        return {}
    for line in reversed(lines):
        try:
            told = json.loads(line)
        except ValueError:  # half a line, or none
            continue
        if "loss" in told and "steps" in told:
            return dict(told)
    return {}


def _measured(method: Method, card: RunCard, saved: Path) -> Measured:
    cost = card.cost
    return Measured(
        method=method,
        name=card.name,
        trainable=card.parameters["trainable"],
        total=card.parameters["total"],
        peak_memory_mb=cost.get("training_peak_memory_mb", cost["peak_memory_mb"]),
        seconds_per_step=cost["training_seconds"] / max(1.0, cost["steps"]),
        tokens_per_second=cost["tokens"] / max(1e-9, cost["training_seconds"]),
        saved_mb=_size_mb(list(saved.rglob("*"))),
        learning_rate=float(card.settings["learning_rate"]),
        results=card.results["tuned"],
        verdict=str(card.proof.get("line", "")),
    )


def _load_of_minutes() -> float | None:
    return round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None


def _size_mb(files: Sequence[Path]) -> float:
    return round(sum(path.stat().st_size for path in files if path.is_file()) / 1e6, 1)
