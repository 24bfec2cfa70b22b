"""What web pages leave behind in texts: tags, icon words, and lines that belong to the page and not to the answer."""

from __future__ import annotations

import re

__all__ = ["BOILERPLATE", "BOILERPLATE_ENDS", "FURNITURE", "ICONS", "QUESTION_PREFIX", "bbcode", "tags"]

# Tags that only shape a text. <script>, <user>, <your-name> and the like are never taken out.
_BLOCK = "address|article|blockquote|br|center|dd|div|dl|dt|figure|h[1-6]|hr|li|ol|p|section|table|tbody|td|th|tr|ul"
_INLINE = "a|abbr|b|big|em|font|i|img|mark|small|span|strike|strong|sub|sup|u"
_NAME = re.compile(
    rf"</?(?P<name>{_BLOCK}|{_INLINE})\b(?P<rest>\s*/?|\s[^<>]{{0,2000}})>|<!--.{{0,2000}}?-->", re.I | re.S
)
_IS_BLOCK = re.compile(_BLOCK, re.I)

# Words just before a tag that say the text is about the tag.
_ABOUT = re.compile(
    r"(?:\b(?:tags?|elements?|etiquetas?|elementos?|marcas?|html|atributos?|attributes?)\W{0,3}(?:\w+\W{1,3}){0,2}"
    r"|\b(?:escrib[aei]r?|teclea|type|write|insert[ae]?|a[ñn]ad[ae]|add|us[ae]|using|usando|entre|between|con|with)"
    r"|[\"'`«“‘(\[])$",
    re.I,
)
_QUOTE_AFTER = re.compile(r"[\"'`»”’)\]]")


def tags(text: str) -> list[tuple[int, int, str]]:
    """The places of stray tags, each with what takes its place; a text that is about tags keeps them.

    >>> tags("Pulsa <b>Guardar</b>")
    [(6, 9, ''), (16, 20, '')]
    >>> tags("La etiqueta <b> pone negrita")
    []
    """
    found = list(_NAME.finditer(text))
    if any(_is_about(text, match) for match in found):
        return []
    places = []
    for match in found:
        name = match["name"] or ""
        after = "\n" if name and _IS_BLOCK.fullmatch(name) else ""
        places.append((match.start(), match.end(), after))
    return places


def _is_about(text: str, match: re.Match[str]) -> bool:
    """Whether this tag is named in the text rather than left over in it."""
    before = text[max(0, match.start() - 60) : match.start()].rstrip(" ")
    said = _ABOUT.search(before)
    if said is None:
        return False
    if said[0][0] in "\"'`«“‘([":
        return _QUOTE_AFTER.match(text, match.end()) is not None
    return True


_BBCODE = re.compile(
    r"\[(?P<close>/?)(?P<name>b|i|u|s|url|img|quote|code|color|size|font|center|list)(?:=[^\]\n]{0,300})?\]", re.I
)


def bbcode(text: str) -> list[tuple[int, int, str]]:
    """The places of forum marks such as [b]...[/b]; one that is never closed is left alone.

    >>> bbcode("[b]Sí[/b], pulsa [i] para ver la información")
    [(0, 3, ''), (5, 9, '')]
    """
    places: list[tuple[int, int, str]] = []
    opened: dict[str, list[re.Match[str]]] = {}
    for match in _BBCODE.finditer(text):
        name = match["name"].lower()
        if not match["close"]:
            opened.setdefault(name, []).append(match)
        elif opened.get(name):
            for mark in (opened[name].pop(), match):
                places.append((mark.start(), mark.end(), ""))
    return sorted(places)


# Ligature names of Material icons and class names of Font Awesome that show up as words when the font is gone.
_LIGATURES = (
    "keyboard_arrow_(?:down|up|left|right)|arrow_(?:drop_down|drop_up|back|forward|upward|downward|right_alt)(?:_ios)?"
    "|expand_(?:more|less)|chevron_(?:left|right)|content_(?:copy|paste|cut)|check_circle(?:_outline)?|check_box"
    "|help_outline|info_outline|error_outline|open_in_new|thumb_(?:up|down)(?:_off_alt|_alt)?|more_(?:vert|horiz)"
    "|account_circle|shopping_cart|play_arrow|play_circle(?:_outline|_filled)?|add_circle(?:_outline)?"
    "|remove_circle(?:_outline)?|navigate_(?:next|before)|file_(?:download|upload)|star_(?:border|half|rate)"
    "|favorite_border|visibility_off|lightbulb_outline|insert_(?:link|drive_file|photo)|question_answer"
    "|contact_support|email_outlined|local_phone|mail_outline"
)
ICONS = re.compile(
    rf"[\ue000-\uf8ff]+[^\S\n]?|(?<![\w`\"'«“./-])(?:{_LIGATURES})(?![\w`\"'»”/(-])[^\S\n]?"
    r"|(?<![\w`\"'«“./-])fa[srlb]? fa-[a-z0-9-]+(?![\w`\"'»”/-])[^\S\n]?"
)

QUESTION_PREFIX = re.compile(
    r"\A(?:(?:re|rv|fwd?)\s*:\s*|\[(?:solved|resolved|closed|solucionad[oa]|resuelt[oa]|cerrad[oa])\]\s*)+", re.I
)

_USEFUL = (
    r"¿\s?(?:te|le|os)?\s?(?:ha|han)\s(?:sido|resultado|parecido)\s[uú]til(?:es)?(?:\s[^?\n]{0,50})?\?"
    r"|¿\s?(?:te|le)\s(?:ha\sayudado|ha\sservido|sirvi[oó]|ayud[oó]|result[oó]\s[uú]til|fue\s[uú]til)(?:\s[^?\n]{0,50})?\?"
    r"|¿\s?(?:fue|es|era)\s[uú]til\s(?:est[ea]|la|el)\s[^?\n]{0,40}\?"
    r"|¿\s?(?:ha\sresuelto|hemos\sresuelto|resolvi[oó])\s(?:tu|su|la)\s(?:duda|problema|consulta|pregunta)[^?\n]{0,30}\?"
    r"|(?:was|is)\sthis\s(?:answer\s|article\s|page\s|information\s|topic\s)?(?:helpful|useful)\s?\?"
    r"|did\sthis\s(?:answer\s(?:your|the)\squestion|help(?:\syou)?|solve\syour\s(?:problem|issue))\s?\?"
    r"|did\syou\sfind\s(?:this|it)\s(?:answer\s|article\s|page\s)?(?:helpful|useful)\s?\?"
)
_YES_NO = r"(?:[\s|/·•,👍👎]{0,6}(?:s[ií]|yes|no)(?:\s?\(\d{1,6}\))?){0,2}[\s|/·•.👍👎]{0,6}"
_VOTES = (
    r"\d{1,6}\s(?:out\s)?of\s\d{1,6}\s(?:people\s)?found\sthis\s(?:helpful|useful)\.?"
    r"|a?\s?\d{1,6}\s(?:de\s(?:cada\s)?\d{1,6}\s)?(?:personas?|usuarios?)\s(?:les?\s|lo\s)?"
    r"(?:pareci[oó]|encontraron|encontr[oó]|han?\sencontrado|result[oó])\s[^\n]{0,20}[uú]til\.?"
    r"|usuarios\sa\slos\sque\sles\sha\ssido\s[uú]til:\s\d{1,6}\sde\s\d{1,6}"
)
_NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|linked\s?in|pinterest|telegram|reddit|instagram|tumblr|e-?mail"
    r"|correo(?:\selectr[oó]nico)?)"
)
_SHARE = (
    rf"(?:compartir|compartir\sen|comp[aá]rtelo(?:\sen)?|share|share\s(?:this|on)|share\sthis\son|tweet)\s?:?"
    rf"(?:[\s|/·•,]{{0,3}}(?:y\s|en\s|and\s|on\s|or\s|por\s)?{_NETWORK}){{1,8}}|comp[aá]rtelo|share\sthis"
    rf"|{_NETWORK}(?:[\s|/·•,]{{1,3}}{_NETWORK}){{1,8}}"
)
_MONTH = (
    r"(?:ene(?:ro)?|feb(?:rero)?|mar(?:zo)?|abr(?:il)?|mayo?|jun(?:io)?|jul(?:io)?|ago(?:sto)?|sep?t?(?:iembre)?"
    r"|oct(?:ubre)?|nov(?:iembre)?|dic(?:iembre)?|january|february|march|april|june|july|aug(?:ust)?|september"
    r"|october|december|jan|apr|dec"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|d[ií]as?|semanas?|mes(?:es)?|a[ñn]os?|horas?|days?|weeks?|months?|years?|hours?|ago|hoy|ayer|today|yesterday)"
)
_DATE = (
    rf"(?:(?:de[l]?|at|a\slas?|el|on|hace|un|una|an?|h|am|pm|utc|gmt|cet|{_MONTH})\b\.?,?"
    r"|\d[\d/.,:\-]*(?:st|nd|rd|th)?,?|\s){1,24}"
)
_UPDATED = (
    r"(?:[uú]ltima\s(?:actualizaci[oó]n|modificaci[oó]n|revisi[oó]n)|(?:actualizado|modificado|revisado|publicado)"
    r"(?=\s(?:el\s|hace\s|\d)|\s?:)|last\s(?:updated|modified|reviewed|edited)"
    r"|(?:updated|published|posted)(?=\s(?:on\s|\d)|\s?:))"
    rf"\s?:?\s?{_DATE}\.?"
)
_PAGE = (
    r"(?:volver|ir|subir)\s(?:arriba|al\sinicio|al\s[ií]ndice|a\sla\sp[aá]gina\s(?:anterior|principal))|back\sto\stop"
    r"|print\sthis\s(?:page|article)|imprimir(?:\sesta\sp[aá]gina)?"
    r"|(?:leer|ver)\sm[aá]s(?:\s?\.{3}|…|\s?[»>]+)|leer\sm[aá]s|read\smore(?:\s?\.{3}|…|\s?[»>]+)?"
    r"|copiar\senlace|copy\slink|enlace\spermanente|permalink"
    r"|¿\s?(?:tienes?|tiene)\sm[aá]s\spreguntas\?\s?(?:enviar\suna\s(?:solicitud|petici[oó]n))?"
    r"|have\smore\squestions\?\s?(?:submit\sa\srequest)?"
    r"|\d{1,4}\s(?:comentarios?|comments?)|(?:comentarios|comments)\s?\(\d{1,4}\)"
    r"|(?:reportar|denunciar)(?:\s(?:mensaje|abuso))?|report\s(?:post|abuse)"
)
BOILERPLATE = re.compile(rf"(?:{_USEFUL}){_YES_NO}|{_VOTES}|{_SHARE}|{_UPDATED}", re.I)
# Names of links and buttons: page furniture at the beginning or end, perhaps a step of the answer in between.
FURNITURE = re.compile(_PAGE, re.I)
# The same at the end of a line that begins with a real sentence: pages whose lines were run together.
BOILERPLATE_ENDS = re.compile(
    rf"(?<=[.!?:;)»”\"])[^\S\n]+(?:(?:{_USEFUL}){_YES_NO}|{_VOTES}|{_UPDATED})(?=[^\S\n]*$)", re.I | re.M
)
