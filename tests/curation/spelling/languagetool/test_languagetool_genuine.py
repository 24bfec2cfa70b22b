"""Genuine answers of LanguageTool servers, where the evaluation data is there: each match is read in its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curation.spelling.corrections import Text
from curation.spelling.languagetool.judgement import judge
from curation.spelling.languagetool.matches import read_matches, software
from curation.spelling.languagetool.pieces import Batch, Sentence

REPOSITORY = Path(__file__).parents[4]
FOLDER = Path(os.environ.get("TAMIZ_SHARED") or REPOSITORY.parent / "shared") / "spelling" / "languagetool-responses"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded answers in {FOLDER}; TAMIZ_SHARED names it")


def recorded(name: str):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_every_match_of_recorded_answers_is_read_where_the_server_put_it() -> None:
    read = 0
    for one in recorded("lt63_checks.json"):
        batch = Batch([Sentence(one["request"]["text"], ())])
        [found] = read_matches(one["response"], batch)
        assert len(found) == len(one["response"]["matches"])
        read += len(found)
        assert software(one["response"]).startswith("LanguageTool 6.3 ")
    assert read > 500


def test_answers_of_other_versions_are_read() -> None:
    for one in recorded("lt_other_versions.json"):
        [found] = read_matches(one["response"], Batch([Sentence(one["request"]["text"], ())]))
        assert len(found) == len(one["response"]["matches"])


def test_an_annotated_request_gives_places_in_the_whole_text() -> None:
    one = recorded("lt63_misc.json")["annotation"]
    notes = json.loads(one["request"]["data"])["annotation"]
    whole, hidden = "", []
    for note in notes:
        if "markup" in note:
            hidden.append((len(whole), len(whole) + len(note["markup"])))
        whole += note.get("text", "") + note.get("markup", "")
    [found] = read_matches(one["body"], Batch([Sentence(whole, tuple(hidden))]))
    assert [whole[match.start : match.end] for match in found] == ["escriva", "contrasena", "ruter"]


def test_emoji_do_not_move_a_match() -> None:
    one = recorded("lt63_misc.json")["emoji"]
    text = one["request"]["text"]
    [found] = read_matches(one["body"], Batch([Sentence(text, ())]))
    assert [text[match.start : match.end] for match in found] == ["contrasena", "ruter", "funsiona"]


def test_nothing_that_it_says_about_clean_sentences_would_be_applied_unseen() -> None:
    silent, shown = [], 0
    for one in recorded("lt63_checks.json"):
        if one["set"] == "clean.tsv":
            text = one["request"]["text"]
            [found] = read_matches(one["response"], Batch([Sentence(text, ())]))
            judged = judge(Text(text=text, lang="es"), found)
            shown += len(judged)
            silent += [(each.before, each.after) for each in judged if each.confidence >= 0.9]
    assert silent == []
    assert shown > 20  # the doubtful are still shown to people
