"""Stems of Spanish and English words: what is left of a word when its endings are taken off.

They are made to compare an answer with its source, not to be shown: "límpiela", "limpiar" and "limpieza" have one
stem, and so have "refunds" and "refunded". Rarely do two different words share one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from curation.quality.reading import fold

__all__ = ["stem"]

_LEAST = 3  # letters that are left of a word
_EN_ENDINGS = (
    "ifications", "ification", "izations", "ization", "ations", "ation", "ments", "ment", "abilities", "ability", "ibility", "nesses", "ness", "ings", "ing", "ally", "ably",
    "ible", "able", "ities", "ity", "ances", "ance", "ences", "ence", "ions", "ion", "ives", "ive", "als", "al", "ously", "ous", "ily", "ly", "iers", "ier",
    "ies", "ied", "ers", "er", "ors", "or", "est", "ed", "es", "s", "y", "e",
)  # fmt: skip
_ES_ENDINGS = (
    "amientos", "imientos", "amiento", "imiento", "aciones", "iciones", "uciones", "acion", "icion", "ucion", "siones", "sion", "ciones", "cion",
    "adores", "edores", "idores", "adoras", "ador", "adora", "edor", "edora", "idor", "antes", "ante", "amente", "mente", "idades", "idad",
    "ariamos", "eriamos", "iriamos", "aremos", "eremos", "iremos", "asemos", "aramos", "ieramos", "abamos", "iamos", "ierais", "arias", "erias", "irias",
    "arian", "erian", "irian", "ieron", "ieran", "iesen", "aron", "aria", "eria", "iria", "ando", "iendo", "yendo",
    "ados", "adas", "idos", "idas", "ado", "ada", "ido", "ida", "abas", "aban", "aba", "amos", "emos", "imos", "ais", "eis", "ian", "ias",
    "iera", "ases", "aste", "iste", "ibles", "ible", "ables", "able", "ezas", "eza", "ales", "al", "ar", "er", "ir", "ia", "io", "an", "en", "as", "es", "os",
    "is", "a", "o", "e", "s",
)  # fmt: skip
_CLITICS = re.compile(r"(?<=[aeio])(?:(?:se|me|te|nos)?(?:las|los|les|la|lo|le)|se|me|nos)$")
_INFINITIVE_CLITICS = re.compile(r"([aei]r|ndo)(?:se|me|te|nos)?(?:las|los|les|la|lo|le|se|me|te|nos)$")
_FUTURE = re.compile(r"(?<=[aei]r)(?:é|ás|á|emos|éis|án)$", re.IGNORECASE)  # by the accent: "retira" is no future
_ES_FORMS = {
    "quepa": "cab", "quepan": "cab", "caben": "cab", "cabe": "cab", "hubo": "hab", "pude": "pod", "pudo": "pod", "sepa": "sab", "sepas": "sab", "se": "se", "diga": "dec",
    "traiga": "tra", "trae": "tra", "traer": "tra", "salga": "sal", "sale": "sal", "salgan": "sal", "mantenga": "manten", "mantienes": "manten", "manten": "manten",
    "obtenga": "obten", "caiga": "ca", "oiga": "oi", "oye": "oi", "siga": "segu", "sigue": "segu", "sigas": "segu", "sigan": "segu", "seguir": "segu", "pida": "ped",
    "pide": "ped", "piden": "ped", "pides": "ped", "pidas": "ped", "pidiendo": "ped", "pedir": "ped", "pedido": "pedid", "mida": "med", "mide": "med", "repite": "repet", "repita": "repet",
    "elija": "eleg", "elige": "eleg", "elijas": "eleg", "eligen": "eleg", "elegir": "eleg", "duerme": "dorm", "conecte": "conect", "roto": "romp", "rota": "romp", "rotas": "romp", "rotos": "romp", "roturas": "romp", "rotura": "romp",
    "abierto": "abr", "abierta": "abr", "abiertos": "abr", "cubierto": "cubr", "cubierta": "cubr", "escrito": "escrib", "escritos": "escrib", "vuelto": "volv", "devuelto": "devolv", "devueltos": "devolv",
    "disuelva": "disolv", "disuelve": "disolv", "visto": "ver", "ves": "ver", "ve": "ver", "ven": "ver", "vean": "ver", "vea": "ver", "puesto": "pon", "ponlo": "pon", "ponga": "pon", "poner": "pon", "hierva": "herv", "hierve": "herv", "hervir": "herv",
    "permiso": "permit", "permisos": "permit", "impreso": "imprim", "impresion": "imprim", "impresora": "imprim", "impresoras": "imprim", "vacio": "vaci", "vacia": "vaci", "vacie": "vaci",
    "suelto": "suelt", "dia": "dia", "dias": "dia", "pase": "pas", "mes": "mes", "meses": "mes", "incluido": "inclu", "incluida": "inclu", "incluidos": "inclu", "incluye": "inclu", "incluyen": "inclu", "incluir": "inclu", "excluye": "exclu", "excluidos": "exclu", "excluido": "exclu", "excluir": "exclu", "excluyen": "exclu",
    "sabado": "sabado", "sabados": "sabado", "usar": "usar", "usa": "usar", "use": "usar", "usas": "usar", "uses": "usar", "usan": "usar", "usen": "usar", "uso": "usar", "usos": "usar",
    "usando": "usar", "usado": "usar", "usada": "usar", "usados": "usar", "usadas": "usar", "comida": "comida", "comidas": "comida",
    "luz": "luz", "luces": "luz", "vez": "vez", "veces": "vez", "sustituya": "sustitu", "sustituye": "sustitu", "sustituir": "sustitu", "construye": "constru", "garantizado": "garant", "garantia": "garant", "garantizar": "garant", "distinto": "distint",
}  # fmt: skip
_EN_FORMS = {
    "bought": "buy", "paid": "pay", "sent": "send", "held": "hold", "kept": "keep", "left": "leave", "lost": "lose", "loss": "lose", "told": "tell", "took": "take", "taken": "take", "broke": "break", "broken": "break",
    "chose": "choose", "chosen": "choose", "choice": "choose", "written": "write", "wrote": "write", "begun": "begin", "began": "begin", "forgot": "forget", "forgotten": "forget", "found": "find", "met": "meet", "built": "build",
    "spent": "spend", "went": "go", "gone": "go", "ran": "run", "shown": "show", "showed": "show", "known": "know", "knew": "know", "given": "give", "gave": "give", "worn": "wear", "wore": "wear", "drove": "drive", "driven": "drive",
    "stole": "steal", "stolen": "steal", "ate": "eat", "eaten": "eat", "fell": "fall", "brought": "bring", "came": "come", "got": "get", "said": "say", "sold": "sell", "meant": "mean", "heard": "hear", "let": "let", "put": "put",
    "cut": "cut", "read": "read", "police": "policeman", "people": "person", "children": "child", "feet": "foot", "shelves": "shelf", "weighs": "weigh", "weight": "weigh", "weighing": "weigh", "delivery": "deliver", "deliveries": "deliver", "arrival": "arrive",
    "renewal": "renew", "payment": "pay", "receipt": "receipt", "received": "receive", "permission": "permit", "permissible": "permit", "submission": "submit", "inclusion": "include", "exclusion": "exclude", "refusal": "refuse",
    "length": "long", "safety": "safe", "tried": "try", "tries": "try", "dies": "die", "lying": "lie", "used": "use", "uses": "use", "using": "use", "applied": "apply", "applies": "apply", "application": "applic", "applications": "applic", "withdrawal": "withdraw", "withdrawn": "withdraw", "withdrew": "withdraw",
    "drying": "dry", "dried": "dry", "dries": "dry", "charging": "charge", "going": "go", "doing": "do", "being": "be", "news": "news", "series": "series", "business": "business", "address": "address", "process": "process", "access": "access", "less": "less", "pass": "pass", "glass": "glass", "wireless": "wireless",
    "insured": "insure", "insurance": "insure", "hours": "hour", "opening": "open", "us": "us", "number": "number", "numbers": "number", "paper": "paper", "papers": "paper", "letter": "letter", "letters": "letter", "water": "water", "order": "order", "orders": "order", "ordered": "order", "member": "member", "membership": "member", "members": "member", "offer": "offer", "offers": "offer",
}  # fmt: skip


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
    base = _EN_FORMS.get(word, word)
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
    if word in _ES_FORMS:
        return _ES_FORMS[word]
    if len(word) >= 6:
        word = _INFINITIVE_CLITICS.sub(r"\1", word)
        bare = _CLITICS.sub("", word)
        if bare in _ES_FORMS:
            return _ES_FORMS[bare]
        word = bare if len(bare) >= 4 else word
    if word in _ES_FORMS:
        return _ES_FORMS[word]
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
