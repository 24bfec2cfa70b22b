"""Crawls of platforms' APIs, against servers on loopback that page, limit and fail as the real ones do."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.archive import read_body
from crawlers.extract import extract

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
FIX = "<p>Abre los <b>ajustes</b> del router, pulsa en Restablecer y espera dos minutos a que arranque de nuevo.</p>"


class Routes(dict[str, Any]):
    """Answers by a function of path and query, before the pages that are given as they are."""

    def __init__(self, answer: Callable[[str, dict[str, list[str]]], Any]) -> None:
        super().__init__()
        self.answer = answer

    def get(self, path: str, default: Any = None) -> Any:
        parts = urlsplit(path)
        found = self.answer(parts.path, parse_qs(parts.query))
        if isinstance(found, (dict, list)):
            return (200, {"Content-Type": JSON}, json.dumps(found))
        return found if found is not None else super().get(path, default)


# Discourse


def post(number: int, text: str, *, topic: int, author: str, **more: Any) -> dict[str, Any]:
    made = {"id": topic * 1000 + number, "post_number": number, "post_type": 1, "username": author, "topic_id": topic}
    return made | {"cooked": text, "created_at": "2026-01-08T19:23:48.342Z", "actions_summary": []} | more


def topic_posts(topic: int, replies: int, accepted: int) -> list[dict[str, Any]]:
    opening = post(1, f"<p>¿Cómo reinicio el router modelo {topic}? No arranca.</p>", topic=topic, author="ana")
    posts = [
        opening,
        *(post(n, "<p>A mí me pasa lo mismo.</p>", topic=topic, author=f"u{n}") for n in range(2, replies)),
    ]
    return [*posts, post(replies, FIX, topic=topic, author="luis", accepted_answer=accepted == replies)]


def discourse(topics: int, *, replies: int = 3, base: str = "") -> Routes:
    """A Discourse of so many topics, ten to a list and twenty posts to an answer, as 3.x answers."""

    def answer(path: str, query: dict[str, list[str]]) -> Any:
        if not path.startswith(base):
            return None
        path = path.removeprefix(base)
        if path == "/":
            return f"<html><head><meta name=generator content='Discourse 3.4.0 - x'></head><body>{base}</body></html>"
        if path == "/latest.json":
            page = int(query.get("page", ["0"])[0])
            numbers = range(page * 10 + 1, min(topics, page * 10 + 10) + 1)
            listed = {"topics": [{"id": n, "slug": f"router-{n}", "posts_count": replies} for n in numbers]}
            if (page + 1) * 10 < topics:
                listed["more_topics_url"] = f"{base}/latest?no_definitions=true&page={page + 1}"  # type: ignore[assignment]
            return {"topic_list": listed}
        parts = path.removesuffix(".json").split("/")
        posts = topic_posts(int(parts[2]), replies, replies) if len(parts) > 2 and parts[1] == "t" else []
        if parts[-1] == "posts":
            wanted = {int(n) for n in query["post_ids[]"]}
            return {"post_stream": {"posts": [p for p in posts if p["id"] in wanted]}, "id": int(parts[2])}
        if posts:
            stream = {"posts": posts[:20], "stream": [p["id"] for p in posts]}
            return {"post_stream": stream, "id": int(parts[2]), "title": f"Router {parts[2]}", "slug": "router"}
        return None

    return Routes(answer)


def test_a_discourse_is_recognised_and_read_through_its_api(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = discourse(23)
    work = bench()
    report = work.crawl()
    assert report.new_pairs == 23
    assert report.said == (f"recognised Discourse at {site.url}/ (by its generator): reading its JSON API",)
    pair = next(iter(work.store.pairs())).pair
    assert (pair.url, pair.kind, pair.accepted) == (f"{site.url}/t/router/1", "forum", True)
    paths = [path for path in site.paths() if path.startswith("/t/")]
    assert sorted(paths) == sorted({f"/t/{n}.json" for n in range(1, 24)})
    assert site.paths().index("/t/1.json") < site.paths().index("/latest.json?no_definitions=true&page=1")


def test_a_long_topic_is_joined_and_read_again_from_the_archive(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = discourse(1, replies=47)
    work = bench(source={"spider": "discourse"})
    report = work.crawl()
    assert (report.new_pairs, site.paths().count("/t/1.json")) == (1, 1)
    assert sum(path.startswith("/t/1/posts.json?") for path in site.paths()) == 2
    page = next(page for page in work.store.pages() if page.final_url.endswith("/t/1.json"))
    body, _ = read_body(work.project, page)
    assert [p["post_number"] for p in json.loads(body)["post_stream"]["posts"]] == list(range(1, 48))
    again = extract(work.project, work.store)
    assert (again.new_pairs, again.known_pairs) == (0, 1)


def test_a_discourse_in_a_folder_and_a_denied_topic(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = discourse(3, base="/foro")
    work = bench(f"{site.url}/foro/", source={"deny": ("/t/router-2/",)})
    assert work.crawl().new_pairs == 2
    assert "/foro/t/2.json" not in site.paths()


def test_an_api_that_is_closed_leaves_the_pages(site: Any, bench: Callable[..., Any]) -> None:
    site.faq("/", "¿Cómo cambio la clave del wifi?", "¿Cómo reinicio el router?")
    site.pages["/"] = site.pages["/"].replace("<title>", "<meta name='generator' content='Discourse 3.4'><title>")
    site.pages["/latest.json"] = (403, {"Content-Type": JSON}, '{"errors": ["log in"]}')
    report = bench().crawl()
    assert "its API gives nothing (403 Forbidden), reading its pages" in report.said[0]
    assert report.new_pairs == 2


def test_a_crawl_of_an_api_that_was_stopped_goes_on(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = discourse(15)
    work = bench()
    first = work.crawl(limit=7)
    assert first.pages == 7
    second = work.crawl()
    assert first.new_pairs + second.new_pairs == 15
    assert all(site.paths().count(f"/t/{n}.json") == 1 for n in range(1, 16))


def test_an_api_that_says_slow_down_is_asked_again_later(site: Any, bench: Callable[..., Any]) -> None:
    routes = discourse(2)
    calm, busy = routes.answer, itertools.count()

    def answer(path: str, query: dict[str, list[str]]) -> Any:
        if path == "/t/1.json" and next(busy) == 0:
            return (429, {"Content-Type": JSON, "Retry-After": "1"}, '{"errors": ["slow down"]}')
        return calm(path, query)

    routes.answer = answer
    site.pages = routes
    report = bench().crawl()
    assert report.new_pairs == 2
    first, second = [asked.at for asked in site.asked if asked.path == "/t/1.json"]
    assert second - first >= 0.95


# Stack Exchange


class StackExchange:
    """api.stackexchange.com for one site: filters, pages, quota, backoff and errors."""

    def __init__(self, questions: int, *, quota: int = 300, backoff: int = 0, throttled: bool = False) -> None:
        self.questions, self.quota, self.backoff, self.throttled = questions, quota, backoff, throttled

    def __call__(self, path: str, query: dict[str, list[str]]) -> Any:
        if not path.startswith("/2.3"):
            return None
        path = path.removeprefix("/2.3")
        if self.throttled:
            error = {"error_id": 502, "error_name": "throttle_violation", "error_message": "more in 75435 seconds"}
            return (400, {"Content-Type": JSON}, json.dumps(error))
        self.quota -= 1
        about = {"quota_max": 300, "quota_remaining": self.quota}
        if path == "/filters/create":
            assert "question.answers" in query["include"][0]
            return {
                "items": [{"filter": "!made", "filter_type": "safe", "included_fields": []}],
                "has_more": False,
            } | about
        if query.get("filter") != ["!made"] or query.get("site") != ["127.0.0.1"]:
            error = {"error_id": 400, "error_name": "bad_parameter", "error_message": "No site found"}
            return (400, {"Content-Type": JSON}, json.dumps(error))
        page, size = int(query["page"][0]), 4
        numbers = range((page - 1) * size, min(self.questions, page * size))
        waits = {"backoff": self.backoff} if self.backoff else {}
        return {"items": [self.question(n) for n in numbers], "has_more": page * size < self.questions} | about | waits

    @staticmethod
    def question(n: int) -> dict[str, Any]:
        owner = {"user_id": 7, "display_name": "Ana", "user_type": "registered"}
        answer = {"answer_id": 900 + n, "is_accepted": True, "score": 3, "body": FIX, "owner": {"user_id": 8}}
        return {
            "question_id": n,
            "title": f"&iquest;C&oacute;mo reinicio el router {n}?",
            "body": "<p>No arranca.</p>",
            "link": f"https://ayuda.example/questions/{n}/router",
            "tags": ["router"],
            "owner": owner,
            "answers": [answer] if n else [],
            "content_license": "CC BY-SA 4.0",
            "last_activity_date": 1700000000 - n,
            "creation_date": 1600000000,
        }


def se_bench(site: Any, bench: Callable[..., Any], api: StackExchange, **settings: Any) -> Any:
    site.pages = Routes(api)
    return bench(source={"spider": "stackexchange", "api": f"{site.url}/2.3"}, **settings)


def test_stack_exchange_gives_a_pair_for_each_answered_question(site: Any, bench: Callable[..., Any]) -> None:
    work = se_bench(site, bench, StackExchange(10))
    report = work.crawl()
    assert (report.new_pairs, report.pages) == (9, 4)  # the filter and three pages; one question has no answer
    pair = next(iter(work.store.pairs())).pair
    assert pair.question == "¿Cómo reinicio el router 1?\n\nNo arranca."
    assert (pair.url, pair.group, pair.label) == (*("https://ayuda.example/questions/1/router",) * 2, "router")
    assert pair.licence == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert extract(work.project, work.store).known_pairs == 9


def test_the_backoff_of_stack_exchange_is_kept(site: Any, bench: Callable[..., Any]) -> None:
    se_bench(site, bench, StackExchange(8, backoff=1)).crawl()
    times = [asked.at for asked in site.asked if "/questions" in asked.path]
    assert len(times) == 2
    assert times[1] - times[0] >= 0.95


def test_a_used_up_quota_ends_the_run_and_the_next_one_goes_on(site: Any, bench: Callable[..., Any]) -> None:
    api = StackExchange(12, quota=2)
    work = se_bench(site, bench, api)
    report = work.crawl()
    assert (report.pages, report.waiting) == (2, 1)
    assert "the API's quota of requests for today is used up" in report.unreachable[0]
    api.quota = 300
    assert work.crawl().new_pairs + report.new_pairs == 11


def test_a_throttled_address_is_left_for_later(site: Any, bench: Callable[..., Any]) -> None:
    work = se_bench(site, bench, StackExchange(4, throttled=True))
    with pytest.raises(Exception, match="more in 75435 seconds"):
        work.crawl()
    assert len([path for path in site.paths() if "2.3" in path]) == 1


def test_an_error_of_the_api_is_said_in_its_words(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = Routes(StackExchange(4))
    where = site.url.replace("127.0.0.1", "localhost")
    work = bench(f"{where}/", source={"spider": "stackexchange", "api": f"{site.url}/2.3"})
    assert dict(work.crawl().failed) == {"the API answered: No site found": 1}


# Zendesk


def help_center(articles: int, site: Any) -> Routes:
    def answer(path: str, query: dict[str, list[str]]) -> Any:
        if path == "/hc/es":
            page = "<html lang=es><script src='//static.zdassets.com/hc/assets/x.js'></script><p>Ayuda</p></html>"
            return (200, {"Content-Type": HTML}, page)
        if path != "/api/v2/help_center/es/articles.json":
            return None
        page = int(query.get("page", ["1"])[0])
        numbers = range((page - 1) * 3, min(articles, page * 3))
        more = f"{site.url}{path}?include=sections&page={page + 1}&per_page=100" if page * 3 < articles else None
        titles = ("¿Cómo cambio la clave {}?", "Restablecer el router {}", "Aviso legal {}")
        listed = [
            {
                "id": n,
                "title": titles[n % 3].format(n),
                "body": FIX,
                "html_url": f"{site.url}/hc/es/articles/{n}",
                "section_id": 5,
                "locale": "es",
                "draft": False,
            }
            for n in numbers
        ]
        return {"articles": listed, "sections": [{"id": 5, "name": "Router"}], "next_page": more, "page": page}

    return Routes(answer)


def test_a_zendesk_help_centre_is_recognised_and_paged(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = help_center(7, site)
    work = bench(f"{site.url}/hc/es")
    report = work.crawl()
    assert report.said[0].startswith("recognised Zendesk")
    pairs = [stored.pair for stored in work.store.pairs()]
    assert [pair.question for pair in pairs] == [
        "¿Cómo cambio la clave 0?",
        "Restablecer el router 1",
        "¿Cómo cambio la clave 3?",
        "Restablecer el router 4",
        "¿Cómo cambio la clave 6?",
    ]
    assert {(pair.label, pair.lang, pair.kind) for pair in pairs} == {("Router", "es", "faq")}
    assert pairs[0].url == f"{site.url}/hc/es/articles/0"
    assert "**ajustes**" in pairs[0].answer_markdown


# Reddit


def reddit(posts: int) -> Routes:
    def comment(text: str, score: int, **more: Any) -> dict[str, Any]:
        made = {"author": "luis", "body": text, "score": score, "created_utc": 1700000100.0, "replies": ""}
        return {"kind": "t1", "data": made | more}

    def listing(*children: dict[str, Any], after: str | None = None) -> dict[str, Any]:
        return {"kind": "Listing", "data": {"children": list(children), "after": after}}

    def thing(n: int) -> dict[str, Any]:
        text = {"selftext": "No arranca y no sé qué hacer.", "author": "ana", "score": 9, "num_comments": n}
        about = {
            "id": f"x{n}",
            "title": f"¿Cómo reinicio el router {n}?",
            "permalink": f"/r/ayuda/comments/x{n}/router/",
        }
        return {"kind": "t3", "data": text | about | {"created_utc": 1700000000.0, "subreddit": "ayuda"}}

    def answer(path: str, query: dict[str, list[str]]) -> Any:
        if path == "/r/ayuda/new.json":
            start = int(query.get("after", ["t3_0"])[0].removeprefix("t3_"))
            end = min(posts, start + 2)
            return listing(*(thing(n) for n in range(start, end)), after=f"t3_{end}" if end < posts else None)
        if path.startswith("/comments/x"):
            n = int(path.removeprefix("/comments/x").removesuffix(".json"))
            best = (
                "Desenchufa el router, espera diez segundos y enchúfalo otra vez: arrancará con los valores de fábrica."
            )
            pinned = comment(
                "Recuerda leer las normas del foro antes de publicar nada.",
                99,
                stickied=True,
                distinguished="moderator",
            )
            nested = comment("gracias", 1, author="ana", replies=listing(comment(best, 12)))
            return [listing(thing(n)), listing(pinned, comment("[removed]", 50, author="[deleted]"), nested)]
        return None

    return Routes(answer)


def test_reddit_listings_and_comments(site: Any, bench: Callable[..., Any]) -> None:
    site.pages = reddit(5)
    work = bench(f"{site.url}/r/ayuda/", source={"spider": "reddit"})
    report = work.crawl()
    pairs = [stored.pair for stored in work.store.pairs()]
    assert report.new_pairs == len(pairs) == 4  # the first post has no comments, and is not asked for
    assert all(pair.answer.startswith("Desenchufa") and pair.votes == 12 for pair in pairs)
    assert pairs[0].url == f"{site.url}/r/ayuda/comments/x1/router/"
    assert "/comments/x0.json?limit=500&raw_json=1" not in site.paths()
