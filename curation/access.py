"""Who comes in: people with names and PINs, or known to an identity provider; no screen in it.

with Store.open(url) as store:
    add_person(store, "reviewer-1", "admin", by="shell:me", pin="52-klm")
    token = open_session(store, sign_in(store, "Reviewer-1", "52-klm"))
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, get_args

from curation.pins import NotTaken, check_pin, hash_of_nobody, hash_pin
from curation.review import reviewer_name
from tamiz import signins
from tamiz.errors import NotPermitted
from tamiz.people import GONE, Person, Role, change_person, name_key, people, permit, person, pin_hash
from tamiz.store import Store

__all__ = [
    "Wait",
    "add_person",
    "find_person",
    "open_session",
    "remove_person",
    "set_pin",
    "set_role",
    "set_subject",
]
__all__ += ["SESSION_SECONDS", "change_own_pin", "person_by_claims", "sign_in"]

SESSION_SECONDS = 12 * 3600.0  # a working day
LONGEST_SUBJECT = 320
REFUSED = "the name or the PIN is not right"


class Wait(NotPermitted):
    """Too many refusals in a row: `seconds` are left until the next attempt counts."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many attempts were refused; try again in {seconds:.0f} s")
        self.seconds = seconds


def add_person(store: Store, name: str, role: Role, *, by: str, pin: str = "", subject: str = "") -> Person:
    """Give a name a role, and a PIN or who they are to the identity provider. The first one must be an admin."""
    permit(store, by, "manage")
    name = reviewer_name(name)
    subject = _subject(subject)
    if not pin and not subject:
        raise NotTaken("no_way_in")
    hashed = hash_pin(pin, name) if pin else ""

    def work(last: Mapping[str, Any] | None) -> dict[str, str]:
        if last is not None and last["role"] != GONE:
            raise NotTaken("name_taken")
        _check_subject(store, subject, name)
        return {"role": _role(role), "pin": hashed, "subject": subject}

    change_person(store, name, by, work)
    return find_person(store, name)


def set_role(store: Store, name: str, role: Role, *, by: str) -> Person:
    """Another role for somebody; NotPermitted when the last admin would lose theirs."""
    return _change(store, name, by, {"role": _role(role)})


def set_pin(store: Store, name: str, pin: str, *, by: str) -> Person:
    """A new PIN; whoever was signed in as this person is signed out."""
    permit(store, by, "manage")
    found = find_person(store, name)
    return _give_pin(store, found, pin, by=by)


def change_own_pin(store: Store, who: Person, old: str, new: str) -> Person:
    """A new PIN for oneself, which everybody may; the old one is asked for, except of somebody without."""
    if who.has_pin:
        try:
            sign_in(store, who.name, old)
        except Wait:
            raise
        except NotPermitted:
            raise NotTaken("pin_old") from None
    return _give_pin(store, who, new, by=f"person:{who.name}")


def set_subject(store: Store, name: str, subject: str, *, by: str) -> Person:
    """Who somebody is to the identity provider: an e-mail address or the provider's own id; "" for nobody there."""
    found, subject = find_person(store, name), _subject(subject)
    if not subject and not found.has_pin:
        raise NotTaken("no_way_in")
    _check_subject(store, subject, found.name)
    return _change(store, name, by, {"subject": subject})


def remove_person(store: Store, name: str, *, by: str) -> None:
    """Take somebody's role away and sign them out; what they decided stays, under their name."""
    permit(store, by, "manage")
    found = find_person(store, name)
    change_person(store, found.name, by, lambda last: _still_there(last) | {"role": GONE, "pin": ""})


def find_person(store: Store, name: str) -> Person:
    """Who has this name, however it is written; InputError for nobody."""
    found = _named(store, name)
    if found is None:
        raise NotTaken("nobody")
    return found


def sign_in(store: Store, name: str, pin: str) -> Person:
    """Who has this name and this PIN. NotPermitted otherwise, and Wait after several refusals in a row.

    An unknown name takes as long as a known one with a wrong PIN, and is told the same.
    """
    left = signins.count_attempt(store, name)
    if left > 0:
        raise Wait(left)
    found = _named(store, name)
    kept = pin_hash(store, found.name) if found is not None else ""
    good = check_pin(pin, kept or hash_of_nobody())
    if found is None or not kept or not good:
        raise NotPermitted(REFUSED)
    signins.welcome(store, name)
    return found


def person_by_claims(store: Store, claims: Mapping[str, Any]) -> Person:
    """Who an identity provider's claims stand for: by its own id, or by an e-mail address that it has verified."""
    names = {str(claims.get("sub") or "").strip()}
    if claims.get("email_verified") in (True, "true"):
        names.add(_subject(str(claims.get("email") or "")))
    names.discard("")
    found = [one for one in people(store) if one.subject and one.subject in names]
    if len(found) == 1:
        signins.welcome(store, found[0].name)
        return found[0]
    raise NotPermitted("the identity provider knows you, this project does not; ask one of its admins to add you")


def open_session(store: Store, who: Person) -> str:
    """A new token that stands for this person in one browser, for SESSION_SECONDS."""
    token = secrets.token_urlsafe(32)
    signins.open_session(store, who.name, token, seconds=SESSION_SECONDS)
    return token


def _named(store: Store, name: str) -> Person | None:
    key = name_key(name)
    return next((one for one in people(store) if name_key(one.name) == key), None)


def _change(store: Store, name: str, by: str, changed: dict[str, str]) -> Person:
    permit(store, by, "manage")
    found = find_person(store, name)
    change_person(store, found.name, by, lambda last: _still_there(last) | changed)
    return person(store, found.name) or found


def _still_there(last: Mapping[str, Any] | None) -> dict[str, str]:
    if last is None or last["role"] == GONE:
        raise NotTaken("nobody")
    return {}


def _role(role: str) -> str:
    if role not in get_args(Role):
        raise NotTaken("role")
    return role


def _subject(subject: str) -> str:
    subject = subject.strip()
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise NotTaken("subject")
    return subject.casefold() if "@" in subject else subject


def _check_subject(store: Store, subject: str, name: str) -> None:
    other = next((one for one in people(store) if subject and one.subject == subject and one.name != name), None)
    if other is not None:
        raise NotTaken("subject_taken")


def _give_pin(store: Store, who: Person, pin: str, *, by: str) -> Person:
    hashed = hash_pin(pin, who.name)
    change_person(store, who.name, by, lambda last: _still_there(last) | {"pin": hashed})
    return find_person(store, who.name)
