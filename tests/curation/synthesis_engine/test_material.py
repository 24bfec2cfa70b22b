"""What recipes get to work on: the training part, and no page that a test may ask about."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable

import pytest

from curation.synthesis.chunks import LEAST, HeldOut, Texts, chunks_of
from curation.synthesis.material import Materials, Wanted, gather_materials
from curation.synthesis.told import trace
from curation.synthesis.training import Training, training_part
from tamiz.decisions import judge
from tamiz.records import Page, Turn, Verdict
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import PageReading

MENU = "Inicio, ayuda, contacto y tienda de la casa entera"


def paragraph(number: int) -> str:
    """A paragraph that is like no other's."""
    letters = hashlib.sha256(str(number).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"Para cambiar: {' '.join(letters[n : n + 6] for n in range(0, 58, 3))}."


class Site:
    """Pages in an archive, each with the pairs that were read from it."""

    def __init__(self, project, store, make_pair) -> None:
        self.project, self.store, self.make_pair = project, store, make_pair
        self.archive = b""

    def page(self, number: int, paragraphs: list[str], *, pairs: int = 1, accept: bool = True, **changes) -> Page:
        body = "".join(f"<p>{one}</p>" for one in [MENU, *paragraphs]).encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        url = f"https://a.example/{number}"
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: "
            f"2026-01-31T09:30:00Z\r\nWARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        page = Page(
            url=url,
            final_url=url,
            fetched_at="2026-01-31T09:30:00Z",
            status=200,
            content_type="text/html",
            content_hash=f"h{number}",
            source="ayuda",
            archive="a.warc.gz",
            archive_offset=len(self.archive),
        )
        self.archive += gzip.compress(head.encode() + answer + b"\r\n\r\n")
        self.project.pages.mkdir(exist_ok=True)
        (self.project.pages / "a.warc.gz").write_bytes(self.archive)
        values = {"page": page.id, "url": url, "group": url, **changes}
        made = [
            self.make_pair(
                number,
                question=f"¿Qué hago con {paragraph(number + n)}?",
                answer=f"Mira: {paragraph(500 + number + n)}",
                **values,
            )
            for n in range(pairs)
        ]
        self.store.add_page(page, made, PageReading(page=page.id, kind="faq", reason="", found=pairs))
        if accept:
            verdicts = [Verdict(pair=pair.id, version=1, decision="accept", by="rule:all") for pair in made]
            judge(self.store, verdicts)
        return page

    def gather(self, takes: str, **wanted) -> tuple[Materials, Training]:
        training = training_part(self.project, self.store)
        asked = Wanted(takes=takes, languages=frozenset({"es", "en"}), **wanted)  # type: ignore[arg-type]
        settings = SynthesisSettings(chunk_characters=400)
        return gather_materials(self.project, self.store, training, settings, asked), training


@pytest.fixture
def site(make_project, opened, make_pair) -> Site:
    project = make_project(more='[project]\nlanguages = ["es", "en"]\n[export]\nmin_pairs = 4\n')
    return Site(project, opened(project), make_pair)


@pytest.fixture
def filled(site) -> Site:
    for number in range(12):
        site.page(number, [paragraph(number)])
    return site


def test_chunks_are_of_pages_of_the_training_part_only(filled) -> None:
    materials, training = filled.gather("chunk")
    held_out = {pair.page for pair in training.held_out}
    pages = {material.page for material in materials.items}
    assert pages == {pair.page for pair in training.pairs}
    assert held_out
    assert not pages & held_out
    assert materials.left_out["pages in validation or test"] == len(held_out)
    assert all(material.text.startswith("Para cambiar") for material in materials.items)  # the menu is left out
    first = materials.items[0]
    assert first.group == first.pairs[0].group


def test_a_page_from_which_nothing_comes_is_worked_on_and_one_that_waits_is_not(filled) -> None:
    free = filled.page(50, [paragraph(50)], pairs=0)
    filled.page(51, [paragraph(51)], accept=False)
    materials, _ = filled.gather("chunk")
    assert free.id in {material.page for material in materials.items}
    assert materials.left_out["pages with pairs that are not decided yet"] == 1


@pytest.mark.parametrize("why", ["a list of threads", "a login page", "nobody answered"])
def test_a_page_that_has_nothing_to_tell_is_not_worked_on(filled, why) -> None:
    listed = filled.page(52, [paragraph(52)], pairs=0)
    filled.store.add_reading(PageReading(page=listed.id, kind="none", reason=why, found=0), [], "test")
    materials, _ = filled.gather("chunk")
    assert listed.id not in {material.page for material in materials.items}
    assert materials.left_out[f"pages read as: {why}"] == 1


def test_a_chunk_knows_what_was_read_from_its_page_whatever_became_of_it(filled) -> None:
    page = filled.page(50, [paragraph(50)], accept=False)
    (pair,) = (one.pair for one in filled.store.pairs("new") if one.pair.page == page.id)
    judge(filled.store, [Verdict(pair=pair.id, version=1, decision="reject", by="rule:all", reason="a copy")])
    materials, _ = filled.gather("chunk")
    (chunk,) = (one for one in materials.items if one.page == page.id)
    assert {trace(pair.question), trace(pair.answer)} <= chunk.known
    assert (chunk.pairs, chunk.read_as) == ((), "faq")


def test_all_pairs_of_a_language_are_one_thing_that_is_about_none_of_them(filled) -> None:
    materials, training = filled.gather("language")
    (spanish,) = materials.items
    assert spanish.pairs == training.pairs
    assert (spanish.key, spanish.made_from, spanish.page, spanish.label) == ("es", (), "", "")
    assert spanish.group == training.pairs[0].group


def test_another_page_with_an_answer_of_the_test_is_not_worked_on(filled) -> None:
    _, training = filled.gather("chunk")
    tested = training.held_out[0]
    copy = filled.page(70, [f"{paragraph(70)} {tested.answer}"], pairs=0)
    materials, _ = filled.gather("chunk")
    assert materials.left_out["chunks that hold an answer of validation or test"] == 1
    assert copy.id not in {material.page for material in materials.items}


def test_half_of_an_answer_in_a_chunk_is_that_answer(make_pair) -> None:
    answer = " ".join(f"respuesta{n}" for n in range(30))
    held = HeldOut.of([make_pair(1, answer=answer)])
    assert held.is_in(f"Antes. {answer} Después.")
    assert not held.is_in(f"Antes. {' '.join(answer.split()[:10])} Después.")
    assert not HeldOut.of([make_pair(1, answer="Sí.")]).is_in("Sí. Claro que sí, y mucho más de lo que parece hoy.")


def test_personal_data_is_not_shown_to_a_model(filled) -> None:
    filled.page(60, [f"{paragraph(60)} Escribe a ana.lopez77@correo.example si no va."], pairs=0)
    filled.store.add_pairs([filled.make_pair(61, answer="Llama a Ana, ana.lopez77@correo.example, y ya.")], "x")
    judge(
        filled.store,
        [Verdict(pair=s.pair.id, version=1, decision="accept", by="rule:x") for s in filled.store.pairs("new")],
    )
    chunks, _ = filled.gather("chunk")
    pairs, _ = filled.gather("pair")
    assert not [one for one in (*chunks.items, *pairs.items) if "ana.lopez77" in one.text]


def test_a_thread_is_told_in_its_order(site, make_pair) -> None:
    for number in range(8):
        site.page(number, [paragraph(number)], kind="forum")
    before = (Turn(role="user", content="¿Qué hago?"), Turn(role="assistant", content="¿Con qué aparato?"))
    group = {"group": "https://a.example/hilo", "kind": "forum", "url": "https://a.example/hilo"}
    pairs = [
        make_pair(80, question="¿Qué hago?", answer="¿Con qué aparato?", **group),
        make_pair(81, question="Con el router nuevo.", answer="Reinicia.", context=before, position=1, **group),
    ]
    site.store.add_pairs(pairs, "x")
    judge(site.store, [Verdict(pair=pair.id, version=1, decision="accept", by="rule:x") for pair in pairs])
    materials, training = site.gather("thread")
    if pairs[0].id in {pair.id for pair in training.pairs}:
        (thread,) = [one for one in materials.items if one.key == "https://a.example/hilo"]
        said = [turn.content for turn in thread.turns]
        assert said == ["¿Qué hago?", "¿Con qué aparato?", "Con el router nuevo.", "Reinicia."]
        assert thread.made_from == tuple(pair.id for pair in pairs)


def test_labels_say_how_many_the_largest_has(site) -> None:
    for number in range(12):
        site.page(number, [paragraph(number)], label="red" if number % 4 else "pago")
    materials, training = site.gather("label")
    counts = {one.label: len(one.pairs) for one in materials.items}
    assert sum(counts.values()) == len(training.pairs)
    assert {one.largest for one in materials.items} == {max(counts.values())}


def test_only_the_sources_that_were_asked_for(filled) -> None:
    assert filled.gather("pair", sources=("otra",))[0].items == ()
    assert filled.gather("pair", sources=("ayuda",))[0].items


@pytest.mark.parametrize("characters", [200, 1000])
def test_chunks_hold_all_of_a_page_in_its_order(characters: int) -> None:
    paragraphs = [paragraph(number) * (1 + number % 3) for number in range(9)]
    chunks = chunks_of(paragraphs, characters)
    assert all(len(chunk.text) <= characters + LEAST for chunk in chunks)
    said: Callable[[str], list[str]] = str.split
    assert [word for chunk in chunks for word in said(chunk.text)] == [w for one in paragraphs for w in said(one)]


def test_the_footer_of_one_language_of_several_belongs_to_no_page(site) -> None:
    footer = "Textos bajo licencia libre, salvo donde se diga otra cosa"
    for number in range(24):
        site.page(number, [paragraph(number), *([footer] if number % 6 == 0 else [])], pairs=0)
    texts = Texts(site.project.pages)
    texts.learn(list(site.store.pages()))
    assert not any(footer in texts.paragraphs(page) for page in site.store.pages())
