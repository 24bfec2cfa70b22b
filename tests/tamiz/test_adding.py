"""A source added to tamiz.toml: nothing else in the file changes, and what cannot be is not written."""

from __future__ import annotations

import stat
from importlib.resources import files
from pathlib import Path

import pytest

from tamiz.errors import SettingsError
from tamiz.settings import read_settings
from tamiz.settings.adding import add_source
from tamiz.store import Store

NEW = {"name": "ayuda", "url": "https://ayuda.example/", "spider": "faq"}
OLD = '[[sources]]\nname = "one"\nurl = "https://one.example/"\n'


@pytest.fixture
def add(tmp_path: Path):
    """Writes a tamiz.toml, adds a source to it, and gives the new text."""

    def run(text: str, values: dict[str, str | int] = NEW) -> str:
        (tmp_path / "tamiz.toml").write_bytes(text.encode())
        with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
            added = add_source(tmp_path, values, store=store, by="person:chief")
        assert {name: getattr(added, name) for name in values} == values
        assert added in read_settings(tmp_path).sources
        return (tmp_path / "tamiz.toml").read_bytes().decode()

    return run


def test_every_line_of_the_template_is_kept(add) -> None:
    text = files("tamiz").joinpath("templates", "support-es.toml").read_text(encoding="utf-8").replace("{name}", "x")
    new = add(text)
    assert new.startswith(text)
    assert new.endswith('\n\n[[sources]]\nname = "ayuda"\nurl = "https://ayuda.example/"\nspider = "faq"\n')


def test_it_stands_behind_the_other_sources(add) -> None:
    text = f"{OLD}# the last one\n\n# about curation\n[curation]\nsteps = []\n"
    block = '[[sources]]\nname = "ayuda"\nurl = "https://ayuda.example/"\nspider = "faq"\n'
    assert add(text) == f"{OLD}\n{block}# the last one\n\n# about curation\n[curation]\nsteps = []\n"


def test_lines_end_as_the_others_do(add) -> None:
    new = add('[project]\r\nname = "x"')
    assert "\n" not in new.replace("\r\n", "")


def test_quotes_and_line_breaks_of_a_value_stay_in_it(add) -> None:
    licence = 'a "b" \\ c\n[[sources]]\nname = "evil"\x7f'
    assert read_settings_of(add("", NEW | {"licence": licence})) == [licence]


def read_settings_of(text: str) -> list[str]:
    import tomllib

    return [source["licence"] for source in tomllib.loads(text)["sources"]]


def test_a_text_that_looks_like_a_table_does_not_mislead(add, tmp_path) -> None:
    goal = '[project]\ngoal = """\n[[sources]]\n[x]\n"""\n'
    assert add(goal).startswith(goal)


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        pytest.param("", NEW | {"name": "a b"}, "letters, digits", id="name"),
        pytest.param("", NEW | {"url": "file:///etc/passwd"}, "http or https", id="address"),
        pytest.param("", NEW | {"spider": "spidre"}, "did you mean", id="spider"),
        pytest.param(OLD, NEW | {"name": "one"}, "a name of its own", id="twice"),
        pytest.param('sources = [{name = "one", url = "https://one.example/"}]\n', NEW, "add it there", id="inline"),
    ],
)
def test_what_cannot_be_is_refused_and_the_file_stays(add, tmp_path, text, values, said) -> None:
    with pytest.raises(SettingsError, match=said):
        add(text, values)
    assert (tmp_path / "tamiz.toml").read_text(encoding="utf-8") == text
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith("tamiz.db")} == {"tamiz.toml"}


def test_the_rights_of_the_file_stay(add, tmp_path) -> None:
    (tmp_path / "tamiz.toml").touch(mode=0o600)
    add("")
    assert stat.S_IMODE((tmp_path / "tamiz.toml").stat().st_mode) == 0o600
