"""Pairs from real pages, and how fast: tamiz beside extruct (schema.org) and trafilatura (article text).

usage: python benchmarks/extraction.py [PAGES] [--rounds N]

PAGES is a folder with html/, gold/, INDEX.tsv and score.py (default: $TAMIZ_SHARED/pages, then ../shared/pages).
All tools read the same bytes in the same run, on one core, in turns; the best of the rounds counts.
extruct gives pairs where a page carries FAQPage or QAPage markup. trafilatura gives no pairs: it is there for the
share of the true questions that its text still holds, which is the most that a step after it could find.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

LABEL = re.compile(r"^\W*(?:\d+(?:\.\d+)*[.)\]:]*\s+)?(?:[QPFqpf]\s?\d*[.:)-]\s+)?")  # numbers, "Q:"
ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TAMIZ_SHARED") or ROOT.parent / "shared")


@dataclass(slots=True)
class Result:
    """What a tool read from the pages: pairs by file, its text by file, and the seconds of its best round."""

    name: str
    pairs: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    seconds: float = float("inf")


Reader = Callable[[bytes], tuple[list[dict[str, str]], str]]  # bytes of a page -> (pairs, all text kept)


def tamiz_reader() -> Reader:
    from crawlers.pages import decode, read_page

    def read(body: bytes) -> tuple[list[dict[str, str]], str]:
        pairs = [{"question": p.question, "answer": p.answer} for p in read_page(decode(body)).pairs]
        return pairs, "\n".join(text for pair in pairs for text in pair.values())

    return read


def extruct_reader() -> Reader:
    import extruct
    from w3lib.encoding import html_to_unicode
    from w3lib.html import remove_tags, replace_entities

    def plain(value: object) -> str:
        return " ".join(replace_entities(remove_tags(str(value or ""))).split())

    def questions(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, list):
            for item in value:
                yield from questions(item)
        elif isinstance(value, dict):
            if value.get("@type") == "Question":
                yield value
            for inner in value.values():
                if isinstance(inner, (dict, list)):
                    yield from questions(inner)

    def read(body: bytes) -> tuple[list[dict[str, str]], str]:
        html = html_to_unicode(None, body)[1]
        syntaxes = ["json-ld", "microdata", "rdfa"]
        data = extruct.extract(html, syntaxes=syntaxes, uniform=True, errors="ignore")
        pairs = []
        for question in questions([data.get(syntax, []) for syntax in syntaxes]):
            answer = question.get("acceptedAnswer") or question.get("suggestedAnswer") or {}
            first = answer[0] if isinstance(answer, list) and answer else answer
            text = first.get("text") if isinstance(first, dict) else ""
            if plain(question.get("name")) and plain(text):
                pairs.append({"question": plain(question.get("name")), "answer": plain(text)})
        return pairs, "\n".join(text for pair in pairs for text in pair.values())

    return read


def trafilatura_reader() -> Reader:
    import trafilatura

    def read(body: bytes) -> tuple[list[dict[str, str]], str]:
        return [], trafilatura.extract(body, favor_recall=True, include_comments=True) or ""

    return read


READERS = {"tamiz": tamiz_reader, "extruct": extruct_reader, "trafilatura": trafilatura_reader}


def run(pages: dict[str, bytes], rounds: int) -> list[Result]:
    readers = {name: make() for name, make in READERS.items()}
    results = {name: Result(name) for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            result = results[name]
            started = time.perf_counter()
            for file, body in pages.items():
                result.pairs[file], result.texts[file] = read(body)
            result.seconds = min(result.seconds, time.perf_counter() - started)
    return list(results.values())


def load_scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(text: str) -> str:
    found = re.findall(r"[^\W_]+", text.lower())
    return f" {' '.join(found)} "


def questions_kept(folder: Path, texts: dict[str, str], rows: list[dict[str, str]]) -> float:
    """The share of the true questions of FAQ pages whose words stand in a tool's text."""
    kept = total = 0
    for row in rows:
        if row["kind"] != "faq":
            continue
        gold = json.loads((folder / "gold" / f"{row['file']}.json").read_text(encoding="utf-8"))
        text = words(texts[row["file"]])
        for pair in gold:
            kept += words(LABEL.sub("", pair["question"])) in text
            total += 1
    return kept / max(1, total)


def threads_right(folder: Path, pairs: dict[str, list[dict[str, str]]], rows: list[dict[str, str]]) -> str:
    """How many threads got their best reply, marked as accepted or not, and how many without one got a pair."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in rows:
        if row["kind"] != "forum":
            continue
        gold = json.loads((folder / "gold" / f"{row['file']}.json").read_text(encoding="utf-8"))
        best = gold[0] if gold and gold[0].get("answer_prefix") else None
        kind = "none" if best is None else "accepted" if best["accepted"] else "other"
        total[kind] += 1
        found = pairs[row["file"]]
        if best is None:
            right[kind] += not found
        elif found:
            length = len(words(best["answer_prefix"])) - 20  # the prefix may end inside a word
            right[kind] += words(found[0]["answer"])[:length] == words(best["answer_prefix"])[:length]
    said = {"accepted": "accepted answer found", "other": "best reply found", "none": "no answer, no pair"}
    return ", ".join(f"{words} {right[kind]} of {total[kind]}" for kind, words in said.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=Path, default=SHARED / "pages")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not (options.pages / "score.py").exists():
        sys.exit(f"no measured pages at {options.pages}; give their folder, or set TAMIZ_SHARED")
    for name in ("extruct", "trafilatura"):
        if importlib.util.find_spec(name) is None:
            sys.exit(f"{name} is missing. Run: pip install -e '.[crawl,bench]'")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with (options.pages / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    pages = {row["file"]: (options.pages / "html" / row["file"]).read_bytes() for row in rows}
    scorer = load_scorer(options.pages)
    results = run(pages, options.rounds)
    megabytes = sum(map(len, pages.values())) / 1e6
    print(f"{len(pages)} pages, {megabytes:.1f} MB, one core, best of {options.rounds} rounds")
    print(f"\n{'':24}pair F1  precision  recall  macro F1  pages at 0  false pairs  questions kept  pages/s")
    ours = results[0]
    for result in results:
        score = scorer.score(result.pairs)[0]
        figures = (
            f"{score['f1_incl_negatives']:7.3f}{score['precision_incl_negatives']:11.3f}{score['recall']:8.3f}"
            f"{score['macro_f1']:10.3f}{score['zero_pages']:12}{score['neg_pairs']:13}"
        )
        if not any(result.pairs.values()):
            figures = f"{'gives no pairs':^61}"
        kept = questions_kept(options.pages, result.texts, rows)
        name = f"{result.name} {version(result.name)}"
        print(f"{name:24}{figures}{kept:16.3f}{len(pages) / result.seconds:9.1f}")
    print(f"\nThreads, tamiz: {threads_right(options.pages, ours.pairs, rows)}")
    for other in results[1:]:
        print(f"tamiz reads {other.seconds / ours.seconds:.2f} times as many pages a second as {other.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
