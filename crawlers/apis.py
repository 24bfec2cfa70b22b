"""The JSON interfaces (APIs) of platforms: where each begins, and where each of its answers leads.

Pure: addresses and decoded JSON in, addresses out. What the answers say is read by crawlers.pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

__all__ = ["APIS", "Api", "Lead", "missing_posts", "speaking_api"]

STACKEXCHANGE = "https://api.stackexchange.com/2.3"
POSTS_A_REQUEST = 20  # what Discourse's own pages ask for
MOST_POSTS = 400  # of one topic; beyond that only the accepted answer is fetched
LAST_PAGE = 25  # the Stack Exchange API gives no more without a key; then the range of dates moves on
_REDDIT_COMMENTS = "limit=500&raw_json=1"
_FILTER = (
    "question.body;question.answers;question.accepted_answer_id;question.content_license;answer.body;"
    "answer.content_license;answer.is_accepted;answer.score;answer.owner;answer.creation_date"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address of the API to go on with; `page` is the same for people, which `allow` and `deny` speak of."""

    url: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One platform's interface.

    `first` takes the source's address and that of the API, "" for the usual one; `leads` an answer's
    JSON, its address and the source's. `address` is what the API's addresses look like.
    """

    name: str
    platform: str
    first: Callable[[str, str], str]
    leads: Callable[[Any, str, str], Iterator[Lead]]
    address: re.Pattern[str]


def speaking_api(url: str) -> Api | None:
    """The API that an address belongs to, by its form."""
    return next((api for api in APIS.values() if api.address.search(url)), None)


def _discourse_first(url: str, api: str) -> str:
    base = api.rstrip("/")
    path = urlsplit(url).path
    if found := re.search(r"^(.*?)/t/(?:[^/]+/)?(\d+)", path):
        return f"{base or _site(url) + found[1]}/t/{found[2]}.json"
    if found := re.search(r"^(.*?)(/(?:c|tag|tags)/[^?#]*?)(?:\.json|/l/\w+)?/?$", path):
        return f"{base or _site(url) + found[1]}{found[2]}.json"
    folder = re.sub(r"/(?:latest|categories|top|new)?(?:\.json)?$", "", path)
    return f"{base or _site(url) + folder}/latest.json"


def _discourse_leads(value: Any, url: str, source: str) -> Iterator[Lead]:
    listed = value.get("topic_list") if isinstance(value, dict) else None
    if not isinstance(listed, dict):
        return
    base = re.split(r"/(?:latest|c|tags?)\b", url, maxsplit=1)[0]
    for topic in _dicts(listed.get("topics")):
        number = topic.get("id")
        if isinstance(number, int) and topic.get("posts_count") != 1:
            slug = topic.get("slug")
            page = f"{base}/t/{quote(slug if isinstance(slug, str) and slug else '-', errors='replace')}/{number}"
            yield Lead(url=f"{base}/t/{number}.json", page=page)
    more = listed.get("more_topics_url")
    if isinstance(more, str) and more:
        parts = urlsplit(urljoin(url, more))
        path = parts.path if parts.path.endswith(".json") else f"{parts.path}.json"
        yield Lead(url=parts._replace(path=path).geturl())


def missing_posts(topic: Any, url: str) -> list[str]:
    """The addresses of a topic's posts that its own answer leaves out, in parts."""
    stream = topic.get("post_stream") if isinstance(topic, dict) else None
    if not isinstance(stream, dict) or not isinstance(stream.get("stream"), list):
        return []
    have = {post.get("id") for post in _dicts(stream.get("posts"))}
    numbers = [number for number in stream["stream"] if isinstance(number, int) and number not in have]
    numbers = numbers[: max(0, MOST_POSTS - len(have))]
    site, _, rest = url.partition("/t/")
    number = re.match(r"\d+", rest)
    if number is None:
        return []
    parts = (numbers[at : at + POSTS_A_REQUEST] for at in range(0, len(numbers), POSTS_A_REQUEST))
    return [f"{site}/t/{number[0]}/posts.json?{urlencode([('post_ids[]', n) for n in part])}" for part in parts]


def _stackexchange_first(url: str, api: str) -> str:
    """The filter that brings answers with their questions: made by the API, never changed once made."""
    query = {"include": _FILTER, "base": "default", "unsafe": "false"}
    return f"{api.rstrip('/') or STACKEXCHANGE}/filters/create?{_query(query)}"


def _stackexchange_leads(value: Any, url: str, source: str) -> Iterator[Lead]:
    if not isinstance(value, dict):
        return
    items = _dicts(value.get("items"))
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.path.endswith("/filters/create"):
        made = next((item["filter"] for item in items if isinstance(item.get("filter"), str)), "")
        if made:
            yield _stackexchange_questions(url, source, made)
    elif value.get("has_more") is True:
        page = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 1
        oldest = items[-1].get("last_activity_date") if items else None
        if page < LAST_PAGE:
            query["page"] = str(page + 1)
        elif isinstance(oldest, int) and query.get("max") != str(oldest):
            query |= {"page": "1", "max": str(oldest)}
        else:
            return
        yield Lead(url=parts._replace(query=_query(query)).geturl())


def _stackexchange_questions(url: str, source: str, made: str) -> Lead:
    """All questions of the site, those with a tag, or one, as the source's address says."""
    parts = urlsplit(source)
    query = {"site": (parts.hostname or "").removeprefix("www."), "filter": made, "pagesize": "100", "page": "1"}
    path = "/questions"
    if found := re.match(r"/questions/tagged/([^/?]+)", parts.path):
        query["tagged"] = unquote(found[1]).replace("+", ";").replace(" ", ";")
    elif found := re.match(r"/(?:questions|q)/(\d+)", parts.path):
        path += f"/{found[1]}"
    return Lead(url=f"{url.partition('/filters/create')[0]}{path}?{_query(query)}")


def _zendesk_first(url: str, api: str) -> str:
    base = api.rstrip("/") or f"{_site(url)}/api/v2/help_center"
    found = re.match(r"/hc/(?P<locale>[a-z]{2}(?:-[a-z0-9]+)?)(?=/|$)", urlsplit(url).path, re.I)
    locale = f"/{found['locale'].lower()}" if found else ""
    if part := re.search(r"/(sections|categories)/(\d+)", urlsplit(url).path):
        locale += f"/{part[1]}/{part[2]}"
    elif part := re.search(r"/articles/(\d+)", urlsplit(url).path):
        return f"{base}{locale}/articles/{part[1]}.json?include=sections"
    return f"{base}{locale}/articles.json?include=sections&per_page=100"


def _zendesk_leads(value: Any, url: str, source: str) -> Iterator[Lead]:
    if not isinstance(value, dict):
        return
    links = value.get("links")
    more = (links.get("next") if isinstance(links, dict) else None) or value.get("next_page")
    if isinstance(more, str) and more:
        yield Lead(url=urljoin(url, more))


def _reddit_first(url: str, api: str) -> str:
    base, path = api.rstrip("/") or _site(url), urlsplit(url).path
    if found := re.search(r"/comments/(\w+)", path):
        return f"{base}/comments/{found[1]}.json?{_REDDIT_COMMENTS}"
    found = re.match(r"(/(?:r|user)/\w+)(?:/(new|top|hot|rising))?", path)
    return f"{base}{found[1] if found else ''}/{(found and found[2]) or 'new'}.json?limit=100&raw_json=1"


def _reddit_leads(value: Any, url: str, source: str) -> Iterator[Lead]:
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        return
    for child in _dicts(data.get("children")):
        post = child.get("data")
        if child.get("kind") == "t3" and isinstance(post, dict) and post.get("num_comments") != 0:
            number = str(post.get("id"))
            if re.fullmatch(r"\w{1,16}", number):
                page = urljoin(url, str(post.get("permalink") or f"/comments/{number}/"))
                yield Lead(url=f"{_site(url)}/comments/{number}.json?{_REDDIT_COMMENTS}", page=page)
    after = data.get("after")
    if isinstance(after, str) and after:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query)) | {"after": after}
        yield Lead(url=parts._replace(query=_query(query)).geturl())


def _query(values: dict[str, str]) -> str:
    return urlencode(values, errors="replace")  # half a surrogate is no text


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


APIS: dict[str, Api] = {
    api.name: api
    for api in (
        Api(
            name="discourse",
            platform="Discourse",
            first=_discourse_first,
            leads=_discourse_leads,
            address=re.compile(r"/(?:latest|t/\d+|t/\d+/posts|(?:c|tags?)/[^?]+)\.json(?:\?|$)"),
        ),
        Api(
            name="stackexchange",
            platform="Stack Exchange",
            first=_stackexchange_first,
            leads=_stackexchange_leads,
            address=re.compile(r"/\d\.\d/(?:filters/create|questions)\b"),
        ),
        Api(
            name="helpcenter",
            platform="Zendesk",
            first=_zendesk_first,
            leads=_zendesk_leads,
            address=re.compile(r"/api/v2/help_center/"),
        ),
        Api(
            name="reddit",
            platform="Reddit",
            first=_reddit_first,
            leads=_reddit_leads,
            address=re.compile(r"/(?:(?:r|user)/\w+/\w+|new|comments/\w+)\.json(?:\?|$)"),
        ),
    )
}
