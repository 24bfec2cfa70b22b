"""Lists of threads and of boards: their rows look like questions and answers and are neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crawlers.pages.candidates import Candidate
from crawlers.pages.dom import Document, Element, Span
from crawlers.pages.lines import Line
from crawlers.pages.platforms import class_path
from crawlers.pages.render import squeeze

__all__ = ["outside_lists", "thread_lists", "without_lists"]

_LISTS = (
    "//ul{topiclist}",  # phpBB 3
    "//table[.//a{topictitle or forumlink}][not(.//table[.//a{topictitle or forumlink}])]",  # phpBB 2
    "//table{topic-list or category-list}",  # Discourse
    "//tr[@data-topic-id] | //div{topic-list-item} | //div{latest-topic-list-item}",
    "//div{structItem or structItem--thread or node--forum} | //ol{discussionListItems} | //ol{nodeList}",  # XenForo
    "//*[@id='threadlist' or @id='threadslist' or @id='forumbits'] | //ol[@id='forums'] | //li{threadbit}",  # vBulletin
    "//*[@id='messageindex' or @id='boardindex_table' or @id='topic_container']",  # SMF
    "//table[.//span{subject_old or subject_new}][not(.//table[.//span{subject_old or subject_new}])]",  # MyBB
    "//div{blocktable}[.//td{tcl}][.//td{tc2 or tc3 or tcr}]",  # FluxBB
    "//ul{Discussions}[li{ItemDiscussion}] | //table{DiscussionsTable} | //ul{CategoryList}",  # Vanilla
    "//li{cForumRow} | //ol{cForumTopicTable} | //ol{cTopicList}",  # Invision
    "//div{question-summary or s-post-summary}",  # Stack Exchange
    "//ul{bbp-topics or bbp-forums}",  # bbPress
)
_NUMBER = r"\d[\d.,\s]*[km]?"
_REPLIES = (
    r"(?:repl(?:y|ies)|answers?|responses?|comments?|posts?|messages?|topics?|threads?|"
    r"respuestas?|mensajes?|comentarios?|temas?|hilos?|"
    r"antwort(?:en)?|beitr[aä]ge?|themen|r[eé]ponses?|sujets|respostas?|t[oó]picos|risposte|discussioni)"
)
_VISITS = (
    r"(?:views?|hits|reads?|votes?|activity|"
    r"vistas?|visitas?|lecturas?|votos?|actividad|"
    r"aufrufe|zugriffe|hits|stimmen|vues|lectures|visualiza[cç][oõ]es|visite)"
)
_LAST = (
    r"(?:(?:last|latest|newest) (?:post|reply|message|activity)|freshness|"
    r"[uú]ltim[oa]s? (?:mensajes?|respuestas?|actividad)|"
    r"letzter? (?:beitrag|antwort)|neuester beitrag|dernier message|[uú]ltima (?:mensagem|resposta)|ultimo messaggio)"
)


def _count(words: str) -> str:
    return rf"(?:{_NUMBER}\s*{words}|{words}\s*:?\s*{_NUMBER})\b"


# In the rows only the words that no page but a forum counts: help pages have votes and comments.
_ROW_REPLIES = _count(
    r"(?:repl(?:y|ies)|answers?|responses?|respuestas?|antwort(?:en)?|r[eé]ponses?|respostas?|risposte)"
)
_ROW_VISITS = rf"(?:{_count(r'(?:views?|hits|vistas?|visitas?|lecturas?|aufrufe|zugriffe|vues|visite)')}|{_LAST}\b)"
_COUNTS_REPLIES = re.compile(rf"{_ROW_REPLIES}.{{0,60}}", re.I)
_COUNTS_VISITS = re.compile(rf"{_ROW_VISITS}.{{0,60}}|{_ROW_REPLIES}.{{0,20}}{_ROW_VISITS}.{{0,60}}", re.I)
_HEADS = tuple(re.compile(rf"{words}(?: ?[/|] ?{words})?\W*", re.I) for words in (_REPLIES, _VISITS, _LAST))
_BOTH_HEADS = re.compile(rf"(?:{_REPLIES}\s*(?:/|\||,|y|and|und)?\s*{_VISITS}|{_VISITS}\s*(?:/|\|)\s*{_REPLIES})", re.I)
_COUNT_CELL = re.compile(rf"{_NUMBER}\W*(?:{_NUMBER})?", re.I)


def thread_lists(document: Document, lines: list[Line]) -> list[Span]:
    """Where the page lists threads or boards, by the markup of known platforms or by its counters; in order."""
    found = [element for path in _LISTS for element in document.root.xpath(class_path(path))]
    found += _counting_tables(document)
    spans = sorted((document.enter[e], document.leave[e] + 1) for e in found)
    counted = _counted_rows(document, lines)
    if counted is not None:
        spans = sorted([*spans, counted])
    apart: list[Span] = []
    for span in spans:
        if apart and span[0] < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(span[1], apart[-1][1]))
        else:
            apart.append(span)
    return apart


def _counting_tables(document: Document) -> Iterator[Element]:
    """Tables with at least two of the columns replies, views, last post, whose rows link and count."""
    for table in document.root.iter("table"):
        if next(table.iterdescendants("table"), None) is not None:
            continue
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        heads = [squeeze(cell.text_content()) for row in rows[:2] for cell in row[1:]]
        kinds = sum(any(kind.fullmatch(head) for head in heads) for kind in _HEADS)
        kinds += 2 * any(_BOTH_HEADS.fullmatch(head) for head in heads)
        body = [row for row in rows if any(_COUNT_CELL.fullmatch(squeeze(cell.text_content())) for cell in row)]
        linked = [row for row in body if any(cell.find(".//a[@href]") is not None for cell in row)]
        if kinds >= 2 and linked and len(linked) >= 0.4 * (len(rows) - 1):
            yield table


def _counted_rows(document: Document, lines: list[Line]) -> Span | None:
    """The smallest element around all rows that say "3 replies" and "120 views", where there are two or more."""
    shown = [line for line in lines if not line.furniture and len(line.text) < 80]
    replies = [line for line in shown if _COUNTS_REPLIES.fullmatch(line.text)]
    visits = [line for line in shown if _COUNTS_VISITS.fullmatch(line.text)]
    if min(len(replies), len(visits)) < 2:
        return None
    elements = [line.element for line in (*replies, *visits)]
    first = min(document.enter[e] for e in elements)
    last = max(document.leave[e] for e in elements)
    top = elements[0]
    while top.getparent() is not None and not (document.enter[top] <= first and document.leave[top] >= last):
        top = top.getparent()
    # The first row begins where its title stands: take the whole element only where it is no page of other things.
    return (document.enter[top], document.leave[top] + 1) if top.tag not in ("body", "html") else (first, last + 1)


def outside_lists(candidate: Candidate, lists: list[Span]) -> Candidate | None:
    """The candidate, its answer cut where a list begins; None where it stands in a list."""
    start, end = candidate.answer
    for low, high in lists:
        if low <= candidate.place[0] < high or low <= start < high:
            return None
        if start < low < end:
            end = low
    return candidate if end == candidate.answer[1] else replace(candidate, answer=(start, end))


def without_lists(lines: list[Line], lists: list[Span]) -> list[Line]:
    """The lines, those of the lists marked as the site's own."""
    if not lists:
        return lines
    return [
        replace(line, furniture=True) if any(low <= line.span[0] < high for low, high in lists) else line
        for line in lines
    ]
