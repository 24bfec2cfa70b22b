"""Originals that held personal data: sealed with the verdict that masks them, opened by undo, never half done."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tamiz.decisions import claim_pair, decide, judge, undo
from tamiz.errors import Conflict, SealedError
from tamiz.kept import keep, take_back, unsettled
from tamiz.records import Finding, Pair, SealedPair, Turn, Verdict
from tamiz.schema import METADATA
from tamiz.sealed import count_sealed, opened, scrub, seal_rest, sealed_pairs
from tamiz.search import hits, parse
from tamiz.store import Store
from tamiz.vault import KEY_VARIABLE, Vault

MARKER = "+34 612 998 877"
NAME = "zebadiah"
ANA = "person:ana"


@pytest.fixture(autouse=True)
def no_key_from_outside(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def open_store(store_url, tmp_path, clock):
    stores: list[Store] = []

    def make(originals: str = "encrypt", *, vault: bool = True) -> Store:
        sealing = Vault(tmp_path, originals) if vault else None
        stores.append(Store.open(store_url, now=clock, vault=sealing))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def personal(make_pair, number: int = 1, **changes: object) -> Pair:
    return make_pair(number, answer=f"Llama al {MARKER} y  pregunta por el caso {number}.", **changes)


def named(make_pair, number: int, **changes: object) -> Pair:
    """With a name too, which is one word of the index."""
    return personal(make_pair, number, question=f"¿Llamo a {NAME}{number}?", **changes)


def words_of(store: Store, beginning: str) -> list[int]:
    with store.database.read() as connection:
        return hits(connection, parse(f"{beginning}*"), limit=100) or []


def found(pair: Pair, step: str = "privacy", kind: str = "phone") -> Finding:
    start = pair.answer.index(MARKER)
    span = {"start": start, "end": start + len(MARKER), "before": MARKER, "after": "<PHONE_1>"}
    return Finding(pair=pair.id, step=step, kind=kind, field="answer", **span)


def with_finding(store: Store, pair: Pair) -> Pair:
    store.add_pairs([pair], "source:ayuda")
    store.add_look("privacy", "s", [pair.id], [found(pair)])
    return pair


def masked(pair: Pair, by: str = "rule:mask") -> Pair:
    texts = {name: getattr(pair, name).replace(MARKER, "<PHONE_1>") for name in ("answer", "answer_markdown")}
    return replace(pair, **texts, made_from=(pair.id,), made_by=by)


def edit(store: Store, pair: Pair, made: Pair) -> None:
    version = store.pair(pair.id).version
    verdict = Verdict(pair=pair.id, version=version, decision="edit", by="rule:mask", edited=made, reason="masked")
    assert judge(store, [verdict]).done == 1


def edit_by_hand(store: Store, pair: Pair, made: Pair, *, by: str = ANA) -> None:
    held = claim_pair(store, pair.id, by, lease_seconds=600)
    decide(store, Verdict(pair=pair.id, version=held.version, decision="edit", by=by, edited=made))


def everything(store: Store) -> str:
    """All text of all tables."""
    with store.database.read() as connection:
        rows = [row for table in METADATA.sorted_tables for row in connection.execute(sa.select(table))]
    return "\n".join(repr(tuple(row)) for row in rows)


@pytest.mark.parametrize("originals", ["encrypt", "drop"])
def test_an_original_has_no_text_once_a_masked_pair_stands_in_its_place(open_store, make_pair, originals) -> None:
    store = open_store(originals)
    pair = with_finding(store, personal(make_pair))
    edit(store, pair, masked(pair))
    left = store.pair(pair.id)
    assert (left.pair.id, left.pair.question, left.pair.answer, left.state) == (pair.id, "", "", "replaced")
    assert (left.pair.url, left.pair.group, left.pair.kind) == (pair.url, pair.group, pair.kind)
    assert store.pair(masked(pair).id).pair.answer == masked(pair).answer
    assert MARKER not in everything(store)
    assert count_sealed(store) == {originals: 1}
    assert [event.move for event in store.history(pair.id)] == ["arrive", "edit", "seal"]
    assert store.history(pair.id)[-1].actor == "rule:mask"
    [finding] = store.findings([pair.id])[pair.id]
    assert (finding.start, finding.before, finding.after) == (pair.answer.index(MARKER), "", "<PHONE_1>")


def test_all_wordings_that_led_to_a_masked_pair_are_sealed_with_it(open_store, make_pair) -> None:
    store = open_store("drop")
    raw = with_finding(store, personal(make_pair))
    store.add_look("spelling", "s", [raw.id], [replace(found(raw, "spelling", "spelling"), note=f"near {MARKER}")])
    undone = replace(raw, answer=raw.answer + " ¡Ya!", made_from=(raw.id,), made_by=ANA)
    edit_by_hand(store, raw, undone)
    undo(store, ANA)
    cleaned = replace(raw, answer=raw.answer.replace("  ", " "), made_from=(raw.id,), made_by="rule:repair")
    edit_by_hand(store, raw, cleaned, by="person:leo")
    other = make_pair(2)
    store.add_pairs([other], "source:ayuda")
    store.add_look(
        "dedupe",
        "s",
        [other.id],
        [Finding(pair=other.id, step="dedupe", kind="near_duplicate", witness=raw.id, note=MARKER)],
    )
    store.add_look("privacy", "s", [cleaned.id], [found(cleaned)])
    edit(store, cleaned, masked(cleaned))
    assert MARKER not in everything(store)
    assert {raw.id, undone.id, cleaned.id} == set(sealed_pairs(store, [raw.id, undone.id, cleaned.id, other.id]))
    assert store.pair(other.id).pair == other


def test_a_change_that_masks_nothing_seals_nothing(open_store, make_pair) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    edit(store, pair, replace(pair, answer=pair.answer.replace("  ", " "), made_from=(pair.id,), made_by="rule:repair"))
    assert store.pair(pair.id).pair == pair
    assert count_sealed(store) == {}


def test_the_origins_of_a_synthetic_pair_keep_their_texts(open_store, make_pair) -> None:
    store = open_store("drop")
    origin = personal(make_pair)
    store.add_pairs([origin], "source:ayuda")
    corrected = replace(origin, answer=origin.answer + " Gracias.", made_from=(origin.id,), made_by="rule:repair")
    edit(store, origin, corrected)
    made = with_finding(store, personal(make_pair, 5, kind="synthetic", made_from=(origin.id,), made_by="step:synth"))
    edit(store, made, masked(made))
    assert store.pair(origin.id).pair == origin
    assert isinstance(store.pair(made.id).pair, SealedPair)


def test_an_encrypted_original_is_opened_with_its_key(open_store, make_pair, tmp_path) -> None:
    store = open_store()
    said = Turn(role="user", content=f"Soy yo, {MARKER}")
    pair = with_finding(store, personal(make_pair, context=(said,), answer_markdown=f"Llama al **{MARKER}**"))
    edit(store, pair, masked(pair))
    assert (tmp_path / "privacy.key").stat().st_mode & 0o777 == 0o600
    assert isinstance(store.pair(pair.id).pair, SealedPair)
    assert [one.pair for one in opened(store, store.pairs())] == [pair, masked(pair)]
    key = (tmp_path / "privacy.key").read_text().strip()
    assert key not in everything(store)


def test_a_missing_or_other_key_is_named_and_no_second_one_is_made(
    open_store, make_pair, tmp_path, monkeypatch
) -> None:
    store = open_store()
    pair, second = with_finding(store, personal(make_pair)), with_finding(store, personal(make_pair, 2))
    edit(store, pair, masked(pair))
    (tmp_path / "privacy.key").rename(tmp_path / "elsewhere")
    sealed = sealed_pairs(store, [pair.id])[pair.id]
    with pytest.raises(SealedError, match=r"privacy\.key is missing"):
        sealed.texts(store.vault)
    with pytest.raises(SealedError, match=r"lost for good.*originals = \"drop\""):
        edit(store, second, masked(second))
    assert store.pair(second.id).state == "new"
    assert not (tmp_path / "privacy.key").exists()
    monkeypatch.setenv(KEY_VARIABLE, "A" * 43 + "=")
    with pytest.raises(SealedError, match="another key"):
        sealed.texts(store.vault)
    monkeypatch.setenv(KEY_VARIABLE, (tmp_path / "elsewhere").read_text())
    assert sealed.texts(store.vault)["pair"]["answer"] == pair.answer


@pytest.mark.parametrize("given", ["", "short", "ñ", "A" * 42])
def test_what_is_no_key_is_refused_by_its_place(tmp_path, given) -> None:
    (tmp_path / "privacy.key").write_text(given)
    (tmp_path / "privacy.key").chmod(0o600)
    with pytest.raises(SealedError, match=r"privacy\.key"):
        Vault(tmp_path).key_name()


def test_a_key_that_others_can_read_is_refused(tmp_path) -> None:
    vault = Vault(tmp_path)
    vault.key_name()
    vault.path.chmod(0o644)
    with pytest.raises(SealedError, match="chmod 600"):
        vault.key_name()


def test_a_box_opens_for_its_own_pair_only(tmp_path) -> None:
    vault = Vault(tmp_path)
    box = vault.seal({"pair": "a"}, "one")
    assert vault.open(box, "one", vault.key_name()) == {"pair": "a"}
    with pytest.raises(SealedError, match="damaged"):
        vault.open(box, "another", vault.key_name())
    assert box != vault.seal({"pair": "a"}, "one")


def test_a_person_undoes_a_masking_and_makes_it_again(open_store, make_pair) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    for _ in range(2):
        edit_by_hand(store, pair, masked(pair, ANA))
        assert MARKER not in everything(store)
        undo(store, ANA)
        assert store.pair(pair.id).pair == pair
        assert store.findings([pair.id])[pair.id] == [found(pair)]
        assert store.pair(masked(pair, ANA).id).state == "withdrawn"
    assert [event.version for event in store.history(pair.id)] == list(range(1, 10))


def test_a_masking_cannot_be_undone_where_the_original_was_dropped(open_store, make_pair) -> None:
    store = open_store("drop")
    pair = with_finding(store, personal(make_pair))
    edit_by_hand(store, pair, masked(pair, ANA))
    before = everything(store)
    with pytest.raises(SealedError, match="was dropped"):
        undo(store, ANA)
    assert everything(store) == before


def test_an_edit_that_is_made_again_brings_its_text_and_is_looked_at_again(open_store, make_pair) -> None:
    store = open_store()
    raw = with_finding(store, personal(make_pair))
    other = replace(raw, answer=raw.answer + " ¡Ya!", made_from=(raw.id,), made_by=ANA)
    edit_by_hand(store, raw, other)
    store.add_look("privacy", "s", [other.id], [found(other)])
    undo(store, ANA)
    edit_by_hand(store, raw, masked(raw, ANA))
    assert isinstance(store.pair(other.id).pair, SealedPair)
    undo(store, ANA)
    edit_by_hand(store, raw, other)
    assert store.pair(other.id).pair == other
    assert other.id in {one.pair.id for one in store.unseen("privacy", "s", limit=9)}


def test_reading_the_same_page_again_brings_no_sealed_text_back(open_store, make_pair) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    edit(store, pair, masked(pair))
    assert store.add_pairs([pair], "source:ayuda").known == 1
    assert MARKER not in everything(store)


def test_what_was_masked_without_a_vault_is_sealed_later(open_store, make_pair) -> None:
    store = open_store(vault=False)
    pairs = [with_finding(store, personal(make_pair, number)) for number in range(3)]
    edit(store, pairs[0], masked(pairs[0]))
    assert seal_rest(store) == 0
    assert MARKER in everything(store)
    sealing = open_store()
    assert seal_rest(sealing) == 1
    assert seal_rest(sealing) == 0
    assert [isinstance(sealing.pair(pair.id).pair, SealedPair) for pair in pairs] == [True, False, False]


def test_a_masking_that_was_sealed_later_can_be_undone(open_store, make_pair) -> None:
    store = open_store(vault=False)
    pair = with_finding(store, personal(make_pair))
    edit_by_hand(store, pair, masked(pair, ANA))
    sealing = open_store()
    seal_rest(sealing)
    undo(sealing, ANA)
    assert sealing.pair(pair.id).pair == pair


def test_encrypted_originals_are_dropped_when_the_setting_says_so(open_store, make_pair, tmp_path) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    edit(store, pair, masked(pair))
    (tmp_path / "privacy.key").unlink()
    assert seal_rest(open_store("drop")) == 1
    assert count_sealed(store) == {"drop": 1}
    assert seal_rest(open_store("drop")) == 0


@pytest.mark.parametrize("originals", ["encrypt", "drop"])
def test_no_file_of_the_database_has_a_trace_of_what_was_sealed(tmp_path, make_pair, originals) -> None:
    url = f"sqlite:///{tmp_path / 'tamiz.db'}"
    with Store.open(url, vault=Vault(tmp_path, originals)) as store, Store.open(url) as reader:
        long = " Más palabras." * 700  # beyond one page of the file
        pairs = [with_finding(store, named(make_pair, n, answer_markdown=MARKER + long * (n % 2))) for n in range(60)]
        with reader.database.read() as connection:  # keeps the WAL from being emptied
            connection.execute(sa.select(sa.func.count()).select_from(sa.table("pair")))
            assert len(words_of(store, NAME)) == 60
            for pair in pairs:
                edit(store, pair, replace(masked(pair), question="¿A quién llamo?"))
            assert words_of(store, NAME) == []
            assert scrub(store) is False
        assert scrub(store) is True
        digits = re.sub(r"\D", "", MARKER)[-9:].encode()
        for path in tmp_path.iterdir():
            content = path.read_bytes()
            assert MARKER.encode() not in content, path.name
            assert digits not in content, path.name
            assert NAME.encode() not in content, path.name
        size = (tmp_path / "tamiz.db").stat().st_mtime_ns
        assert scrub(store) is True  # nothing to do, nothing written
        assert (tmp_path / "tamiz.db").stat().st_mtime_ns == size


def test_scrubbing_works_on_both_databases(open_store, make_pair) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    edit(store, pair, masked(pair))
    assert scrub(store) is True
    assert "to_scrub" not in everything(store)


CHILD = """
import sys
from pathlib import Path
from tamiz.decisions import judge
from tamiz.records import Verdict
from tamiz.sealed import seal_rest
from tamiz.store import Store
from tamiz.vault import Vault
from dataclasses import replace

folder, marker = Path(sys.argv[1]), sys.argv[2]
with Store.open(f"sqlite:///{folder / 'tamiz.db'}", vault=Vault(folder)) as store:
    print("ready", flush=True)
    for stored in list(store.pairs("new")):
        pair = stored.pair
        if "<PHONE_1>" in pair.answer:
            continue
        made = replace(pair, answer=pair.answer.replace(marker, "<PHONE_1>"), made_from=(pair.id,), made_by="rule:mask")
        judge(store, [Verdict(pair=pair.id, version=stored.version, decision="edit", by="rule:mask", edited=made)])
    seal_rest(store)
"""


def test_a_killed_run_leaves_no_pair_masked_and_open_or_sealed_without_its_masked_copy(tmp_path, make_pair) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}") as store:
        pairs = [with_finding(store, personal(make_pair, number)) for number in range(60)]
    for wait in (0.02, 0.1, 0.25, None):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path), MARKER], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}", vault=Vault(tmp_path)) as store:
            every = {one.pair.id: one.pair for one in store.pairs()}
            boxes = sealed_pairs(store, list(every))
            for pair in pairs:
                is_sealed, has_heir = isinstance(every[pair.id], SealedPair), masked(pair).id in every
                assert is_sealed == has_heir == (pair.id in boxes)
                if is_sealed:
                    assert boxes[pair.id].pair_with_texts(every[pair.id], store.vault) == pair
    assert len(boxes) == 60
    assert child.returncode == 0


def test_what_a_person_lets_stand_is_settled_with_their_name_and_goes_along_with_edits(open_store, make_pair) -> None:
    store = open_store()
    pair = with_finding(store, personal(make_pair))
    with pytest.raises(Conflict):
        keep(store, found(pair), ANA)
    claim_pair(store, pair.id, ANA, lease_seconds=600)
    keep(store, found(pair), ANA)
    standing = store.findings([pair.id])[pair.id]
    assert unsettled(standing) == []
    assert [one.note for one in standing if one.step == "kept"] == ["person:ana"]
    made = replace(pair, answer="Oye: " + pair.answer, made_from=(pair.id,), made_by="rule:repair")
    edit_by_hand(store, pair, made)
    [carried] = store.findings([made.id])[made.id]
    assert (carried.step, made.answer[carried.start : carried.end]) == ("kept", MARKER)
    claim_pair(store, made.id, ANA, lease_seconds=600)
    take_back(store, found(made), ANA)
    assert store.findings([made.id])[made.id] == []


def test_the_key_file_is_made_once_by_whoever_needs_it_first(tmp_path: Path) -> None:
    names = {Vault(tmp_path).key_name() for _ in range(3)}
    assert len(names) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["privacy.key"]
