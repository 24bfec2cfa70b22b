"""What questions, labels and calls to action look like in Spanish, English and their neighbours.

Word lists, not models: each rule can be read, and a page always reads the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawlers.pages.calls import is_call_to_action, is_closing, is_feedback

__all__ = [
    "ANSWER_LABEL",
    "QUESTION_LABEL",
    "asks",
    "asks_with_a_word",
    "is_boilerplate",
    "is_call_to_action",
    "is_closing",
    "is_faq_word",
    "is_feedback",
    "leads_as_question",
    "normal",
    "strip_answer_label",
    "tidy_question",
]

MAX_QUESTION = 400

_Q_WORDS = "question|pregunta|frage|pergunta|domanda"
_A_WORDS = "answer|respuesta|antwort|resposta|risposta|réponse|reponse"
QUESTION_LABEL = re.compile(
    rf"\s*[\[(]?(?:(?:{_Q_WORDS})\s*(?:n[º°.]\s*)?\d*|[QPF]\s?\d*)\s*[\])]?\s*[.:\-–—)]\s*(?=\S)", re.I
)
ANSWER_LABEL = re.compile(rf"\s*[\[(]?(?:(?:{_A_WORDS})\s*\d*|[AR]\s?\d*)\s*[\])]?\s*(?:[.:)]|[-–—](?=\s))\s*", re.I)
_ANSWER_TITLE = re.compile(
    rf"\s*(?:#+ |\*\*)?(?:{_A_WORDS}|quick answer|respuesta corta|short answer)\s*:?(?:\*\*)?\s*\n+", re.I
)
_NUMBER = re.compile(
    r"\s*(?:\(\d{1,3}\)|#\d{1,3}|\d{1,3}(?:\.\d{1,3})+\.?|\d{1,3}\s?[.)\]:–-]+)\s+(?=\S)|"
    r"^\s*\d{1,3}[.)][-–]?(?=[^\W\d])|^\s*\d{1,3}\s?[.)\]:–-]+(?=¿)"
)
_LEADING = re.compile(r"^[\s▶►▸▹▷❯›»→➔➤➜•·◦●○◆■□▪–—*+#¶§✓✔❓❔💡🔹👉\-\ufe0e\ufe0f]+")
_TRAILING = re.compile(r"[\s▼▾▿▲△▴⌄⌃˅˄∨❯›»→➔+−×✕✖¶§#🔗\ufe0e\ufe0f]+$")
_ICON_WORDS = re.compile(
    r"(?:^|(?<=[\s?!.:]))(?:expand_more|expand_less|add_circle(?:_outline)?|remove_circle(?:_outline)?|"
    r"keyboard_arrow_(?:down|up|right|left)|arrow_drop_(?:down|up)|arrow_(?:downward|upward|"
    r"forward|back)(?:_ios)?|"
    r"chevron_(?:right|left|down|up)|unfold_(?:more|less)|help_outline|navigate_next|more_vert|"
    r"check_circle)(?=\s|$)"
)

_STARTS = re.compile(
    r"(?:how|what|what's|whats|why|when|where|who|whose|which|"
    r"qué|cómo|cuándo|dónde|adónde|quién|quiénes|cuál|cuáles|cuánto|cuánta|cuántos|cuántas|"
    r"por qué|para qué|"
    r"wie|was|warum|wieso|wann|wo|wer|welche|welcher|welches|wozu|"
    r"pourquoi|comment|quand|combien|quel|quelle|quels|quelles|"
    r"come|perché|quando|dove|quanto|quale|"
    r"como|por que|onde|qual|quais|quem)(?=[\s,])",
    re.I,
)
_AUXILIARY = re.compile(
    r"(?:can|could|do|does|did|is|are|was|will|would|should|shall|may|must|has|have|am)\s+"
    r"(?:i|you|we|they|it|there|my|your|the|this|that|these|a|an|any|anyone|someone)\b",
    re.I,
)
_FAQ = re.compile(
    r"\bfaqs?\b|\bf\.a\.q|frequently[\s_-]asked|common(?:ly)?[\s_-](?:asked )?questions|"
    r"questions (?:and|&) answers|"
    r"\bq ?(?:&|and) ?as?\b|preguntas[\s_-](?:m[aá]s[\s_-])?(?:frecuentes|habituales|comunes)|"
    r"preguntas y respuestas|"
    r"dudas[\s_-](?:frecuentes|habituales|comunes)|(?:häufig|haeufig)\w*[\s_-](?:gestellte[\s_-])?fragen|"
    r"fragen und antworten|foire aux questions|questions[\s_-]fr[eé]quentes|perguntas[\s_-]frequentes|"
    r"domande[\s_-]frequenti|troubleshooting|soluci[oó]n de problemas",
    re.I,
)
_BOILERPLATE = re.compile(
    r"(?:table of )?contents?|[íi]ndice(?: de contenidos)?|contenidos?|tabla de contenidos?|"
    r"inhalt(?:sverzeichnis)?|on this page|en esta p[aá]gina|"
    r"in this (?:article|section)|en este art[ií]culo|contact(?:o|a|os|enos|anos| us|[ae]r)?|"
    r"kontakt|related(?: .*)?|(?:art[ií]culos|temas|enlaces|contenido) relacionad[oa]s|"
    r"see also|v[eé]ase tambi[eé]n|siehe auch|comments?(?: \d+)?|comentarios?|share(?: this)?|"
    r"compartir?|search|buscar|suche|"
    r"recent (?:posts|changes|topics)|entradas recientes|categor(?:ies|y|[ií]as?)|tags?|etiquetas|"
    r"archives?|archivos?|follow us|s[ií]guenos|"
    r"newsletter|subscribe|suscr[ií]bete|menu|men[úu]|navigation|navegaci[oó]n|references|"
    r"referencias|further reading|"
    r"external links|enlaces(?: externos| de inter[eé]s)?|links|about(?: us)?|"
    r"acerca de(?: nosotros)?|log ?in|leave a (?:reply|comment)|deja (?:un comentario|una respuesta)|"
    r"por cierto|by the way|notes?|notas?|feedback|legal|cookies?|privacy policy|"
    r"pol[ií]tica de privacidad|legal notice|aviso legal|quick links|support|resources|company|"
    r"popular (?:articles|topics)|"
    r"(?:ver|mostrar|show|view|see|hide|ocultar|read|leer|load|cargar)"
    r"(?: (?:more|m[aá]s|all|tod[oa]s|the|l[ao]s|\d+))* "
    r"(?:sources?|references?|questions?|answers?|articles?|posts?|comments?|replies|fuentes?|referencias?|preguntas?|"
    r"respuestas?|art[ií]culos?|comentarios?)(?: \w+){0,3}|"
    r"inhaltsverzeichnis|footnotes?|publicidad|advertisement|anuncios?|anzeige|"
    r"(?:(?:previous|next|prev|back|siguiente|anterior)(?: (?:question|page|article|step))?|"
    r"(?:pregunta|p[aá]gina|art[ií]culo|paso) (?:anterior|siguiente))",
    re.I,
)


def normal(text: str) -> str:
    """The words of a text in lower case, without numbering and labels: what two copies share."""
    return " ".join(re.findall(r"\w+", tidy_question(text).lower()))


def tidy_question(text: str) -> str:
    """The question as a person asks it: no numbering, "Q:" label, bullet or icon-font word.

    >>> tidy_question("▶ 5.2. Q: Why is it slow? expand_more ¶")
    'Why is it slow?'
    """
    return _tidied(text) if len(text) <= MAX_QUESTION else _tidy(text)


@lru_cache(maxsize=4096)
def _tidied(text: str) -> str:
    # Every rule that looks at a line asks for this again; long texts are not worth the memory.
    return _tidy(text)


def _tidy(text: str) -> str:
    previous = None
    while previous != text:
        previous = text
        text = _TRAILING.sub("", _ICON_WORDS.sub("", _LEADING.sub("", text)).strip())
        for label in (_NUMBER, QUESTION_LABEL):
            found = label.match(text)
            if found and re.search(r"\w{2}", text[found.end() :]):
                text = text[found.end() :]
    return text.strip()


def strip_answer_label(text: str) -> str:
    """The answer without a leading "A:", "R." or a title that says only "Answer"."""
    text = _ANSWER_TITLE.sub("", text, count=1) if _ANSWER_TITLE.match(text) else text
    found = re.match(rf"\s*(?:\*\*)?(?:(?:{_A_WORDS})\s*\d*\s*[.:]|[AR]\s?\d*\s?[:.]\s|[AR]\d*\))(?:\*\*)?\s*", text)
    if found is None:
        found = re.match(rf"\s*(?:\*\*)?(?:{_A_WORDS})\s*\d*\s*:(?:\*\*)?\s*", text, re.I)
    rest = text[found.end() :] if found else text
    return rest if rest.strip() else text


def asks(text: str) -> bool:
    """Whether a short text reads as a question, with or without its question mark."""
    return len(text) <= 2 * MAX_QUESTION and _asks(text)


@lru_cache(maxsize=4096)
def _asks(text: str) -> bool:
    text = tidy_question(text)
    if not 4 <= len(text) <= MAX_QUESTION or not re.search(r"\w{2}", text):
        return False
    if re.search(r"[?？][\s\"'»”’)\]!.*:]*$", text) or "¿" in text:
        return True
    if re.search(r"[?？]\s", text) and len(text) <= 250:
        return True
    return len(text) <= 160 and not text.endswith(".") and bool(_STARTS.match(text) or _AUXILIARY.match(text))


def leads_as_question(text: str) -> bool:
    """Whether a text begins as a question of a list does: with a number or label, "¿" or a word that asks.

    >>> leads_as_question("1.- Se puede?"), leads_as_question("How so? By hand."), leads_as_question("Tired? Call us.")
    (True, True, False)
    """
    question = tidy_question(text)
    return question.startswith("¿") or asks_with_a_word(question) or text.strip()[:1] != question[:1]


def asks_with_a_word(text: str) -> bool:
    """Whether a text begins with a word that asks; "¿Cansado de esperar?" does not."""
    question = tidy_question(text).lstrip("¿¡ ")
    return bool(_STARTS.match(question) or _AUXILIARY.match(question))


def is_boilerplate(text: str) -> bool:
    """Whether a heading belongs to the site and not to its questions: contents, contact, related..."""
    return bool(_BOILERPLATE.fullmatch(tidy_question(text).strip(" :.…")))


def is_faq_word(text: str) -> bool:
    """Whether a title, heading, class or address speaks of frequent questions."""
    return bool(_FAQ.search(text))
