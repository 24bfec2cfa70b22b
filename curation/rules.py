"""Written rules: what tamiz.toml lets happen to pairs without a person.

A rule judges pairs that are new or waiting, that nobody is looking at, and that no person has edited.
Rules are tried in the order in which they are written; the first that has something to do decides.

Findings that are for people (`tamiz.records.FOR_PEOPLE`) are no rule's business: none applies or rejects by
them, and an accept rule leaves their pair open whatever it looks at, unless `despite` names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from curation.apart import Apart
from curation.chat_notes import from_chat
from curation.edits import apply_findings, usable
from curation.privacy import find_personal
from tamiz.decisions import judge
from tamiz.errors import Conflict
from tamiz.kept import unsettled
from tamiz.records import FOR_INFORMATION, FOR_PEOPLE, STEPS_FOR_PEOPLE, Finding, Pair, Verdict
from tamiz.settings import RuleSettings
from tamiz.store import Store, StoredPair

__all__ = ["accept_by_rules", "judge_by_rules", "verdict_of"]

SLICE = 500
STANDING = ("new", "waiting", "skipped", "disputed", "accepted")


def matching(rule: RuleSettings, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that the rule looks at; for accept whatever their confidence, and all that are for people."""
    least = 0.0 if rule.then == "accept" else rule.at_least
    return [
        finding
        for finding in unsettled(findings)
        if (rule.then == "accept" if _for_people(finding) else _named(rule, finding))
        and finding.confidence >= least
        and finding.kind not in FOR_INFORMATION
    ]


def _for_people(finding: Finding) -> bool:
    return finding.kind in FOR_PEOPLE or finding.step in STEPS_FOR_PEOPLE


def _named(rule: RuleSettings, finding: Finding) -> bool:
    in_steps = not rule.steps or finding.step in rule.steps
    return in_steps and (not rule.findings or finding.kind in rule.findings)


def concerns(rule: RuleSettings, pair: Pair) -> bool:
    in_kinds = not rule.kinds or pair.kind in rule.kinds
    in_languages = not rule.languages or pair.lang in rule.languages
    return in_kinds and in_languages and not pair.made_by.startswith("person:")


def verdict_of(rule: RuleSettings, stored: StoredPair, findings: Sequence[Finding]) -> Verdict | None:
    """What this rule says about the pair, or None. The reason names the rule, the finding and its witness."""
    pair = stored.pair
    if not concerns(rule, pair):
        return None
    found, by = matching(rule, findings), f"rule:{rule.name}"
    if rule.then == "accept":
        if (
            from_chat(pair)
            or (pair.kind == "synthetic" and "synthetic" not in rule.kinds)  # what is made waits unless a rule names it
            or pair.confidence < rule.at_least
            or any(finding.kind not in rule.despite for finding in found)
        ):
            return None
        reason = f"rule {rule.name}: nothing left open, confidence {pair.confidence:.2f}"
        return Verdict(pair=pair.id, version=stored.version, decision="accept", by=by, reason=reason)
    if not found:
        return None
    if rule.then == "reject":
        return Verdict(pair=pair.id, version=stored.version, decision="reject", by=by, reason=_reason(rule, found[0]))
    edited = apply_findings(pair, found, by)
    if edited is pair:
        return None
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(f.kind for f in usable(pair, found)).items()))
    reason = f"rule {rule.name}: {kinds}"
    return Verdict(pair=pair.id, version=stored.version, decision="edit", by=by, reason=reason, edited=edited)


def _reason(rule: RuleSettings, finding: Finding) -> str:
    witness = f" of {finding.witness}" if finding.witness else ""
    # what is written into the history stays there: no note that quotes personal data
    note = f" ({finding.note})" if finding.note and not find_personal(finding.note) else ""
    return f"rule {rule.name}: {finding.step} found {finding.kind}{witness}{note}"


def judge_by_rules(store: Store, rules: Sequence[RuleSettings]) -> Counter[tuple[str, str]]:
    """Carry out the rules that apply or reject, on all standing findings: {(what, rule): how many}.

    A pair is rejected as a copy only while the pair that it is a copy of stands.
    """
    active = [rule for rule in rules if rule.then != "accept"]
    told: dict[str, list[_Told]] = {}
    apart = Apart.of(store)
    for part in _slices(store.pairs("new", "waiting")) if active else ():
        findings = store.findings([stored.pair.id for stored in part])
        for stored in part:
            left = [finding for finding in findings[stored.pair.id] if apart.leaves(finding)]
            if choices := list(_choices(active, stored, left)):
                told[stored.pair.id] = choices
    return _carry_out(store, _keep_witnesses(store, told))


def accept_by_rules(store: Store, rules: Sequence[RuleSettings], looked_at: frozenset[str]) -> Counter[tuple[str, str]]:
    """Accept what the accept rules allow, out of the pairs whose looks are complete."""
    active = [rule for rule in rules if rule.then == "accept"]
    done: Counter[tuple[str, str]] = Counter()
    for part in _slices(s for s in store.pairs("new", "waiting") if s.pair.id in looked_at) if active else ():
        findings = store.findings([stored.pair.id for stored in part])
        told = [next(_choices(active, stored, findings[stored.pair.id]), None) for stored in part]
        done += _carry_out(store, [choice.verdict for choice in told if choice is not None])
    return done


class _Told(NamedTuple):
    """A verdict, and the pair that has to stand for it to be carried out, or ""."""

    verdict: Verdict
    witness: str


def _choices(rules: Sequence[RuleSettings], stored: StoredPair, findings: Sequence[Finding]) -> Iterator[_Told]:
    """What these rules say about the pair; a pair may be rejected for one copy or for another."""
    for rule in rules:
        if rule.then != "reject":
            verdict = verdict_of(rule, stored, findings)
            if verdict is not None:
                yield _Told(verdict, "")
            continue
        for finding in matching(rule, findings):
            verdict = verdict_of(rule, stored, [finding])
            if verdict is not None:
                yield _Told(verdict, finding.witness)


def _slices(pairs: Iterable[StoredPair]) -> Iterator[list[StoredPair]]:
    source = iter(list(pairs))  # read before anything is judged
    while part := list(islice(source, SLICE)):
        yield part


def _keep_witnesses(store: Store, told: Mapping[str, Sequence[_Told]]) -> list[Verdict]:
    """Of each pair the first verdict whose witness stands and is not moved itself by one of these; or none."""
    pairs = store.pairs_by_id(sorted({choice.witness for choices in told.values() for choice in choices} - {""}))
    fallen = {name for name, stored in pairs.items() if stored.state not in STANDING or _unmended(stored)}
    turn = dict.fromkeys(told, 0)
    while True:
        gone = fallen | turn.keys()
        failing = [pair for pair, n in turn.items() if told[pair][n].witness in gone]
        if not failing:
            return [told[pair][n].verdict for pair, n in turn.items()]
        for pair in failing:
            turn[pair] += 1
            if turn[pair] == len(told[pair]):
                del turn[pair]


def _unmended(stored: StoredPair) -> bool:
    """An answer of a model that nobody has accepted: no other pair gives way to it."""
    return from_chat(stored.pair) and stored.state != "accepted"


def _carry_out(store: Store, verdicts: Sequence[Verdict]) -> Counter[tuple[str, str]]:
    """Judge slice by slice, each in one transaction; where somebody else moved a pair meanwhile, one by one."""
    done: Counter[tuple[str, str]] = Counter()
    what = {"edit": "applied", "reject": "rejected", "accept": "accepted"}
    for start in range(0, len(verdicts), SLICE):
        part = verdicts[start : start + SLICE]
        try:
            passed = set(judge(store, part).passed_over)
        except Conflict:
            passed = {verdict.pair for verdict in part if not _carried_out(store, verdict)}
        for verdict in part:
            key = "left to a person" if verdict.pair in passed else what[verdict.decision]
            done[key, verdict.by.removeprefix("rule:")] += 1
    return done


def _carried_out(store: Store, verdict: Verdict) -> bool:
    try:
        return judge(store, [verdict]).done == 1
    except Conflict:
        return False
