"""The dumps of Stack Exchange and Reddit, in the forms they are published in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import py7zr
import pytest

from crawlers.imports import buckets, streams
from crawlers.imports.report import ImportOptions, ImportReport
from crawlers.imports.run import import_files
from tamiz.errors import InputError
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings import Settings
from tamiz.store import Store

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Import = Callable[..., tuple[ImportReport, list[Pair]]]
ANSWER = "<p>Pulsa <b>WPS</b> diez segundos:</p>\n<pre><code>sudo reboot\n</code></pre>"


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Import]:
    project = Project(folder=tmp_path / "project", settings=Settings())
    project.folder.mkdir()
    with Store.open(project.store_url) as store:

        def run(*paths: Path, **options: Any) -> tuple[ImportReport, list[Pair]]:
            (report,) = import_files(project, store, paths, ImportOptions(**options))
            assert not list(project.folder.glob(".writing*"))
            return report, [stored.pair for stored in store.pairs()]

        yield run


def row(**attributes: Any) -> str:
    written = " ".join(f"{name}={quoteattr(str(value), {chr(10): '&#xA;'})}" for name, value in attributes.items())
    return f"  <row {written} />"


def question(number: int, **more: Any) -> str:
    return row(
        Id=number, PostTypeId=1, CreationDate="2019-03-02T10:00:00.123", Score=4, Body="<p>La luz es roja.</p>",
        OwnerUserId=7, Title=f"¿Por qué no va el router {number}?", Tags="<wifi><router>", **more,
    )  # fmt: skip


def answer(number: int, to: int, body: str = ANSWER, **more: Any) -> str:
    return row(Id=number, PostTypeId=2, ParentId=to, CreationDate="2019-03-03T10:00:00.000", Body=body,
               **({"Score": 2, "OwnerUserId": 9} | more))  # fmt: skip


def dump(*rows: str) -> str:
    return "\r\n".join(['\ufeff<?xml version="1.0" encoding="utf-8"?>', "<posts>", *rows, "</posts>"])


@pytest.fixture
def posts(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str) -> Path:
        path = tmp_path / "wifi.stackexchange.com" / "Posts.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dump(*rows))
        return path

    return write


def test_a_question_gets_its_accepted_answer_from_far_below(imported: Import, posts: Any) -> None:
    licence = {"ContentLicense": "CC BY-SA 4.0"}
    rows = [question(1, AcceptedAnswerId=900, **licence), answer(2, 1, "<p>No sé qué decirte, la verdad.</p>", Score=8)]
    rows += [question(n) for n in range(10, 60)]
    report, pairs = imported(posts(*rows, answer(900, 1)))
    (pair,) = pairs
    assert pair.question == "¿Por qué no va el router 1?\n\nLa luz es roja."
    assert pair.answer == "Pulsa WPS diez segundos:\n```\nsudo reboot\n```"
    assert "**WPS**" in pair.answer_markdown
    assert (pair.url, pair.label, pair.accepted, pair.votes) == (
        "https://wifi.stackexchange.com/questions/1", "wifi", True, 2,
    )  # fmt: skip
    assert (pair.kind, pair.written_at) == ("forum", "2019-03-03T10:00:00+00:00")
    assert pair.licence == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert (report.rows, report.refused_rows, report.reasons) == (51, 50, {"nobody answered": 50})
    assert report.refused[0].startswith("line ")


def test_the_order_of_the_posts_does_not_matter(imported: Import, posts: Any) -> None:
    _, pairs = imported(posts(answer(5, 9), question(9, AcceptedAnswerId=5)))
    assert len(pairs) == 1


def test_a_damaged_row_costs_no_other(imported: Import, posts: Any) -> None:
    bad = ['  <row Id="3" PostTypeId="1" Body="a & b" />', "  <row Id=", row(Id="x", PostTypeId=1)]
    report, pairs = imported(posts(*bad, question(1, AcceptedAnswerId=2), answer(2, 1)))
    assert len(pairs) == 1
    assert [said.split(":")[0] for said in report.refused] == ["line 3", "line 4", "line 5"]
    assert "no XML" in report.refused[0]
    assert "without its number" in report.refused[2]


def test_what_is_no_question_and_no_answer_is_counted(imported: Import, posts: Any) -> None:
    report, _ = imported(posts(row(Id=4, PostTypeId=5, Body="x"), answer(8, 77), question(1), answer(2, 1)))
    assert report.left_out["posts that are neither question nor answer"] == 1
    assert report.left_out["answers whose question is not in the dump"] == 1


def test_only_threads_with_a_tag_are_taken_where_that_is_asked(imported: Import, posts: Any) -> None:
    other = question(5, AcceptedAnswerId=6).replace("wifi&gt;", "fibra&gt;")
    path = posts(question(1, AcceptedAnswerId=2), answer(2, 1), other, answer(6, 5))
    _, pairs = imported(path, only=("Fibra",))
    assert [pair.label for pair in pairs] == ["fibra"]


@pytest.mark.parametrize(
    "declared",
    ['<!DOCTYPE posts [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE p SYSTEM "file:///etc/passwd">'],
    ids=["billion-laughs", "external"],
)
def test_a_dump_with_entities_is_not_read(declared: str, imported: Import, posts: Any) -> None:
    """FAULTS row 22."""
    with pytest.raises(InputError, match="declares XML entities"):
        imported(posts(declared, question(1)))


def test_importing_a_dump_twice_adds_nothing(imported: Import, posts: Any) -> None:
    path = posts(question(1, AcceptedAnswerId=2), answer(2, 1))
    imported(path)
    report, pairs = imported(path)
    assert (report.new_pairs, report.known_pairs, len(pairs)) == (0, 1, 1)


def test_posts_are_read_inside_their_archive(imported: Import, posts: Any, tmp_path: Path) -> None:
    path = posts(question(1, AcceptedAnswerId=2), answer(2, 1))
    with py7zr.SevenZipFile(tmp_path / "net.stackexchange.com.7z", "w") as archive:
        archive.writestr("<badges/>", "Badges.xml")
        archive.write(path, "net/Posts.xml")
    report, pairs = imported(tmp_path / "net.stackexchange.com.7z")
    assert [pair.url for pair in pairs] == ["https://net.stackexchange.com/questions/1"]
    assert report.taken_for == "Stack Exchange dump"


@pytest.mark.parametrize("content", [b"7z\xbc\xaf\x27\x1c" + bytes(40), b"hello"], ids=["damaged", "no-archive"])
def test_a_bad_archive_is_named(content: bytes, imported: Import, tmp_path: Path) -> None:
    (tmp_path / "a.7z").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.7z"):
        imported(tmp_path / "a.7z")


def test_an_archive_that_unpacks_to_too_much_is_cut(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS row 19."""
    monkeypatch.setattr(streams, "UNPACKED_FREELY", 1 << 20)
    (tmp_path / "zeros").write_bytes(bytes(20 << 20))
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
        archive.write(tmp_path / "zeros", "Posts.xml")
    with pytest.raises(InputError, match="times its size"):
        imported(tmp_path / "a.7z")


def test_buckets_give_back_what_they_got_however_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUFFER", 200)
    monkeypatch.setattr(buckets, "LARGEST_BUCKET", 2000)
    monkeypatch.setattr(buckets, "MOST_RECORDS", 7)
    held = buckets.Buckets(tmp_path)
    for n in range(3000):
        held.add(f"k{n % 500}", {"n": n, "text": "é\n\t" * 5})
    groups = dict(held.groups())
    assert len(groups) == 500
    assert [record["n"] for record in groups["k3"]] == [3, 503, 1003, 1503, 2003, 2503]
    assert (held.passed_over, list(tmp_path.iterdir())) == (0, [])


def test_a_thread_too_long_for_memory_is_cut_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "MOST_RECORDS", 3)
    held = buckets.Buckets(tmp_path)
    for n in range(5):
        held.add("k", {"n": n})
    assert [len(group) for _, group in held.groups()] == [3]
    assert held.passed_over == 2


POST = {
    "id": "abc1", "subreddit": "Fibra", "title": "No va el wifi &amp; la luz es roja, ¿qué hago?", "author": "ana",
    "selftext": "Lo he reiniciado.\n\n* dos veces", "score": 5, "created_utc": 1546300800,
    "permalink": "/r/Fibra/comments/abc1/no_va/",
}  # fmt: skip
COMMENTS = [
    {"id": "c1", "link_id": "t3_abc1", "parent_id": "t3_abc1", "subreddit": "Fibra", "author": "luis", "score": 9,
     "created_utc": "1546300900", "body": "Cambia el canal a 11 en los ajustes del router &gt; wifi."},
    {"id": "c2", "link_id": "t3_abc1", "parent_id": "t1_c1", "subreddit": "Fibra", "author": "x", "score": 1,
     "created_utc": 1546300950, "body": "[deleted]"},
    {"id": "c9", "link_id": "t3_zzz", "subreddit": "Fibra", "author": "x", "score": 1, "created_utc": 1,
     "body": "sola"},
]  # fmt: skip


def packed(path: Path, *values: Any) -> Path:
    """As the dumps are: long-distance matching with the widest window."""
    text = "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values)
    wide = {zstd.CompressionParameter.window_log: 31, zstd.CompressionParameter.enable_long_distance_matching: 1}
    with zstd.ZstdFile(path, "wb", options=wide) as file:
        file.write(text.encode())
    return path


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["posts-first", "comments-first"])
def test_posts_and_comments_of_reddit_come_together(order: tuple[int, int], imported: Import, tmp_path: Path) -> None:
    files = packed(tmp_path / "RS_2019-01.zst", POST), packed(tmp_path / "RC_2019-01.zst", *COMMENTS)
    report, pairs = imported(*(files[n] for n in order))
    (pair,) = pairs
    assert pair.question.startswith("No va el wifi & la luz es roja, ¿qué hago?")
    assert pair.answer == "Cambia el canal a 11 en los ajustes del router > wifi."
    assert (pair.url, pair.label, pair.votes) == ("https://www.reddit.com/r/Fibra/comments/abc1/no_va/", "Fibra", 9)
    assert pair.written_at == "2019-01-01T00:01:40+00:00"
    assert report.left_out["comments whose post is not in the files"] == 1
    assert "luis" not in repr(pair)


def test_json_lines_of_reddit_are_read_unpacked_and_by_subreddit(imported: Import, tmp_path: Path) -> None:
    other = POST | {"id": "qq1", "subreddit": "gatos"}
    path = tmp_path / "RS_2011-01"
    path.write_text("".join(f"{json.dumps(value)}\n" for value in (POST, *COMMENTS[:1], other)))
    report, pairs = imported(path, only=("r/fibra",))
    assert (len(pairs), report.rows) == (1, 1)
    assert report.left_out["posts of other subreddits than --only"] == 1


def test_bad_lines_of_a_dump_are_refused_with_their_place(imported: Import, tmp_path: Path) -> None:
    bad = ["{", "[1]", "[" * 100_000, {"subreddit": "a", "id": "../x", "title": "t"}]
    files = packed(tmp_path / "RS.zst", POST, *bad), packed(tmp_path / "RC.zst", *COMMENTS)
    report, pairs = imported(*files)
    assert len(pairs) == 1
    assert [said.split(":")[0] for said in report.refused] == [f"RS.zst, line {n}" for n in (2, 3, 4, 5)]


def test_an_address_in_a_dump_leads_nowhere_else(imported: Import, tmp_path: Path) -> None:
    evil = POST | {"permalink": "javascript:alert(1)"}
    _, pairs = imported(packed(tmp_path / "R.zst", evil, *COMMENTS))
    assert pairs[0].url == "https://www.reddit.com/comments/abc1/"


def test_a_torn_dump_is_named(imported: Import, tmp_path: Path) -> None:
    path = packed(tmp_path / "RS.zst", *[POST | {"id": f"a{n}", "selftext": str(n) * 50} for n in range(5000)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"RS\.zst is damaged"):
        imported(path)


def test_a_dump_that_unpacks_to_too_much_is_cut(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS row 19."""
    monkeypatch.setattr(streams, "UNPACKED_FREELY", 1 << 20)
    path = packed(tmp_path / "RS.zst", POST, " " * (20 << 20))
    with pytest.raises(InputError, match="times its size"):
        imported(path)


def test_a_line_without_end_is_refused_and_passed_over(imported: Import, tmp_path: Path) -> None:
    files = packed(tmp_path / "RS.zst", "x" * (17 << 20), POST), packed(tmp_path / "RC.zst", *COMMENTS)
    report, pairs = imported(*files)
    assert len(pairs) == 1
    assert report.refused == ("RS.zst, line 1: a line of over 16 MB",)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    """Four times the dump takes no more than a fifth more memory."""
    code = (
        "import resource, sys; from pathlib import Path; from crawlers.imports.report import ImportOptions\n"
        "from crawlers.imports.run import import_files; from tamiz.project import Project\n"
        "from tamiz.settings import Settings; from tamiz.store import Store\n"
        "folder = Path(sys.argv[1]); project = Project(folder=folder, settings=Settings())\n"
        "with Store.open(project.store_url) as store:\n"
        "    import_files(project, store, [folder / 'Posts.xml'], ImportOptions())\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    used = []
    for times in (1, 4):
        folder = tmp_path / str(times)
        folder.mkdir()
        filler = "<p>" + "agua fuego tierra " * 300 + "</p>"
        with (folder / "Posts.xml").open("w") as file:
            file.write("<posts>\n")
            for n in range(1, 1500 * times):
                file.write(question(2 * n) + "\n")
                file.write(answer(2 * n + 1, 2, filler) + "\n")
            file.write("</posts>\n")
        done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
        used.append(int(done.stdout))
    assert used[1] < used[0] * 1.2
