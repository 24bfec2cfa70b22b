"""A stretch of a page as plain text or as safe Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawlers.pages.dom import BLOCKS, HIDDEN, Document, Element, Span, classes, safe_link
from crawlers.pages.furniture import is_consent_notice

__all__ = ["is_noise", "one_line", "render", "squeeze"]

_NO_ANSWER = frozenset({"nav", "form", "button", "footer"})  # controls and frames around an answer
_SIGN_TAGS = frozenset({"span", "div", "i", "em", "b"})
_ICON_CLASS = re.compile(
    r" (?:[\w-]*(?:material-(?:icons|symbols)|glyphicon|fontawesome|dashicons|bi-|icon)[\w-]*|fa[srlbd]?) "
)
_SIGN_CLASS = re.compile(r" [\w-]*(?:symbol|icon|arrow|caret|chevron|plus|minus)[\w-]* ")
_SKIP_CLASS = re.compile(
    r" (?:headerlink|permalink|anchorjs-link|header-anchor|anchor-link|heading-link|sr-only|visually-hidden"
    r"|screen-reader-text|mw-editsection|catlinks|printfooter|navfooter|navheader|pagination|pager|post-navigation|top2|back-to-top|backtotop|to-top|copy-button|copybtn|"
    r"toctree-wrapper"
    r"|social-share|share-buttons) "
)
_TOP_LINK = re.compile(
    r"[\[(«\s↑▲⬆^]*(?:(?:go |jump )?(?:back )?(?:to )?(?:the )?top(?: of (?:the )?page)?|"
    r"return to (?:the )?(?:top|"
    r"table of contents|index|list)|back to (?:the )?(?:index|list|questions|contents|faq)|"
    r"(?:volver|ir|regresar|subir)(?: (?:hacia )?(?:arriba|al? (?:inicio|[ií]ndice|principio|"
    r"la lista|las preguntas)))?|"
    r"arriba|nach oben|zur[uü]ck nach oben|haut de page|retour en haut|voltar ao topo|torna su|"
    r"[↑▲⬆^]+)[\])»\s↑▲⬆^.]*",
    re.I,
)
_PILCROW = re.compile(r"[¶§#🔗⚓\s]*")
# Zero width, icon fonts, soft hyphens; but one after Ã is half of a broken í, which cleaning can still repair.
_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\ue000-\uf8ff]|(?<!Ã)\u00ad")


def squeeze(text: str) -> str:
    """The text on one line, single blanks, without invisible signs or icon-font glyphs."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def is_noise(element: Element) -> bool:
    """Whether an element is an icon, a permalink, a link to the top or another sign that is no text."""
    tag = element.tag
    if tag in HIDDEN or (element.get("hidden") is not None and tag in ("span", "i", "a")):
        return True
    marks = classes(element)
    if marks != "  " and _SKIP_CLASS.search(marks):
        return True
    if tag in _SIGN_TAGS and marks != "  " and _SIGN_CLASS.search(marks) and not _says_more(element):
        return True
    if tag in ("i", "span", "em", "mat-icon") and len(element) == 0:
        words = squeeze(element.text or "")
        icon = _ICON_CLASS.search(marks) or element.get("aria-hidden") == "true" or tag == "mat-icon"
        return bool(icon) and len(words) <= 30 and " " not in words
    if tag == "a":
        words = squeeze(element.text_content())
        if "print" in (element.get("href") or "").lower() and element.get("href").lower().startswith("javascript:"):
            return True
        if words and _PILCROW.fullmatch(words):
            return True
        return (element.get("href") or "").lstrip().startswith("#") and bool(_TOP_LINK.fullmatch(words))
    return False


def _says_more(element: Element) -> bool:
    """Whether an element holds more than one sign, or a picture."""
    if len(element) > 3:
        return True
    words = squeeze(element.text_content())
    return len(words) > 1 or not words


@dataclass(slots=True, kw_only=True)
class _Writer:
    document: Document
    span: Span
    markdown: bool
    skip: frozenset[Element]
    keep_controls: bool
    done: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    indent: str = ""
    bullet: str = ""

    def flush(self) -> None:
        text = "".join(self.line)
        self.line.clear()
        text = text if text.isascii() else _INVISIBLE.sub("", text)
        lines = [" ".join(part.split()) for part in text.split("\n")]
        kept = [part for part in lines if part]
        if not kept:
            return
        if self.markdown:
            kept = [re.sub(r"^(#{1,6}(?= )|>|\+(?= ))", r"\\\1", part) for part in kept]
        first = self.indent[: -len(self.bullet)] + self.bullet if self.bullet else self.indent
        glue = ("  \n" if self.markdown else "\n") + (self.indent if self.markdown else "")
        self.done.append((first if self.markdown or self.bullet else "") + glue.join(kept))
        self.bullet = ""

    def text(self, text: str | None, place: int) -> None:
        if text and self.span[0] <= place < self.span[1]:
            plain = text.replace("\n", " ").replace("\r", " ")
            self.line.append(_escape(plain) if self.markdown else plain)

    def walk(self, element: Element) -> None:
        enter, leave = self.document.enter[element], self.document.leave[element]
        if leave < self.span[0] or enter >= self.span[1]:
            return
        if element in self.skip or (not (enter < self.span[0]) and self._dropped(element)):
            return
        handler = _HANDLERS.get(element.tag)
        if handler is not None and enter >= self.span[0] and leave < self.span[1]:
            handler(self, element)
            return
        block = element.tag in BLOCKS or (isinstance(element.tag, str) and "-" in element.tag)
        if block:
            self.flush()
        self.children(element)
        if block:
            self.flush()

    def children(self, element: Element) -> None:
        self.text(element.text, self.document.enter[element] + 1)
        for child in self.document.children(element, self.span):
            self.walk(child)
            self.text(child.tail, self.document.leave[child] + 1)

    def _dropped(self, element: Element) -> bool:
        if self.keep_controls and element.tag in ("button", "form"):
            return False
        return element.tag in _NO_ANSWER or is_noise(element) or is_consent_notice(self.document, element)


def _escape(text: str) -> str:
    # Page text must stay text: no emphasis, link, code or tag may arise from it.
    escaped = re.sub(r"([\\`*\[\]])", r"\\\1", text)
    escaped = re.sub(r"(?<![\w])_|_(?![\w])", r"\\_", escaped)
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", escaped)


def _line_break(writer: _Writer, element: Element) -> None:
    writer.line.append("\n")


def _fence(code: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    return "`" * max(least, longest + 1)


def _code(writer: _Writer, element: Element) -> None:
    code = squeeze(element.text_content())
    if not code:
        return
    if any(child.tag in ("br", "pre", "div", "p") for child in element.iter()):
        _preformatted(writer, element)
        return
    fence = _fence(code, 1)
    gap = " " if code.startswith("`") or code.endswith("`") else ""
    writer.line.append(f"{fence}{gap}{code}{gap}{fence}")


def _code_text(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == "br":
            parts.append("\n")
        elif child.tag not in HIDDEN and child.tag != "button":
            parts.append(_code_text(child))
            if child.tag in ("div", "p", "li", "tr"):
                parts.append("\n")
        parts.append(child.tail or "")
    return "".join(parts)


def _preformatted(writer: _Writer, element: Element) -> None:
    writer.flush()
    code = _INVISIBLE.sub("", _code_text(element)).replace("\r\n", "\n").replace("\xa0", " ").expandtabs(4)
    lines = [part.rstrip() for part in code.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return
    fence = _fence(code, 3)
    pad = writer.indent if writer.markdown else ""
    bullet = pad[: -len(writer.bullet)] + writer.bullet if writer.bullet and pad else pad
    writer.bullet = ""
    body = "\n".join([bullet + fence, *((pad + part) if part else "" for part in lines), pad + fence])
    writer.done.append(body)


def _list(writer: _Writer, element: Element) -> None:
    writer.flush()
    outer = writer.indent
    number = 0
    for item in element:
        if item.tag in HIDDEN or item in writer.skip:
            continue
        number += item.tag == "li"
        bullet = f"{number}. " if element.tag == "ol" and writer.markdown else "- "
        writer.indent, writer.bullet = outer + " " * len(bullet), bullet if item.tag == "li" else ""
        writer.walk(item)
        writer.flush()
        writer.bullet = ""
    writer.indent = outer


def _emphasis(writer: _Writer, element: Element) -> None:
    if not writer.markdown or any(child.tag in BLOCKS or child.tag == "br" for child in element.iter()):
        writer.children(element)
        return
    mark = "**" if element.tag in ("b", "strong") else "*"
    start = len(writer.line)
    writer.children(element)
    inner = "".join(writer.line[start:])
    del writer.line[start:]
    if inner.strip():
        left, right = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        writer.line.append(f"{left}{mark}{inner.strip()}{mark}{right}")
    else:
        writer.line.append(inner)


def _link(writer: _Writer, element: Element) -> None:
    href = safe_link(element.get("href") or "", writer.document.url) if writer.markdown else ""
    if not href or any(child.tag in BLOCKS for child in element.iter()):
        writer.children(element)
        return
    start = len(writer.line)
    writer.children(element)
    words = squeeze("".join(writer.line[start:]))
    del writer.line[start:]
    if re.sub(r"\\(.)", r"\1", words) == href:
        writer.line.append(href)
    elif words:
        writer.line.append(f"[{words}]({href})")


def _table(writer: _Writer, element: Element) -> None:
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
    cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
    nested = any(
        c.tag in ("table", "p", "ul", "ol", "div", "h2", "h3", "h4", "pre")
        for row in cells
        for cell in row
        for c in cell.iterdescendants()
        if len(cell) > 1
    )
    if nested or max((len(row) for row in cells), default=0) < 2:
        writer.flush()
        writer.children(element)  # a table for layout, not for data
        writer.flush()
        return
    writer.flush()
    texts = [[_cell(writer, cell) for cell in row] for row in cells if row]
    pad = writer.indent if writer.markdown else ""
    lines = [pad + "| " + " | ".join(row) + " |" if writer.markdown else " | ".join(row) for row in texts]
    if writer.markdown and lines:
        lines.insert(1, pad + "|" + " --- |" * len(texts[0]))
    writer.done.append("\n".join(lines))
    writer.bullet = ""


def _cell(writer: _Writer, cell: Element) -> str:
    text = render(writer.document, writer.document.inside(cell), cell, markdown=writer.markdown, skip=writer.skip)
    flat = " ".join(text.split())
    return flat.replace("|", "\\|") if writer.markdown else flat


_HANDLERS = {
    "br": _line_break,
    "code": _code, "tt": _code, "kbd": _code, "samp": _code,
    "pre": _preformatted,
    "ul": _list, "ol": _list,
    "b": _emphasis, "strong": _emphasis, "em": _emphasis, "i": _emphasis,
    "a": _link,
    "table": _table,
}  # fmt: skip


def render(
    document: Document,
    span: Span,
    top: Element,
    *,
    markdown: bool = False,
    skip: frozenset[Element] = frozenset(),
    keep_controls: bool = False,
) -> str:
    """The text of `span`, walking down from `top` (an element that holds all of it).

    Plain text has one line per block, "- " before list items, " | " between the cells of a table and
    code in backticks; Markdown also keeps links and emphasis and escapes what the page wrote itself.
    """
    writer = _Writer(document=document, span=span, markdown=markdown, skip=skip, keep_controls=keep_controls)
    if document.enter[top] >= span[0] and document.leave[top] <= span[1]:
        _HANDLERS.get(top.tag, _Writer.children)(writer, top)
    else:
        writer.walk(top)
    writer.flush()
    if not markdown:
        return "\n".join(writer.done)
    text = ""
    for block in writer.done:
        tight = re.match(r" *(-|\d+\.) ", block) and re.search(r"(^|\n) *(-|\d+\.) [^\n]*$", text)
        text += ("\n" if tight else "\n\n" if text else "") + block
    return text


def one_line(document: Document, element: Element, *, until: int | None = None) -> str:
    """An element's text on one line, up to a place, with the words of buttons kept."""
    start, end = document.inside(element)
    span = (start, end if until is None else until)
    return squeeze(render(document, span, element, keep_controls=True))
