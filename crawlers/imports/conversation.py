"""A support conversation: who answers in it, and its turns as pairs. Names go no further than this."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawlers.imports.chat import exchanges
from crawlers.imports.report import Frame
from tamiz.language import UNKNOWN
from tamiz.records import Pair

__all__ = ["MEDIA", "Conversation", "Message", "Roles", "conversation_pairs", "find_roles", "is_agent_word"]

MEDIA = "[media]"  # stands where a picture, a voice message or a file was
AGENT, CUSTOMER = "assistant", "user"
SHOWN_AGENTS = 5
_WORDS_THAT_ANSWER = (
    "agent agente agents agentes support soporte asesor asesora asesores operador operadora operator helpdesk help "
    "ayuda assistant asistente bot chatbot staff admin administrator administrador representative representante "
    "advisor team equipo moderador moderator tecnico tecnica technician consultor consultora gestor gestora "
    "service servicio atencion sac care info contact contacto billing facturacion sales ventas hello hola "
    "incidencias tickets soportetecnico customerservice customercare atencioncliente atencionalcliente"
)
_AGENT_WORDS = frozenset(_WORDS_THAT_ANSWER.split())
_WORDS_THAT_ASK = (
    "customer cliente clienta client user usuario usuaria visitor visitante guest invitado invitada caller requester "
    "solicitante abonado abonada consumidor consumidora enduser comprador compradora"
)
_CUSTOMER_WORDS = frozenset(_WORDS_THAT_ASK.split())
# "Customer service" and "atención al cliente" are who answers, whatever their other words.
_ANSWERING = re.compile(
    r"\b(?:customer (?:service|support|care|success)|(?:atencion|servicio|soporte) (?:al|de|a) (?:la )?"
    r"(?:client\w+|usuari\w+)|help ?desk|user support)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one speaker said. `role` is user or assistant where the file states it, else ""."""

    speaker: str
    text: str
    at: datetime | None = None
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`place` says where it stands in the file; `key` is the file's own id of it, or ""; `title` is a subject."""

    place: str
    messages: tuple[Message, ...]
    key: str = ""
    title: str = ""
    label: str = ""


@dataclass(slots=True)
class Roles:
    """Who answers in the conversations of one file. `by` says how that was told."""

    agents: set[str] = field(default_factory=set)
    by: str = ""
    given: tuple[str, ...] = ()
    first_asks: bool = False

    def of(self, message: Message, opener: str) -> str:
        if self.given:
            return AGENT if _is_named(message.speaker, self.given) else CUSTOMER
        if message.role:
            return message.role
        if self.first_asks:
            return CUSTOMER if message.speaker == opener else AGENT
        return AGENT if message.speaker in self.agents else CUSTOMER

    def shown(self) -> str:
        """Who was taken for the agent, for the user's eyes only."""
        if self.given or self.first_asks or not self.agents:
            return self.by
        named = sorted(self.agents)[:SHOWN_AGENTS]
        more = f" and {len(self.agents) - len(named)} more" if len(self.agents) > len(named) else ""
        return f"{', '.join(named)}{more} ({self.by})"


def plain(name: str) -> str:
    """A name without case and accents, its words apart.

    >>> plain("Atención_al cliente")
    'atencion al cliente'
    """
    bare = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def is_agent_word(name: str) -> bool | None:
    """Whether a speaker is called as those who answer (True) or as those who ask (False); None for a name.

    >>> is_agent_word("Agente 2"), is_agent_word("Cliente"), is_agent_word("Lucía")
    (True, False, None)
    """
    called = plain(name.partition("@")[0])
    words = set(called.split())
    if _ANSWERING.search(called):
        return True
    if words & _CUSTOMER_WORDS:
        return False
    return True if words & _AGENT_WORDS else None


def _is_named(speaker: str, given: Sequence[str]) -> bool:
    """Whether a speaker is one of those named: the whole name, an address or its domain, or words of the name."""
    who = plain(speaker)
    return any(
        speaker.casefold() == name.casefold()
        or ("@" in speaker and speaker.casefold().endswith("@" + name.casefold().removeprefix("@")))
        or (bool(plain(name)) and f" {plain(name)} " in f" {who} ")
        for name in given
    )


def find_roles(conversations: Iterable[Conversation], given: Sequence[str] = ()) -> Roles:
    """Who answers, told once for a whole file.

    In this order: as the user says, as the file states, by words such as agent or soporte, by the words
    for the others, the ones who speak in many conversations and seldom begin one; else whoever speaks
    first asks.
    """
    if given:
        return Roles(given=tuple(given), by="as --agent says")
    speaks: Counter[str] = Counter()
    opens: Counter[str] = Counter()
    stated = 0
    count = 0
    for conversation in conversations:
        count += 1
        for speaker in {m.speaker for m in conversation.messages if not m.role}:
            speaks[speaker] += 1
        stated += sum(bool(m.role) for m in conversation.messages)
        opens[conversation.messages[0].speaker] += 1
    if stated and not speaks:
        return Roles(by="as the file states")
    words = {speaker: is_agent_word(speaker) for speaker in speaks}
    named = {speaker for speaker, agent in words.items() if agent}
    if named:
        return Roles(agents=named, by="by their name")
    customers = {speaker for speaker, agent in words.items() if agent is False}
    if customers:
        return Roles(agents=set(speaks) - customers, by="all but the customer")
    if len(speaks) == 2:
        first = opens.most_common(1)[0][0] if count > 2 else next(iter(opens))
        return Roles(agents=set(speaks) - {first}, by="the other one begins")
    many = {s for s, times in speaks.items() if times >= max(2, 0.1 * count) and opens[s] < 0.5 * times}
    if many:
        return Roles(agents=many, by="in many conversations")
    return Roles(first_asks=True, by="whoever does not speak first")


def conversation_pairs(conversation: Conversation, roles: Roles, frame: Frame, pattern: str) -> Iterator[Pair]:
    """The pairs of a conversation: each answer with its question and all turns before. ValueError says why none."""
    turns = _turns(conversation, roles)
    if len({role for role, _, _ in turns}) < 2:
        raise ValueError("only one side speaks" if turns else "nothing is said")
    times = {text: at for role, text, at in turns if role == AGENT}
    # A mail has an id of its own, whichever files it is imported with.
    file = "mail" if pattern == "mail" else frame.file
    place = f"file:{file}#{_mark(conversation, turns)}"
    found = [e for e in exchanges([{"role": role, "content": text} for role, text, _ in turns])
             if _says_something(e.question) and _says_something(e.answer)]  # fmt: skip
    if not found:
        raise ValueError("no answer of the agent follows a question of the customer")
    spoken = frame.language("\n".join(text for _, text, _ in turns))
    for exchange in found:
        at = times.get(exchange.answer)
        yield Pair(
            question=exchange.question,
            answer=exchange.answer,
            context=exchange.context,
            lang=_either(frame.language(f"{exchange.question}\n{exchange.answer}"), spoken),
            url=place,
            kind="transcript",
            group=place,
            source=f"file:{frame.file}",
            label=conversation.label or frame.options.label,
            pattern=pattern,
            written_at=at.isoformat() if at else "",
            licence=frame.options.licence,
        )


def _either(language: str, spoken: str) -> str:
    """The language of a text, or that of its conversation where it is too short to tell."""
    return spoken if language == UNKNOWN else language


def _turns(conversation: Conversation, roles: Roles) -> list[tuple[str, str, datetime | None]]:
    """(role, text, time of its last message); what one side says in a row is one turn."""
    opener = conversation.messages[0].speaker if conversation.messages else ""
    turns: list[tuple[str, str, datetime | None]] = []
    for message in conversation.messages:
        role, text = roles.of(message, opener), message.text.strip()
        if not text:
            continue
        if turns and turns[-1][0] == role:
            before = turns.pop()[1]
            repeated = text == MEDIA and before.endswith(MEDIA)
            turns.append((role, before if repeated else f"{before}\n{text}", message.at))
        else:
            turns.append((role, text, message.at))
    title = conversation.title
    if title and turns and turns[0][0] == CUSTOMER and title.casefold() not in turns[0][1].casefold():
        turns[0] = (CUSTOMER, f"{title}\n\n{turns[0][1]}", turns[0][2])
    return turns


def _says_something(text: str) -> bool:
    return bool(re.search(r"\w", text.replace(MEDIA, "")))


def _mark(conversation: Conversation, turns: list[tuple[str, str, datetime | None]]) -> str:
    """A conversation's id that stays when the file grows: of its own id, else of how it begins. Says no name."""
    begins = conversation.key or f"{conversation.messages[0].at or ''}\0{turns[0][1]}"
    return hashlib.sha256(begins.encode(errors="replace")).hexdigest()[:12]
