"""Hosts are lent to one worker at a time."""

from __future__ import annotations

import pytest

from tamiz.hosts import Hosts


@pytest.fixture
def hosts(store):
    return Hosts(store)


def test_a_host_has_one_worker(hosts):
    assert hosts.take("a.example", "one", seconds=60) == 0
    assert hosts.take("a.example", "two", seconds=60) is None
    assert hosts.take("b.example", "two", seconds=60) == 0
    assert sorted(hosts.workers()) == ["one", "two"]


def test_who_waits_is_seen_by_who_has_the_host(hosts, clock):
    hosts.take("a.example", "one", seconds=60)
    assert not hosts.wanted("a.example", "one")
    hosts.take("a.example", "two", seconds=60)
    assert hosts.wanted("a.example", "one")
    clock.forward(10)
    assert not hosts.wanted("a.example", "one")


def test_the_next_worker_waits_for_the_pace_of_the_last(hosts, clock):
    hosts.take("a.example", "one", seconds=60)
    hosts.give_back("one", pace=5.0)
    clock.forward(2)
    assert hosts.take("a.example", "two", seconds=60) == pytest.approx(3)


def test_a_host_of_a_killed_worker_is_taken_over_at_its_pace(hosts, clock):
    hosts.take("a.example", "one", seconds=60)
    hosts.keep_pace("one", 7.0)
    clock.forward(61)
    assert hosts.take("a.example", "two", seconds=60) == pytest.approx(7)


def test_a_freed_host_keeps_its_pace(hosts):
    hosts.take("a.example", "one", seconds=60)
    hosts.keep_pace("one", 7.0)
    hosts.free("one")
    assert hosts.take("a.example", "two", seconds=60) == pytest.approx(7)
