"""Answers that sound like the site's and say something else: a small model learns the tone before the facts.

An answer is close when its chrF with the reference is CLOSE or more. A close answer is wrong in a fact when

number    it has a number that neither reference nor question has, or lacks one of the reference's
name      it names something (an address, a word with a capital inside a sentence) that neither of them has
negation  one of the two texts denies something and the other denies nothing

These are rules, not a reading: an answer may be right in other words, and wrong in ways that no rule sees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tuning.report.measures import MEASURES, answer_rows
from tuning.report.texts import names, negations, numbers, words

__all__ = ["CLOSE", "FluentWrong", "Slip", "fluent_but_wrong", "slips"]

CLOSE = 40.0  # chrF from which an answer reads like the reference
EXAMPLES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One fact of an answer that differs: its kind, what was said and what the reference has."""

    kind: str
    said: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswer:
    """An answer that reads like the reference and differs in facts."""

    question: str
    truth: str
    answer: str
    chrf: float
    slips: tuple[Slip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FluentWrong:
    """How many answers were close, how many of those are wrong in a fact, by kind, and some of them, closest first."""

    answered: int
    close: int
    wrong: int
    kinds: dict[str, int]
    examples: tuple[WrongAnswer, ...]

    def line(self) -> str:
        """What it says, for people."""
        if not self.close:
            return f"None of {self.answered} answers comes close to its reference (chrF {CLOSE:.0f} or more)."
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items(), key=lambda k: -k[1]))
        told = f" ({kinds})" if kinds else ""
        return (
            f"Of {self.answered} answers {self.close} read like their reference (chrF {CLOSE:.0f} or more), and "
            f"{self.wrong} of those differ from it in a number, a name or a negation{told}."
        )


def slips(answer: str, truth: str, question: str) -> tuple[Slip, ...]:
    """The facts in which an answer differs from the reference.

    >>> slips("Tarda 48 horas.", "Tarda 24 horas.", "¿Cuánto tarda?")
    (Slip(kind='number', said='48', wanted='24'),)
    """
    found = []
    asked, wanted, said = numbers(question), numbers(truth), numbers(answer)
    more, less = said - wanted - asked, wanted - said
    if more or less:
        found.append(Slip(kind="number", said=_listed(more), wanted=_listed(less)))
    known = frozenset(words(truth)) | frozenset(words(question)) | names(truth) | names(question)
    if other := names(answer) - known:
        found.append(Slip(kind="name", said=_listed(other), wanted=_listed(names(truth) - names(answer))))
    denied, denies = negations(truth) > 0, negations(answer) > 0
    if denied != denies:
        told = ("denies", "denies nothing")
        found.append(Slip(kind="negation", said=told[not denies], wanted=told[not denied]))
    return tuple(found)


def fluent_but_wrong(questions: Sequence[str], truth: Sequence[str], answers: Sequence[str]) -> FluentWrong:
    """What fluent but wrong answers look like here."""
    rows = answer_rows(answers, truth)["chrf"]
    scores = MEASURES["chrf"].value(rows).tolist() if len(rows) else []
    close = [place for place, score in enumerate(scores) if score >= CLOSE]
    found = []
    for place in close:
        differing = slips(answers[place], truth[place], questions[place])
        if differing:
            texts = {"question": questions[place], "truth": truth[place], "answer": answers[place]}
            found.append(WrongAnswer(**texts, chrf=round(scores[place], 1), slips=differing))
    kinds = Counter(slip.kind for one in found for slip in one.slips)
    shown = sorted(found, key=lambda one: -one.chrf)[:EXAMPLES]
    return FluentWrong(
        answered=len(answers), close=len(close), wrong=len(found), kinds=dict(kinds), examples=tuple(shown)
    )


def _listed(some: frozenset[str]) -> str:
    return ", ".join(sorted(some)) or "(nothing)"
