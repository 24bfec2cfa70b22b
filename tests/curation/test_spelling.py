"""Spelling through LanguageTool, here a stand-in: what is reported and spared, and what happens when it fails."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.sieve import curate
from curation.spelling.languagetool.client import Server, connect
from curation.spelling.step import SpellingStep
from curation.steps import NotNow
from tamiz.errors import SettingsError
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, SpellingSettings

PROGRAM = Path(__file__).with_name("languagetool_stand_in.py")
_spec = importlib.util.spec_from_file_location("languagetool_stand_in", PROGRAM)
assert _spec is not None
assert _spec.loader is not None
stand_in_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stand_in_module)


@pytest.fixture
def stand_in() -> Iterator:
    server = stand_in_module.StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def step_for(url: str) -> SpellingStep:
    return SpellingStep(CurationSettings(spelling=SpellingSettings(url=url)))


def pair_of(answer: str, **changes: object) -> Pair:
    values = {"question": "¿Qué hago ahora?", "lang": "es", "url": "u", "kind": "faq", "group": "g", **changes}
    return Pair(answer=answer, **values)  # type: ignore[arg-type]


def look(url: str, *pairs: Pair, learn: bool = False) -> list[Finding]:
    step = step_for(url)
    if learn:
        step.learn(pairs)
    try:
        return list(step.look(pairs))
    finally:
        step.close()


def test_a_misspelling_is_reported_with_place_suggestion_rule_and_confidence(stand_in) -> None:
    [finding] = look(stand_in.url, pair_of("Cambia la contrasena hoy."))
    assert (finding.kind, finding.field, finding.start, finding.end) == ("spelling", "answer", 10, 20)
    assert (finding.before, finding.after, finding.witness) == ("contrasena", "contraseña", "MORFOLOGIK_RULE_ES")
    assert finding.confidence == 0.95  # only an accent
    assert stand_in.asked[0] == ("es", "¿Qué hago ahora?")


def test_places_are_right_behind_characters_of_two_units(stand_in) -> None:
    [finding] = look(stand_in.url, pair_of("😀😀 Mi contrasena 🎉 nueva"))
    assert (finding.start, finding.before) == (6, "contrasena")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("Escribe `ruter --off` en la consola.", id="between backticks"),
        pytest.param("Abre https://ruter.example/wifi y espera.", id="an address"),
        pytest.param("Mira /etc/ruter/wifi y espera.", id="a path"),
        pytest.param("El modelo ruter_5 o wifi6 vale.", id="an identifier"),
        pytest.param("Escribe a ruter@lumbre.example ya.", id="a mail address"),
        pytest.param("El sello WIFI está detrás.", id="capitals"),
    ],
)
def test_what_is_no_prose_is_spared(stand_in, answer: str) -> None:
    assert look(stand_in.url, pair_of(answer)) == []


def test_code_that_only_the_markdown_marks_is_spared(stand_in) -> None:
    assert look(stand_in.url, pair_of("Escribe ruter ya.", answer_markdown="Escribe `ruter` ya.")) == []


def test_style_and_white_space_are_not_its_business(stand_in) -> None:
    assert look(stand_in.url, pair_of("Espera  un momento , por favor.")) == []


def test_a_word_of_the_corpus_and_a_name_have_little_confidence(stand_in) -> None:
    pairs = [pair_of(f"El wifi va lento, caso {n}.", url=f"u{n}") for n in range(3)]
    assert {finding.confidence for finding in look(stand_in.url, *pairs, learn=True)} == {0.3}
    [name] = look(stand_in.url, pair_of("Llama a Ruter y pregunta."))
    assert name.confidence == 0.3
    [first] = look(stand_in.url, pair_of("El ruter va lento."))
    assert first.confidence == 0.95


def test_a_language_that_the_server_lacks_is_not_asked(stand_in) -> None:
    assert look(stand_in.url, pair_of("ruter", lang="und"), pair_of("ruter", lang="eu")) == []
    assert stand_in.asked == []


def test_a_text_that_the_server_refuses_is_reported_and_the_others_are_checked(stand_in) -> None:
    stand_in.mode = "error"
    refused, fine = pair_of("Mi ruter va mal."), pair_of("Mi contrasena va mal.")
    kinds = {finding.pair: finding.kind for finding in look(stand_in.url, refused, fine)}
    assert kinds == {refused.id: "not_checked", fine.id: "spelling"}


def test_a_text_that_is_too_long_is_not_sent(stand_in) -> None:
    [finding] = look(stand_in.url, pair_of("a" * 1_000_000))
    assert finding.kind == "not_checked"
    assert len(stand_in.asked) == 1  # the question


def test_a_server_that_is_busy_is_asked_again(stand_in) -> None:
    stand_in.mode = "busy twice"
    assert len(look(stand_in.url, pair_of("Mi ruter va mal."))) == 1


@pytest.mark.parametrize("mode", ["html", "other json", "far away", "hang up"])
def test_a_server_that_talks_rubbish_is_left_for_later(stand_in, mode: str) -> None:
    stand_in.mode = mode
    with pytest.raises(NotNow, match="next tamiz curate"):
        look(stand_in.url, pair_of("Mi ruter va mal."))


def test_a_server_that_is_too_slow_is_left_for_later(stand_in) -> None:
    stand_in.mode = "slow"
    server = Server(stand_in.url, seconds=0.2)
    start = time.monotonic()
    with pytest.raises(NotNow, match=r"longer than 0\.2 seconds|took too long"):
        server.check("Mi ruter", "es")
    assert time.monotonic() - start < 2


def test_a_server_that_is_not_there_is_left_for_later() -> None:
    with pytest.raises(NotNow, match=r"refused.*next tamiz curate"):
        look("http://127.0.0.1:9", pair_of("Mi ruter va mal."))


def test_the_public_service_is_never_asked() -> None:
    with pytest.raises(SettingsError, match="your texts would leave this machine"):
        connect("https://api.languagetool.org", start_seconds=1)


def test_pairs_that_could_not_be_checked_are_checked_by_a_later_run(
    make_project, opened, distinct_pair, stand_in
) -> None:
    spelling = f'[curation]\nsteps = ["spelling"]\n[curation.spelling]\nurl = "{stand_in.url}"'
    project = make_project(steps=spelling, rules="")
    store = opened(project)
    store.add_pairs(
        [distinct_pair(n, answer=f"Mi ruter va mal, caso {n}.", lang="es") for n in range(3)], "import:test"
    )
    stand_in.mode = "html"
    report = curate(project, store)
    assert (report.steps[0].looked, report.after, len(report.notes)) == (0, {"waiting": 3}, 1)
    stand_in.mode = "good"
    report = curate(project, store)
    assert (report.steps[0].looked, dict(report.steps[0].found), report.notes) == (3, {"spelling": 3}, ())


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like an installed LanguageTool, and a `java` that starts the stand-in."""
    pytest.importorskip("language_tool_python")
    (tmp_path / "LanguageTool-6.6").mkdir()
    (tmp_path / "LanguageTool-6.6" / "languagetool-server.jar").touch()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/pid\nexec {sys.executable} {PROGRAM} "$@"\n')
    java.chmod(0o755)
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", f"{java.parent}:{os.environ['PATH']}")
    return tmp_path


def runs(installed: Path) -> bool:
    try:
        os.kill(int((installed / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_an_installed_languagetool_is_started_and_stopped(installed) -> None:
    step = step_for("")
    [finding] = step.look([pair_of("Mi contrasena va mal.")])
    assert finding.after == "contraseña"
    assert runs(installed)
    step.close()
    assert not runs(installed)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param("never answers", r"did not answer within 1 seconds.*start_seconds", id="it never answers"),
        pytest.param("ends", "ended with code 3 while starting", id="it ends at once"),
    ],
)
def test_one_that_does_not_start_is_left_for_later_and_no_process_stays(installed, monkeypatch, how, message) -> None:
    monkeypatch.setenv("STAND_IN", how)
    with pytest.raises(NotNow, match=message):
        connect("", start_seconds=1 if how == "never answers" else 20)
    assert not runs(installed)


def test_what_is_missing_is_said_with_how_to_bring_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    with pytest.raises(NotNow, match=r"no LanguageTool in .*\[curation\.spelling\] url.*LTP_PATH"):
        look("", pair_of("Mi ruter va mal."))
    assert list(tmp_path.iterdir()) == []  # nothing was downloaded


def test_an_installation_without_its_jar_is_named(installed) -> None:
    (installed / "LanguageTool-6.6" / "languagetool-server.jar").unlink()
    with pytest.raises(NotNow, match="no complete LanguageTool"):
        connect("", start_seconds=1)
