"""The evidence about an adapter that answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tuning.data import Example
from tuning.exam import Probe
from tuning.proof import Proof
from tuning.report.evidence import (
    SIDES,
    Evidence,
    Part,
    compare_answers,
    compare_losses,
    compare_refusals,
    draws_of,
    of_both,
    parts_by,
)
from tuning.report.measures import MEASURES, answer_rows
from tuning.report.texts import refuses
from tuning.report.verdict import judge_answers
from tuning.report.wrong import fluent_but_wrong, slips

__all__ = ["KINDS", "WORST", "weigh_answers"]

WORST = 10


def weigh_answers(proof: Proof, seed: int) -> Evidence:
    test = _answered_part("test", "test split", proof, list(range(len(proof.questions))), seed)
    whole = compare_losses(*of_both(proof.losses.__getitem__), draws_of(proof.tested, seed))
    test = test.having(whole)
    parts, left = [test], list(proof.left_out)
    for name in ("mistyped", "reworded"):
        parts += _robustness(name, proof, seed)
    parts += _refused(proof, seed) + _general(proof, seed)
    for kind, of in KINDS.items():
        some, rest = parts_by(proof.questions, of, _answered_parts(kind, proof, seed))
        parts += some
        left += [f"of the {kind}s, {rest}"] if rest else []
    named = {part.name: part for part in parts}
    verdict = judge_answers(
        {one.measure: one.change for one in test.measures},
        groups=test.groups,
        forgotten=named["general"].change("loss") if "general" in named else None,
        refused=named["unanswerable"].change("refused") if "unanswerable" in named else None,
    )
    questions = [example.question for example in proof.questions]
    return Evidence(
        verdict=verdict,
        parts=tuple(parts),
        worst=_worst_answers(proof),
        wrong=fluent_but_wrong(questions, proof.truth, proof.answers["tuned"]),
        left_out=tuple(left),
    )


KINDS: dict[str, Callable[[Example], str]] = {
    "language": lambda example: example.lang,
    "label": lambda example: example.label,
}


def _answered_part(name: str, title: str, proof: Proof, places: Sequence[int], seed: int) -> Part:
    """Base against tuned on some of the answered questions, their losses among them."""
    some = [proof.questions[n] for n in places]
    draws, losses = draws_of(some, seed), _losses_by_id(proof)
    answers = compare_answers(
        *of_both(lambda side: [proof.answers[side][n] for n in places]), [proof.truth[n] for n in places], draws
    )
    lost = compare_losses(*of_both(lambda side: [losses[side][example.id] for example in some]), draws)
    return Part(name=name, title=title, sides=SIDES, rows=len(some), groups=draws.groups, measures=(*lost, *answers))


def _answered_parts(kind: str, proof: Proof, seed: int) -> Callable[[str, list[int]], Part]:
    return lambda value, places: _answered_part(f"{kind} {value}", f"{kind}: {value or 'none'}", proof, places, seed)


def _losses_by_id(proof: Proof) -> dict[str, dict[str, tuple[float, int]]]:
    ids = [example.id for example in proof.tested]
    return {side: dict(zip(ids, proof.losses[side], strict=True)) for side in SIDES}


def _robustness(name: str, proof: Proof, seed: int) -> list[Part]:
    """Base against tuned on the changed questions, and tuned as asked against tuned on them."""
    probe = proof.probes.get(name)
    if probe is None:
        return []
    truth = [proof.truth[n] for n in probe.origin]
    draws, known = draws_of(probe.questions, seed), _losses_by_id(proof)["tuned"]
    asked = [proof.answers["tuned"][n] for n in probe.origin]
    size = {"rows": len(truth), "groups": draws.groups}
    both = compare_losses(*of_both(probe.losses.__getitem__), draws)
    both += compare_answers(*of_both(probe.answers.__getitem__), truth, draws)
    price = compare_losses([known[example.id] for example in probe.questions], probe.losses["tuned"], draws)
    price += compare_answers(asked, probe.answers["tuned"], truth, draws)
    return [
        Part(name=name, title=f"{name} questions", sides=SIDES, measures=both, **size),
        Part(
            name=f"price {name}",
            title=f"tuned: {name} against as asked",
            sides=("as asked", name),
            measures=price,
            **size,
        ),
    ]


def _refused(proof: Proof, seed: int) -> list[Part]:
    probe = proof.probes.get("unanswerable")
    if probe is None:
        return []
    draws = draws_of(probe.questions, seed)
    return [
        Part(
            name="unanswerable",
            title="questions that no page answers",
            sides=SIDES,
            rows=len(probe.questions),
            groups=draws.groups,
            measures=compare_refusals(
                *of_both(lambda side: [refuses(answer) for answer in probe.answers[side]]), draws
            ),
        )
    ]


def _general(proof: Proof, seed: int) -> list[Part]:
    """The losses on general knowledge: all, and by language."""
    probe = proof.probes.get("general")
    if probe is None:
        return []
    languages = sorted({example.lang for example in probe.questions})
    return [_known(probe, lang, seed) for lang in ("", *languages)]


def _known(probe: Probe, lang: str, seed: int) -> Part:
    places = [n for n, example in enumerate(probe.questions) if lang in ("", example.lang)]
    draws = draws_of([probe.questions[n] for n in places], seed)
    return Part(
        name=f"general {lang}".strip(),
        title="general knowledge" + (f", {lang}" if lang else ""),
        sides=SIDES,
        rows=len(places),
        groups=draws.groups,
        measures=compare_losses(*of_both(lambda side: [probe.losses[side][n] for n in places]), draws),
    )


def _worst_answers(proof: Proof) -> tuple[dict[str, Any], ...]:
    """The answers of the tuned model that are farthest from their reference."""
    answers = proof.answers["tuned"]
    scores = MEASURES["chrf"].value(answer_rows(answers, proof.truth)["chrf"])
    worst = sorted(range(len(answers)), key=lambda n: float(scores[n]))[:WORST]
    found = []
    for n in worst:
        example = proof.questions[n]
        differing = slips(answers[n], proof.truth[n], example.question)
        found.append(
            {
                **{name: getattr(example, name) for name in ("id", "lang", "label", "url", "question")},
                "truth": proof.truth[n],
                "base": proof.answers["base"][n],
                "tuned": answers[n],
                "chrf": round(float(scores[n]), 1),
                "slips": [slip.kind for slip in differing],
            }
        )
    return tuple(found)
