"""Who may do what in a project, and how that changes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tamiz.errors import NotPermitted
from tamiz.people import NoAdmin, change_person, is_open, name_key, people, people_history, permit, person


def give(store, name, role, by="shell:me", **more):
    change_person(store, name, by, lambda _last: {"role": role} | more)


@pytest.fixture
def team(store):
    for name, role in (("lead", "admin"), ("reviewer-1", "reviewer"), ("guest", "viewer")):
        give(store, name, role)
    return store


def test_a_project_without_people_is_open(store):
    assert is_open(store)
    assert people(store) == []
    assert person(store, "reviewer-1") is None
    permit(store, "person:reviewer-1", "manage")


def test_the_first_person_must_be_an_admin(store):
    with pytest.raises(NoAdmin, match=r"first person .* must be an admin"):
        give(store, "reviewer-1", "reviewer")
    assert is_open(store)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("lead", {"look", "decide", "manage"}),
        ("reviewer-1", {"look", "decide"}),
        ("guest", {"look"}),
        ("nobody", set()),
    ],
)
def test_a_role_says_what_somebody_may_do(team, name, allowed):
    for act in ("look", "decide", "manage"):
        if act in allowed:
            permit(team, f"person:{name}", act)
        else:
            with pytest.raises(NotPermitted, match="admin"):
                permit(team, f"person:{name}", act)


def test_rules_and_commands_are_no_persons_and_pass(team):
    permit(team, "rule:exact-copies", "manage")
    permit(team, "shell:me", "manage")


def test_the_latest_change_stands_and_all_are_kept(team):
    give(team, "guest", "reviewer", by="person:lead")
    give(team, "guest", "gone", by="person:lead")
    assert [one.name for one in people(team)] == ["lead", "reviewer-1"]
    with pytest.raises(NotPermitted, match="nobody of this project"):
        permit(team, "person:guest", "look")
    told = [(one.name, one.what, one.actor) for one in people_history(team)]
    assert told[:2] == [("guest", "removed", "person:lead"), ("guest", "role", "person:lead")]
    assert told[-1] == ("lead", "added", "shell:me")


def test_the_last_admin_can_be_neither_removed_nor_made_less(team):
    for role in ("gone", "viewer"):
        with pytest.raises(NoAdmin, match="lead is the last admin"):
            give(team, "lead", role)
    give(team, "reviewer-1", "admin")
    give(team, "lead", "viewer")
    assert [one.role for one in people(team)] == ["viewer", "viewer", "admin"]


def test_a_change_is_never_changed(team):
    update = sa.text("UPDATE person_change SET role = 'admin'")
    with pytest.raises(sa.exc.DatabaseError, match="never changed"):
        team.database.write(lambda connection: connection.execute(update))


@pytest.mark.parametrize("other", ["LEAD", " lead", "Lead"])
def test_a_name_is_one_name_however_it_is_written(team, other):
    seen = []
    change_person(team, other, "shell:me", lambda last: seen.append(last["name"]) or {"role": "admin"})
    assert seen == ["lead"]
    assert [one.name for one in people(team)].count("lead") == 1


def test_unicode_forms_and_case_are_one_name():
    assert name_key("Turno Man\u0303ana  STRASSE") == name_key("turno mañana straße")


def test_permit_reads_the_store_once(team):
    seen = []
    engine = team.database._engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    permit(team, "person:lead", "decide")
    assert len([one for one in seen if one.startswith("SELECT")]) == 1
