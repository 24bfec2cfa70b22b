"""Whether something is wrong with a run: it is stopped before it has used up what it may on calls that fail."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from curation.synthesis.asking import Answer

__all__ = ["Watch"]

LOOKED_BACK = 20  # calls by whose failures it is judged
ENOUGH = 10  # of them, before it is
IN_A_ROW = 5  # calls that failed one after the other because of the server


@dataclass(slots=True)
class Watch:
    """`stop_at` is the share of failed calls from which a run stops."""

    stop_at: float
    _latest: deque[Answer] = field(default_factory=lambda: deque(maxlen=LOOKED_BACK))

    def add(self, answer: Answer) -> str:
        """Take in what became of a material that was asked about; why to stop, "" while all is well: the server has
        failed several times in a row, or too many of the latest calls have failed."""
        if answer.cached or answer.state not in ("made", "failed"):
            return ""
        self._latest.append(answer)
        row, failed = list(self._latest)[-IN_A_ROW:], self._failed()
        too_many = len(self._latest) >= ENOUGH and len(failed) / len(self._latest) >= self.stop_at
        if too_many or (len(row) == IN_A_ROW and all(one.servers_fault for one in row)):
            return f"{len(failed)} of the last {len(self._latest)} calls failed, most often: {self._most_often()}"
        return ""

    def at_end(self) -> str:
        """Why a run that came to its end is no success all the same: of all calls there was none of any use."""
        if self._latest and len(self._failed()) == len(self._latest):
            return f"every call failed, most often: {self._most_often()}"
        return ""

    def _failed(self) -> list[Answer]:
        return [answer for answer in self._latest if answer.state == "failed"]

    def _most_often(self) -> str:
        return Counter(answer.why for answer in self._failed()).most_common(1)[0][0]
