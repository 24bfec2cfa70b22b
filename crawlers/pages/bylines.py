"""The lines of a help article that name its author and its date: they frame an answer and are no part of it."""

from __future__ import annotations

import re

__all__ = ["without_bylines"]

LONGEST = 100  # characters of a byline
_PARTICLE = r"(?:de|del|der|den|la|las|los|van|von|da|do|dos|das|di|du|le|y|e|and|und|et|&|bin|al)"
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_NAME = rf"{_CAPITAL}[\w.'’-]*(?:,? (?:{_CAPITAL}[\w.'’-]*|{_PARTICLE}(?= ))){{0,5}}"
_WROTE = (
    r"(?i:written|posted|published|created|authored|edited|escrito|escrita|publicado|publicada|redactado|creado|"
    r"geschrieben|verfasst|erstellt|veröffentlicht|écrit|rédigé|publié|créé|postado|criado|scritto|pubblicato|redatto)"
)
_BY = r"(?i:by|por|von|par|da|de)"
_AUTHOR = r"(?i:author|autora?|verfasser(?:in)?|auteure?|autore|autrice)"
_TIME = (
    r"(?:minutes?|hours?|days?|weeks?|months?|years?|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|años?|minuten?|"
    r"stunden?|tag(?:en?)?|wochen?|monat(?:en?)?|jahr(?:en?)?|heures?|jours?|semaines?|mois|ans?|ann[ée]es?|anos?|mês|"
    r"minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi])"
)
_AGO = (
    rf"(?:(?:(?:over|about|almost|more than|less than|around) )?(?:an?|one|\d+) {_TIME} ago|"
    rf"(?:hace|há|il y a|vor)(?: [\w']+){{0,4}} {_TIME}|(?:[\w']+ ){{0,3}}(?:\w+|\d+) {_TIME} fa)"
)
_DAY = (
    r"(?:yesterday|today|just now|ayer|hoy|gestern|heute|hier|aujourd['’]hui|ontem|hoje|ieri|oggi|"
    r"(?:this|esta|este|diese[nsr]?|cette|ce|quest[ao]) (?:week|month|year|semana|mes|año|mês|ano|woche|monat|jahr|"
    r"semaine|mois|année|settimana|mese|anno))"
)
_CHANGED = (
    r"(?:(?:this |the )?(?:article|page) )?(?:was )?(?:last )?(?:updated|modified|edited|published|created|posted)|"
    r"(?:[uú]ltima (?:actualizaci[oó]n|modificaci[oó]n|atualização|modifica)|(?:última vez )?(?:actualizad|modificad|"
    r"publicad|editad|atualizad|cread|criad)[oa])|(?:zuletzt )?(?:aktualisiert|geändert|bearbeitet|veröffentlicht)|"
    r"(?:dernière )?(?:mise? à jour|modifié|modification|publié)|(?:ultim[oa] )?(?:aggiornat[oa]|aggiornamento|"
    r"modificat[oa]|pubblicat[oa])"
)
_DATE = r"[^?!]{0,30}(?:\d{4}|\d[./-]\d)(?:[\W\d]|at|a las|um|à|às|alle|[ap]m|uhr|utc|h){0,20}(?<!\.)"
_DATED = re.compile(
    rf"(?:(?:{_CHANGED})(?:\W{{0,3}}|\W+(?:on|el|em|am|le|il)\W+)(?:{_AGO}|{_DAY}|{_DATE})|{_AGO}|"
    r"vor(?: \w+){1,4} (?:aktualisiert|geändert)|actualizaci[oó]n|updated|aktualisiert|aktualisierung|mise à jour)\W*",
    re.I,
)
_SIGNED = re.compile(rf"\W*(?:{_WROTE} {_BY}|{_AUTHOR} ?:) *(?P<name>{_NAME})[ ,|·•–-]*(?P<rest>.*)")
_OPENS = re.compile(rf"\W*(?:{_WROTE} {_BY}|{_AUTHOR} ?:)\W*")
_SHORT = re.compile(rf"\W*(?:{_BY} )?{_NAME}\W*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def without_bylines(lines: list[str], *, is_article: bool = False) -> list[str]:
    """The lines of an answer, as text or Markdown, without those at either end that say who wrote it and when.

    Where nothing else is said they may be what was asked for, but not below the title of an article.

    >>> without_bylines(["Written by Bob Smith", "Updated over a week ago", "Open the settings."])
    ['Open the settings.']
    >>> without_bylines(["Written by hand, it takes a day.", "Updated 3 times a year."])
    ['Written by hand, it takes a day.', 'Updated 3 times a year.']
    """
    said = [(i, _bare(line)) for i, line in enumerate(lines) if line.strip()]
    first, last = 0, len(said)
    while size := _byline([text for _, text in said[first : first + 2]]):
        first += size
    while last > first and _byline([said[last - 1][1]]):
        last -= 1
    if last - first > 1 and _byline([text for _, text in said[last - 2 : last]]) == 2:
        last -= 2
    if first >= last:
        return [] if is_article else lines
    return lines[said[first][0] : said[last - 1][0] + 1]


def _bare(line: str) -> str:
    """A line of Markdown without its links, emphasis and bullet."""
    return re.sub(r"[*_\\#>]", "", re.sub(r"^\s*[-*] ", "", _LINK.sub(r"\1", line))).strip()


def _byline(lines: list[str]) -> int:
    """How many of these one or two lines are a byline, from the first on."""
    if not lines or len(lines[0]) > LONGEST:
        return 0
    signed = _SIGNED.fullmatch(lines[0])
    if _DATED.fullmatch(lines[0]) or (signed and (not signed["rest"] or _DATED.fullmatch(signed["rest"]))):
        return 1
    if len(lines) < 2 or len(lines[1]) > LONGEST:
        return 0
    name_below = _OPENS.fullmatch(lines[0]) and _SHORT.fullmatch(lines[1])
    date_below = _SHORT.fullmatch(lines[0]) and lines[0].count(" ") < 5 and _DATED.fullmatch(lines[1])
    return 2 if name_below or date_below else 0
