"""Reads a thread of a forum that no row of `platforms` knows, from what all threads have in common.

Every post has one date, one author and one text, and posts look alike. So: find the dates that are
marked up alike, take around each the largest part of the page without another one, and look in
these parts for the author and for the element that holds the text in nearly all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawlers.pages.boards import thread_lists
from crawlers.pages.dom import BLOCKS, HIDDEN, Document, Element, Span
from crawlers.pages.lines import read_lines
from crawlers.pages.placed_names import placed_names, title_seeks_help
from crawlers.pages.platforms.byline import author_of, author_words, is_furniture, shape
from crawlers.pages.platforms.facts import said_by_staff, shared_name, stamp_text
from crawlers.pages.render import render, squeeze
from crawlers.pages.thread_dates import iso_dates
from crawlers.pages.thread_title import page_title, speaks_of_forum
from crawlers.pages.thread_wording import ACCEPTED_WORD, CITED, without_signature
from crawlers.pages.threads import Post, Thread

__all__ = ["generic_thread"]

_MOST_STAMPS = 600
_TRIES = 4
_FEW_LETTERS = 25  # a part with less text than this beside date and author is a head without its post
_MOST = 0.75  # of the posts must show what is taken for a mark of posts
_NOISE = re.compile(
    r"quot|signature|(?:^|[-_ ])sig(?:$|[-_ ])|edited|last-?edit|attribution|avatar|user-?(?:info|card|panel)|"
    r"post-?(?:number|actions|links|footer|buttons)|action|share|reactions?|toolbar|report|permalink",
    re.I,
)
_ACCEPTED = re.compile(
    r"(?:^|[-_ ])(?:is-?)?(?:accepted|best)[-_ ]?(?:answer|solution)|(?:^|[-_ ])solution(?:$|[-_ ])", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The stretch of a page that holds one post, with the element that says when it was written."""

    stamp: Element
    span: Span
    elements: list[Element]
    author: Element | None


def generic_thread(document: Document) -> Thread | None:
    """The thread of a page that speaks of being one, or None."""
    if not speaks_of_forum(document):
        return None
    groups: dict[str, list[Element]] = defaultdict(list)
    for stamp in _stamps(document):
        groups[shape(stamp)].append(stamp)
    most = sorted((g for g in groups.values() if len(g) >= 2), key=len, reverse=True)[:4]
    read = [posts for group in most if (posts := _posts(document, _with_opening(document, group, groups)))]
    title = page_title(document)
    if not read and title_seeks_help(title):
        read = [posts for group in most if (posts := _posts(document, group, placed=True))]
    if not read or not title:
        return None
    lists = thread_lists(document, read_lines(document))
    if any(low <= document.enter[stamp] < high for low, high in lists for stamp in most[0]):
        return None
    posts = max(read, key=lambda posts: (len(posts), sum(len(post.text) for post in posts)))
    return Thread(title=title, label="", posts=posts, platform="generic", marks=any(p.accepted for p in posts))


def _stamps(document: Document) -> list[Element]:
    """The smallest elements that say a date and little else, in order."""
    found: list[Element] = []
    above: set[Element] = set()
    for element in reversed(list(document.elements())):
        if element in above or element.tag in HIDDEN or not stamp_text(element) or is_furniture(element):
            continue
        found.append(element)
        above.update(element.iterancestors())
        if len(found) >= _MOST_STAMPS:
            break
    return found[::-1]


def _with_opening(document: Document, group: list[Element], groups: dict[str, list[Element]]) -> list[Element]:
    """The dates of the posts with that of the opening post, which some forums mark up in another way."""
    known = set(group)
    before = [
        stamp
        for stamps in groups.values()
        for stamp in stamps
        if stamp not in known and document.enter[stamp] < document.enter[group[0]]
    ]
    for stamp in sorted(before, key=document.enter.__getitem__, reverse=True)[:_TRIES]:
        part = _parts(document, [stamp, *group[:2]])[0]
        if (part.author is not None or author_words(stamp_text(stamp))) and _letters(document, part) >= _FEW_LETTERS:
            return [stamp, *group]
    return group


def _parts(document: Document, stamps: Sequence[Element]) -> list[_Part]:
    """The largest part of the page around each date that holds no other."""
    places = [document.enter[stamp] for stamp in stamps]
    tops: list[Element] = []
    for n, stamp in enumerate(stamps):
        top = stamp
        for above in stamp.iterancestors():
            others_before = n and document.enter[above] <= places[n - 1]
            others_behind = n + 1 < len(places) and document.leave[above] >= places[n + 1]
            if above.tag in ("body", "html", "main") or others_before or others_behind:
                break
            top = above
        tops.append(top)
    spans = [(document.enter[top], document.leave[top] + 1) for top in tops]
    if (
        sum(_length(top) - _length(stamp) < _FEW_LETTERS * 2 for top, stamp in zip(tops, stamps, strict=True))
        > len(tops) / 2
    ):
        spans = _until_next(document, tops)  # heads of posts, whose texts stand behind them
    everything = list(document.elements())
    enters = list(document.enter.values())
    parts = []
    for stamp, span in zip(stamps, spans, strict=True):
        inside = everything[bisect_left(enters, span[0]) : bisect_left(enters, span[1])]
        elements = [element for element in inside if document.leave[element] < span[1]]
        parts.append(_Part(stamp=stamp, span=span, elements=elements, author=author_of(elements, None)[0]))
    return parts


def _until_next(document: Document, tops: list[Element]) -> list[Span]:
    starts = [document.enter[top] for top in tops]
    parent = tops[-1].getparent()
    behind = [e for e in parent if document.enter[e] > starts[-1]][:1] if parent is not None else []
    last = document.leave[behind[0]] + 1 if behind else document.leave[tops[-1]] + 1
    return list(zip(starts, [*starts[1:], last], strict=True))


def _length(element: Element) -> int:
    return sum(len(part.strip()) for part in element.itertext())


def _letters(document: Document, part: _Part) -> int:
    """How much text a part has beside date and author."""
    if part.elements[0] is part.stamp:
        return 0
    return len(squeeze(_rendered(document, part, None, part.author)))


def _posts(document: Document, stamps: list[Element], *, placed: bool = False) -> tuple[Post, ...]:
    """The posts around these dates; none where they do not look like posts of several people.

    Authors are named by what says so, or with `placed` by what stands in the same place of every post.
    """
    parts = _parts(document, stamps)
    if placed:
        named = placed_names(document, [part.elements for part in parts], [part.stamp for part in parts])
        parts = [replace(part, author=element) for part, element in zip(parts, named, strict=False)]
        if not parts:
            return ()
    bodies = _bodies(document, parts)
    posts: list[Post] = []
    names: list[str] = []
    for part, body in zip(parts, bodies, strict=True):
        element, name = author_of(part.elements, body)
        if placed and part.author is not None:
            element, name = part.author, squeeze(part.author.text_content())
        name = name or author_words(stamp_text(part.stamp))
        text = without_signature(_rendered(document, part, body, element))
        if not text:
            continue
        names.append(name)
        posts.append(
            Post(
                author="" if shared_name(name) else name,
                text=text,
                markdown=without_signature(_rendered(document, part, body, element, markdown=True)),
                accepted=_accepted(part, body),
                staff=said_by_staff(part.elements[0], body if body is not None else part.stamp)
                if body is not None
                else False,
                written_at=stamp_text(part.stamp),
                quoted=_quoted(part),
            )
        )
    authors = Counter(filter(None, names))
    words = sorted(len(post.text.split()) for post in posts)
    if len(posts) < 2 or len(authors) < 2 or authors.total() < _MOST * len(posts) or words[len(words) // 2] < 6:
        return ()
    if sum(_linked(part) > 0.6 for part in parts) > len(parts) / 2:  # a list of threads
        return ()
    dates = iso_dates([post.written_at for post in posts])
    return tuple(replace(post, written_at=day) for post, day in zip(posts, dates, strict=True))


def _bodies(document: Document, parts: list[_Part]) -> list[Element | None]:
    """For each part the element of the kind that holds most of the text in nearly all parts."""
    seen: list[dict[str, list[Element]]] = []
    for part in parts:
        author = part.author
        kinds: dict[str, list[Element]] = defaultdict(list)
        for element in part.elements:
            if element.tag in BLOCKS and not any(
                one is not None and document.contains(element, one) for one in (part.stamp, author)
            ):
                kinds[shape(element)].append(element)
        seen.append(kinds)
    counts = Counter(kind for kinds in seen for kind, found in kinds.items() if len(found) == 1)
    sizes = {
        kind: sum(_length(kinds[kind][0]) for kinds in seen if len(kinds.get(kind, ())) == 1)
        for kind, count in counts.items()
        if count >= max(2, _MOST * (len(parts) - 1))
    }
    if not sizes or max(sizes.values()) < _FEW_LETTERS * len(parts) / 2:
        return [None] * len(parts)
    best = max(sizes.values())
    kind = min((k for k in sizes if sizes[k] >= 0.97 * best), key=lambda k: (sizes[k], k))
    return [kinds[kind][0] if kinds.get(kind) else _largest(kinds) for kinds in seen]


def _largest(kinds: dict[str, list[Element]]) -> Element | None:
    """The opening post's body, where it is of a kind of its own."""
    found = [element for elements in kinds.values() for element in elements]
    return max(found, key=_length, default=None)


def _rendered(
    document: Document, part: _Part, body: Element | None, author: Element | None, *, markdown: bool = False
) -> str:
    top = body if body is not None else part.elements[0]
    span = document.inside(top) if body is not None else part.span
    while body is None and document.leave[top] + 1 < part.span[1] and top.getparent() is not None:
        top = top.getparent()
    noise = [
        e
        for e in part.elements
        if e.tag == "blockquote" or _NOISE.search(f"{e.get('class') or ''} {e.get('id') or ''}")
    ]
    skip = {
        e
        for e in noise
        if e is not body and e is not top and not document.contains(e, body if body is not None else part.stamp)
    }
    if body is None:
        skip |= {e for e in (part.stamp, author) if e is not None}
    return render(document, span, top, markdown=markdown, skip=frozenset(skip))


def _accepted(part: _Part, body: Element | None) -> bool:
    for element in part.elements:
        if _ACCEPTED.search(element.get("class") or ""):
            return True
        if element is not body and not len(element) and ACCEPTED_WORD.fullmatch(squeeze(element.text or "")):
            return True
    return False


def _quoted(part: _Part) -> tuple[str, ...]:
    heads = [e for e in part.elements if e.tag in ("blockquote", "cite") or "quot" in (e.get("class") or "").lower()]
    names = [CITED.split(squeeze(e.text_content())[:60])[0].strip(" @") for e in heads]
    return tuple(name for name in names if name)


def _linked(part: _Part) -> float:
    links = sum(_length(e) for e in part.elements if e.tag == "a")
    return links / max(1, _length(part.elements[0]))
