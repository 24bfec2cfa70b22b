"""What came of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from curation.synthesis.estimate import Estimate

__all__ = ["SynthReport", "grouped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthReport:
    """A run. Calls: asked = ok + failed, and `left_open` were begun and not answered. Materials: `answered_before` had
    their reply in the ledger, `failed_before` had failed in an earlier run, `not_asked` are still to come.

    `stopped` says why it ended before its end, "" where it did not: somebody stopped it (`interrupted`), a limit was
    reached (`limited`), or something is wrong. `divided` pairs got their part of the split. Pairs: `made` are new,
    `clean` those of them in which no gate found anything, `known` were there already, `accepted` were by a rule.
    """

    recipe: str
    run: str
    materials: int
    left_out: Mapping[str, int]
    divided: int
    not_asked: int
    made: int
    clean: int
    known: int
    empty: int
    accepted: int
    found: Mapping[str, int]
    seconds: float
    stopped: str
    interrupted: bool = False
    limited: bool = False
    provider: str = ""
    model: str = ""
    estimate: Estimate | None = None
    asked: int = 0
    ok: int = 0
    failed: int = 0
    left_open: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    answered_before: int = 0
    failed_before: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0

    @property
    def wrong(self) -> bool:
        """Whether it ended because something is wrong, which somebody has to mend."""
        return bool(self.stopped) and not self.limited and not self.interrupted

    def then(self) -> str:
        """What to run next."""
        again = f"tamiz synth {'--judge' if self.recipe == 'judge' else self.recipe}"
        if self.wrong:
            return f"mend what is wrong, then {again}{' --retry-failed' if self.failed else ''}"
        if self.stopped:
            failed = "; --retry-failed asks again what failed" if self.failed or self.failed_before else ""
            return f"{again} goes on where it stopped{failed}"
        onwards = "tamiz curate, then tamiz review" if self.made else ""
        if self.failed or self.failed_before:
            return "; ".join(filter(None, [onwards, f"{again} --retry-failed asks again what failed"]))
        return onwards or "tamiz synth, for the other recipes"


def grouped(whys: Mapping[str, int]) -> dict[str, int]:
    """How many calls failed for which reason, without what differs from call to call."""
    grouped: Counter[str] = Counter()
    for why, count in whys.items():
        head, _, rest = why.partition(": ")
        detail = rest.partition(": ")[0] if head == "unusable reply" else ""
        grouped[f"{head}: {detail}" if detail else head] += count
    return dict(grouped.most_common())
