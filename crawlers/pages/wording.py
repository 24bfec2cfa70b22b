"""What questions, labels and calls to action look like in Spanish, English and their neighbours.

Word lists, not models: each rule can be read, and a page always reads the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = [
    "ANSWER_LABEL",
    "QUESTION_LABEL",
    "asks",
    "is_boilerplate",
    "is_call_to_action",
    "is_closing",
    "is_faq_word",
    "is_feedback",
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
    r"^\s*\d{1,3}[.)](?=[^\W\d])"
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
_ACTION = re.compile(
    r"[\W_]*(?:(?:still|yet|aún|todavía|noch|and|or|y|o) )*(?:(?:have|got|do you have|"
    r"have you got)(?: (?:a|an|any|more|other|another|further|some))* questions?|questions\?|"
    r"need (?:more |further |some |any )?(?:help|support|assistance|information)|need to (?:talk|"
    r"speak|contact)|"
    r"(?:are you )?ready to|ready\?|interested|want to (?:know|learn|find out) more|wanna|"
    r"looking for (?:more|something)|"
    r"(?:didn.t|did not|can.t|cannot|couldn.t|haven.t|don.t) (?:you )?(?:find|see|found)|"
    r"not (?:finding|found|sure)|"
    r"any (?:other |more |further )?questions|is there anything else|what are you waiting|"
    r"(?:forgot|lost)(?: your| my)? password|not a member|new (?:here|user)|don.t have an account|"
    r"already (?:have an account|a member|registered)|"
    r"(?:no tienes|aún no tienes|todavía no tienes) (?:una )?cuenta|ya tienes (?:una )?cuenta|"
    r"olvidaste|has olvidado|olvidó|"
    r"(?:tienes|tiene|tenés|tienen|te quedan?|le quedan?|te queda) (?:aún |todavía )?"
    r"(?:alguna|más|otra|otras|una|dudas|preguntas|algún)|"
    r"(?:alguna|más|otra) (?:duda|pregunta|consulta)s?\?|dudas\?|"
    r"(?:necesitas|necesita|necesitás) (?:más |algo de )?(?:ayuda|información|asesoramiento|"
    r"asesoría|soporte|hablar)|"
    r"(?:estás|está) listo|listo|preparado para|te animas|te interesa|quieres (?:saber|conocer|"
    r"aprender|empezar|probar)|"
    r"qu[eé] (?:estás |esperas|estas )(?:esperando|para)?|"
    r"no (?:encuentras|encontraste|has encontrado|encontró|encuentra) (?:la|lo|tu|su|"
    r"una)? ?(?:que (?:busca|necesita)|respuesta|informaci)|"
    r"buscas (?:algo|más)|noch fragen|haben sie (?:noch |weitere )?fragen)",
    re.I,
)
_FEEDBACK = re.compile(
    r"[¿\s]*(?:was (?:this|it)\b.*\b(?:help|useful)|did (?:this|you find)\b.*\b(?:help|answer|"
    r"useful|looking)|"
    r"(?:te|le) (?:ha |fue |result[oó] )*(?:sido |resultado )?(?:útil|de ayuda|servido|sirvi[oó])|"
    r"(?:fue|ha sido) (?:de ayuda|útil)|"
    r"est[ae] (?:art[ií]culo|p[aá]gina|respuesta|informaci[oó]n).*(?:útil|ayud)|war (?:das|"
    r"dieser artikel) hilfreich|how can we help|"
    r"(?:en )?qu[eé] (?:podemos|puedo) ayudar|c[oó]mo (?:podemos|te podemos|puedo) ayudar|"
    r"what can we help)",
    re.I,
)
# The line that ends a help page: no answer has ended it, so go and ask. Narrower than a heading's call to action,
# because an answer's own paragraphs may well begin with "Interested in" or "Lost your password".
_CLOSING_QUESTION = (
    r"(?:(?:do |are |did |can(?:not|.t) )?(?:you |we )?(?:still |yet )?"
    r"(?:(?:need|want|looking for) (?:some |any |a bit )?(?:more |further |extra |additional |other )?"
    r"(?:help|support|assistance|information|answers)|"
    r"(?:have|got|having) (?:any |some |a |an )?(?:more |other |another |further |additional |unanswered )?"
    r"(?:questions?|doubts|problems|trouble)|"
    r"(?:any |some |got )?(?:more|other|further|another) questions?|questions|stuck|unsure|"
    r"(?:can.?t|cannot|couldn.?t|could not|didn.?t|did not|don.?t|haven.?t|not) (?:you )?(?:find(?:ing)?|see|found|"
    r"answer(?:ed)?)\b|"
    r"(?:is |was )?your (?:question|problem|answer|issue) (?:is |was )?(?:not|isn.t|wasn.t)\b)|"
    r"(?:y |o )?(?:a[uú]n |todav[ií]a )?(?:(?:no (?:has |ha |hab[eé]is )?(?:encuentras?|encontr\w+|encontrado|hallas|"
    r"ves|resuelto|resolvimos)\b)|"
    r"(?:sigues?|contin[uú]as?) (?:sin|con|teniendo)\b|(?:a[uú]n |todav[ií]a )?"
    r"(?:te |le |os |les )?(?:quedan?|tienes?|tien[eé]s|ten[eé]is) (?:a[uú]n |todav[ií]a |con )?"
    r"(?:alguna |algunas |m[aá]s |otras? )*(?:dudas?|preguntas?|consultas?)|"
    r"(?:a[uú]n |todav[ií]a )?(?:necesitas?|necesit[aá]s|quieres?) (?:m[aá]s |algo de |otra )*"
    r"(?:ayuda|informaci[oó]n|soporte|asistencia)|"
    r"(?:alguna |m[aá]s |otras? )(?:dudas?|preguntas?|consultas?)|dudas)|"
    r"(?:haben sie |hast du |sie haben )?(?:noch |weitere |ihre )*fragen|(?:ihre |deine )?frage (?:ist )?nicht|"
    r"nicht gefunden|(?:besoin d.aide|vous avez (?:encore|d.autres) questions|d.autres questions)|"
    r"(?:ainda tem|mais) d[uú]vidas|(?:hai ancora|altre) domande)"
)
_CLOSING = re.compile(rf"[\W_]*{_CLOSING_QUESTION}[^.!?\n]{{0,90}}\?(?P<rest>.*)", re.I | re.S)
_TURNS_TO_US = re.compile(
    r"\b(?:contact\w*|call|ring|phone|e-?mail|mail|write|ask|chat|talk|speak|visit|reach|message|get in touch|let us|"
    r"tell us|submit|open a|ticket|forums?|community|support|help|we|us|"
    r"cont[aá]ct\w*|ll[aá]m\w*|escr[ií]b\w*|preg[uú]nt\w*|consult\w*|habl\w*|chat\w*|foros?|comunidad|"
    r"soporte|ayuda\w*|"
    r"visita\w*|env[ií]a\w*|formulario|correo|"
    r"kontakt\w*|schreib\w*|ruf\w*|fragen|hilfe|contactez|[eé]crivez|appelez|contate|fale|ligue|contatta\w*|scrivi\w*)\b",
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


def is_call_to_action(text: str) -> bool:
    """Whether something shaped like a question only wants the reader to click or to write."""
    return bool(_ACTION.match(text)) or bool(_FEEDBACK.match(text))


def is_closing(text: str) -> bool:
    """Whether a page's last lines only send the reader on to people who can help.

    >>> is_closing("Still need help?\\nAsk the community or call us.")
    True
    >>> is_closing("Still need help? The manual has 40 pages.")
    False
    """
    found = _CLOSING.fullmatch(text.strip())
    if not found or len(text.split()) > 45:
        return False
    return not re.search(r"\w", found["rest"]) or bool(_TURNS_TO_US.search(found["rest"]))


def is_feedback(text: str) -> bool:
    """Whether a line asks if the page was helpful."""
    return bool(_FEEDBACK.match(text))


def is_boilerplate(text: str) -> bool:
    """Whether a heading belongs to the site and not to its questions: contents, contact, related..."""
    return bool(_BOILERPLATE.fullmatch(tidy_question(text).strip(" :.…")))


def is_faq_word(text: str) -> bool:
    """Whether a title, heading, class or address speaks of frequent questions."""
    return bool(_FAQ.search(text))
