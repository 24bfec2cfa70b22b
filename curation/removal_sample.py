"""The rows that a report shows, chosen before their texts are read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curation.contaminated_file import Contaminated
from curation.duplicates import Duplicates
from curation.near.pairs import EXACT, NEAR
from curation.pair_columns import PairColumns
from curation.variants import contradictions, variants

__all__ = ["DECIDED_ANEW", "RowShown", "Sample", "Section"]

NEAR_SHOWN, EXACT_SHOWN, REPEATS_SHOWN, OPPOSED_SHOWN, GROUPS_SHOWN, GROUP_SHOWN = 100, 20, 100, 50, 30, 4

DECIDED_ANEW = 100_000  # pairs, for which another threshold takes a second or two


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row as it stands in the file. `evidence` says why it was removed; None: it is kept."""

    name: Any
    question: str
    answer: str
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Groups of rows by number, and how many groups there are that are not shown.

    Of removed rows a group is the removed one and the kept one.
    """

    groups: Sequence[Sequence[int]] = ()
    total: int = 0


@dataclass(slots=True)
class Sample:
    """What is shown of what was found; `rows` fills while the file is read again."""

    near: Section = field(default_factory=Section)
    exact: Section = field(default_factory=Section)
    repeats: Section = field(default_factory=Section)
    contradictions: Section = field(default_factory=Section)
    variants: Section = field(default_factory=Section)
    rows: dict[int, RowShown] = field(default_factory=dict)
    wanted: frozenset[int] = frozenset()

    @classmethod
    def of(cls, found: Duplicates, pairs: PairColumns, contaminated: Contaminated | None) -> Sample:
        """The near copies that are least similar, and the first of all else."""
        decision, row_of = found.decision, pairs.rows
        near = np.flatnonzero(decision.rule == NEAR)
        sure = np.minimum(decision.question[near], decision.answer[near])
        near = near[np.argsort(sure, kind="stable")]
        exact = np.flatnonzero(decision.rule == EXACT)
        opposed, groups = contradictions(found), variants(found)
        repeats = list(contaminated.found.repeats) if contaminated is not None else []

        def section(chosen: Sequence[Sequence[int]], total: int) -> Section:
            return Section(groups=[row_of[np.array(group)].tolist() for group in chosen], total=total)

        def with_kept(removed: Any) -> list[list[int]]:
            return [[int(pair), int(decision.kept_by[pair])] for pair in removed]

        sample = cls(
            near=section(with_kept(near[:NEAR_SHOWN]), len(near)),
            exact=section(with_kept(exact[:EXACT_SHOWN]), len(exact)),
            repeats=Section(groups=[[number] for number in repeats[:REPEATS_SHOWN]], total=len(repeats)),
            contradictions=section(opposed[:OPPOSED_SHOWN], len(opposed)),
            variants=section([group[:GROUP_SHOWN] for group in groups[:GROUPS_SHOWN]], len(groups)),
        )
        sections = (sample.near, sample.exact, sample.repeats, sample.contradictions, sample.variants)
        sample.wanted = frozenset(row for one in sections for group in one.groups for row in group)
        return sample

    def see(
        self, number: int, values: Mapping[str, Any], pair: tuple[str, str], evidence: Mapping[str, Any] | None
    ) -> None:
        if number in self.wanted:
            name = values.get("id")
            self.rows[number] = RowShown(number + 1 if name in (None, "") else name, *pair, evidence)
