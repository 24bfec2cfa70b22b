"""The floor on real pages that are too differently licensed to lie in this repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.pages import Reading, decode, read_json, read_page

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("TAMIZ_SHARED") or ROOT.parent / "shared")
PAGES = SHARED / "pages"
needs_pages = pytest.mark.skipif(
    not (PAGES / "score.py").exists(), reason=f"no measured pages at {PAGES}; set TAMIZ_SHARED to their folder"
)
LEAST_F1 = 0.99
FORUM_ANSWERS = {
    "de_vb4_drwindows_geloest.html",
    "en_discourse_blizzard.html",
    "en_fluxbb_archbbs_solved.html",
    "en_serverfault_flashcache_2013.html",
    "en_so_targz_accepted.html",
    "es_phpbb3_sprites_solucionado.html",
}


def read_all() -> dict[str, Reading]:
    return {page.name: read_page(decode(page.read_bytes())) for page in sorted((PAGES / "html").iterdir())}


def score(predictions: Path) -> dict[str, float]:
    command = [sys.executable, str(PAGES / "score.py"), str(predictions)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(printed)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@needs_pages
def test_pairs_of_real_help_pages_are_right_and_pages_without_stay_empty(tmp_path: Path) -> None:
    lines = [
        json.dumps({"file": name, "pairs": [{"question": p.question, "answer": p.answer} for p in reading.pairs]})
        for name, reading in read_all().items()
    ]
    (tmp_path / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = score(tmp_path / "predictions.jsonl")
    assert result["f1_incl_negatives"] >= LEAST_F1
    assert result["zero_pages"] == 0
    assert result["neg_pairs"] == 0


@needs_pages
@pytest.mark.parametrize("name", sorted(FORUM_ANSWERS))
def test_the_best_reply_of_real_threads_is_found(name: str) -> None:
    reading = read_page(decode((PAGES / "html" / name).read_bytes()))
    gold = json.loads((PAGES / "gold" / f"{name}.json").read_text(encoding="utf-8"))[0]
    (pair,) = reading.pairs
    assert words(pair.answer)[:12] == words(gold["answer_prefix"])[:12]


@needs_pages
def test_real_threads_without_a_reply_give_no_pair() -> None:
    reading = read_page(decode((PAGES / "html" / "es_phpbb3_single_post_unanswered.html").read_bytes()))
    assert (reading.kind, reading.reason) == ("forum", "nobody answered")


@pytest.mark.skipif(not (SHARED / "api").exists(), reason=f"no API samples at {SHARED / 'api'}; set TAMIZ_SHARED")
def test_real_api_answers_are_understood() -> None:
    folder = SHARED / "api" / "discourse"
    assert read_json((folder / "t_2144_posts.json").read_text(encoding="utf-8")).kind == "forum"
    assert read_json((folder / "posts.json").read_text(encoding="utf-8")).reason == "a list of threads"
