"""Reads the articles of a Zendesk help centre from its API, many to a page."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

from crawlers.pages.dom import TooComplex, parse
from crawlers.pages.faq import faq_reading
from crawlers.pages.found import FoundPair, Reading
from crawlers.pages.fragments import fragment_texts, iso_time, stated_address, text_of, whole
from crawlers.pages.render import squeeze
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action, tidy_question

__all__ = ["states_a_task", "zendesk_reading"]

# Verbs as help centres begin their titles with them: infinitives, imperatives, gerunds, nouns of doing.
_TASK = re.compile(
    r"(?:[a-záéíóúñ]{2,}(?:ar|er|ir|ír)(?:se|me|te|lo|la|los|las)?\b|[a-z]{3,}ing\b|"
    r"(?:pasos|guía|instrucciones|tutorial) (?:para|de)\b|(?:steps|guide|instructions|tutorial) (?:to|for|on)\b|"
    r"(?:activa|añade|borra|busca|cambia|cancela|comparte|compra|conecta|configura|consulta|contrata|crea|descarga|"
    r"desactiva|desbloquea|devuelve|edita|elimina|encuentra|exporta|gestiona|importa|inicia|instala|modifica|mueve|"
    r"paga|protege|recupera|reinicia|renueva|repara|restablece|restaura|selecciona|soluciona|sube|usa|utiliza|verifica)\b|"
    r"(?:add|activate|archive|authorize|block|buy|cancel|change|check|choose|clear|close|configure|connect|contact|"
    r"convert|copy|create|customi[sz]e|deactivate|delete|disable|disconnect|download|edit|enable|export|find|fix|get|"
    r"import|install|invite|join|leave|link|log|make|manage|merge|move|open|pay|pause|print|protect|recover|redeem|"
    r"remove|rename|renew|reorder|replace|report|request|reset|resolve|restart|restore|return|scan|schedule|search|"
    r"send|set|share|sign|start|stop|switch|sync|track|transfer|troubleshoot|turn|understand|unblock|uninstall|unlink|"
    r"unlock|update|upgrade|upload|use|verify|view)\b|"
    r"[a-zäöüß]+ (?:\S+ ){0,4}[a-zäöüß]{2,}(?:ieren|ern|eln|en)$|"
    r"(?:solución de problemas|resolución de|problemas? (?:con|de|al)|error(?:es)? (?:al|de|con)|no (?:puedo|funciona)|"
    r"troubleshooting|problems? with|error|unable to|can.?t|cannot|fehler|probl[eè]me|erreur)\b)",
    re.I,
)


def states_a_task(title: str) -> bool:
    """Whether an article's title names something to do or to put right, without asking.

    >>> states_a_task("Restablecer la contraseña"), states_a_task("Reset your password"), states_a_task("Privacy")
    (True, True, False)
    """
    title = tidy_question(title)
    return len(title.split()) >= 2 and not is_boilerplate(title) and bool(_TASK.match(title))


def zendesk_reading(value: Any, url: str = "") -> Reading | None:
    """The pairs of each article of /api/v2/help_center/.../articles.json; None for JSON of another kind.

    An article that lists questions gives those; else its title is the question where it asks or names a
    task, and its body the answer. Sections, where the answer brings them, are the labels.
    """
    if not isinstance(value, dict):
        return None
    one = value.get("article")
    articles = [one] if isinstance(one, dict) else value.get("articles")
    if not isinstance(articles, list) or not ("next_page" in value or "meta" in value or isinstance(one, dict)):
        return None
    sections = value.get("sections")
    named = sections if isinstance(sections, list) else []
    labels = {whole(part.get("id")): text_of(part.get("name")) for part in named if isinstance(part, dict)}
    pairs: list[FoundPair] = []
    for article in articles:
        if isinstance(article, dict) and article.get("draft") is not True:
            found = _article_pairs(article, squeeze(labels.get(whole(article.get("section_id")), "")), url)
            pairs += [replace(pair, position=len(pairs) + n) for n, pair in enumerate(found)]
    locales = {text_of(article.get("locale")).partition("-")[0] for article in articles if isinstance(article, dict)}
    return Reading(
        kind="faq" if pairs else "none",
        reason=None if pairs else "no article asks or names a task" if articles else "no articles",
        lang=locales.pop() if len(locales) == 1 else "",
        pairs=tuple(pairs),
    )


def _article_pairs(article: dict[str, Any], label: str, url: str) -> list[FoundPair]:
    title, body = squeeze(text_of(article.get("title"))), text_of(article.get("body"))
    address = stated_address(article.get("html_url"), url)
    written = iso_time(article.get("edited_at") or article.get("updated_at"))
    try:
        document = parse(f"<h1>{html.escape(title)}</h1><article>{body}</article>", address)
    except TooComplex:
        return []
    reading = faq_reading(document) if document is not None else None
    inside = [pair for pair in reading.pairs if pair.question != title] if reading else []
    if len(inside) > 1:
        return [replace(pair, label=pair.label or label, url=address, written_at=written) for pair in inside]
    plain, markdown = fragment_texts(body, address)
    question = tidy_question(title)
    if not plain or not question or is_call_to_action(question) or not (asks(title) or states_a_task(title)):
        return []
    return [
        FoundPair(
            question=question,
            answer=plain,
            answer_markdown=markdown,
            label=label,
            pattern="article-api",
            position=0,
            confidence=0.9 if asks(title) else 0.75,
            url=address,
            written_at=written,
        )
    ]
