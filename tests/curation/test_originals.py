"""From pages to masked pairs: personal data of originals is nowhere in the database, and comes back with no reading."""

from __future__ import annotations

import re

import pytest

from curation.lineage import lineage
from curation.originals import originals_notes
from curation.sieve import curate
from tamiz.errors import SealedError
from tamiz.records import Page, SealedPair
from tamiz.sealed import count_sealed
from tamiz.store import PageReading, Store
from tamiz.vault import KEY_VARIABLE, Vault

PHONE, EMAIL = "612 998 877", "luisa.marina@correo.example"
STEPS = '[curation]\nsteps = ["clean", "privacy", "dedupe"]\nbatch_size = 4\n'


@pytest.fixture(autouse=True)
def no_key_from_outside(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def page_with(distinct_pair, number: int):
    url = f"https://ayuda.example/{number}"
    page = Page(
        url=url,
        final_url=url,
        fetched_at="2026-01-31T09:30:00+00:00",
        status=200,
        content_type="text/html",
        content_hash=f"{number:064d}",
        source="ayuda",
    )
    answer = f"Llámame al móvil {PHONE} o escribe a {EMAIL} y lo vemos&nbsp;hoy, número {number}."
    return page, distinct_pair(number, answer=answer, answer_markdown=answer, page=page.id)


@pytest.fixture
def curated(make_project, distinct_pair):
    def run(originals: str):
        project = make_project(steps=STEPS, rules="", more=f'[curation.privacy]\noriginals = "{originals}"\n')
        page, pair = page_with(distinct_pair, 7)
        with Store.open(project.store_url, vault=project.vault) as store:
            reading = PageReading(page=page.id, kind="faq", reason="", found=1)
            store.add_page(page, [pair, *(distinct_pair(n) for n in range(30, 33))], reading)
            report = curate(project, store)
        return project, page, pair, report

    return run


def traces(project) -> list[str]:
    marks = [PHONE.encode(), re.sub(r"\D", "", PHONE).encode(), EMAIL.encode(), b"luisa"]
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]


@pytest.mark.parametrize("originals", ["encrypt", "drop"])
def test_after_a_curation_no_file_has_the_personal_data_of_a_masked_pair(curated, originals) -> None:
    project, _, pair, report = curated(originals)
    assert traces(project) == []
    said = "\n".join(report.notes)
    assert "originals that a masked pair has replaced" in said
    assert PHONE not in said
    with Store.open(project.store_url, vault=project.vault) as store:
        assert isinstance(store.pair(pair.id).pair, SealedPair)
        heirs = [one.pair for one in store.pairs("waiting") if "<PHONE_1>" in one.pair.answer]
        assert len(heirs) == 1
        assert "<EMAIL_1>" in heirs[0].answer_markdown
        assert set(count_sealed(store)) == {originals}


def test_reading_the_page_again_and_curating_again_changes_nothing(curated) -> None:
    project, page, pair, _ = curated("encrypt")
    with Store.open(project.store_url, vault=project.vault) as store:
        before = store.counts()
        reading = PageReading(page=page.id, kind="faq", reason="", found=1)
        assert store.add_reading(reading, [pair], "extract").known == 1
        report = curate(project, store)
        assert store.counts() == before
        assert [step.found for step in report.steps] == [{}, {}, {}]
        assert sum(step.looked for step in report.steps) == 0
        assert not report.notes
    assert traces(project) == []


def test_lineage_shows_the_original_while_there_is_a_key(curated) -> None:
    project, _, pair, _ = curated("encrypt")
    with Store.open(project.store_url, vault=project.vault) as store:
        heir = next(one.pair.id for one in store.pairs("waiting") if "<PHONE_1>" in one.pair.answer)
        original = lineage(store, heir)[-1]
        assert original.stored.pair == pair
        assert original.sealed.startswith("encrypted since")
        project.vault.path.unlink()
        closed = lineage(store, heir)[-1]
        assert closed.stored.pair.question == ""
        assert "privacy.key is missing" in closed.sealed


def test_lineage_says_that_an_original_was_dropped(curated) -> None:
    project, _, pair, _ = curated("drop")
    with Store.open(project.store_url, vault=project.vault) as store:
        heir = next(one.pair.id for one in store.pairs("waiting") if "<PHONE_1>" in one.pair.answer)
        assert "was dropped" in lineage(store, heir)[-1].sealed
        assert lineage(store, heir)[-1].stored.pair.id == pair.id


def test_the_places_that_masking_does_not_reach_are_named(curated) -> None:
    project, _, _, _ = curated("encrypt")
    project.pages.mkdir()
    (project.pages / "ayuda-001.warc.gz").write_bytes(b"")
    (project.folder / "tamiz.db.backup-v3").write_bytes(b"")
    with Store.open(project.store_url, vault=project.vault) as store:
        said = "\n".join(originals_notes(project, store))
    assert "pages/*.warc.gz" in said
    assert "tamiz.db.backup-v3" in said


def test_a_curation_without_its_key_says_what_is_missing_and_masks_nothing(curated, distinct_pair) -> None:
    project, _, _, _ = curated("encrypt")
    project.vault.path.rename(project.folder / "elsewhere")
    page, pair = page_with(distinct_pair, 8)
    with Store.open(project.store_url, vault=Vault(project.folder)) as store:
        store.add_page(page, [pair], PageReading(page=page.id, kind="faq", reason="", found=1))
        replaced = store.counts()["replaced"]
        with pytest.raises(SealedError, match=r"privacy\.key is missing"):
            curate(project, store)
        masked = [one for one in store.pairs() if one.pair.page == page.id and "<PHONE_1>" in one.pair.answer]
        assert masked == []
        assert store.counts()["replaced"] == replaced
