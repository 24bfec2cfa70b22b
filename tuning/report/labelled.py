"""The evidence about an adapter that labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tuning.proof import Proof
from tuning.report.answered import KINDS, WORST
from tuning.report.evidence import (
    SIDES,
    Evidence,
    Part,
    compare_labels,
    compare_losses,
    draws_of,
    of_both,
    parts_by,
)
from tuning.report.verdict import judge_labels

__all__ = ["weigh_labels"]


def weigh_labels(proof: Proof, seed: int) -> Evidence:
    places = list(range(len(proof.questions)))
    test = _labelled_part("test", "test split", proof, SIDES, places, seed)
    if proof.tested:
        draws = draws_of(proof.tested, seed)
        test = test.having(compare_losses(*of_both(proof.losses.__getitem__), draws, labels=True))
    parts, left = [test], list(proof.left_out)
    if "majority" in proof.answers:
        parts.append(
            _labelled_part(
                "majority", "against always the most common label", proof, ("majority", "tuned"), places, seed
            )
        )
    for name, probe in proof.probes.items():
        draws = draws_of(probe.questions, seed)
        asked, truth = ([side[n] for n in probe.origin] for side in (proof.answers["tuned"], proof.truth))
        parts.append(
            Part(
                name=f"price {name}",
                title=f"tuned: {name} against as asked",
                sides=("as asked", name),
                rows=len(truth),
                groups=draws.groups,
                measures=compare_labels(asked, probe.answers["tuned"], truth, draws),
            )
        )
    for kind, of in KINDS.items():
        some, rest = parts_by(
            proof.questions,
            of,
            lambda value, chosen, kind=kind: _labelled_part(  # type: ignore[misc]
                f"{kind} {value}", f"{kind}: {value}", proof, SIDES, chosen, seed
            ),
        )
        parts += some
        left += [f"of the {kind}s, {rest}"] if rest else []
    named = {part.name: part for part in parts}
    over = [named[name].change("accuracy") if name in named else None for name in ("test", "majority")]
    verdict = judge_labels(over[0], over[1], groups=test.groups)
    return Evidence(verdict=verdict, parts=tuple(parts), worst=_wrong_labels(proof), left_out=tuple(left))


def _labelled_part(
    name: str, title: str, proof: Proof, sides: tuple[str, str], places: Sequence[int], seed: int
) -> Part:
    draws = draws_of([proof.questions[n] for n in places], seed)
    truth = [proof.truth[n] for n in places]
    measures = compare_labels(*of_both(lambda side: [proof.answers[side][n] for n in places], sides), truth, draws)
    return Part(name=name, title=title, sides=sides, rows=len(places), groups=draws.groups, measures=measures)


def _wrong_labels(proof: Proof) -> tuple[dict[str, Any], ...]:
    """Questions that got another label than theirs."""
    wrong = [n for n, true in enumerate(proof.truth) if proof.answers["tuned"][n] != true]
    return tuple(
        {
            **{name: getattr(proof.questions[n], name) for name in ("id", "lang", "label", "url", "question")},
            "truth": proof.truth[n],
            "base": proof.answers["base"][n],
            "tuned": proof.answers["tuned"][n],
        }
        for n in wrong[:WORST]
    )
