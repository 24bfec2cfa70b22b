"""Every recipe that asks a model, tried without one: from the bundled sample to pairs that wait for review."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from curation.synthesis.marks import model_of, recipe_of
from curation.synthesis.providers.deterministic import DeterministicProvider
from curation.synthesis.providers.schema_values import value_of
from curation.synthesis.recipe import Ask, ModelRecipe
from curation.synthesis.recipes import RECIPES, find_recipe
from curation.synthesis.run import Synthesis, synthesise
from tamiz.decisions import judge
from tamiz.project import Project
from tamiz.records import Page, Pair, Turn, Verdict
from tamiz.store import PageReading, Store

REPOSITORY = Path(__file__).parents[3]
GOLD = json.loads((REPOSITORY / "tests" / "cases" / "sample" / "gold.json").read_text(encoding="utf-8"))
TOML = '[project]\nlanguages = ["es", "en"]\n[export]\nmin_pairs = 4\n[synthesis]\nprovider = "deterministic"\n'
ASKING = [name for name in RECIPES if isinstance(find_recipe(name), ModelRecipe)]
# Pairs of these pages and of the threads are accepted; of the other pages only the text is there.
PAIRS_OF = ("/es/faq/facturas/", "/en/help/billing/")
PAGES = ("es/faq/movil/index.html", "en/help/mobile/index.html")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "buscar_factura",
            "description": "Busca una factura",
            "parameters": {
                "type": "object",
                "properties": {
                    "contrato": {"type": "string", "pattern": "^LF-[0-9]{8}$"},
                    "mes": {"type": "integer", "minimum": 1, "maximum": 12},
                    "destino": {"$ref": "#/$defs/destino"},
                },
                "required": ["contrato"],
                "$defs": {
                    "destino": {
                        "type": "object",
                        "properties": {"correo": {"type": "string", "format": "email"}, "urgente": {"type": "boolean"}},
                        "required": ["correo"],
                    }
                },
            },
        },
    },
    {"type": "function", "function": {"name": "abrir_aviso"}},
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Store]]:
    """The sample's pairs of two pages and of its threads, accepted, and the text of two other pages."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "tamiz.toml").write_text(TOML, encoding="utf-8")
    project = Project.open(folder)
    project.pages.mkdir()
    with Store.open(project.store_url) as store:
        told = [one for one in GOLD if (one["kind"] == "forum" or one["url"] in PAIRS_OF) and not one["flaws"]]
        pairs = [
            Pair(
                **{name: one[name] for name in ("question", "answer", "lang", "label", "kind", "url")},
                group=one["url"],
                source="sample",
            )
            for one in told
        ]
        store.add_pairs(pairs, "import:test")
        judge(store, [Verdict(pair=pair.id, version=1, decision="accept", by="rule:all") for pair in pairs])
        archive = b""
        for name in PAGES:
            page, record = stored(name, len(archive))
            archive += record
            store.add_page(page, [], PageReading(page=page.id, kind="none", reason="", found=0))
        (project.pages / "a.warc.gz").write_bytes(archive)
        yield project, store


def stored(name: str, offset: int) -> tuple[Page, bytes]:
    """A page of the sample with its record in an archive."""
    body = (REPOSITORY / "data" / "site" / name).read_bytes()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    url = f"https://lumbre.example/{name}"
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:{name}>\r\nWARC-Date: 2026-01-31T09:30:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n"
    )
    page = Page(
        url=url,
        final_url=url,
        fetched_at="2026-01-31T09:30:00Z",
        status=200,
        content_type="text/html",
        content_hash=name,
        source="sample",
        archive="a.warc.gz",
        archive_offset=offset,
    )
    return page, gzip.compress(head.encode() + answer + b"\r\n\r\n")


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("name", ASKING)
def test_every_recipe_makes_pairs_that_wait_for_review_without_a_model(name, lang, sample) -> None:
    project, store = sample
    cases = ("call", "missing", "none") if name == "toolcalls" else ("",)
    for case in cases:
        options = {"case": case} if case else {}
        tools = json.dumps(TOOLS) if case else ""
        wanted = Synthesis(recipe=name, limit=2, languages=(lang,), options=options, tools=tools)
        report = synthesise(project, store, wanted)
        assert (report.asked, report.failed, report.failures) == (report.ok, 0, {})
        assert report.ok > 0
        assert report.made + report.known >= report.ok  # another recipe may have made the same
    made = [one for one in store.pairs("new", "waiting") if recipe_of(one.pair) == name and one.pair.lang == lang]
    assert made
    for one in made:
        assert model_of(one.pair) == "deterministic"
        assert one.pair.question.strip()
        assert one.pair.answer.strip()


SCHEMAS = {
    "pattern": {"type": "string", "pattern": r"^(?:LF|AB)-\d{4}-[A-Z]{2,3}x?$"},
    "bounds": {"type": "integer", "minimum": 5, "maximum": 9, "multipleOf": 2},
    "between": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "enum": {"enum": ["a", "b"]},
    "nullable": {"type": ["null", "integer"], "maximum": -3},
    "any of": {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 40, "maxLength": 50}]},
    "all of": {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}}, {"required": ["a"]}]},
    "list": {"type": "array", "items": {"type": "string", "format": "date"}, "minItems": 4},
    "itself": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "inner": {"$ref": "#"}},
        "required": ["name"],
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_value_fits_its_schema(name) -> None:
    for seed in range(20):
        jsonschema.validate(value_of(SCHEMAS[name], ["Mi Lumbre", "Farol"], random.Random(seed)), SCHEMAS[name])


def test_the_same_question_gets_the_same_reply_and_another_seed_another() -> None:
    told = "Uno dos tres.\n" + "\n".join(f"Frase número {n} de la fuente." for n in range(40))
    ask = Ask(messages=(Turn(role="user", content=told),), schema={"type": "array", "items": {"type": "string"}})
    replies = [DeterministicProvider().send(ask, temperature=0.0, seed=seed) for seed in (1, 1, 2)]
    assert replies[0] == replies[1] != replies[2]
