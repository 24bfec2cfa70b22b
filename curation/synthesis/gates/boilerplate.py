"""Phrases of models that no help page has: talk of "the text" that nobody else sees, and canned apologies."""

from __future__ import annotations

import re

__all__ = ["ADMITS", "REFUSES", "SAYS_IT_IS_A_MODEL", "SPEAKS_OF_SOURCE"]

_TEXT = (
    r"(?:text|passage|document|article|paragraph|excerpt|context|snippet|section|source|author|guide|content|"
    r"page|material)"
)
_GIVEN = r"(?:given|provided|above|following|preceding|previous|supplied)"
_SAYS = (
    r"(?:says?|states?|mentions?|explains?|describes?|notes?|indicates?|suggests?|recommends?|tells?|specif(?:y|"
    r"ies)|discuss(?:es)?|advises?|does(?:n't| not) (?:say|mention|state|specify))"
)
_TOLD = r"(?:stated|mentioned|described|given|explained|indicated|noted|outlined|discussed|specified|shown|listed)"
_TEXTO = (
    r"(?:texto|pasaje|documento|articulo|parrafo|fragmento|extracto|contexto|apartado|fuente|autora?|guia|"
    r"contenido|material|pagina)"
)
_DADO = r"(?:proporcionad|facilitad|dad|anterior|siguiente|suministrad|aportad|previ)\w*"
_DICE = (
    r"(?:dice|indica|menciona|explica|describe|senala|señala|recomienda|afirma|sugiere|especifica|detalla|"
    r"aconseja|no (?:dice|menciona|indica|especifica))"
)
_DICHO = r"(?:indicad|mencionad|descrit|explicad|senalad|señalad|detallad|citad)[oa]s?"

SPEAKS_OF_SOURCE = re.compile(
    "|".join(
        (
            rf"\b(?:according to|based on|as per|per|from|in) (?:the|this|that) (?:{_GIVEN} )?(?:text|passage|"
            rf"excerpt|snippet|paragraph)\b",
            rf"\b(?:according to|based on|as per) (?:the|this|that) (?:{_GIVEN} )?{_TEXT}\b(?! of (?:the )?law)",
            r"\b(?:according to|based on|as per) (?:the|this|that) "
            r"(?:faqs?|(?:help |web ?)?(?:page|site|article|centre))\b",
            rf"\b(?:the|this) (?:{_GIVEN} )?{_TEXT}(?: above)? (?:also |clearly )?{_SAYS}\b",
            rf"\b(?:what|which|how|why|when|where|who) (?:does|do|did) (?:the|"
            rf"this) (?:{_GIVEN} )?{_TEXT}(?: above)?\b.{{0,20}}\b(?:say|state|mention|explain|describe|"
            rf"recommend|suggest|advise|mean by)",
            rf"\b{_TOLD} (?:in|by) (?:the|this) (?:{_GIVEN} )?{_TEXT}\b",
            rf"\b(?:are|is|was|were) {_TOLD} (?:above|earlier|previously)\b|\bas {_TOLD} (?:above|earlier|before|"
            rf"previously|in|by)\b|, as {_TOLD}\b",
            r"\b(?:provided|given|supplied) (?:context|text|passage|information|document|excerpt)\b",
            rf"\b(?:in|of) the (?:{_GIVEN}) {_TEXT}\b|\b(?:steps?|options?|points?) (?:\w+ )?in the {_TEXT} above\b",
            r"\b(?:main|central) (?:topic|idea|point|purpose) of (?:the|this) (?:text|article|passage|document|"
            r"section|page)\b",
            rf"\bgiven in the {_TEXT}\b|\bthe (?:document|article|text|passage) (?:also )?(?:says|states|"
            rf"explains|mentions)\b",
            rf"\b(?:segun|de acuerdo con|conforme a|basandose en|con base en|en base a|a partir de|de) (?:el|la|"
            rf"este|esta|ese|lo) (?:{_DADO} )?(?:texto|pasaje|fragmento|parrafo|extracto)\b",
            rf"\b(?:segun|de acuerdo con|conforme a|basandose en|con base en|en base a) (?:el|la|este|esta|ese|"
            rf"lo) {_TEXTO}\b(?! de (?:identidad|la ley))",
            rf"\b(?:segun|de acuerdo con|conforme a|basandose en|con base en|"
            rf"a partir de) la informacion (?:{_DADO}|del?)",
            rf"\b(?:el|la|este|esta|dicho) {_TEXTO}(?: {_DADO})? (?:tambien )?(?:se )?{_DICE}\b",
            rf"\b(?:que|cual|como|cuando|donde) (?:se )?{_DICE} (?:el|la|este|esta) {_TEXTO}\b",
            rf"\b{_DICE}n? en (?:el|la|este|esta) {_TEXTO}\b|\b{_DICHO} en (?:el|la|este|esta) {_TEXTO}\b",
            rf"\bcomo se (?:ha )?(?:{_DICE}|{_DICHO}) (?:en|arriba|anteriormente|antes)\b|"
            rf"\b(?:tal )?como se {_DICE} en (?:el|la)\b",
            r"\ben (?:el|la|este|esta) (?:parrafo|texto|fragmento|pasaje)(?: anterior)?\b",
            r"\ben (?:este|esta) (?:apartado|seccion)\b",
            r"\ben (?:el|la) (?:apartado|seccion)(?: (?:anterior|siguiente)\b|\s*(?:[?.,;:!]|$))",
            r"\b(?:tema|idea|proposito) (?:principal|central) del (?:texto|articulo|documento|pasaje|fragmento)\b",
            rf"\bla informacion {_DADO}\b|\bel contexto {_DADO}\b|\bla informacion facilitada\b",
        )
    )
)

# What no honest refusal says either: it speaks for a help desk, not for a program.
SAYS_IT_IS_A_MODEL = re.compile(
    r"\bas an? (?:ai|artificial|language model|assistant|llm)\b|\bai (?:language )?(?:model|assistant)\b|"
    r"\blanguage model\b|\bi(?:'m| am) (?:just )?an? (?:ai|assistant|language model|chatbot)\b"
    r"|\bcomo (?:un[ao]? )?(?:modelo de (?:lenguaje|ia|inteligencia)|ia\b|inteligencia artificial|"
    r"asistente virtual|asistente de ia)|\bsoy (?:un[ao]? )?(?:ia\b|inteligencia artificial|modelo|"
    r"asistente virtual)|\bmodelo de (?:lenguaje|ia)\b"
)
REFUSES = re.compile(
    r"\bi (?:cannot|can't|can not|am unable to|'m unable to) (?:assist|help|fulfil|comply|provide (?:that|this|"
    r"assistance)|answer (?:that|this))"
    r"|\b(?:sorry|apologi[sz]e),?(?: but)? i (?:cannot|can't|do not|don't|am not|am unable)|\b(?:sorry|"
    r"apologi[sz]e),? i can't help\b"
    r"|\bno puedo (?:ayudarte|ayudarle|ayudar|asistirte|asistirle) con (?:eso|esa|"
    r"esto|esta|ello|lo)\b|\bno puedo (?:cumplir|responder a) (?:con )?(?:esa|esta|tu|su) (?:peticion|solicitud|"
    r"pregunta)"
)
# An honest refusal says so much too; it is boilerplate where an answer was asked for.
ADMITS = re.compile(
    r"\bi (?:do not|don't) have (?:\w+ )?(?:access|information|context|data|enough|sufficient|real-time)|"
    r"\bnot enough (?:context|information) (?:in|to)\b"
    r"|\b(?:provided|given|available) (?:information|context|text|document) (?:does not|doesn't)\b|"
    r"\bthe (?:context|text|passage) (?:does not|doesn't)\b"
    r"|\bno (?:tengo|dispongo de|cuento con) (?:\w+ )?(?:acceso|informacion|contexto|datos|suficiente)|"
    r"\b(?:informacion|contexto|texto) (?:proporcionad\w+|facilitad\w+|disponible|dad\w)? ?no (?:menciona|"
    r"indica|contiene|incluye|especifica)"
    r"|\bno hay (?:suficiente )?informacion (?:suficiente )?(?:en|para)\b"
)
