"""Passwords, API keys, tokens, private keys, and addresses that carry them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from curation.privacy.beside import holds_any
from curation.privacy.personal import Personal

__all__ = ["find_secrets"]

_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk|whsec)_(?:(?:live|test)_)?[A-Za-z0-9]{16,120}|sk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,200}|"
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}|glpat-[A-Za-z0-9_-]{18,64}|"
    r"xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\d-[A-Za-z0-9-]{10,250}|(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}|"
    r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,500}|GOCSPX-[A-Za-z0-9_-]{28}|"
    r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|"
    r"hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,300}|dop_v1_[a-f0-9]{64}|shp(?:at|"
    r"ca|pa|ss)_[a-fA-F0-9]{32}|"
    r"sq0(?:atp|csp)-[A-Za-z0-9_-]{20,60}|key-[0-9a-f]{32}|(?:AC|SK)[0-9a-f]{32}|\d{8,10}:AA[A-Za-z0-9_-]{33}|"
    r"eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{4,2000})?"
    r")(?![A-Za-z0-9])"
)
_KEY_BLOCK = re.compile(r"-{5}BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}")
_KEY_END = re.compile(r"-{5}END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}")
_IN_ADDRESS = re.compile(
    r"(?<![\w+.-])[a-z][a-z0-9+.-]{1,20}://(?P<value>[^\s/?#@:\x00<>\"']{1,128}:[^\s/?#@\x00<>\"']{1,256})@",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"[?&#;](?:[a-z0-9_-]{0,20}(?:token|api_?key|secret|signature|session_?id|password|passwd|pwd)|key|"
    r"sig|auth|sid|code|"
    r"otp|hash|jwt)=(?P<value>[^\s&#\"'<>\x00)\]]{6,4000})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\b(?:authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?)?(?:bearer|basic|"
    r"token)[ \t]{1,3}(?P<value>[A-Za-z0-9._~+/=-]{16,4000})"
    r"(?![\w])|\bx-api-key[\"']?\s{0,3}:\s{0,3}[\"']?(?P<key>[A-Za-z0-9._~+/=-]{8,500})",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?<![a-z0-9])[a-z0-9_]{0,24}?(?:api[ _-]?key|access[ _-]?key|secret[ _-]?key|client[ _-]?secret|secret|token|"
    r"auth[ _-]?key|session[ _-]?id|clave (?:de la )?(?:api|secreta|de acceso)|private[ _-]?key|"
    r"credential)[a-z0-9_]{0,12}[\"'`]?"
    r"(?:[\s:=>(\"'`*]|\b(?:es|is|was|era)\b){1,10}(?P<value>[A-Za-z0-9._~+/=-]{12,500})(?![\w])",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(?<![^\W\d_])(?:contrase[nñ]as?|claves?|passwords?|passwd|pwd|pass(?:code|phrase|word)?|psk|pin2?|"
    r"puk2?|c[oó]digo pin|"
    r"frase de paso|security code|c[oó]digo de seguridad|cvv|cvc|otp|c[oó]digo de verificaci[oó]n|"
    r"verification code)(?!\w)"
    r"(?P<of>[ \t](?:(?:de|del|of|for|to|para)[ \t](?:(?:la|el|mi|my|the|tu|your)[ \t])?[\w-]{1,16}|"
    r"wi-?fi|wpa[23]?|wep|code|number|actual|nueva|antigua|vieja|inicial|temporal|provisional|maestra|current|new|old|master)"
    r"(?:[ \t](?:de|del|of)[ \t](?:(?:la|el|mi|my|the)[ \t])?[\w-]{1,16})?)?"
    r"(?P<sign>[ \t]{0,3}(?:[:=→]|->|=>)[ \t*]{0,4}|[ \t*]{1,4}(?:(?:que[ \t])?(?:es|era|is|was|son|are|"
    r"puse|puesta|set[ \t]to|called)\b"
    r"(?:[ \t](?:la|el|the|ahora|now|still|esta|this))?[ \t]{0,2}:?[ \t*]{0,4})|[ \t](?=[\"'`«])|[ \t](?=\S{0,40}\d))"
    r"(?:(?P<quote>[\"'`«])(?P<phrase>[^\n\x00<>\"'`«»]{3,60})(?=[\"'`»])|[\"'`«]?(?P<word>[^\s\x00<>\"'`«»]{3,80}))",
    re.IGNORECASE,
)
# Parts of the words above: one is in every text that such an expression finds something in.
_HEADER_PARTS = ("bearer", "basic", "token", "x-api-key")
_NAMED_PARTS = ("key", "secret", "token", "session", "clave", "credential")
_PASSWORD_PARTS = (
    *("contrase", "clave", "pass", "pwd", "psk", "pin", "puk", "frase de paso", "security code"),
    *("de seguridad", "cvv", "cvc", "otp", "verifica"),
)
_FACTORY = frozenset(
    {
        "admin",
        "password",
        "1234",
        "12345",
        "123456",
        "12345678",
        "123456789",
        "0000",
        "user",
        "root",
        "guest",
        "default",
    }
    | {
        "contraseña",
        "1111",
        "administrator",
        "usuario",
        "changeme",
        "pass",
        "clave",
        "test",
        "00000000",
        "none",
        "public",
    }
)
_PLACEHOLDER = re.compile(
    r"(?:your|tu|mi|my|the|example|ejemplo)[-_. ]|x{4,}|\*{3,}|\.{3,}|•{2,}|_{4,}|\$\{|%[a-z]+%|\{\{|(?:your|tu)_",
    re.IGNORECASE,
)


def find_secrets(text: str, lang: str) -> Iterator[Personal]:
    """Secrets by their known forms, by where they stand, and by the word for them."""
    low = text.lower()
    yield from _key_blocks(text)
    for match in _PREFIXED.finditer(text):
        if not _made_up(match[0]):
            yield Personal("secret", *match.span(), match[0], 0.98, "the form of a known service's key")
    if "://" in text:
        for match in _IN_ADDRESS.finditer(text):
            yield Personal("credentials", *match.span("value"), match["value"], 0.99, "inside an address")
    if "=" in text:
        for match in _QUERY.finditer(text):
            if not _made_up(match["value"]) and _random(match["value"], least=2.5):
                yield Personal("secret", *match.span("value"), match["value"], 0.9, "in the query of an address")
    for pattern, name, parts in ((_HEADER, "", _HEADER_PARTS), (_NAMED, "value", _NAMED_PARTS)):
        for match in pattern.finditer(text) if holds_any(low, parts) else ():
            name_here = name or ("value" if match["value"] else "key")
            if not _made_up(match[name_here]) and _random(match[name_here], least=3.0):
                yield Personal("secret", *match.span(name_here), match[name_here], 0.92, "beside its word")
    if holds_any(low, _PASSWORD_PARTS):
        yield from _passwords(text)


def _key_blocks(text: str) -> Iterator[Personal]:
    last = 0 if "-----BEGIN" in text else len(text)
    while (begin := _KEY_BLOCK.search(text, last)) is not None:
        end = _KEY_END.search(text, begin.end())
        last = end.end() if end else len(text)
        yield Personal("private_key", begin.start(), last, text[begin.start() : last], 0.99)


def _passwords(text: str) -> Iterator[Personal]:
    for match in _PASSWORD.finditer(text):
        group = "word" if match["phrase"] is None else "phrase"
        value = match[group].rstrip(".,;:)]}*")
        start = match.start(group)
        if len(value) < 3 or _made_up(value) or value.casefold() in _FACTORY or "://" in value:
            continue
        end = start + len(value)
        confidence = _sure(text, match, value, end)
        if confidence:
            yield Personal("password", start, end, value, confidence, "beside its word")


def _sure(text: str, match: re.Match[str], value: str, end: int) -> float:
    """How sure it is that this is the password itself, and no word about it."""
    sign = match["sign"]
    told = any(mark in sign for mark in ":=>→")
    if value.isdigit():
        short_word = (
            re.match(r"(?:pin|puk|c[oó]digo|cvv|cvc|otp|verif|secur|pass)", match[0], re.IGNORECASE) is not None
        )
        if len(value) < 3 or (text[end : end + 2].strip(" ")[:1].isalpha() and not told and not short_word):
            return 0.0
        return 0.9 if 3 <= len(value) <= 16 and not _amount(text, end) else 0.0
    if match["quote"]:
        return 0.9 if match["of"] or sign.strip(" \t*") else 0.7
    mixed = any(char.isdigit() for char in value) or any(char in "!#$%&*+=?@^_~|" for char in value[:-1])
    mixed = mixed or value[-1] in "$%&*+=@^_~|" or re.search(r"[a-zà-ÿ][A-Z]", value) is not None
    if mixed and len(value) >= 4:
        return 0.9 if told or sign.strip() else 0.7
    alone = re.match(r"[.,;)]?\s*(?:\n|\Z)", text[end : end + 40]) is not None
    return 0.75 if told and alone and len(value) >= 5 and " " not in value else 0.0


def _amount(text: str, end: int) -> bool:
    return (
        re.match(
            r"\s?(?:caracteres|characters|d[ií]gitos|digits|letras|letters|veces|times|intentos|attempts|"
            r"minut|hor|d[ií]as|days)",
            text[end : end + 14],
            re.IGNORECASE,
        )
        is not None
    )


def _made_up(value: str) -> bool:
    """Whether it only shows where a secret would stand."""
    return _PLACEHOLDER.search(value) is not None or (len(set(value)) < 3 and not value.isdigit())


def _random(value: str, *, least: float) -> bool:
    """Whether it looks drawn by lot: bits per character, and digits among letters."""
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    digits = sum(char.isdigit() for char in value)
    words = re.fullmatch(r"[A-Za-z]+(?:[-_./][A-Za-z]+)*", value) is not None and not re.search(
        r"[a-z][A-Z].*[a-z][A-Z]", value
    )
    return bits >= least and not words and (digits > 0 or len(value) >= 20)
