"""How the forum platforms mark up a thread: one row of paths each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawlers.pages.dom import Document, Element
from crawlers.pages.render import render, squeeze
from crawlers.pages.threads import Post, Thread

__all__ = ["PLATFORMS", "Platform", "class_path", "find_thread", "noise_path", "without_signature"]


_STAFF = (
    "self::*{staff or moderator or admin} | .//*{staff or moderator or admin or user-staff or user-moderator or "
    "user-admin or userBanner--staff or message--staff}"
)
_SOLUTION = "//a[contains(@class, 'solved') or contains(@class, 'solution')][contains(@href, '#')]"
_BACK_TO = re.compile(r"^(?:volver al?|return to|zurück zu|back to)\s+", re.I)


def class_path(path: str) -> str:
    """A path in which `{a or b}` stands for "has the class a or b", `{not a}` for "lacks it".

    >>> class_path("//div{post}")
    "//div[contains(concat(' ', normalize-space(@class), ' '), ' post ')]"
    """

    def has(name: re.Match[str]) -> str:
        return f"contains(concat(' ', normalize-space(@class), ' '), ' {name[0]} ')"

    def expand(found: re.Match[str]) -> str:
        negated, names = found[1].startswith("not "), found[1].removeprefix("not ")
        test = re.sub(r"(?<![\w-])(?!or\b)[\w-]+", has, names)
        return f"[not({test})]" if negated else f"[{test}]"

    return re.sub(r"\{([^{}]+)\}", expand, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """XPaths of one platform, with `{name}` for a class (see `class_path`); all start at a post
    but `post`, `title` and `label`.

    Of the paths of `title` and `label`, divided by " | ", the first that finds text counts.
    `noise` are quotes, signatures and notes; `cite` gives the names that quotes state; `least_votes`
    is 1 where votes judge answers and 2 where they are mere likes.
    """

    name: str
    post: str
    body: str
    author: str
    title: str
    noise: str = ".//blockquote"
    label: str = ""
    votes: str = ""
    accepted: str = ""
    cite: str = ".//cite"
    staff: str = _STAFF
    marks: bool = False
    least_votes: int = 2


PLATFORMS = (
    Platform(
        name="discourse",
        post="//div{crawler-post} | //article[@data-post-id]",
        body=".//div{post or cooked}",
        author=".//span{creator}//*[@itemprop='name'] | .//div{names}//a",
        title="//div[@id='topic-title']//h1 | //*[@id='topic-title'] | //h1{crawler-topic-title} | //h1",
        noise=".//aside{quote} | .//div{meta} | .//div{lightbox-wrapper}//div",
        label="(//span{category-name})[last()] | (//span{badge-category__name})[last()]",
        votes=".//*[@itemprop='interactionStatistic'][*[contains(concat(@content, @href), 'LikeAction')]]"
        "/*[@itemprop='userInteractionCount']/@content",
        accepted="self::*{accepted-answer or post--accepted} | self::*[@itemprop='acceptedAnswer']"
        " | .//*{accepted-answer or accepted-text}",
        cite=".//aside{quote}/@data-username",
        marks=True,
    ),
    Platform(
        name="phpbb",
        post="//div{post}[.//div{postbody}]",
        body=".//div{content}",
        author=".//p{author}//strong | .//p{author}//*{username or username-coloured} | .//dl{postprofile}/dt/a",
        title="//h2{topic-title} | //h2[a[contains(@href, 'viewtopic')]]"
        " | //h1[a[contains(@href, 'viewtopic')]] | //div{postbody}//h3",
        noise=".//blockquote | .//*{signature} | .//div{notice} | .//dl{codebox}/dt"
        " | .//div{codebox}/p | .//dl{attachbox} |"
        " .//div{inline-attachment}",
        label="(//*{navlinks}//a[contains(@href, 'viewforum')])[last()]"
        " | //a{left-box or jumpbox-return}[contains(@href, 'viewforum')]",
    ),
    Platform(
        name="phpbb",
        post="//tr[td//span{name}][.//span{postbody}][not(.//tr//span{name})]"
        " | //tr[.//b{postauthor}][following-sibling::tr//div{postbody}]",
        body=".//td[span{postbody}] | following-sibling::tr[1]//div{postbody}",
        author=".//span{name}/b | .//b{postauthor}",
        title="//a{maintitle or titles} | //h2/a",
        noise=".//table[.//td{quote}] | .//span{gensmall} | .//div{quotetitle or quotecontent} | .//td{quote}",
    ),
    Platform(
        name="stackexchange",
        post="//div[@id='question'] | //div{answer}[@data-answerid]",
        body=".//div{post-text or js-post-body}",
        author="(.//div{user-details}/a)[last()]",
        title="//h1[@itemprop='name'] | //div[@id='question-header']//h1",
        noise=".//aside{s-notice} | .//div{question-status or special-status}",
        label="//a{post-tag}",
        votes=".//*{js-vote-count}/@data-value | .//*{js-vote-count or vote-count-post}/text()",
        accepted="self::*{accepted-answer}",
        marks=True,
        least_votes=1,
    ),
    Platform(
        name="xenforo",
        post="//article{message--post} | //li{message}[@data-author]",
        body=".//article{message-body} | .//blockquote{messageText} | .//div{message-body}",
        author="@data-author",
        title="//h1{p-title-value} | //div{titleBar}//h1",
        noise=".//blockquote{bbCodeBlock--quote} | .//div{bbCodeQuote} | .//*{message-lastEdit}"
        " | .//div{bbCodeBlock-title} | .//h1//span{label}",
        label="(//ul{p-breadcrumbs}//span[@itemprop='name'])[last()]",
        accepted="self::*{message--solution or is-solution} | .//*{message-cell--solution}",
        cite=".//blockquote/@data-quote | .//div{attribution}",
        marks=True,
    ),
    Platform(
        name="vbulletin",
        post="//li{postcontainer or postbit or postbitlegacy}"
        " | //table[starts-with(@id, 'post')][.//div[contains(@id, 'post_message_')]]",
        body=".//blockquote{postcontent} | .//div[starts-with(@id, 'post_message_')]",
        author=".//a{username or bigusername} | .//span{username}",
        title="//span{threadtitle} | //td{navbar}//strong",
        noise=".//div{bbcode_quote} | .//div[div{smallfont}][table] | .//div{bbcode_description}",
        label="(//*[@id='breadcrumb' or contains(@class, 'breadcrumb')]//li{navbit}{not lastnavbit})[last()]",
    ),
    Platform(
        name="fluxbb",
        post="//div{blockpost}",
        body=".//div{postright}//div{postmsg}{not postsignature}",
        author=".//div{postleft}//dt",
        title="//ul{crumbs}/li[last()] | //h1/a",
        noise=".//div{quotebox} | .//blockquote | .//*{postedit} | .//div{postsignature}",
        label="//ul{crumbs}/li[last() - 1]",
    ),
    Platform(
        name="vanilla",
        post="//div{ItemDiscussion or Discussion}[.//div{Message}] | //li{ItemComment}",
        body=".//div{Message}",
        author=".//a{Username}",
        title="//div{PageTitle}//h1",
        noise=".//blockquote{Quote or UserQuote} | .//div{Signature}",
        accepted="self::*{QnA-Item-Accepted or Accepted}",
        marks=True,
    ),
)


def find_thread(document: Document) -> Thread | None:
    """The thread of the first platform whose posts are on the page, or None."""
    for platform in PLATFORMS:
        elements = document.root.xpath(class_path(platform.post))
        solution = _solution(document, elements) if elements else None
        posts = [
            post for element in elements if (post := _post(document, platform, element, solves=element is solution))
        ]
        title = _first_text(document, platform.title) if posts else ""
        if title:
            return Thread(
                title=title,
                label=_BACK_TO.sub("", _first_text(document, platform.label)),
                posts=tuple(posts),
                platform=platform.name,
                marks=platform.marks,
                least_votes=platform.least_votes,
            )
    return None


def _solution(document: Document, posts: list[Element]) -> Element | None:
    """The post that a link outside of the posts, such as the sign beside the thread's title, calls the solution."""
    ids = {name: post for post in posts for name in (post.get("id"), post.get("data-content")) if name}
    within = frozenset(posts)
    for link in document.root.xpath(_SOLUTION):
        post = ids.get(link.get("href").rpartition("#")[2])
        if post is not None and not any(parent in within for parent in link.iterancestors()):
            return post
    return None


def noise_path(name: str) -> str:
    """The path of what is no part of a post on the platform of that name."""
    return class_path(next(platform.noise for platform in PLATFORMS if platform.name == name))


def _first_text(document: Document, paths: str) -> str:
    """The text of the first element of the first path that has any."""
    for path in paths.split(" | ") if paths else []:
        for element in document.root.xpath(class_path(path)):
            if text := _title(document, element):
                return text
    return ""


def _title(document: Document, element: Element) -> str:
    label_spans = element.xpath(class_path(".//span{label or label-append}"))
    text = render(document, document.inside(element), element, skip=frozenset(label_spans))
    return squeeze(text).strip("» ")


def _post(document: Document, platform: Platform, element: Element, *, solves: bool) -> Post | None:
    bodies = element.xpath(class_path(platform.body))
    if not bodies:
        return None
    body = bodies[0]
    skip = frozenset(body.xpath(class_path(platform.noise)))
    span = document.inside(body)
    text = render(document, span, body, skip=skip)
    authors = [
        squeeze(a if isinstance(a, str) else a.text_content()) for a in element.xpath(class_path(platform.author))
    ]
    cited = [squeeze(c if isinstance(c, str) else c.text_content()) for c in body.xpath(class_path(platform.cite))]
    return Post(
        author=next(filter(None, authors), ""),
        text=without_signature(text),
        markdown=without_signature(render(document, span, body, markdown=True, skip=skip)),
        votes=_votes(element, platform),
        accepted=solves or bool(platform.accepted and element.xpath(class_path(platform.accepted))),
        staff=bool(element.xpath(class_path(platform.staff))),
        quoted=tuple(re.split(r",| (?:wrote|escribió|said|dijo|schrieb)\b|:", name)[0].strip() for name in cited),
    )


def _votes(element: Element, platform: Platform) -> int | None:
    for value in element.xpath(class_path(platform.votes)) if platform.votes else []:
        found = re.search(r"-?\d+", value)
        if found and len(found[0]) < 10:
            return int(found[0])
    return None


def without_signature(text: str) -> str:
    """The text before a line of underscores or "-- ", which start a signature since mail had them."""
    return re.split(r"\n(?:(?:\\?_){10,}|-- ?)(?:\n|$)", text, maxsplit=1)[0].strip()
