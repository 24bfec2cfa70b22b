"""Who may do what in a project."""

from __future__ import annotations

from tamiz.people import people, permit, person


def test_a_project_without_people_is_open(store):
    assert people(store) == []
    assert person(store, "reviewer-1") is None
    permit(store, "person:reviewer-1", "manage")
