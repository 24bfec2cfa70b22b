"""People with names and PINs: who is taken in, who is let in, and how long the others wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from curation import pins
from curation.access import (
    SESSION_SECONDS,
    Wait,
    add_person,
    change_own_pin,
    find_person,
    open_session,
    person_by_claims,
    remove_person,
    set_pin,
    set_role,
    set_subject,
    sign_in,
)
from curation.pins import NotTaken, check_pin, hash_pin
from tamiz.errors import NotPermitted
from tamiz.people import NoAdmin, people, permit
from tamiz.signins import close_session, session_person
from tamiz.store import Store

PIN = "52-klm"
ME = "shell:me"


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """A hash that costs little, but where the cost itself is looked at."""
    if "costly" not in request.fixturenames:
        monkeypatch.setitem(pins.COST, "n", 2)


@pytest.fixture
def costly():
    return True


def with_people(store):
    add_person(store, "Lead", "admin", by=ME, pin=PIN)
    add_person(store, "reviewer-1", "reviewer", by="person:Lead", pin="night 7")
    return store


@pytest.fixture
def team(store):
    """A project with two people, in both databases."""
    return with_people(store)


@pytest.fixture
def small(tmp_path, clock):
    """The same in SQLite alone, where only the rules are looked at."""
    with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}", now=clock) as opened:
        yield with_people(opened)


def refused(store, name, pin="no such pin", times=1):
    for _ in range(times):
        with pytest.raises(NotPermitted, match="the name or the PIN is not right"):
            sign_in(store, name, pin)


def everything(store):
    """All that the tables of people hold, as text."""
    tables = ("person_change", "sign_in", "session")
    with store.database.read() as connection:
        return str([connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in tables])


def test_somebody_signs_in_with_name_and_pin_however_the_name_is_written(team):
    for name in ("Lead", " LEAD ", "lead"):
        assert sign_in(team, name, PIN).name == "Lead"


def test_a_wrong_pin_an_unknown_name_and_a_removed_person_are_told_the_same(small):
    remove_person(small, "reviewer-1", by="person:Lead")
    refused(small, "Lead")
    refused(small, "nobody", PIN)
    refused(small, "reviewer-1", "night 7")


def test_an_unknown_name_costs_as_much_as_a_wrong_pin(small, monkeypatch):
    asked = []
    monkeypatch.setattr("curation.access.check_pin", lambda pin, kept: asked.append(kept.split("$")[0]) or False)
    refused(small, "Lead")
    refused(small, "nobody")
    assert asked == ["scrypt", "scrypt"]


def test_after_five_refusals_each_next_one_waits_longer(team, clock):
    refused(team, "Lead", times=5)
    with pytest.raises(Wait, match="try again in 5 s"):
        sign_in(team, "Lead", PIN)
    clock.forward(5)
    refused(team, "lead")
    with pytest.raises(Wait) as waiting:
        sign_in(team, "Lead", PIN)
    assert waiting.value.seconds == 10
    assert sign_in(team, "reviewer-1", "night 7").name == "reviewer-1"
    clock.forward(10)
    assert sign_in(team, "Lead", PIN).name == "Lead"
    refused(team, "Lead", times=5)


def test_the_wait_holds_in_another_process(team, store_url, clock):
    refused(team, "Lead", times=5)
    with Store.open(store_url, now=clock) as other, pytest.raises(Wait):
        sign_in(other, "Lead", PIN)


def test_names_that_nobody_has_wait_too(small):
    refused(small, "nobody", times=5)
    with pytest.raises(Wait):
        sign_in(small, "nobody", PIN)


def test_no_pin_and_no_token_is_in_the_store_or_in_an_error(team):
    token = open_session(team, sign_in(team, "Lead", PIN))
    with pytest.raises(NotPermitted) as error:
        sign_in(team, "Lead", "s3cret-pin")
    for secret in (PIN, "night 7", "s3cret-pin", token):
        assert secret not in everything(team)
    assert "s3cret-pin" not in f"{error.value!r}{error.value.__context__!r}"


def test_two_equal_pins_have_different_hashes():
    first, second = hash_pin(PIN, "Lead"), hash_pin(PIN, "Lead")
    assert first != second
    assert check_pin(PIN, first)
    assert not check_pin(PIN + " ", second)


def test_a_hash_is_slow_and_says_how_it_was_made(costly):
    assert hash_pin(PIN, "Lead").startswith("scrypt$32768,8,3$")


def test_a_hash_made_at_another_cost_still_holds(monkeypatch):
    kept = hash_pin(PIN, "Lead")
    monkeypatch.setitem(pins.COST, "n", 16)
    assert check_pin(PIN, kept)


def test_a_pin_is_the_same_in_every_unicode_form():
    assert check_pin("pin\u0303ata", hash_pin("pi\u00f1ata", "Lead"))


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("123", "pin_length"),
        ("1" * 201, "pin_length"),
        ("1234", "pin_easy"),
        ("0000", "pin_easy"),
        ("4321", "pin_easy"),
        ("1212", "pin_easy"),
        ("1984", "pin_easy"),
        ("qwerty", "pin_easy"),
        ("Password", "pin_easy"),
        ("NIGHT SHIFT", "pin_easy"),
    ],
)
def test_a_pin_that_anybody_would_try_is_refused(pin, code):
    with pytest.raises(NotTaken) as refusal:
        hash_pin(pin, "Night shift")
    assert refusal.value.code == code


def test_only_an_admin_changes_people(small):
    for attempt in (
        lambda: add_person(small, "guest", "viewer", by="person:reviewer-1", pin=PIN),
        lambda: set_role(small, "reviewer-1", "admin", by="person:reviewer-1"),
        lambda: set_pin(small, "Lead", "another 1", by="person:reviewer-1"),
        lambda: set_subject(small, "Lead", "a@b.example", by="person:reviewer-1"),
        lambda: remove_person(small, "Lead", by="person:reviewer-1"),
    ):
        with pytest.raises(NotPermitted, match="reviewer-1 is a reviewer and may not manage"):
            attempt()
    assert len(people(small)) == 2


def test_a_change_of_role_holds_at_once(small):
    set_role(small, "REVIEWER-1", "viewer", by="person:Lead")
    with pytest.raises(NotPermitted):
        permit(small, "person:reviewer-1", "decide")


def test_the_last_admin_stays(small):
    with pytest.raises(NoAdmin):
        remove_person(small, "Lead", by="person:Lead")
    with pytest.raises(NoAdmin):
        set_role(small, "Lead", "viewer", by=ME)


def test_a_name_is_given_once_and_comes_back_in_its_spelling(team):
    with pytest.raises(NotTaken, match="has this name already"):
        add_person(team, "REVIEWER-1", "viewer", by="person:Lead", pin=PIN)
    remove_person(team, "reviewer-1", by="person:Lead")
    assert add_person(team, "Reviewer-1", "viewer", by="person:Lead", pin=PIN).name == "reviewer-1"


def test_a_person_without_pin_or_subject_is_not_taken(small):
    with pytest.raises(NotTaken, match="PIN"):
        add_person(small, "guest", "viewer", by=ME)


def test_oneself_changes_the_pin_with_the_old_one(small):
    who = find_person(small, "reviewer-1")
    with pytest.raises(NotTaken, match="of until now"):
        change_own_pin(small, who, "no such pin", "another 1")
    change_own_pin(small, who, "night 7", "another 1")
    assert sign_in(small, "reviewer-1", "another 1").name == "reviewer-1"


def test_a_session_ends_by_time_sign_out_new_pin_and_removal(team, clock):
    who = find_person(team, "reviewer-1")

    def session():
        token = open_session(team, who)
        assert session_person(team, token).name == "reviewer-1"
        return token

    ends = [
        lambda token: clock.forward(SESSION_SECONDS),
        lambda token: close_session(team, token),
        lambda token: set_pin(team, who.name, "another 1", by="person:Lead"),
        lambda token: remove_person(team, who.name, by="person:Lead"),
    ]
    for end in ends:
        token = session()
        end(token)
        assert session_person(team, token) is None


def test_a_new_role_keeps_a_session_and_is_seen_in_it(small):
    token = open_session(small, find_person(small, "reviewer-1"))
    set_role(small, "reviewer-1", "viewer", by="person:Lead")
    assert session_person(small, token).role == "viewer"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"sub": "auth0|77"}, "reviewer-2"),
        ({"sub": "x", "email": "Lead@Example.org", "email_verified": True}, "Lead"),
    ],
)
def test_the_identity_providers_claims_name_a_person(small, claims, name):
    set_subject(small, "Lead", "lead@example.org", by="person:Lead")
    add_person(small, "reviewer-2", "viewer", by="person:Lead", subject="auth0|77")
    assert person_by_claims(small, claims).name == name


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": ""},
        {"sub": "x", "email": "lead@example.org"},
        {"sub": "x", "email": "lead@example.org", "email_verified": False},
        {"sub": "x", "email": "eve@example.org", "email_verified": True},
    ],
)
def test_claims_of_nobody_or_of_an_unverified_address_are_refused(small, claims):
    set_subject(small, "Lead", "lead@example.org", by="person:Lead")
    with pytest.raises(NotPermitted, match="this project does not"):
        person_by_claims(small, claims)


def test_an_address_at_the_provider_is_one_persons(small):
    set_subject(small, "Lead", "lead@example.org", by="person:Lead")
    with pytest.raises(NotTaken, match="somebody else's"):
        set_subject(small, "reviewer-1", "LEAD@example.org", by="person:Lead")


def _try_once(url: str) -> str:
    try:
        with Store.open(url) as store:
            sign_in(store, "Lead", "no such pin")
    except Wait:
        return "wait"
    except NotPermitted:
        return "refused"
    return "in"


def test_many_attempts_at_once_are_not_all_looked_at(team, store_url):
    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(_try_once, [store_url] * 12))
    assert sorted(told) == ["refused"] * 5 + ["wait"] * 7
