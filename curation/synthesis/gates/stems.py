"""Stems of Spanish and English words: what is left of a word when its endings are taken off.

They are made to compare an answer with its source, not to be shown: "límpiela", "limpiar" and "limpieza" have one
stem, and so have "refunds" and "refunded". Rarely do two different words share one.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from curation.quality.reading import fold

__all__ = ["stem"]

_LEAST = 3  # letters that are left of a word
_EN_ENDINGS = (
    "ifications", "ification", "izations", "ization", "ations", "ation", "ments", "ment", "abilities", "ability",
    "ibility", "nesses", "ness", "ings", "ing", "ally", "ably",
    "ible", "able", "ities", "ity", "ances", "ance", "ences", "ence", "ions", "ion", "ives", "ive", "als", "al",
    "ously", "ous", "ily", "ly", "iers", "ier",
    "ies", "ied", "ers", "er", "ors", "or", "est", "ed", "es", "s", "y", "e",
)  # fmt: skip
_ES_ENDINGS = (
    "amientos", "imientos", "amiento", "imiento", "aciones", "iciones", "uciones", "acion", "icion", "ucion",
    "siones", "sion", "ciones", "cion",
    "adores", "edores", "idores", "adoras", "ador", "adora", "edor", "edora", "idor", "antes", "ante", "amente",
    "mente", "idades", "idad",
    "ariamos", "eriamos", "iriamos", "aremos", "eremos", "iremos", "asemos", "aramos", "ieramos", "abamos", "iamos",
    "ierais", "arias", "erias", "irias",
    "arian", "erian", "irian", "ieron", "ieran", "iesen", "aron", "aria", "eria", "iria", "ando", "iendo", "yendo",
    "ados", "adas", "idos", "idas", "ado", "ada", "ido", "ida", "abas", "aban", "aba", "amos", "emos", "imos", "ais",
    "eis", "ian", "ias",
    "iera", "ases", "aste", "iste", "ibles", "ible", "ables", "able", "ezas", "eza", "ales", "al", "ar", "er", "ir",
    "ia", "io", "an", "en", "as", "es", "os",
    "is", "a", "o", "e", "s",
)  # fmt: skip
_CLITICS = re.compile(r"(?<=[aeio])(?:(?:se|me|te|nos)(?:las|los|les|la|lo|le)|las|los|la|lo|le|se|me|nos)$")
_INFINITIVE_CLITICS = re.compile(r"([aei]r|ndo)(?:se|me|te|nos)?(?:las|los|les|la|lo|le|se|me|te|nos)$")
_FUTURE = re.compile(r"(?<=[aei]r)(?:é|ás|á|emos|éis|án)$", re.IGNORECASE)  # by the accent: "retira" is no future


@cache
def _forms(lang: str) -> dict[str, str]:
    """The irregular forms of a language, each with what it is taken for."""
    read = tomllib.loads((files("curation.synthesis.gates") / "forms.toml").read_text(encoding="utf-8"))
    return {form: base for base, many in read[lang].items() for form in many.split()}


@lru_cache(maxsize=100_000)
def stem(word: str, lang: str) -> str:
    """The stem of one word, in small letters and without accents.

    >>> stem("límpiela", "es") == stem("limpiar", "es"), stem("refunded", "en") == stem("refunds", "en")
    (True, True)
    """
    future = _FUTURE.sub("", word) if lang == "es" else word
    folded = fold(future if len(future) >= _LEAST else word).strip("'’-").replace("’", "'").removesuffix("'s")
    if not folded.isalpha():
        return folded
    return _spanish(folded) if lang == "es" else _english(folded)


def _english(word: str) -> str:
    base = _forms("en").get(word, word)
    if len(base) <= _LEAST:
        return base
    for ending in _EN_ENDINGS:
        if base.endswith(ending) and len(base) - len(ending) >= _LEAST and not (ending == "s" and base.endswith("ss")):
            base = base[: -len(ending)]
            break
    if len(base) > _LEAST and base[-1] == base[-2] and base[-1] not in "aeious":
        base = base[:-1]
    return base[:-1] if len(base) > _LEAST and base[-1] in "ei" else base


def _spanish(word: str) -> str:
    if word in _forms("es"):
        return _forms("es")[word]
    if len(word) >= 6:
        word = _INFINITIVE_CLITICS.sub(r"\1", word)
        bare = _CLITICS.sub("", word)
        if bare in _forms("es"):
            return _forms("es")[bare]
        word = bare if len(bare) >= 4 else word
    if word in _forms("es"):
        return _forms("es")[word]
    for ending in _ES_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            word = word[: -len(ending)]
            break
    return _one_spelling(word)


def _one_spelling(base: str) -> str:
    """Vowels that change with the stress, and consonants that are spelt by the vowel after them, as one."""
    base = re.sub(r"(?<=[^qg])ue", "o", base)
    base = re.sub(r"(?<=.)ie", "e", base)
    for written, one in (("zc", "c"), ("qu", "c"), ("gu", "g"), ("z", "c"), ("j", "g")):
        if base.endswith(written):
            base = base[: -len(written)] + one
    return base[:-1] if len(base) > _LEAST and base.endswith("i") else base
