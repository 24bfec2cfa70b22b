"""A forum thread as posts, and which reply answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.pages.render import squeeze
from crawlers.pages.wording import asks

__all__ = ["Choice", "Post", "Thread", "best_reply", "clean_title", "why_no_pair"]

_MARK = re.compile(
    r"[\[(【]\s*(?P<mark>solved|resolved|fixed|answered|done|solucionad[oa]|resuelt[oa]|"
    r"arreglad[oa]|cerrad[oa]|"
    r"gelöst|geloest|erledigt|r[eé]solue?|risolto|resolvido|closed|duplicate|on hold|moved|"
    r"migrated)\s*[!.]*\s*[\])】]\s*[:\-–]?"
    r"|^\s*(?P<plain>solved|solucionado|resuelto|gelöst)\s*[:\-–]\s+|\s+[-–]\s*(?P<end>solved|"
    r"solucionado|resuelto|gelöst)\s*!*$",
    re.I,
)
_NOT_SOLVED = frozenset({"closed", "duplicate", "on hold", "moved", "migrated", "cerrado", "cerrada"})
_ME_TOO = re.compile(
    r"\b(?:(?:exact(?:ly)? |the )?same (?:exact )?(?:problem|issue|thing|error|here|question)|"
    r"exhibits? the same|me too|also (?:have|having) this|"
    r"(?:el |lo |me pasa lo )?mismo (?:problema|error|caso)|me (?:pasa|ocurre|sucede) lo mismo|"
    r"a m[ií] tambi[eé]n|yo tambi[eé]n tengo|"
    r"(?:das|die|den) ?selbe[ns]? (?:problem|fehler|frage)|(?:gleiche[sn]?) (?:problem|fehler)|"
    r"can confirm (?:what|that|this)|"
    r"any (?:news|update|solution)|alguna (?:novedad|soluci[oó]n)|bump)\b",
    re.I,
)
_FIX = re.compile(
    r"\b(?:fixed (?:it|this)|solved (?:it|this|by)|solution (?:is|was)|worked for me|what worked|"
    r"workaround|"
    r"lo (?:solucion[eé]|resolv[ií]|arregl[eé])|la soluci[oó]n (?:es|fue)|me funcion[oó]|"
    r"gelöst (?:mit|durch)|die lösung)\b",
    re.I,
)
_WANTS_MORE = re.compile(
    r"\b(?:(?:post|show|share|paste|provide|attach|upload|send|give)\b.{0,40}\b(?:code|logs?|"
    r"output|details?|screenshots?|config\w*|info\w*|specs?)|"
    r"(?:more|further|additional) (?:details|info\w*)|which (?:version|model|os)\b.{0,40}\?|"
    r"(?:pega|pon|p[oó]n|publica|sube|manda|env[ií]a|comparte|pasa|muestra|ver|facilita|"
    r"indica)\w*\b.{0,40}\b(?:c[oó]digo|logs?|salida|captura|detalles|informaci[oó]n|versi[oó]n|modelo)|"
    r"m[aá]s (?:detalles|informaci[oó]n|datos)|(?:poste|zeig)\b.{0,40}\b(?:code|logs?|ausgabe)|"
    r"mehr (?:details|infos?))\b",
    re.I,
)
_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|ty|cheers|that (?:worked|did it|was it|fixed)|"
    r"(?:it )?works(?: now)?|solved|did the trick|perfect|"
    r"gracias|funcion[oó]|(?:ya )?funciona|solucionad[oa]|resuelt[oa]|perfecto|era eso|danke\w*|"
    r"vielen dank|gelöst|klappt|funktioniert|"
    r"merci|grazie|obrigad[oa])\b",
    re.I,
)
_NEEDS = re.compile(
    r"\b(?:help|problem|issue|error|fail\w*|can.?t|cannot|unable|doesn.?t|won.?t|not work\w*|"
    r"how to|trying to|wonder\w*|question|advice|suggest\w*|bug|"
    r"ayuda\w*|problema|fallo|falla|no (?:puedo|funciona|consigo|logro|me deja|s[eé])|duda|"
    r"quisiera|necesito|consulta|c[oó]mo|"
    r"hilfe|problem|fehler|frage|geht nicht|funktioniert nicht|wie)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post without quotes and signature. `author` is only compared, never given out."""

    author: str
    text: str
    markdown: str
    votes: int | None = None
    accepted: bool = False
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`posts` begin with the opening post. `marks` says whether this platform lets people mark an answer."""

    title: str
    label: str
    posts: tuple[Post, ...]
    platform: str
    marks: bool = False
    least_votes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The reply that answers, by its index among the posts, with the reason and how sure that is."""

    index: int
    reason: str
    confidence: float


def clean_title(title: str) -> tuple[str, bool]:
    """The title without its state, and whether that state was "solved".

    >>> clean_title("No puedo imprimir (Solucionado)")
    ('No puedo imprimir', True)
    """
    marks = [next(filter(None, found.groups())).lower() for found in _MARK.finditer(title)]
    solved = any(mark not in _NOT_SOLVED for mark in marks)
    cleaned = squeeze(_MARK.sub(" ", title)).strip(" -–:") if marks else squeeze(title)
    return cleaned or squeeze(title), solved


def _substantive(text: str) -> bool:
    words = text.split()
    if len(words) < 3:
        return False
    if _ME_TOO.search(" ".join(words[:40])) and not _FIX.search(text):
        return False
    prose = re.sub(r"```.*?```", " ", text, flags=re.S)
    short = len(prose.split()) <= 80 and "```" not in text
    if short and _WANTS_MORE.search(prose):
        return False
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n", prose) if s.strip()]
    asking = sum(s.rstrip().endswith("?") for s in sentences)
    return not (short and sentences and asking >= 0.5 * len(sentences))


def _thanked(posts: Sequence[Post], replies: list[int]) -> int | None:
    """The reply that the asker's first thanks speak of: the one they quote, else the last good one before."""
    asker = posts[0].author
    for at in range(2, len(posts)):
        post = posts[at]
        if post.author != asker or not _THANKS.search(post.text):
            continue
        before = [i for i in replies if i < at and _substantive(posts[i].text)]
        quoted = [i for i in before if posts[i].author in post.quoted]
        if before:
            return (quoted or before)[-1]
    return None


def best_reply(thread: Thread, *, solved: bool = False) -> Choice | None:
    """The accepted reply, else the one with most votes, else the one the asker thanks for, else the first good one."""
    posts = thread.posts
    asker = posts[0].author
    others = [i for i in range(1, len(posts)) if posts[i].text and (not asker or posts[i].author != asker)]
    marked = [i for i in range(1, len(posts)) if posts[i].accepted and posts[i].text]
    if marked:
        return Choice(index=marked[0], reason="marked as the accepted answer", confidence=0.95)
    if not others:
        return None
    voted = max(others, key=lambda i: (posts[i].votes or 0, -i))
    if (posts[voted].votes or 0) >= thread.least_votes:
        return Choice(index=voted, reason=f"most votes ({posts[voted].votes})", confidence=0.8)
    state = "the thread is marked solved; " if solved else ""
    thanked = _thanked(posts, others) if asker else None
    if thanked is not None:
        return Choice(index=thanked, reason=f"{state}the asker thanked for it", confidence=0.75 if solved else 0.65)
    good = next((i for i in others if _substantive(posts[i].text)), None)
    if good is not None:
        return Choice(index=good, reason=f"{state}the first reply of substance", confidence=0.6 if solved else 0.5)
    return Choice(index=others[0], reason=f"{state}the first reply by someone else", confidence=0.3)


def why_no_pair(thread: Thread, *, solved: bool) -> str | None:
    """Why a thread gives no pair before any reply is looked at, or None."""
    if len(thread.posts) < 2:
        return "nobody answered"
    if solved or any(post.accepted for post in thread.posts):
        return None
    opening = f"{thread.title}\n{thread.posts[0].text}"
    if "?" in opening or asks(thread.title) or _NEEDS.search(opening):
        return None
    return "the opening post asks nothing"
