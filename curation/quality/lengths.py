"""Texts that are too short or too long for what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.quality.reading import Reading, Seen, Text
from tamiz.settings import QualitySettings

__all__ = ["lengths", "tells_briefly"]

SURE = 0.9  # a limit is a habit of the corpus, no proof: never near-certain

_YES_OR_NO = re.compile(
    r"(?:(?:a|r|answer|respuesta):)?\W*"
    r"(?:si|no|yes|yeah|yep|nope|not|never|nunca|jamas|always|siempre|claro|correcto|exacto|depende|por supuesto|"
    r"todavia no|aun no|of course|sure|correct|right|exactly|it depends|sometimes|a veces|ambos|both|ninguno|none|"
    r"neither|cualquiera|either)\b"
)
_ASKS_FOR_ONE_THING = re.compile(
    r"\b(?:que|cual|cuales|cuando|cuant[oa]s?|donde|adonde|quien|quienes|what|what's|which|when|where|who|whose|"
    r"how (?:many|much|long|often|far|big|old|large|fast|high|wide|heavy|late|soon))\b"
)
# A number, code, a path, an abbreviation, a name within the answer, or a number in words.
_TOLD = re.compile(
    r"\d|`[^`\n]+`|[/\\@_~]|\w\.\w|\b[A-ZÀ-Þ]{2,}\b|(?<=\w )[A-ZÀ-Þ]\w|"
    r"(?i:\b(?:un|una|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|cien|mil|one|two|three|four|five|six|"
    r"seven|eight|nine|ten|twelve|hundred|thousand|half|medi[oa]|today|tomorrow|hoy|mañana)\b)"
)
_CODE = re.compile(r"\s*`[^`\n]+`[\s.]*")


def lengths(reading: Reading, quality: QualitySettings) -> Iterator[Seen]:
    """too_short and too_long by the limits of the pair's kind, with the number of characters in the note.

    A short answer that tells what was asked ("Two years.") is long enough.
    """
    pair = reading.pair
    limits = getattr(quality, pair.kind)
    for field, text in (("question", pair.question), ("answer", pair.answer)):
        least, most = getattr(limits, f"min_{field}"), getattr(limits, f"max_{field}")
        if least <= len(text) <= most:
            continue
        kind, limit = ("too_short", least) if len(text) < least else ("too_long", most)
        if kind == "too_short" and field == "answer" and tells_briefly(reading.question, reading.answer):
            continue
        note = f"{len(text)} characters; the limit is {limit} in [curation.quality.{pair.kind}]"
        yield Seen(kind, "question" if field == "question" else "answer", 0, len(text), SURE, note)


def tells_briefly(question: Text, answer: Text) -> bool:
    """Whether a short answer says yes or no, names the one thing that was asked for, or is a command.

    >>> tells_briefly(Text("How long is the warranty?"), Text("Two years."))
    True
    >>> tells_briefly(Text("How do I mend it?"), Text("Two years."))
    False
    """
    if _CODE.fullmatch(answer.text):
        return True
    if _ASKS_FOR_ONE_THING.search(question.folded) and _TOLD.search(answer.text):
        return True
    asks_to_confirm = "?" in question.text and not re.match(r"\W*(?:como|how|why|por que)\b", question.folded)
    return asks_to_confirm and _YES_OR_NO.match(answer.folded) is not None
