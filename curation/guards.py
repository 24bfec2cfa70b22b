"""Small differences that change what a text says, however alike the letters are."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Set
from typing import Any

import numpy as np

from curation.near.differences import (
    CHANGED_NUMBERS,
    CHANGED_ORDER,
    DENIED,
    EXPLAINED,
    OPPOSITE,
    REPLACED,
    SAME,
    difference,
    guard_keys,
    new_scratch,
    qualified,
    tables,
)
from curation.near.scan import CODE_COUNT, CODE_ROOM, CODES, LEFT, LEFT_COUNT, LEFT_ROOM, ROWS, SLOTS, STATE_ROOM
from curation.near.words import DISTINCT, ECHO, LOOSE, NEGATION
from curation.similar import normal

__all__ = [
    "ANSWER_LEEWAY",
    "CHANGED_NUMBERS",
    "CHANGED_ORDER",
    "DENIED",
    "OPPOSITE",
    "QUESTION_LEEWAY",
    "REPLACED",
    "SAME",
    "answer_difference",
    "difference",
    "explain_difference",
    "guard_keys",
    "names",
    "new_scratch",
    "qualified",
    "question_difference",
    "replaced_words",
    "tables",
]

# Words of weight that may stand in the place of others before two texts are said to differ. People who answer the
# same once more change a verb: of the sample's twelve reworded answers nine would be called different without this.
# Opposed words, numbers in letters and months differ whatever the leeway.
QUESTION_LEEWAY = 0
ANSWER_LEEWAY = 1
SHOWN = 3  # words of each side

_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+", re.MULTILINE)
_TOKEN = re.compile(r"-{1,2}[A-Za-z][\w-]*|\w+(?:[.,:/+'’#@-]+\w+)*\+*#?|[€$£%]")
_NO = "no not never neither nor none cannot without sin nunca jamas ni tampoco ningun ninguna ninguno nada"
_OPPOSED = (
    "enable disable|on off|open close|upload download|add remove|increase decrease|incoming outgoing|before after|"
    "more less|show hide|start stop|buy sell|send receive|import export|login logout|max min|maximum minimum|up down|"
    "first last|old new|with without|activate deactivate|allow block|abrir cerrar|subir bajar|encender apagar|"
    "anadir quitar|anadir eliminar|aumentar reducir|entrante saliente|entrantes salientes|antes despues|mas menos|"
    "mostrar ocultar|iniciar detener|comprar vender|enviar recibir|importar exportar|maximo minimo|prepago pospago|"
    "primero ultimo|alta baja|con sin|permitir bloquear|mensual anual"
)
_NEGATIONS = frozenset(_NO.split())
_OPPOSITES = frozenset(frozenset(two.split()) for two in _OPPOSED.split("|"))
_REVERSING = ("des", "dis", "un", "in", "de")
# Words that may come and go between two copies of a question.
_COMMON = (
    "como cual cuando cuanto donde porque para pero puedo puede pueden podria podemos debo debe hacer hago hace tengo "
    "tiene quiero quisiera necesito saber esta este esto estos hola gracias favor buenas buenos dias tardes ayuda "
    "alguien sabe desde sobre entre pues que quien what when where which how does doing have with from that this there "
    "please hello thanks could would should want need know help anyone someone about into your mine the and for can "
    "del los las una uno con por mis tus sus nos les soy hay muy fue ser era han has had was did are you but any all "
    "our its may via got que"
)
_LOOSE = frozenset(_COMMON.split())


def explain_difference(one: str, other: str, *, leeway: int = QUESTION_LEEWAY) -> str:
    """Why two texts do not say the same, in words; "" exactly where `difference` finds them to say the same.

    >>> explain_difference("¿Cómo activo el roaming?", "¿Cómo desactivo el roaming?")
    'activo / desactivo'
    >>> explain_difference("Install it on Windows 10", "Install it on Windows 11")
    'numbers or codes: 10 / 11'
    """
    texts = [np.array(bytearray(normal(text).encode("utf-8", "replace")), dtype=np.uint8) for text in (one, other)]
    scratch = new_scratch()
    kind = difference(texts[0], 0, len(texts[0]), texts[1], 0, len(texts[1]), leeway, tables(), scratch)
    if kind == SAME:
        return ""
    found = _Found(texts, scratch)
    if kind == CHANGED_NUMBERS:
        return f"numbers or codes: {found.codes(0)} / {found.codes(1)}"
    if kind == DENIED:
        return f"a negation: {found.left(0, NEGATION | ECHO)} / {found.left(1, NEGATION | ECHO)}"
    if kind == OPPOSITE:
        return " / ".join(found.word(side, int(scratch[2, LEFT_ROOM + side])) for side in range(2))
    if kind == CHANGED_ORDER:
        swapped = [found.by_hash(int(scratch[2, int(scratch[2, LEFT_ROOM + side])])) for side in range(2)]
        return f"what stands where: {' / '.join(swapped)}"
    return found.replaced()


class _Found:
    """What a comparison left in its scratch, as strings."""

    def __init__(self, texts: list[Any], scratch: Any) -> None:
        self._texts = texts
        self._scratch = scratch

    def _slice(self, side: int, place: int) -> str:
        start, stop = int(self._scratch[1, place]), int(self._scratch[2, place])
        return bytes(self._texts[side][start:stop]).decode("utf-8", "replace")

    def word(self, side: int, row: int) -> str:
        return self._slice(side, row)

    def _state(self, side: int, place: int) -> int:
        return int(self._scratch[0, STATE_ROOM + side * 32 + place])

    def _codes_of(self, side: int) -> dict[int, str]:
        base = CODE_ROOM + side * CODES
        return {
            int(self._scratch[0, place]): self._slice(side, place)
            for place in range(base, base + self._state(side, CODE_COUNT))
        }

    def codes(self, side: int) -> str:
        others = self._codes_of(1 - side)
        return _shown({text for code, text in self._codes_of(side).items() if code not in others})

    def _rows_left(self, side: int) -> list[int]:
        base = LEFT_ROOM + side * LEFT
        return [int(self._scratch[0, base + n]) for n in range(min(LEFT, self._state(side, LEFT_COUNT)))]

    def left(self, side: int, flags: int) -> str:
        return _shown({self.word(side, row) for row in self._rows_left(side) if self._scratch[3, row] & flags})

    def by_hash(self, wanted: int) -> str:
        for side in range(2):
            for row in range(side * SLOTS, side * SLOTS + self._state(side, ROWS)):
                if self._scratch[0, row] == wanted:
                    return self.word(side, row)
            if wanted in self._codes_of(side):
                return self._codes_of(side)[wanted]
        return "?"

    def replaced(self) -> str:
        if min(self._state(0, ROWS), self._state(1, ROWS)) < 0:
            return "too many words to compare"
        both = []
        for side in range(2):
            rows = [row for row in self._rows_left(side) if not self._scratch[3, row] & EXPLAINED]
            weighty = [row for row in rows if not self._scratch[3, row] & LOOSE]
            distinct = [row for row in rows if self._scratch[3, row] & DISTINCT]
            both.append([self.word(side, row) for row in (weighty or distinct or rows)[:1]])
        return " / ".join(words[0] if words else "other words" for words in both)


def question_difference(one: str, other: str) -> str:
    """What makes two similar questions different ones, in words; "" if nothing was seen.

    >>> question_difference("¿Cómo activo el roaming?", "¿Cómo desactivo el roaming?")
    'activo / desactivo'
    """
    return _difference(one, other)


def replaced_words(one: str, other: str) -> tuple[str, str] | None:
    """A word of each question in whose place the other has another word, or None.

    It may be a synonym or the very thing that is asked about; a slip or another form of a word is neither.

    >>> replaced_words("¿Cómo instalo la aplicación en Android?", "¿Cómo instalo la aplicacion en iPhone?")
    ('android', 'iphone')
    """
    mine, others = _words(one), _words(other)
    left = [w for w in sorted(mine - others) if _weighs(w) and not any(_spelt_alike(w, o) for o in others)]
    right = [w for w in sorted(others - mine) if _weighs(w) and not any(_spelt_alike(w, o) for o in mine)]
    return (left[0], right[0]) if left and right else None


def names(word: str, text: str) -> bool:
    """Whether the word, in whatever case and with or without accents, stands in the text."""
    return word in _words(text)


def answer_difference(one: str, other: str) -> str:
    """What makes two similar answers say different things, in words; "" if nothing was seen."""
    return _difference(one, other)


def _difference(one: str, other: str) -> str:
    for name, take in (("numbers or codes", _codes), ("names in capitals", _capitals)):
        mine, others = take(one), take(other)
        differ = mine != others if name.startswith("numbers") else bool(mine - others and others - mine)
        if differ:
            return f"{name}: {_shown(mine - others)} / {_shown(others - mine)}"
    mine, others = _words(one), _words(other)
    if _negations(one) != _negations(other):
        return "a negation"
    for word in sorted(mine - others):
        for opposite in sorted(others - mine):
            if _opposite(word, opposite):
                return f"{word} / {opposite}"
    return ""


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_LIST_NUMBER.sub("", text))


def _plain(word: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word.casefold()))


def _words(text: str) -> set[str]:
    return {_plain(token) for token in _tokens(text)}


def _codes(text: str) -> set[str]:
    """Tokens with a digit, options of commands, and signs of money and share."""
    return {
        word if word.startswith("-") else word.casefold()
        for word in _tokens(text)
        if word.startswith("-") or any(sign.isdigit() for sign in word) or word in "€$£%"
    }


def _capitals(text: str) -> set[str]:
    tokens = [token for token in _tokens(text) if len(token) > 1 and token.isalpha()]
    capitals = {token for token in tokens if token.isupper()}
    return capitals if len(capitals) * 2 <= len(tokens) else set()


def _negations(text: str) -> int:
    words = [_plain(token) for token in _tokens(text)]
    return sum(word in _NEGATIONS or word.endswith(("n't", "n’t")) for word in words)


def _opposite(one: str, other: str) -> bool:
    if frozenset((one, other)) in _OPPOSITES:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < 4:
        return False
    stems = [long.removeprefix(prefix) for prefix in _REVERSING if long.startswith(prefix)]
    # the endings may differ: activar / desactivo, habilitar / deshabilite
    return any(stem[: len(stem) - 2] and short.startswith(stem[: max(4, len(stem) - 2)]) for stem in stems)


def _weighs(word: str) -> bool:
    return len(word) > 2 and word not in _LOOSE


def _spelt_alike(one: str, other: str) -> bool:
    """Whether one word may be a slip or another form of the other."""
    if one[:4] == other[:4] and abs(len(one) - len(other)) <= 3:
        return True
    return one[0] == other[0] and difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.75


def _shown(words: Set[str]) -> str:
    return ", ".join(sorted(words)[:3]) or "none"
