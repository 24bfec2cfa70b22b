from __future__ import annotations

import dataclasses
from typing import get_args, get_origin, get_type_hints

import pytest

from tamiz.errors import NoProject, SettingsError
from tamiz.settings import Settings, SourceSettings, read_settings


def write(folder, text, encoding="utf-8"):
    (folder / "tamiz.toml").write_text(text, encoding=encoding)
    return folder


def test_opening_an_empty_folder_says_how_to_start(tmp_path):
    with pytest.raises(NoProject, match=f"{tmp_path} has no tamiz.toml. Run: tamiz init {tmp_path}"):
        read_settings(tmp_path)


def test_an_empty_file_gives_the_defaults(tmp_path):
    assert read_settings(write(tmp_path, "")) == Settings()


def test_lora_has_the_usual_defaults(tmp_path):
    lora = read_settings(write(tmp_path, "")).tuning.lora
    assert (lora.r, lora.alpha, lora.dropout) == (16, 32, 0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[tunning]\n", r"unknown key \[tunning\]; did you mean tuning", id="misspelt section"),
        pytest.param("[crawl]\nmax_page = 3\n", r"\[crawl\] max_page; did you mean max_pages", id="misspelt key"),
        pytest.param("[crawl]\nzzz = 3\n", "use one of: contact, delay_seconds", id="key like no other"),
        pytest.param('[tuning]\ntask = "clasify"\n', "did you mean classify", id="misspelt choice"),
        pytest.param('[crawl]\nmax_pages = "many"\n', r"\[crawl\] max_pages is 'many'; give a whole number", id="text"),
        pytest.param("[crawl]\nmax_pages = true\n", "give a whole number", id="true is no number"),
        pytest.param("[curation.near]\nthreshold = 80\n", "a share above 0 and up to 1", id="percent for a share"),
        pytest.param(
            "[export]\nvalidation = 0.6\ntest = 0.5\n", "leave a share for training", id="nothing to train on"
        ),
        pytest.param("sources = 3\n", r"write it as tables: \[\[sources\]\]", id="a table where tables belong"),
        pytest.param("crawl = 3\n", r"write it as a table: \[crawl\]", id="a value where a table belongs"),
        pytest.param('[[sources]]\nname = "a"\nurl = "file:///etc/passwd"\n', "http or https", id="a file address"),
        pytest.param('[[sources]]\nname = "../a"\nurl = "https://a.example"\n', "letters, digits", id="a path as name"),
        pytest.param(
            '[[sources]]\nname = "a"\nurl = "https://a.example"\nallow = ["("]\n', "regular expression", id="bad regex"
        ),
        pytest.param(
            '[[sources]]\nname = "a"\nurl = "https://a.example"\n' * 2, "a name of its own", id="two sources, one name"
        ),
        pytest.param('[store]\nurl = "mysql://x"\n', r"postgresql\+psycopg", id="another database"),
        pytest.param('[project]\nlanguages = ["Spanish"]\n', "ISO 639-1", id="a language in words"),
        pytest.param("[crawl\n", "not valid TOML", id="broken TOML"),
    ],
)
def test_wrong_settings_are_refused_with_the_right_ones(tmp_path, text, said):
    with pytest.raises(SettingsError, match=said):
        read_settings(write(tmp_path, text))


def test_a_password_in_the_store_address_is_not_repeated(tmp_path):
    with pytest.raises(SettingsError) as raised:
        read_settings(write(tmp_path, '[store]\nurl = "mysql://ana:s3cret@host/db"\n'))
    assert "s3cret" not in str(raised.value)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    with pytest.raises(SettingsError, match="not valid TOML in UTF-8"):
        read_settings(write(tmp_path, '[project]\ngoal = "Atención"\n', encoding="cp1252"))


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert read_settings(write(tmp_path, '[project]\ngoal = "a"\n', encoding="utf-8-sig")).project.goal == "a"


def sections(cls):
    yield cls
    for hint in get_type_hints(cls).values():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if dataclasses.is_dataclass(inner):
            yield from sections(inner)


@pytest.mark.parametrize("section", [pytest.param(s, id=s.__name__) for s in sections(Settings)])
def test_every_key_has_its_meaning(section):
    for field in dataclasses.fields(section):
        hint = get_type_hints(section)[field.name]
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if not dataclasses.is_dataclass(inner):
            doc = field.metadata.get("doc", "")
            assert doc.endswith((".", '."', ").")), f"{section.__name__}.{field.name} has no sentence: {doc!r}"


def test_a_source_keeps_what_it_was_given():
    source = SourceSettings(name="ayuda", url="https://ayuda.example/")
    assert source.spider == "auto"
