"""An English question in other words, by its grammar: what it asks, and how else that is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from curation.synthesis.wording.kept import kept_spans
from curation.synthesis.wording.keywords import keywords
from curation.synthesis.wording.variant import Variant, wrapped
from curation.synthesis.wording.wordlists import words

__all__ = ["english_variants"]

LONGEST = 160  # characters of a question that is reworded
_WHOLE = re.compile(r"([^?\n]{3,160}?)\s*\?")
_ASKED_TWICE = re.compile(r"\b(?:and|or) (?:how|what|when|where|which|why|can i|do i|is there)\b", re.I)
_OPENERS = words("questions.openers_en")
_NOUN = re.compile(r"(?:the|a|an|my|your|our|this|that)\b|[A-Z0-9]|\w+ [A-Z0-9]")
_AUX = r"(?:can|could|do|should|will|must|may)"
_FACT = re.compile(
    r"(?:I (?:have|can't|cannot|do not|don't|am|lost|forgot)\b|there (?:is|are)\b|"
    r"(?:my|the|our) .{2,40}? (?:is|are|does not|doesn't|do not|don't|has|have|won't|will not|keeps?|stopped)\b)"
)
Rule = Callable[[str], Iterator[Variant]]


def english_variants(question: str) -> list[Variant]:
    """Every other wording that the grammar gives, in a fixed order; none where the question is not understood.

    Only one question at a time is reworded, and only one that begins as questions do.
    """
    question = question.strip()
    found = _WHOLE.fullmatch(question)
    if not found:
        return _of_a_fact(question)
    if _ASKED_TWICE.search(found[1]) or found[1].split()[0].lower() not in _OPENERS:
        return []
    clause = found[1][0].lower() + found[1][1:]
    made = [variant for rule in _RULES for variant in rule(clause)]
    if asked := _indirect(clause):
        made += wrapped("en", c=asked)
    made += wrapped("en_any", q=_asked(clause), l=f"{clause}?")
    searched = _searched(clause)
    if searched and searched.casefold() != clause.casefold():
        made.append(Variant(searched, "keywords"))
    return made


def _of_a_fact(told: str) -> list[Variant]:
    """Somebody says what is wrong and asks nothing, as in the title of a thread: with the question that is meant."""
    fact = _lowered(told.rstrip("."))
    if not fact or len(told) > LONGEST or "?" in told or "\n" in told or not _FACT.match(fact):
        return []
    whole = told.rstrip(".")
    return [
        Variant(f"{whole}. What can I do?", "plain"),
        Variant(f"Hi, {fact}, what should I do?", "informal"),
        Variant(f"Good morning. {whole}. Could you please tell me what to do?", "formal"),
    ]


def _lowered(text: str) -> str:
    """The text with its first letter small; "" where its first word may be a name."""
    if not text or text.startswith(("I ", "I'")):
        return text
    spans = kept_spans(text)
    if spans and spans[0][0] == 0:
        return ""
    return text[0].lower() + text[1:]


def _how(clause: str) -> Iterator[Variant]:
    wish = _wish(clause)
    if not wish:
        return
    leave = frozenset(["formal"]) if wish.startswith(("know ", "tell ", "recognise ", "recognize ")) else frozenset()
    for variant in wrapped("en_how", leave=leave, i=wish):
        if variant.text.rstrip("?").casefold() != clause.casefold():
            yield variant


def _wish(clause: str) -> str:
    found = re.match(r"how (?:can|do|could|should) (?:i|we) ((?:not )?[a-z].+)$", clause, re.I)
    return "" if not found or re.match(r"(?:not|know|get (?:on|by))\b", found[1]) else found[1]


def _whether(clause: str) -> Iterator[Variant]:
    if found := re.match(r"(?:can|could|may) I (.+)$", clause):
        rest = found[1]
        yield Variant(f"Is it possible to {rest}?", "formal")
        yield Variant(f"Am I able to {rest}?", "plain")
        yield Variant(f"Is there a way to {rest}?", "informal")
        yield Variant(f"I was wondering if I can {rest}.", "informal")
        yield Variant(f"can I {rest}", "fragment")
    if found := re.match(r"do I (need|have) to (.+)$", clause):
        other = "have" if found[1] == "need" else "need"
        yield Variant(f"Do I {other} to {found[2]}?", "plain")
        yield Variant(f"Is it necessary to {found[2]}?", "formal")
        yield Variant(f"do I {other} to {found[2]}", "fragment")


def _price(clause: str) -> Iterator[Variant]:
    thing = ""
    if found := re.match(r"how much (?:does|do|would) it cost to (.+)$", clause):
        yield Variant(f"What does it cost to {found[1]}?", "plain")
        yield Variant(f"How much do I have to pay to {found[1]}?", "informal")
        yield Variant(f"cost to {found[1]}", "fragment")
        return
    if found := re.match(r"(?:how much|what) (does|do) (.+) cost$", clause):
        thing, many = found[2], found[1] == "do"
    elif found := re.match(r"how much (is|are) (.+)$", clause):
        thing, many = found[2], found[1] == "are"
    if not thing or re.search(r"\b(?:a month|per \w+|extra|left|it|that|this)$", thing):
        return
    for text, style in (
        (f"How much {'do' if many else 'does'} {thing} cost?", "plain"),
        (f"How much {'are' if many else 'is'} {thing}?", "informal"),
        (f"What is the price of {thing}?", "formal"),
        (f"What do I have to pay for {thing}?", "plain"),
        (f"Could you please tell me the price of {thing}?", "formal"),
        (f"price of {thing}", "fragment"),
    ):
        if text.rstrip("?").casefold() != clause.casefold():
            yield Variant(text, style)


def _time(clause: str) -> Iterator[Variant]:
    found = re.match(r"how long (does|do) (.+?) take( .+)?$", clause)
    if found:
        verb, thing, rest = found[1], found[2], found[3] or ""
        yield Variant(f"How much time {verb} {thing} take{rest}?", "plain")
        yield Variant(
            f"Could you please tell me how long {thing} {'takes' if verb == 'does' else 'take'}{rest}?", "formal"
        )
        yield Variant(f"Hi, do you know how long {thing} {'takes' if verb == 'does' else 'take'}{rest}?", "informal")
        yield Variant(f"how long {verb} {thing} take{rest}", "fragment")


def _meaning(clause: str) -> Iterator[Variant]:
    if found := re.match(r"what (does|do) (.+) mean$", clause):
        verb, thing = found.groups()
        yield Variant(f"What is the meaning of {thing}?", "formal")
        yield Variant(f"Could you please tell me what {thing} {'means' if verb == 'does' else 'mean'}?", "formal")
        yield Variant(f"Hi, do you know what {thing} {'means' if verb == 'does' else 'mean'}?", "informal")
        yield Variant(f"{thing} meaning", "fragment")
        if re.match(r"(?:the )?error\b", thing):
            yield Variant(f"I'm getting {thing}, what does it mean?", "informal")
            yield Variant(f"I am seeing {thing}. What is the cause?", "plain")
    if found := re.match(r"what (is|are) (.+)$", clause):
        verb, thing = found.groups()
        if _NOUN.match(thing):
            yield Variant(f"Could you please tell me what {thing} {verb}?", "formal")
            yield Variant(f"Hi, do you know what {thing} {verb}?", "informal")
            if verb == "is":
                yield Variant(f"What's {thing}?", "informal")
            yield Variant(thing.removeprefix("the "), "fragment")


def _what_if(clause: str) -> Iterator[Variant]:
    if found := re.match(r"what (should|can|do|must) I do (if|when|about|with) (.+)$", clause):
        did, joint, rest = found.groups()
        for other, style in (("should", "plain"), ("can", "plain"), ("do", "informal")):
            if other != did:
                yield Variant(f"What {other} I do {joint} {rest}?", style)
        yield Variant(
            f"Could you please tell me what I {did if did != 'do' else 'should'} do {joint} {rest}?", "formal"
        )
        yield Variant(f"what to do {joint} {rest}", "fragment")
        if joint in ("if", "when") and _FACT.match(rest):
            whole = rest[0].upper() + rest[1:]
            yield Variant(f"{whole}. What should I do?", "plain")
            yield Variant(f"Hi, {rest}, what can I do?", "informal")
            yield Variant(f"Good morning. {whole}. Could you please tell me what to do?", "formal")
    if found := re.match(r"what happens (if|when) (.+)$", clause):
        yield Variant(f"What will happen {found[1]} {found[2]}?", "plain")
        yield Variant(f"what happens {found[1]} {found[2]}", "fragment")


def _where(clause: str) -> Iterator[Variant]:
    if found := re.match(r"where (can|do) I (.+)$", clause):
        other = "do" if found[1] == "can" else "can"
        yield Variant(f"Where {other} I {found[2]}?", "plain")
        yield Variant(f"where to {found[2]}", "fragment")
    if found := re.match(r"where is (my|the) (.+)$", clause):
        yield Variant(f"Where can I find {found[1]} {found[2]}?", "plain")
        yield Variant(f"I can't find {found[1]} {found[2]}, where is it?", "informal")
        yield Variant(f"Could you please tell me where {found[1]} {found[2]} is?", "formal")
        yield Variant(f"where to find {found[1]} {found[2]}", "fragment")


def _indirect(clause: str) -> str:
    """The question as a clause that can follow "tell me": only where its order of words is sure."""
    if _wish(clause):
        return ""  # how to ... is put otherwise
    if found := re.match(rf"((?:how|what|when|where|which|why)\b.*?) ({_AUX}|have|am) (I|we) (.+)$", clause):
        asked, verb, who, rest = found.groups()
        if verb == "do":
            return f"{asked} {who} {rest}"
        return f"{asked} {who} {verb} {rest}"
    if found := re.match(r"(can|could|will|should|must|may|am|have) (I|we) (.+)$", clause):
        return f"whether {found[2]} {found[1]} {found[3]}"
    if found := re.match(r"do (I|we|you) (.+)$", clause):
        return f"whether {found[1]} {found[2]}"
    if found := re.match(r"(is|are) there (.+)$", clause):
        return f"whether there {found[1]} {found[2]}"
    if re.match(
        r"(?:what happens|what is included|which (?!of)\w+ (?:is|are|has|have) |which .+ (?:are there)$)", clause
    ):
        return re.sub(r" are there$", " there are", clause)
    return ""


_RULES: tuple[Rule, ...] = (_how, _whether, _price, _time, _meaning, _what_if, _where)
_SEARCHED = (
    (re.compile(r"how much (?:does|do|would) it cost to (.+)$"), r"\1 cost"),
    (re.compile(r"how much (?:does|do|is|are) (.+?)(?: cost)?$"), r"\1 price"),
    (re.compile(r"how long (?:does|do) (.+) take$"), r"how long \1"),
    (re.compile(r"what (?:does|do) (.+) mean$"), r"\1 meaning"),
    (re.compile(r"what (?:should|can|do|must) I do (?:if|when|about|with) (.+)$"), r"\1"),
    (re.compile(r"what happens (?:if|when) (.+)$"), r"\1"),
    (re.compile(r"(?:do|does) (?:I|you|we) (?:need to|have to|get) (.+)$"), r"\1"),
    (re.compile(r"where (?:can|do) I find (.+)$"), r"\1 where"),
)


def _searched(clause: str) -> str:
    """As one types it into a search box."""
    text = _wish(clause)
    if not text:
        text = clause
        for pattern, with_what in _SEARCHED:
            if pattern.match(clause):
                text = pattern.sub(with_what, clause)
                break
    return keywords(text, "en")


def _asked(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}?"
