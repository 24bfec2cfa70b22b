"""Questions that ask more than one thing: one answer seldom answers both, and a model learns to skip half."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.quality.reading import Reading, Seen, Sentence, Text

__all__ = ["many_questions"]

_QUOTES = re.compile(r"\"[^\"\n]{1,200}\"|«[^»\n]{1,200}»|“[^”\n]{1,200}”")
_ASKED = re.compile(r"¿([^¿?]{2,400})\?|([^¿?.!;\n]{2,400})\?")
# What asks for help or goes on asking the same: no question of its own.
_SAME = re.compile(
    r"(?:(?:hola|hi|hello|hey|buenas|buenos|ok|vale|eh|no|verdad|right|correct|really|seriously|en serio|please|"
    r"por favor|alguien|anyone|anybody|"
    r"any (?:ideas?|help|suggestions?|thoughts?|clues?|tips?|advice|solutions?|one|way|idea .{0,40})|"
    r"alguna (?:idea|solucion|sugerencia|ayuda)|algun (?:consejo|truco)|"
    r"(?:alguien|quien) .{0,80}|(?:can|could|does|do|has|is) (?:any|some)(?:one|body) .{0,80}|(?:me |"
    r"nos )?(?:podeis|podrias?|podeis|pueden?|puede|podria usted) .{0,20}(?:ayudar|echar|decir|explicar).{0,80}|"
    r"(?:can|could|would|will) you .{0,30}(?:help|explain|tell|advise).{0,80}|que tal|como (?:estas|estais|va todo)|"
    r"todo bien|how are you|"
    r"que (?:puedo|debo|tengo que|hago|hacer)(?! (?:\w+ )?(?:si|cuando|con|para)\b).{0,50}|"
    r"que (?:puede ser|me recomendais|opinais|pasa(?! si| cuando| con)|ocurre(?! si| cuando| con)|"
    r"puede estar pasando).{0,50}|"
    r"what (?:can|should|do|am|could|is going|is wrong|'s wrong|might|to|gives)\b.{0,50}|(?:por que|why|"
    r"how come|how|como|when|cuando|what|que|and|y)(?: (?:is (?:that|this)|es eso|not|so))?|"
    r"(?:es|is) (?:eso |esto |this |it |that )?(?:posible|normal|possible|correct|right|true|cierto|"
    r"verdad).{0,30}|como (?:lo|la|los|las|se) (?:\w+ ){0,2}(?:soluciono?|arregl\w+|quito|hago|hace|puedo|evito|"
    r"solucionar?).{0,40}|"
    r"how (?:do|can|could|would|should) (?:i|we|you) (?:fix|solve|stop|avoid|do|resolve|turn|get rid of|change|"
    r"prevent|achieve|correct|go about) (?:it|this|that|these|them).{0,30}|a que se debe.{0,30}|"
    r"what's going on.{0,30}|"
    r"(?:is|hay|tiene) (?:there )?(?:a |any |algun\w? |una? )?(?:way|solucion|manera|forma|solution|fix|"
    r"workaround|remedio)(?: .{0,60})?|am i .{0,80}|(?:estoy|sera|seria) .{0,60}|or .{0,80}|o .{0,80}|"
    r"(?:did|have|has) (?:i|you|anyone) .{0,80}|thanks.{0,20}|gracias.{0,20}|maybe .{0,60}|quizas? .{0,60}|"
    r"perhaps .{0,60}))"
)
_JOINED = re.compile(
    r"(?:\b(?:y|e|and|tambien|also|ademas)\b[ ,:]*(?:¿ ?)?(?:a |de |en |con |por )?\b(?:como|cuant[oa]s?|donde|"
    r"cuando|por que|cual(?:es)?|puedo|se puede|"
    r"how|where|when|why|which|what|can i|do i|is there|does)\b)"
)

_COMMON_WORDS = """
the and does what when where with for you your that this from then its are how why can
las los una que como cual cuan dond para por con del esta este sus hay puedo pued
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def many_questions(reading: Reading) -> Iterator[Seen]:
    """Two or more questions in the question; the span goes from the first to the last of them."""
    asked = reading.question
    if asked.text.count("?") < 2 and "y " not in asked.folded and "and " not in asked.folded:
        return
    quoted = _QUOTES.sub(lambda match: " " * len(match[0]), asked.folded)
    title, blank, body = quoted.partition("\n\n")
    if "?" in body:  # the title of a thread asks what its first message asks again
        quoted = " " * len(title) + blank + body
    real = [match for match in _ASKED.finditer(quoted) if _is_own(match)]
    if len(real) >= 2:
        sure = 0.9 if len(real) > 2 or _JOINED.search(quoted) else 0.7
        note = f"{len(real)} questions in one"
        yield Seen("many_questions", "question", real[0].start(), real[-1].end(), sure, note)
        return
    for sentence in asked.sentences:
        if sentence.folded.endswith("?") and (place := _two_in_one(sentence, reading.answer)):
            yield Seen(
                "many_questions", "question", sentence.start, sentence.end, 0.6, f"two questions in one: {place}"
            )
            return


def _is_own(match: re.Match[str]) -> bool:
    text = (match[1] or match[2]).strip(" ,.:;-()\"'¡!0123456789")
    text = re.sub(r"^(?:y|e|and|but|pero|also|ademas|entonces|so|then|o sea|,|tambien)[ ,]+", "", text)
    words = text.split()
    if len(words) < 2 or _SAME.fullmatch(text):
        return False
    return not _SAME.fullmatch(text.rsplit(",", 1)[-1].strip())


def _two_in_one(sentence: Sentence, answer: Text) -> str:
    """The words by which a second question begins in the same sentence, four words or more from both ends.

    Not where the answer takes up a word of each half: it answers both.
    """
    for match in _JOINED.finditer(sentence.folded):
        before, after = sentence.folded[: match.start()], sentence.folded[match.end() :]
        begins = re.search(
            r"\b(?:como|cuant\w*|donde|cuando|por que|cual|que|how|where|when|why|which|what|can|is|do)\b", before
        )
        taken_up = all(_telling(half) & _telling(answer.folded) for half in (before, after))
        if begins and len(before.split()) >= 4 and len(after.split()) >= 3 and not taken_up:
            return match[0].strip()
    return ""


def _telling(folded: str) -> set[str]:
    """The beginnings of the words that can tell a question from another one."""
    return {word[:4] for word in re.findall(r"[^\W\d_]{3,}", folded)} - _COMMON
