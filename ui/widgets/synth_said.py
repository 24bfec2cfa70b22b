"""Why a run of a recipe stopped, why calls failed and what was left out, in the words of the screen.

The English words of the group `synth_said` are what curation.synthesis says, with fields where that differs from time
to time. `{why}` is a reason of its own; other fields, and what follows a colon, stay as they are.
"""

from __future__ import annotations

import re
from functools import cache

from ui.wording import FALLBACK, Words, texts_of

__all__ = ["GROUP", "reason_in_words"]

GROUP = "synth_said"
AFTER = ": "  # between a reason and what was said, found or expected
REST = "rest"
_FIELD = re.compile(r"\{(\w+)\}")


def reason_in_words(reason: str, words: Words) -> str:
    """The same reason in the language of the screen; one that has no words as it is.

    >>> reason_in_words("unusable reply: no quote given", Words("es"))
    'respuesta inservible: no da ninguna cita'
    """
    for key, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            told = found.groupdict()
            rest = told.pop(REST, None)
            if "why" in told:
                told["why"] = reason_in_words(told["why"], words)
            return words(key, **told) + (AFTER + rest if rest is not None else "")
    return reason


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """What each text matches, those with the most fixed words first."""
    texts = sorted(texts_of(FALLBACK, GROUP).items(), key=lambda item: -len(_FIELD.sub("", item[1])))
    return [(key, _pattern(text)) for key, text in texts]


def _pattern(text: str) -> re.Pattern[str]:
    parts = [f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(_FIELD.split(text))]
    rest = "" if text.endswith("{why}") else f"(?:{AFTER}(?P<{REST}>.*))?"
    return re.compile("".join(parts) + rest, re.DOTALL)
