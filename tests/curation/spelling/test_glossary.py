"""The glossary: what its lines protect, what is no line of one, and how it grows without losing a line."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from curation.spelling.glossary import Glossary, add_term, parse_glossary, read_glossary, remove_term
from tamiz.errors import InputError

TEXT = """# our products
HomeBox
fibra óptica   # two words
es: aparcabicis

C++
"""


def words(glossary: Glossary, text: str, lang: str = "es") -> list[str]:
    return [text[start:end] for start, end in glossary.places(text, lang)]


def test_comments_empty_lines_and_languages_are_read() -> None:
    terms = (("", "HomeBox"), ("", "fibra óptica"), ("es", "aparcabicis"), ("", "C++"))
    assert parse_glossary(TEXT, "glossary.txt").terms == terms


def test_a_term_protects_itself_in_any_case_as_a_whole_word() -> None:
    glossary = parse_glossary(TEXT, "g")
    assert words(glossary, "La HOMEBOX, mi homebox y los homeboxes; Fibra Óptica.") == [
        "HOMEBOX",
        "homebox",
        "Fibra Óptica",
    ]
    assert words(glossary, "En C++ y aparcabicis") == ["C++", "aparcabicis"]
    assert words(glossary, "In C++ and aparcabicis", "en") == ["C++"]
    assert words(glossary, "ABC++ o fibra ópticas") == []


def test_the_hash_is_that_of_the_terms_in_any_order() -> None:
    one, other = parse_glossary("a1\nb2\n", "g"), parse_glossary("# x\nb2\n\na1 # y\n", "g")
    assert one.hash == other.hash != parse_glossary("a1\n", "g").hash


def test_no_file_is_no_terms_unless_it_was_named(tmp_path) -> None:
    assert read_glossary(tmp_path / "glossary.txt").terms == ()
    with pytest.raises(InputError, match="is not there"):
        read_glossary(tmp_path / "glossary.txt", must_exist=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"ok\nab\0c\n", "line 2: .*nobody can see", id="NUL"),
        pytest.param("ok\n\u202eabc\n".encode(), "line 2: .*nobody can see", id="text that runs backwards"),
        pytest.param(b"x" * 300, "line 1: .*300 characters", id="a line without end"),
        pytest.param(b"***\n", "neither a letter nor a digit", id="marks only"),
        pytest.param(b"\xff\xfe\x00", "is not UTF-8", id="another encoding"),
    ],
)
def test_a_line_that_is_no_term_is_named(tmp_path, content, said) -> None:
    (tmp_path / "glossary.txt").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_glossary(tmp_path / "glossary.txt")


def test_a_folder_in_its_place_is_named(tmp_path) -> None:
    (tmp_path / "glossary.txt").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_glossary(tmp_path / "glossary.txt")


def test_terms_are_added_once_below_what_is_there_and_taken_out_again(tmp_path) -> None:
    path = tmp_path / "glossary.txt"
    path.write_text("# mine\nHomeBox", encoding="utf-8")
    assert add_term(path, "ruter", lang="es")
    assert not add_term(path, "ruter", lang="es")
    assert not add_term(path, "HomeBox", lang="es")
    assert path.read_text(encoding="utf-8") == "# mine\nHomeBox\nes: ruter\n"
    assert remove_term(path, "ruter", lang="es")
    assert not remove_term(path, "ruter", lang="es")
    assert path.read_text(encoding="utf-8") == "# mine\nHomeBox\n"


@pytest.mark.parametrize("term", ["#tag", "a\nb", "es: x", "...", "x" * 200, "a # b", " "])
def test_a_crawled_word_that_would_be_read_otherwise_is_refused(tmp_path, term) -> None:
    with pytest.raises(InputError, match="so it cannot stand in"):
        add_term(tmp_path / "glossary.txt", term)
    assert not (tmp_path / "glossary.txt").exists()


def _add_many(path, name) -> None:
    for number in range(25):
        add_term(path, f"{name}{number}")


def test_people_who_add_at_once_lose_no_line(tmp_path) -> None:
    path = tmp_path / "glossary.txt"
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_add_many, args=(path, name)) for name in ("one", "two", "three")]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert len(read_glossary(path).terms) == 75


def test_a_full_disk_leaves_no_half_a_term(tmp_path, monkeypatch) -> None:
    path = tmp_path / "glossary.txt"
    path.write_text("HomeBox\n", encoding="utf-8")
    whole = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: whole(handle, line[:4]))  # what a disk that fills up does
    with pytest.raises(InputError, match=r"'ruter' cannot be written into .*glossary\.txt \(No space left"):
        add_term(path, "ruter", lang="es")
    assert path.read_text(encoding="utf-8") == "HomeBox\n"
