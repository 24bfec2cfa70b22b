"""What a mail says by itself: without the mails it quotes, signatures and the names under the last line."""

from __future__ import annotations

import re

__all__ = ["own_subject", "own_text"]

# "On Mon, 2 Mar 2026 at 09:14, Ana <ana@example.com> wrote:", in the words of the usual programs.
_WITHIN = r"(?:[^\n]|\n(?!\s*\n)){4,300}?"  # an attribution may be wrapped, and has no blank line in it
_ATTRIBUTION = re.compile(
    rf"^[ \t>]*(?:on\b{_WITHIN}\bwrote|el\b{_WITHIN}\bescribi[oó]|le\b{_WITHIN}\ba [eé]crit|"
    rf"am\b{_WITHIN}\bschrieb[^\n:]{{0,120}}|em\b{_WITHIN}\bescreveu|il\b{_WITHIN}\bha scritto|"
    r"[^\n]{1,120}<[^<>\s@]{1,100}@[^<>\s]{1,200}>\s{0,5}(?:wrote|escribi[oó]))\s*:[ \t]*$",
    re.I | re.M,
)
_HEADERS = (
    r"\*?(?:from|de|von|da)\s*:\*?[^\n]{1,300}\n(?:[^\n]{0,300}\n){0,2}?"
    r"\*?(?:sent|date|enviado(?: el)?|fecha|gesendet|envoy[eé]|inviato|data)\s*:"
)
_FORWARDED = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:original message|mensaje original|forwarded message|mensaje reenviado|"
    r"ursprüngliche nachricht|message d'origine|messaggio originale|mensagem original)\s*-{2,}"
    rf"|(?:_{{10,}}[ \t]*\n\s{{0,20}})?{_HEADERS}"
    r"|#{2,}\s*-?\s*(?:please type your reply above this line|"
    r"responde? (?:por encima|encima) de esta l[ií]nea)[^\n]{0,40})",
    re.I | re.M,
)
_SIGNATURE = re.compile(
    r"^(?:--[ \t]*|[ \t]*(?:sent from my|enviado desde mi|sent from (?:mail|outlook|yahoo|proton)|"
    r"get outlook for|obtener outlook|enviado desde (?:mail|outlook|yahoo|correo)|"
    r"von meinem [^\n]{1,30} gesendet|envoy[eé] de mon)\b[^\n]{0,80})$",
    re.I | re.M,
)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:un |muchos )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)?|atentamente|atte|cordialmente|"
    r"(?:best|kind|warm|many)(?:est)? (?:regards|wishes)|regards|sincerely(?: yours)?|"
    r"yours (?:sincerely|faithfully|truly)|all the best|best|cheers|"
    r"mit freundlichen gr[uü](?:ß|ss)en|viele gr[uü](?:ß|ss)e|cordialement|"
    r"atenciosamente|cordiali saluti)[ \t]*[,.!]?[ \t]*(?:\n|$)",
    re.I | re.M,
)
LARGEST_TEXT = 200_000  # characters of one mail that are looked at
LONGEST_SUBJECT = 1000
CLOSING_LINES = 8  # a closing stands at most so many lines before the end; what follows it is who wrote
_REPLY = re.compile(
    r"^\s*(?:(?:re|rv|aw|fw|fwd|tr|sv|antw|resp|wg|ref|res|enc)\s*(?:\[\d+\])?\s*:|\[[^\]]{0,40}\d[^\]]{0,40}\]|"
    r"\(?(?:ticket|case|caso|incidencia)\s*[#:nº°]*\s*\w*\d\w*\)?\s*[:\-–]?)\s*",
    re.I,
)


def own_text(text: str) -> tuple[str, bool]:
    """The mail's own words, and whether something quoted was left out.

    >>> own_text("Prueba otra vez.\\n\\nEl lun, 2 mar 2026, Ana <a@example.com> escribió:\\n> No va")
    ('Prueba otra vez.', True)
    """
    text = text[:LARGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    quoted = False
    for pattern in (_FORWARDED, _ATTRIBUTION):
        found = pattern.search(text)
        # Words below the quotes are an answer between the lines: then only the quoted lines go.
        if found and not _answers_below(text[found.end() :]):
            text, quoted = text[: found.start()], True
        elif found:
            text, quoted = text[: found.start()] + text[found.end() :], True
    lines = text.split("\n")
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    text = "\n".join(kept)
    signature = _SIGNATURE.search(text)
    if signature and text[: signature.start()].strip():
        text = text[: signature.start()]
    return re.sub(r"\n{3,}", "\n\n", _without_closing(text)).strip(), quoted or len(kept) < len(lines)


def _answers_below(rest: str) -> bool:
    """Whether what follows an attribution has lines quoted with ">" and others after them."""
    lines = [line.strip() for line in rest.split("\n") if line.strip()]
    marked = [n for n, line in enumerate(lines) if line.startswith(">")]
    return bool(marked) and marked[0] == 0 and any(not line.startswith(">") for line in lines[1:])


def _without_closing(text: str) -> str:
    text = text.rstrip()
    for found in reversed(list(_CLOSING.finditer(text))):
        after = [line for line in text[found.end() :].split("\n") if line.strip()]
        if len(after) <= CLOSING_LINES and text[: found.start()].strip() and all(len(line) <= 80 for line in after):
            return text[: found.start()].rstrip()
        break
    return text


def own_subject(subject: str) -> str:
    """A subject without "Re:" and ticket numbers.

    >>> own_subject("RE: Fwd: [Ticket #8812] Router sin luz")
    'Router sin luz'
    """
    before, subject = "", subject[:LONGEST_SUBJECT]
    while subject != before:
        before, subject = subject, _REPLY.sub("", subject, count=1)
    return re.sub(r"\s+", " ", subject).strip()
