"""How pairs are spread and how they speak: exact counts on small corpora, with names from sources as mere text."""

from __future__ import annotations

import json
import math
import re
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from curation.balance.count import balance_of
from curation.balance.dominant import LEAST_PAIRS, Dominant, dominants
from curation.balance.kept import PICTURE, kept, restored
from curation.balance.page import balance_page
from curation.balance.picture import balance_picture
from curation.balance.said import balance_lines, said_of
from curation.balance.terms import terms_in
from curation.export import export
from tamiz.cli import cli
from tamiz.decisions import judge
from tamiz.files import file_sha256
from tamiz.records import Verdict

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e{0}&]]>"


def words_of(balance, topic: str, lang: str = "es") -> dict[str, tuple[int, int, int]]:
    """For each group that is there: questions, answers, pairs."""
    [found] = [one for one in balance.topics if (one.name, one.language) == (topic, lang)]
    return {name: (use.questions, use.answers, use.pairs) for name, use in found.groups.items() if use.pairs}


def spread(balance, name: str):
    return next(one for one in balance.dimensions if one.name == name)


@pytest.mark.parametrize(
    ("text", "lang", "topic", "found"),
    [
        pytest.param("Mi ordenador no va.", "es", "region", {"ES": {"ordenador"}}, id="Spain"),
        pytest.param("Mis ordenadorcitos", "es", "region", {}, id="only whole words"),
        pytest.param("ORDENADOR", "es", "region", {"ES": {"ordenador"}}, id="long words in capitals"),
        pytest.param("Un computador", "es", "region", {"CO": {"computador"}, "CL": {"computador"}}, id="two countries"),
        pytest.param("un video / un vídeo", "es", "region", {"ES": {"vídeo"}, "americas": {"video"}}, id="accents"),
        pytest.param("Pague con Nequi; nequi no", "es", "region", {"CO": {"Nequi"}}, id="names as written"),
        pytest.param("Vea `computadora` en https://a.example/celular", "es", "region", {}, id="no code, no address"),
        pytest.param("The colour of the color", "en", "region", {"US": {"color"}, "UK": {"colour"}}, id="US and UK"),
        pytest.param("Puedes abrirlo tú.", "es", "treatment", {"tu": {"puedes", "tú"}}, id="tú"),
        pytest.param("Podés ver tu línea.", "es", "treatment", {"vos": {"podés"}}, id="vos with tu"),
        pytest.param("El sistema OS", "es", "treatment", {}, id="an abbreviation is no pronoun"),
        pytest.param(
            "Usted puede; si quieres, llama.",
            "es",
            "treatment",
            {"usted": {"usted"}, "tu": {"quieres"}, "mixed": {"tu + usted"}},
            id="two that do not go together",
        ),
        pytest.param("La persona usuaria", "es", "gender", {"both": {"persona usuaria"}}, id="the longer entry"),
        pytest.param("usuario/a y usuaria", "es", "gender", {"both": {"usuario/a"}, "feminine": {"usuaria"}}, id="a/o"),
        pytest.param("un usuario a quien", "es", "gender", {"masculine": {"usuario"}}, id="no a/o"),
        pytest.param("The chairman said he or she", "en", "gender", {"masculine": {"chairman"}, "both": {"he or she"}}),
        pytest.param(
            "1. Click it. We click.\nPress on!", "en", "tone", {"imperative": {"click", "press"}, "exclamation": {"!"}}
        ),
        pytest.param("Don\u2019t", "en", "register", {"informal": {"don't"}}, id="a typographic apostrophe"),
        pytest.param("ordenador", "fr", "region", {}, id="a language without lists"),
    ],
)
def test_words_are_found_where_they_are_meant(text, lang, topic, found):
    assert {group: terms for (of, group), terms in terms_in(text, lang).items() if of == topic} == found


def test_a_small_corpus_is_counted_exactly(distinct_pair):
    pairs = [
        distinct_pair(1, question="¿Y mi ordenador?", answer="Lo siento, usted puede llamar.", lang="es", author="ab"),
        distinct_pair(2, question="¿Y mi ordenador, gracias?", answer="Ordenador nuevo!", lang="es", author="ab"),
        distinct_pair(3, question="¿Y la antena?", answer="Puedes cambiarla.", lang="es", source="foro", label=""),
        distinct_pair(4, question="My colour?", answer="Click here.", lang="en", kind="forum"),
        distinct_pair(5, question="Quoi?", answer="Rien du tout.", lang="fr"),
    ]
    balance = balance_of(iter(pairs))
    assert (balance.pairs, balance.unread) == (5, 1)
    assert spread(balance, "source").values == {"ayuda": 4, "foro": 1}
    assert spread(balance, "label").without == 1
    assert spread(balance, "language").values == {"es": 3, "en": 1, "fr": 1}
    assert spread(balance, "author").values == {"author 1": 2}
    assert spread(balance, "author").without == 3
    assert words_of(balance, "region") == {"ES": (2, 1, 2)}
    assert words_of(balance, "region", "en") == {"UK": (1, 0, 1)}
    assert words_of(balance, "treatment") == {"tu": (0, 1, 1), "usted": (0, 1, 1)}
    assert words_of(balance, "tone") == {"courtesy": (1, 0, 1), "apology": (0, 1, 1), "exclamation": (0, 1, 1)}
    [region] = [one for one in balance.topics if (one.name, one.language) == ("region", "es")]
    assert (region.pairs, region.any.pairs) == (3, 2)
    assert region.groups["ES"].examples == {"ordenador": 2}


def test_entropy_says_how_even_the_spread_is(distinct_pair):
    even = balance_of(distinct_pair(n, source=f"s{n % 4}") for n in range(8))
    assert (spread(even, "source").entropy, spread(even, "source").effective) == (2.0, 4.0)
    uneven = balance_of(distinct_pair(n, source="ab"[n % 4 == 0]) for n in range(8))
    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert spread(uneven, "source").entropy == round(entropy, 4)


def test_lengths_are_those_of_the_texts(distinct_pair):
    balance = balance_of(distinct_pair(n, question="a" * (n + 1)) for n in range(100))
    question = balance.lengths[0]
    assert (question.least, question.tenth, question.median, question.ninetieth, question.most) == (1, 10, 50, 90, 100)
    assert question.mean == 50.5


def test_what_dominates_is_said_with_its_limit_and_its_counts(distinct_pair):
    pairs = [
        distinct_pair(n, source="foro" if n < 83 else "ayuda", kind="faq" if n % 2 else "forum") for n in range(100)
    ]
    found = [one for one in dominants(balance_of(pairs)) if one.topic == "source"]
    assert found == [Dominant(topic="source", name="foro", pairs=83, of=100, limit=0.5)]
    assert said_of(found[0]) == "One source gives 83% of the pairs: foro (83 of 100; told from 50% on)"


def test_few_pairs_show_nothing(distinct_pair):
    few = [distinct_pair(n) for n in range(LEAST_PAIRS)]
    assert dominants(balance_of(few[:-1])) == ()
    assert "source" in {one.topic for one in dominants(balance_of(few))}


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_and_one_pair_are_counted_too(distinct_pair, size):
    balance = balance_of([distinct_pair(n) for n in range(size)])
    assert balance.pairs == size
    assert restored(kept(balance)) == balance
    assert f"accepted: {size}" in "\n".join(balance_lines("accepted", balance))
    ElementTree.fromstring(balance_picture(balance))
    assert f"<small>{size}</small>" in balance_page("p", {"Accepted": balance})


def test_names_from_sources_are_text_in_every_form(distinct_pair):
    balance = balance_of(distinct_pair(n, source=HOSTILE, label=HOSTILE) for n in range(LEAST_PAIRS))
    picture = ElementTree.fromstring(balance_picture(balance))
    assert {part.tag.rpartition("}")[2] for part in picture.iter()} == {"svg", "title", "rect", "text"}
    page = balance_page(HOSTILE, {"Accepted": balance})
    assert "<script" not in page
    lines = "\n".join(balance_lines("accepted", balance))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page + lines)
    assert "<script>alert(1)</script>" in lines


def test_an_export_has_the_balance_of_what_is_in_it(make_project, opened, distinct_pair):
    project = make_project(more="[export]\nmin_pairs = 4\n")
    store = opened(project)
    store.add_pairs([distinct_pair(n, source=HOSTILE if n < 20 else "foro") for n in range(24)], "import:test")
    new = list(store.pairs("new"))
    judge(store, [Verdict(pair=one.pair.id, version=1, decision="accept", by="rule:all") for one in new[:22]])
    manifest = export(project, store)
    folder = project.exports / manifest.version
    assert manifest.balance["pairs"] == 22
    assert manifest.files[PICTURE]["sha256"] == file_sha256(folder / PICTURE)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "One source gives 91% of the pairs: `‹script›alert(1)‹/script›" in card
    assert f"![Shares as bars]({PICTURE})" in card


def test_the_command_tells_of_accepted_and_open_pairs(make_project, opened, distinct_pair, tmp_path):
    project = make_project()
    store = opened(project)
    store.add_pairs([distinct_pair(n) for n in range(3)], "import:test")
    first = next(iter(store.pairs("new")))
    judge(store, [Verdict(pair=first.pair.id, version=1, decision="accept", by="rule:all")])
    run = CliRunner().invoke(cli, ["--project", str(project.folder), "balance", "--json"])
    told = json.loads(run.output)
    assert (told["accepted"]["pairs"], told["open"]["pairs"]) == (1, 2)
    page = tmp_path / "balance.html"
    run = CliRunner().invoke(cli, ["--project", str(project.folder), "balance", "-o", str(page)])
    assert run.exit_code == 0, run.output
    assert "accepted: 1 pair\n" in run.output
    assert "Open pairs" in page.read_text(encoding="utf-8")
