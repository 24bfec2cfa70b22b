"""One decision for every pair that has a word: "always" this change, "never", or only here; no screen in it.

with Store.open(url) as store:
    desk = WordDesk(store, "reviewer-1", folder / "glossary.txt")
    row = desk.words()[0]
    desk.always(row)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curation.edits import apply_findings, usable
from curation.review import reviewer_name
from curation.revise import Proposal, Refused, proposals
from curation.spelling.glossary import add_term, remove_term
from tamiz.decisions import judge, withdraw
from tamiz.errors import Conflict, InputError
from tamiz.moves import State
from tamiz.people import permit
from tamiz.records import Finding, Pair, Verdict, clean_unicode
from tamiz.store import Store, StoredPair
from tamiz.worddecisions import (
    WordCount,
    WordDecision,
    WordType,
    record_word,
    standing_words,
    word_counts,
    word_places,
)

__all__ = ["Done", "Example", "WordDecision", "WordDesk", "WordRow", "apply_always", "list_words", "never_words"]

PAGE = 50
SLICE = 200
MOST = 50_000  # word types that are read at once where all are wanted: each read counts them all
LONGEST = 200
CARRIED = "carried"  # the settings of looks that only carry findings along: every step will look again
STANDING = ("always", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRow:
    """A word type that waits for a decision: in how many open pairs, how sure the surest finding is, and of whom.

    `version` is that of its latest decision, 0 for none; a decision is about the version that was seen.
    """

    count: WordCount
    version: int

    @property
    def word(self) -> WordType:
        return self.count.word

    @property
    def engine(self) -> str:
        return self.count.witness.partition(": ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One pair in which the word stands, with the change shown in its surroundings."""

    stored: StoredPair
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a decision did: pairs changed, and those left to the next run because somebody is looking at them."""

    changed: int = 0
    left: int = 0


def list_words(
    store: Store, *, limit: int = PAGE, after: WordCount | None = None, lang: str = "", before: str = ""
) -> list[WordRow]:
    """The word types to decide about, the most frequent first; give the last one's count for those behind it."""
    decided = standing_words(store)
    rows: list[WordRow] = []
    while len(rows) < limit:
        counts = word_counts(store, limit=limit, after=after, lang=lang, before=before)
        for count in counts:
            last = decided.get(count.word)
            if last is None or last.decision not in STANDING:
                rows.append(WordRow(count=count, version=last.version if last else 0))
        if len(counts) < limit:
            break
        after = counts[-1]
    return rows[:limit]


def never_words(store: Store) -> list[tuple[str, str]]:
    """The words that people said "never" about, as (language, word)."""
    decided = standing_words(store).values()
    return [(_prefix(one.word.lang), one.word.before) for one in decided if one.decision == "never"]


def apply_always(store: Store, *, made_state: State = "new") -> Counter[tuple[str, str]]:
    """Make the changes that people said "always" about, wherever they are found: {(what, by whom): pairs}."""
    always = {word: one for word, one in standing_words(store).items() if one.decision == "always"}
    done: Counter[tuple[str, str]] = Counter()
    found: list[WordDecision] = []
    count: WordCount | None = None
    while always and (counts := word_counts(store, limit=MOST, after=count)):
        found += [always[one.word] for one in counts if one.word in always]
        count = counts[-1]
    for decision in found:
        result = _apply(store, decision, made_state=made_state)
        done["applied", decision.actor] += result.changed
        done["left to a person", decision.actor] += result.left
    return +done


class WordDesk:
    """One person's place at the words. Conflict means that somebody else decided first: nothing was written."""

    def __init__(self, store: Store, reviewer: str, glossary: Path) -> None:
        self._store = store
        self._glossary = glossary
        self.by = f"person:{reviewer_name(reviewer)}"

    def words(
        self, *, limit: int = PAGE, after: WordCount | None = None, lang: str = "", before: str = ""
    ) -> list[WordRow]:
        """The word types that wait for a decision; see list_words."""
        return list_words(self._store, limit=limit, after=after, lang=lang, before=before)

    def find(self, before: str, *, becomes: str = "", lang: str = "") -> WordRow:
        """The one word type that is meant; InputError where it is none, or several.

        Of several proposals for a word, `becomes` says which; where it is none of them, it is a word to put there.
        """
        rows = self.words(before=before, lang=lang)
        meant = [row for row in rows if row.word.after == becomes] or rows
        if len(meant) == 1:
            return meant[0]
        if not meant:
            raise InputError(f"no open pair has a finding about {before!r}. See the words that do: tamiz words")
        shown = ", ".join(f"{row.word.lang} {row.word.after or '?'}" for row in meant)
        raise InputError(f"{before!r} has several proposals: {shown}. Say which with --to WORD and --lang CODE")

    def latest(self, before: str, *, becomes: str = "", lang: str = "") -> WordDecision:
        """The decision on this word that can be taken back; InputError where there is none, or there are several."""
        every = standing_words(self._store).values()
        mine = [one for one in every if one.word.before == before and lang in ("", one.word.lang)]
        mine = [one for one in mine if one.decision != "open" and becomes in ("", one.word.after, one.becomes)]
        if len(mine) == 1:
            return mine[0]
        shown = ", ".join(f"{one.word.lang} {one.word.after or '?'}" for one in mine)
        several = f"there are several: {shown}; say which with --to WORD and --lang CODE"
        advice = several if mine else "nobody has decided about it"
        raise InputError(f"there is no one decision about {before!r} to take back: {advice}")

    def decided(self) -> list[WordDecision]:
        """The decisions that stand, the latest first."""
        return [one for one in standing_words(self._store).values() if one.decision in STANDING]

    def examples(self, word: WordType, *, limit: int = 3, after: int = 0) -> list[Example]:
        """Pairs in which the word stands, in the order of their arrival."""
        places = word_places(self._store, word, limit=limit, after=after)
        return [Example(stored=stored, proposals=tuple(_shown(stored.pair, found))) for stored, found in places]

    def always(self, row: WordRow, becomes: str = "") -> Done:
        """Make this change, or put `becomes` there, in every open pair that has it and in those that come later."""
        permit(self._store, self.by, "decide")
        chosen = _chosen(row.word, becomes)
        decision = record_word(self._store, row.word, "always", self.by, seen=row.version, becomes=chosen)
        return _apply(self._store, decision, made_state="waiting")

    def never(self, row: WordRow) -> Done:
        """Leave the word as it is, everywhere: it goes into the glossary, and what was found about it is settled."""
        permit(self._store, self.by, "decide")
        word = row.word

        def write() -> None:
            add_term(self._glossary, word.before, lang=_prefix(word.lang))

        record_word(self._store, word, "never", self.by, seen=row.version, along=write)
        return Done()

    def here(self, row: WordRow, pair: str, becomes: str = "") -> Done:
        """Make this change in this one pair; the word waits for a decision in the others."""
        permit(self._store, self.by, "decide")
        chosen = _chosen(row.word, becomes)
        if not word_places(self._store, row.word, limit=1, pair=pair):
            raise Refused("word_gone")
        decision = record_word(self._store, row.word, "here", self.by, seen=row.version, becomes=chosen, pair=pair)
        return _apply(self._store, decision, made_state="waiting")

    def take_back(self, decision: WordDecision) -> Done:
        """Take a decision back: pairs that nobody has decided since are as before, and the word waits again."""
        permit(self._store, self.by, "decide")
        word = decision.word

        def write() -> None:
            if decision.decision == "never":
                remove_term(self._glossary, word.before, lang=_prefix(word.lang))

        record_word(self._store, word, "open", self.by, seen=decision.version, along=write)
        changed, left = withdraw(self._store, decision.action, self.by)
        return Done(changed=changed, left=left)


def _prefix(lang: str) -> str:
    return lang if len(lang) == 2 else ""  # an unknown language stands for every one


def _chosen(word: WordType, becomes: str) -> str:
    chosen = " ".join(clean_unicode(becomes).split()) or (word.after or "")
    if not chosen or chosen == word.before or len(chosen) > LONGEST:
        raise Refused("word")
    return chosen


def _shown(pair: Pair, findings: Sequence[Finding]) -> list[Proposal]:
    """The findings in their surroundings; one without a remedy is shown as taken out."""
    return proposals(pair, [one if one.after is not None else replace(one, after="") for one in findings])


def _apply(store: Store, decision: WordDecision, *, made_state: State) -> Done:
    """Change the pairs in which the word stands (or the one of the decision), slice by slice."""
    after = changed = left = 0
    word = decision.word
    while places := word_places(store, word, limit=SLICE, after=after, pair=decision.pair):
        after = places[-1][0].seq
        verdicts: dict[str, tuple[Verdict, list[Finding]]] = {}
        for stored, found in places:
            changes = usable(stored.pair, [replace(one, after=decision.becomes) for one in found])
            edited = apply_findings(stored.pair, changes, _made_by(stored.pair, decision.actor))
            if edited is not stored.pair:
                reason = f"{word.before} > {decision.becomes}: {decision.decision}"
                verdict = Verdict(
                    pair=stored.pair.id,
                    version=stored.version,
                    decision="edit",
                    by=decision.actor,
                    reason=reason,
                    edited=edited,
                )
                verdicts[stored.pair.id] = verdict, changes
        passed = _judge(store, [verdict for verdict, _ in verdicts.values()], decision.action, made_state)
        done = [kept for pair, kept in verdicts.items() if pair not in passed]
        _carry(store, done)
        changed += len(done)
        left += len(passed)
    return Done(changed=changed, left=left)


def _made_by(pair: Pair, by: str) -> str:
    """Who made the changed pair; one that a person has edited stays theirs, and out of the rules' hands."""
    return by if pair.made_by.startswith("person:") else f"words:{by.removeprefix('person:')}"


def _judge(store: Store, verdicts: Sequence[Verdict], action: str, made_state: State) -> set[str]:
    """Carry out; the pairs that were passed over."""
    try:
        return set(judge(store, verdicts, made_state=made_state, action=action).passed_over)
    except Conflict:
        if len(verdicts) == 1:
            return {verdicts[0].pair}
        return {pair for one in verdicts for pair in _judge(store, [one], action, made_state)}


def _carry(store: Store, done: Sequence[tuple[Verdict, list[Finding]]]) -> None:
    """What else was found stays with the changed pairs, at its new place, until the steps look again."""
    known = store.findings([verdict.pair for verdict, _ in done])
    by_step: dict[str, list[Finding]] = {}
    for verdict, changes in done:
        if verdict.edited is None:
            continue
        for finding in known[verdict.pair]:
            moved = _moved(finding, changes, verdict.edited)
            if moved is not None and finding.step != "crawl":  # that one speaks of the page's own pair
                by_step.setdefault(finding.step, []).append(moved)
    for step, findings in by_step.items():
        store.add_look(step, CARRIED, list(dict.fromkeys(finding.pair for finding in findings)), findings)


def _moved(finding: Finding, changes: Sequence[Finding], made: Pair) -> Finding | None:
    """The same finding about the changed pair; None where its words are the changed ones."""
    if not finding.field:
        return replace(finding, pair=made.id)
    mine = [change for change in changes if change.field == finding.field]
    if any(change.start < finding.end and finding.start < change.end for change in mine):
        return None
    shift = sum(len(one.after or "") - (one.end - one.start) for one in mine if one.end <= finding.start)
    start, end = finding.start + shift, finding.end + shift
    text = getattr(made, finding.field, None)  # a field of another form, such as a turn, is as it was
    same = text is None or not finding.before or text[start:end] == finding.before
    return replace(finding, pair=made.id, start=start, end=end) if same else None
