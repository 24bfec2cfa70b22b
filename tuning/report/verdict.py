"""Whether the adapter helped, by a rule on intervals.

A change is sure when its whole 95 % interval lies on one side of 0 (see tuning.report.intervals). For an adapter
that answers:

harmed   the loss of the true answers is surely higher, or chrF, ROUGE-L, token F1 or the share of numbers kept is
         surely lower than the base's
helped   nothing of that; the loss is surely lower, and chrF or token F1 is surely higher; and no guard speaks up
unclear  everything else

The guards: the loss on general knowledge is surely more than FORGETS nats a token higher; of the questions that no
page answers surely REFUSES_LESS fewer are refused; of the questions that have an answer surely REFUSES_MORE more are.

For an adapter that labels: harmed when accuracy is surely lower than the base's or than that of always saying the
most common label; helped when it is surely higher than both; unclear otherwise.

With fewer than LEAST groups of test questions everything is unclear: an interval of so few says little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tuning.report.intervals import Interval, told_ends
from tuning.report.measures import MEASURES

__all__ = ["LEAST", "Outcome", "Verdict", "judge_answers", "judge_labels"]

Outcome = Literal["helped", "unclear", "harmed"]

LEAST = 8
FORGETS = 0.3
REFUSES_LESS = 0.1
REFUSES_MORE = 0.1
WATCHED = ("loss", "chrf", "rouge_l", "token_f1", "numbers_kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome and its reason in one line. Only an adapter that helped is recommended."""

    outcome: Outcome
    reason: str

    @property
    def recommended(self) -> bool:
        return self.outcome == "helped"

    @property
    def line(self) -> str:
        return f"{self.outcome}: {self.reason}"


def judge_answers(
    changes: Mapping[str, Interval | None],
    *,
    groups: int,
    forgotten: Interval | None = None,
    refused: Interval | None = None,
) -> Verdict:
    """The verdict on an adapter that answers.

    changes    tuned less base on the test questions, by measure
    groups     groups of test questions that were answered
    forgotten  change of the loss on general knowledge
    refused    change of the share refused of the questions without an answer
    """
    if groups < LEAST:
        return Verdict(outcome="unclear", reason=_too_few(groups))
    worse = [name for name in WATCHED if _worse(name, changes.get(name))]
    if worse:
        return Verdict(outcome="harmed", reason="; ".join(_told(name, changes[name]) for name in worse))
    guards = _guards(changes, forgotten, refused)
    loss, better = changes.get("loss"), [name for name in ("chrf", "token_f1") if _better(name, changes.get(name))]
    sure = [*(["loss"] if _better("loss", loss) else []), *better]
    gains = "; ".join(_told(name, changes[name]) for name in sure)
    if _better("loss", loss) and better and not guards:
        return Verdict(outcome="helped", reason=gains)
    unsure = [name for name in ("loss", "chrf", "token_f1") if name not in sure]
    against = guards or ["not sure: " + "; ".join(_told(name, changes.get(name)) for name in unsure)]
    reason = "; ".join(against) + (f"; sure: {gains}" if sure else "")
    return Verdict(outcome="unclear", reason=reason)


def judge_labels(over_base: Interval | None, over_majority: Interval | None, *, groups: int) -> Verdict:
    """The verdict on an adapter that labels, by the changes of its accuracy."""
    if groups < LEAST:
        return Verdict(outcome="unclear", reason=_too_few(groups))
    changes = (("the base", over_base), ("always the most common label", over_majority))
    told = "; ".join(f"against {what}: {_told('accuracy', change)}" for what, change in changes)
    if any(change is not None and change.below for _, change in changes):
        return Verdict(outcome="harmed", reason=told)
    if all(change is not None and change.above for _, change in changes):
        return Verdict(outcome="helped", reason=told)
    return Verdict(outcome="unclear", reason=f"not sure: {told}")


def _guards(changes: Mapping[str, Interval | None], forgotten: Interval | None, refused: Interval | None) -> list[str]:
    found = []
    if forgotten is not None and forgotten.low > FORGETS:
        found.append(f"it forgets: {_told('loss', forgotten)} on general knowledge")
    if refused is not None and refused.high < -REFUSES_LESS:
        found.append(f"it makes answers up: {_told('refused', refused)} of the questions without an answer")
    wrongly = changes.get("refused_wrongly")
    if wrongly is not None and wrongly.low > REFUSES_MORE:
        found.append(f"it refuses: {_told('refused_wrongly', wrongly)}")
    return found


def _better(name: str, change: Interval | None) -> bool:
    if change is None:
        return False
    return change.below if MEASURES[name].better == "lower" else change.above


def _worse(name: str, change: Interval | None) -> bool:
    if change is None:
        return False
    return change.above if MEASURES[name].better == "lower" else change.below


def _told(name: str, change: Interval | None) -> str:
    """A change in words: "loss (nats a token) -1.23 (-1.50 to -0.98)"."""
    measure = MEASURES[name]
    if change is None:
        return f"{measure.title} could not be measured"
    value, low, high = told_ends(change.value, change.low, change.high, "+" + measure.form)
    return f"{measure.title} {value} ({low} to {high})"


def _too_few(groups: int) -> str:
    return (
        f"the test split has {groups} independent groups of questions, and {LEAST} are the least that say anything; "
        "bring more pairs, or set [export] test to a larger share"
    )
