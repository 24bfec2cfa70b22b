"""schema.org questions: JSON-LD, microdata and RDFa."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html as lxml_html  # type: ignore[import-untyped]

from crawlers.pages.candidates import MAX_CANDIDATES, Candidate
from crawlers.pages.controls import make
from crawlers.pages.dom import Document, Element, TooComplex, parse, safe_link
from crawlers.pages.render import render, squeeze

__all__ = [
    "StatedAnswer", "StatedQuestion", "is_kind", "marked_up", "name_of", "stated_licence", "stated_nodes",
    "stated_questions",
]  # fmt: skip

MAX_NODES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAnswer:
    """An answer of JSON-LD. `author` is a name, for `author_mark` alone; `date` is as the page writes it."""

    text: str
    markdown: str
    accepted: bool
    votes: int | None
    author: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedQuestion:
    """A question of JSON-LD. `thread` is true under QAPage, where people asked and answered."""

    name: str
    body: str
    answers: tuple[StatedAnswer, ...]
    thread: bool


def _items(document: Document) -> Iterator[dict[str, Any]]:
    # One script at a time: a broken one must not hide the others.
    for script in document.root.iter("script"):
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        if kind != "application/ld+json" or not (script.text or "").strip():
            continue
        text = re.sub(r"^\s*(?:<!--|<!\[CDATA\[|//\s*<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", "", script.text)
        try:
            found = _parsed(text)
        except (ValueError, RecursionError, IndexError):
            continue
        yield from (item for item in found if isinstance(item, dict))


def _parsed(text: str) -> list[Any]:
    """The items of a script: as JSON, else as extruct mends it, without comments and commas too many."""
    try:
        found = json.loads(text, strict=False)
    except ValueError:
        from extruct.jsonld import JsonLdExtractor  # type: ignore[import-untyped]  # 0.3 s, for broken scripts only

        holder = lxml_html.Element("script", type="application/ld+json")
        holder.text = text
        return list(JsonLdExtractor().extract_items(holder))
    return found if isinstance(found, list) else [found]


def stated_nodes(document: Document) -> list[tuple[dict[str, Any], bool]]:
    """Every node of every graph in order, with whether it stands below a QAPage."""
    nodes: list[tuple[dict[str, Any], bool]] = document.once("nodes", lambda page: list(_nodes(page)))
    return nodes


def _nodes(document: Document) -> Iterator[tuple[dict[str, Any], bool]]:
    pending: list[tuple[Any, bool]] = [(item, False) for item in reversed(list(_items(document)))]
    for _ in range(MAX_NODES):
        if not pending:
            return
        node, thread = pending.pop()
        if isinstance(node, list):
            pending.extend((child, thread) for child in reversed(node))
        elif isinstance(node, dict):
            thread = thread or is_kind(node, "QAPage")
            yield node, thread
            children = [value for value in node.values() if isinstance(value, (dict, list))]
            pending.extend((child, thread) for child in reversed(children))


def is_kind(node: dict[str, Any], kind: str) -> bool:
    types = node.get("@type")
    return any(
        isinstance(t, str) and t.rsplit("/", 1)[-1].rsplit(":", 1)[-1].rsplit("#", 1)[-1] == kind
        for t in (types if isinstance(types, list) else [types])
    )


def _words(value: Any) -> str:
    if isinstance(value, list):
        return next((text for text in map(_words, value) if text), "")
    if isinstance(value, dict):
        return _words(value.get("@value"))
    return value if isinstance(value, str) else ""


def plain_and_markdown(fragment: str, url: str) -> tuple[str, str]:
    """A text that may hold HTML, as plain text and Markdown; text with bare line breaks keeps them."""
    text = html.unescape(fragment) if re.search(r"&(?:lt|gt|amp);", fragment) else fragment
    if not re.search(r"</?[a-zA-Z][^<>]*>", text):
        breaks = html.escape(html.unescape(text), quote=False).replace("\n", "<br>")
        text = breaks
    try:
        document = parse(f"<div>{text}</div>", url)
    except TooComplex:
        return "", ""
    if document is None:
        return "", ""
    top = document.root
    span = document.inside(top)
    return render(document, span, top), render(document, span, top, markdown=True)


def name_of(value: Any, nodes: list[dict[str, Any]]) -> str:
    """The name of a person or organisation, which may be a node elsewhere in the graph."""
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict) and not value.get("name") and (known := value.get("@id")):
        value = next((node for node in nodes if node.get("@id") == known and node.get("name")), value)
    return squeeze(_words(value.get("name")) if isinstance(value, dict) else _words(value))


def _number(value: Any) -> int | None:
    try:
        return int(value) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return None


def _answers(node: dict[str, Any], url: str) -> Iterator[StatedAnswer]:
    for name in ("acceptedAnswer", "suggestedAnswer"):
        values = node.get(name)
        for value in values if isinstance(values, list) else [values]:
            text = _words(value.get("text") or value.get("articleBody")) if isinstance(value, dict) else _words(value)
            plain, markdown = plain_and_markdown(text, url)
            votes = _number(value.get("upvoteCount")) if isinstance(value, dict) else None
            if not plain:
                continue
            known = value if isinstance(value, dict) else {}
            dates = (_words(known.get(key)) for key in ("dateModified", "datePublished", "dateCreated"))
            yield StatedAnswer(
                text=plain, markdown=markdown, accepted=name == "acceptedAnswer", votes=votes,
                author=name_of(known.get("author"), []), date=next(filter(None, dates), ""),
            )  # fmt: skip


def stated_questions(document: Document) -> list[StatedQuestion]:
    """The questions of every JSON-LD script that have at least one answer with text, each once."""
    questions: list[StatedQuestion] = document.once("questions", _questions)
    return questions


def _questions(document: Document) -> list[StatedQuestion]:
    found: dict[tuple[str, str], StatedQuestion] = {}
    for node, thread in stated_nodes(document):
        if not is_kind(node, "Question"):
            continue
        name = squeeze(plain_and_markdown(_words(node.get("name")) or _words(node.get("headline")), "")[0])
        body = plain_and_markdown(_words(node.get("text")), "")[0]
        answers = tuple(_answers(node, document.url))
        if (name or body) and answers:
            question = StatedQuestion(name=name or squeeze(body), body=body, answers=answers, thread=thread)
            found.setdefault((question.name, answers[0].text), question)
        if len(found) >= MAX_CANDIDATES:
            break
    return list(found.values())


def stated_licence(document: Document) -> str:
    for node, _ in stated_nodes(document):
        licence = node.get("license")
        value = licence.get("url") or licence.get("@id") if isinstance(licence, dict) else licence
        if link := safe_link(_words(value), ""):
            return link
    return ""


def _microdata(document: Document) -> Iterator[tuple[Element, str]]:
    for box in document.root.xpath("//*[@itemscope][contains(@itemtype, 'Question')]"):
        if any(kind.endswith("/Question") for kind in box.get("itemtype").split()):
            yield box, "itemprop"


def marked_up(document: Document) -> Iterator[Candidate]:
    """Visible pairs that microdata or RDFa mark as Question and Answer.

    RDFa is read from the tree: the graph that a full RDFa parser builds has no order and no markup.
    """
    boxes = list(_microdata(document))
    boxes += [(e, "property") for e in document.root.xpath("//*[contains(@typeof, 'Question')]")]
    for box, attribute in boxes:
        name = _part(box, attribute, ("name", "headline"), None)
        answer = _part(box, attribute, ("acceptedAnswer", "suggestedAnswer"), None)
        pattern = "microdata" if attribute == "itemprop" else "rdfa"
        if name is None or answer is None:
            why = f"the markup names no {'question' if name is None else 'answer'}"
            yield make(document, box if name is None else name, box, pattern=pattern, dropped=why)
            continue
        text = _part(answer, attribute, ("text",), answer)
        if document.contains(name, text):
            yield make(document, name, text, pattern=pattern, dropped="the markup puts the answer in the question")
            continue
        yield make(document, name, text, pattern=pattern, explicit=True, confidence=0.95)


def _part(box: Element, attribute: str, names: tuple[str, ...], default: Element | None) -> Element | None:
    for element in box.iterdescendants():
        stated = {value.rsplit(":", 1)[-1].rsplit("/", 1)[-1] for value in (element.get(attribute) or "").split()}
        if stated.intersection(names) and element.tag != "meta":
            return element
    return default
