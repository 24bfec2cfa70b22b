"""A run as a whole: what is asked, kept, told, and gone on with."""

from __future__ import annotations


def test_a_run_asks_about_every_training_pair_once_and_keeps_what_comes_of_it(bench, server) -> None:
    report = bench.run()
    assert report.asked == report.ok + report.failed == report.materials == len(server.bodies)
    assert report.failed == 0
    made = bench.made()
    assert report.made == len(made) == 2 * report.materials
    origins = {pair.id for pair in (stored.pair for stored in bench.store.pairs("accepted"))}
    for pair in made:
        assert set(pair.made_from) <= origins
        assert (pair.kind, pair.made_by) == ("synthetic", "synth:rephrase by tiny")
