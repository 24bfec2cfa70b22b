"""The judge of [judge] put to a finished run or a kept comparison, and what it said kept beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, SettingsError
from tamiz.files import write_whole
from tamiz.settings.judge import JudgeSettings
from tuning.report.asking import Server
from tuning.report.judge import Agreement, Judged, agreement, judge
from tuning.report.written import PROOF, add_section

__all__ = ["JudgedComparison", "judge_comparison", "judge_run", "read_votes"]

JUDGED = "judged"  # the folder in compare/


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedComparison:
    """What the judge said of a comparison's models, two by two, and how far people agree with it."""

    name: str
    judged: tuple[Judged, ...]
    agreement: Agreement

    def lines(self) -> list[str]:
        return [*(one.line() for one in self.judged), self.agreement.line()]


def judge_run(run: Path, settings: JudgeSettings) -> list[str]:
    """Let the judge compare base and tuned on a run's test answers, once, and add it to the run's report; its lines."""
    told = _read(run / PROOF, f"tamiz tune {run.name}")
    if told.get("judge") or told.get("task") == "classify":
        return [str(line) for line in told.get("judge", ())]
    answers = told["answers"]
    items = [
        {**question, "answers": {side: answers[side][place] for side in ("base", "tuned")}}
        for place, question in enumerate(told["questions"])
    ]
    found = judge(items, "base", "tuned", _server(settings).ask, name=settings.model, most=settings.questions)
    add_section(run, "judge", "Judge", [found.line()])
    return [found.line()]


def judge_comparison(path: Path, settings: JudgeSettings, votes: Sequence[Mapping[str, str]] = ()) -> JudgedComparison:
    """Let the judge compare every two models of a kept comparison; kept in judged/ beside it."""
    told = _read(path, "tamiz compare")
    server, items = _server(settings), told["items"]
    models = [model for model in told["models"] if any(model in item["answers"] for item in items)]
    judged = tuple(
        judge(items, first, second, server.ask, name=settings.model, most=settings.questions)
        for first, second in combinations(models, 2)
    )
    ballots = [ballot for one in judged for ballot in one.ballots]
    found = JudgedComparison(name=path.stem, judged=judged, agreement=agreement(ballots, votes))
    write_whole(path.parent / JUDGED / path.name, json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n")
    return found


def read_votes(path: Path) -> list[dict[str, str]]:
    """Votes from a file, a line of JSON each: item, left, right and choice. InputError names a line that is none."""
    votes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            votes.append({name: str(row[name]) for name in ("item", "left", "right", "choice")})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}, line {number} is no vote ({error!r}); give item, left, right and choice as JSON"
            ) from None
    return votes


def _server(settings: JudgeSettings) -> Server:
    if not settings.url:
        raise SettingsError('there is no judge: give [judge] url, such as "http://127.0.0.1:11434/v1", and model')
    return Server(settings)


def _read(path: Path, again: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}). Make it again: {again}") from None
    return dict(told)
