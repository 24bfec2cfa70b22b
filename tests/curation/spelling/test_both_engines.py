"""Both engines behind the step; LanguageTool is a stand-in that knows a few words."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.sieve import curate
from curation.spelling.checker import languagetool_found
from curation.spelling.step import finding_engine
from curation.steps import NotNow, fingerprint
from tamiz.settings import SpellingSettings

PROGRAM = Path(__file__).parents[1] / "languagetool_stand_in.py"
SPELLING = '[curation]\nsteps = ["spelling"]\n[curation.spelling]\nurl = "{url}"\napply_at = 1\n'


@pytest.fixture
def stand_in() -> Iterator:
    spec = importlib.util.spec_from_file_location("languagetool_stand_in_for_the_step", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def look(step, *pairs):
    step.learn(pairs)
    try:
        return {one.before: one for one in step.look(pairs)}
    finally:
        getattr(step, "close", lambda: None)()


def test_what_both_see_is_of_both_and_what_one_sees_is_for_people(spelling_step, pair_of, stand_in) -> None:
    step = spelling_step(engine="auto", url=stand_in.url)
    found = look(step, pair_of("Mira la contrasena en la etiqueta y vuelve a hacrelo luego."))
    assert finding_engine(found["contrasena"]) == "embedded+languagetool"
    assert found["contrasena"].confidence >= 0.9
    assert finding_engine(found["hacrelo"]) == "embedded"
    assert found["hacrelo"].confidence < 0.9


def test_an_accent_that_only_languagetool_sees_may_be_changed_unseen(spelling_step, pair_of, stand_in) -> None:
    found = look(spelling_step(engine="auto", url=stand_in.url), pair_of("Tu cuenta esta activa desde hoy."))
    assert (found["esta"].after, found["esta"].kind) == ("está", "accent")


def test_each_engine_can_be_asked_alone(spelling_step, pair_of, stand_in) -> None:
    pair = pair_of("Mira la contrasena en la etiqueta y vuelve a hacrelo luego.")
    alone = look(spelling_step(engine="languagetool", url=stand_in.url), pair)
    assert set(alone) == {"contrasena"}
    assert finding_engine(alone["contrasena"]) == "languagetool"
    asked = len(stand_in.asked)
    embedded = look(spelling_step(engine="embedded", url=stand_in.url), pair)
    assert set(embedded) == {"contrasena", "hacrelo"}
    assert len(stand_in.asked) == asked


def test_what_languagetool_cannot_check_is_said_and_changed_by_nobody_unseen(spelling_step, pair_of, stand_in) -> None:
    stand_in.mode = "error"
    step = spelling_step(engine="auto", url=stand_in.url)
    pair = pair_of("El ruter tiene la contrasena debajo.")
    step.learn([pair])
    found = list(step.look([pair]))
    step.close()
    assert "not_checked" in {one.kind for one in found}
    assert all(one.confidence < 0.9 for one in found if one.kind != "not_checked")


def test_without_one_the_embedded_engine_works_alone_and_in_several_processes(spelling_step, pair_of) -> None:
    step = spelling_step(engine="auto")
    assert not hasattr(step, "close")
    assert set(look(step, pair_of("Vuelve a hacrelo luego."))) == {"hacrelo"}


def test_one_that_is_asked_for_and_missing_is_not_now(spelling_step, pair_of) -> None:
    step = spelling_step(engine="languagetool")
    with pytest.raises(NotNow, match="LTP_PATH"):
        step.learn([pair_of("Vuelve a hacrelo luego.")])


def test_one_is_found_where_a_url_or_an_installation_is(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    assert not languagetool_found(SpellingSettings())
    assert languagetool_found(SpellingSettings(url="http://127.0.0.1:8081"))
    assert not languagetool_found(SpellingSettings(engine="embedded", url="http://127.0.0.1:8081"))
    (tmp_path / "LanguageTool-6.6").mkdir()
    assert languagetool_found(SpellingSettings())


def test_with_one_more_engine_pairs_are_looked_at_again(spelling_step, pair_of, stand_in) -> None:
    prints = []
    for step in (spelling_step(engine="embedded"), spelling_step(engine="auto", url=stand_in.url)):
        step.learn([pair_of("Todo va bien.")])
        prints.append(fingerprint(step))
        getattr(step, "close", lambda: None)()
    assert prints[0] != prints[1]


def test_pairs_that_could_not_be_checked_are_checked_by_a_later_run(
    make_project, opened, distinct_pair, stand_in
) -> None:
    project = make_project(steps=SPELLING.format(url=stand_in.url), rules="")
    store = opened(project)
    store.add_pairs(
        [distinct_pair(n, answer=f"Mi ruter va mal, caso {n}.", lang="es") for n in range(3)], "import:test"
    )
    stand_in.mode = "html"
    report = curate(project, store)
    assert (report.steps[0].looked, report.after, len(report.notes)) == (0, {"waiting": 3}, 1)
    assert report.spelling is None
    stand_in.mode = "good"
    report = curate(project, store)
    assert (report.steps[0].looked, report.notes) == (3, ())
    assert report.spelling is not None
    assert set(report.spelling.engines) == {"embedded", "languagetool"}
