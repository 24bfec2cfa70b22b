"""The balance screen without a browser: what it says of accepted and open pairs, in both languages."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.decisions import judge
from tamiz.records import Verdict
from tamiz.store import Store


@pytest.fixture
def screen(new_project, tmp_path):
    folder = new_project(tmp_path)

    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import balance
        from ui.session import open_window

        balance.show(open_window(Path(place)))

    def run(language: str = "en") -> AppTest:
        test = AppTest.from_function(script, args=(str(folder),), default_timeout=60)
        test.run().selectbox(key="language").set_value(language).run()
        assert not test.exception
        return test

    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        yield store, run


def drawn(test: AppTest) -> str:
    return "\n".join(element.proto.body for element in test.get("html"))


def test_an_empty_project_says_that_there_is_nothing_to_count(screen):
    _, run = screen
    assert [info.value for info in run().info] == ["There are no pairs to count here."]


@pytest.mark.parametrize(("language", "title"), [("en", "Sources"), ("es", "Fuentes")])
def test_what_dominates_is_said_and_names_are_text(screen, make_pair, language, title):
    store, run = screen
    pairs = [make_pair(n, source="<b>x</b>", label="<i>y</i>") for n in range(24)]
    store.add_pairs(pairs, "import:test")
    judge(store, [Verdict(pair=pair.id, version=1, decision="accept", by="rule:all") for pair in pairs[:22]])
    test = run(language)
    assert title in [one.value for one in test.subheader]
    assert "&lt;b&gt;x&lt;/b&gt; (22" in drawn(test)
    assert "<b>x" not in drawn(test)
    table = test.dataframe[0].value
    assert table.iloc[0].tolist()[:3] == ["<b>x</b>", 22, 1.0]
