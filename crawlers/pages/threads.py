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
_PROBLEM = re.compile(
    r"\b(?:problems?|issues?|errors?|fail\w*|can.?t|cannot|unable|doesn.?t|didn.?t|won.?t|isn.?t|hasn.?t|has not|"
    r"not work\w*|stopped|stuck|broken|crash\w*|freez\w*|disconnect\w*|missing|lost my|wrong|no longer|"
    r"bugs?|trouble\w*|"
    r"problemas?|fallos?|fallan?|falla|aver[ií]a\w*|averiad[oa]|errores|cortes?|"
    r"se (?:me |le |nos )?(?:va|cae|corta|cuelga|apaga|bloquea|desconecta|reinicia|queda)|"
    r"no (?:me |se |le |nos )*(?:puedo|podemos|puede|funciona\w*|consigo|logro|deja|sale|va|llega|encuentr\w+|aparece|"
    r"carga|conecta|enciende|entra|reconoce|detecta|hay forma|recibo|imprime|s[eé])|"
    r"(?:roto|rota|lent[oa]) (?:desde|por)|dej[oó] de|sigue sin|"
    r"fehler\w*|geht nicht|funktioniert nicht|kaputt|st[uü]rzt ab|probl[eè]me|ne (?:marche|fonctionne) p\w+|"
    r"n[aã]o (?:funciona|consigo)|non funziona)\b",
    re.I,
)
_NEEDS = re.compile(
    r"\b(?:help|how to|trying to|wonder\w*|question|advice|suggest\w*|"
    r"ayuda\w*|duda|quisiera|necesito|consulta|c[oó]mo|hilfe|frage|wie)\b",
    re.I,
)
_INTRODUCES = re.compile(
    r"\b(?:introduc(?:e|ing|tion)|(?:i.?m|i am) (?:new|a new|the new)|new (?:here|member|user)|newbie|"
    r"hello (?:all|everyone|world)|hi (?:all|everyone)|greetings|just (?:joined|registered|signed up)|"
    r"me presento|presentaci[oó]n|presentarme|soy nuev[oa]|nuev[oa] (?:aqu[ií]|por aqu[ií]|en el foro|miembro|usuario)|"
    r"hola a tod[oa]s|saludos (?:a tod[oa]s|desde)|acabo de (?:registrarme|llegar al foro)|"
    r"ich bin (?:neu|der neue|die neue)|vorstell\w+|hallo (?:zusammen|alle))\b",
    re.I,
)
_SOCIAL = re.compile(
    r"(?:how(?:.s| is| are)? (?:it going|you(?: all| doing)?|everyone|everybody)|what.?s up|how do you do|"
    r"qu[eé] tal(?: est[aá]\w*| todos?)?|c[oó]mo (?:est[aá]\w*|andan?|vais|va todo)|"
    r"wie geht.?s)[^?.!\n]{0,30}\?",
    re.I,
)
_WELCOMES = re.compile(
    r"\b(?:welcome|bienvenid[oa]s?|willkommen|congrat\w*|felicidades|enhorabuena|nice (?:work|job|one)|"
    r"great (?:work|job)|well done|buen trabajo|glückwunsch)\b",
    re.I,
)
# Replies in which somebody takes back, thanks or bows out. "Sorry, that is not possible" is an answer.
_TAKES_BACK = re.compile(
    r"\b(?:(?:sorry|apologies|apologi[sz]e) (?:for|about|if|to have)|my (?:bad|mistake|apologies|fault)|"
    r"i stand corrected|i was (?:wrong|mistaken)|(?:i )?did(?:n.?t| not) know(?: (?:that|it|about it))?|"
    r"good to know|you.?re right|never ?mind|no idea|beats me|"
    r"(?:perd[oó]n(?:ad\w*)?|disculp\w+|lo siento|siento) (?:por|si|el|la|haber)|mea culpa|me equivoqu[eé]|"
    r"(?:no )?lo sab[ií]a|no ten[ií]a ni idea|ni idea|no sabr[ií]a|tienes raz[oó]n|"
    r"bueno saberlo|"
    r"entschuldig\w+|sorry f[uü]r|mein fehler|keine ahnung|wusste ich nicht|gut zu wissen)\b",
    re.I,
)
_ONLY_THANKS = re.compile(
    r"[\W_]*(?:(?:many |ok |okay |vale |muchas |mil |vielen )*(?:thanks|thank you|thx|cheers|gracias|danke|merci|"
    r"grazie|obrigad[oa])|\+ ?1\b|(?:this|following|subscrib(?:ed|ing)|bump|up)\W*$|sigo el hilo|me apunto)",
    re.I,
)
_GUESS = re.compile(
    r"\b(?:i (?:think|guess|believe|suppose)|maybe|perhaps|probably|might be|not sure|afaik|"
    r"creo que|supongo|quiz[aá]s?|tal vez|a lo mejor|igual es|ser[aá] que|puede que|imagino|me suena|"
    r"ich (?:glaube|denke|vermute)|vielleicht|wahrscheinlich|je (?:crois|pense)|acho que|credo che)\b",
    re.I,
)
# In words: how long a guess, a taking back and bare thanks can be; longer ones say more than that.
_SHORT, _BRIEF, _THANKS_ONLY = 20, 14, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post without quotes and signature. `author` is compared or hashed, never shown; `written_at` is ISO 8601."""

    author: str
    text: str
    markdown: str
    votes: int | None = None
    accepted: bool = False
    staff: bool = False
    written_at: str = ""
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
    brief = len(words) <= _BRIEF and "```" not in text and not _FIX.search(text)
    if brief and (_TAKES_BACK.search(text) or _WELCOMES.search(text)):
        return False
    if brief and len(words) <= _THANKS_ONLY and _ONLY_THANKS.match(text):
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
        before = [i for i in replies if i < at]
        quoted = [i for i in before if posts[i].author in post.quoted]
        if before:
            return (quoted or before)[-1]
    return None


def _guesses(text: str) -> bool:
    return len(text.split()) <= _SHORT and bool(_GUESS.search(text))


def best_reply(thread: Thread, *, solved: bool = False) -> Choice | None:
    """The reply that answers, by the best evidence there is.

    In this order: marked as accepted, most votes, quoted by the asker's thanks or last before them, written
    by staff, the first of substance that is no mere guess.
    """
    posts = thread.posts
    marked = [i for i in range(1, len(posts)) if posts[i].accepted and posts[i].text]
    if marked:
        return Choice(index=marked[0], reason="marked as the accepted answer", confidence=0.95)
    others = _others(posts)
    if not others:
        return None
    good = [i for i in others if _substantive(posts[i].text)]
    voted = max(good or others, key=lambda i: (posts[i].votes or 0, -i))
    if (posts[voted].votes or 0) >= thread.least_votes:
        return Choice(index=voted, reason=f"most votes ({posts[voted].votes})", confidence=0.8)
    state = "the thread is marked solved; " if solved else ""
    good = [i for i in good if not _guesses(posts[i].text)] or good
    thanked = _thanked(posts, good) if posts[0].author else None
    if thanked is not None:
        return Choice(index=thanked, reason=f"{state}the asker thanked for it", confidence=0.75 if solved else 0.65)
    by_staff = next((i for i in good if posts[i].staff), None)
    if by_staff is not None:
        return Choice(index=by_staff, reason=f"{state}written by staff", confidence=0.7 if solved else 0.6)
    if good:
        return Choice(index=good[0], reason=f"{state}the first reply of substance", confidence=0.6 if solved else 0.5)
    return Choice(index=others[0], reason=f"{state}the first reply by someone else", confidence=0.3)


def _others(posts: Sequence[Post]) -> list[int]:
    """The replies with text by others than the asker."""
    asker = posts[0].author
    return [i for i in range(1, len(posts)) if posts[i].text and (not asker or posts[i].author != asker)]


def why_no_pair(thread: Thread, *, solved: bool) -> str | None:
    """Why a thread gives no pair before any reply is looked at, or None."""
    posts = thread.posts
    if len(posts) < 2:
        return "nobody answered"
    if any(post.accepted for post in posts):
        return None
    others = _others(posts)
    if not others:
        return "only the asker replied" if any(post.text for post in posts[1:]) else "nobody answered"
    if solved or _seeks_help(thread):
        return None
    helped = [i for i in others if len(posts[i].text.split()) >= 8 and _substantive(posts[i].text)]
    if not _introduces(thread) and posts[0].author and _thanked(posts, helped) is not None:
        return None
    return "the opening post asks nothing"


def _introduces(thread: Thread) -> bool:
    return bool(_INTRODUCES.search(thread.title) or _INTRODUCES.search(thread.posts[0].text[:300]))


def _seeks_help(thread: Thread) -> bool:
    """Whether the opening post asks or states a problem; greetings and "how are you?" do neither."""
    opening = _SOCIAL.sub(" ", f"{thread.title}\n{thread.posts[0].text}")
    if "?" in opening or _PROBLEM.search(opening):
        return True
    return not _introduces(thread) and bool(asks(thread.title) or _NEEDS.search(opening))
