"""What a run may use, and how fast it goes."""

from __future__ import annotations

import threading
import time

import pytest

from curation.synthesis.crew import Crew, Later
from curation.synthesis.limits import Budget
from curation.synthesis.pace import Pace, Stopping
from curation.synthesis.prices import Price, price_of, tokens_of
from tamiz.settings.synthesis import PriceSettings, SynthesisSettings


def test_a_call_in_flight_holds_what_it_may_use_until_it_is_known() -> None:
    budget, stop = Budget(Price(), max_tokens=100), threading.Event()
    first = budget.take(10, 60, stop)
    assert first is not None
    waiting: list[object] = []
    thread = threading.Thread(target=lambda: waiting.append(budget.take(10, 60, stop)))
    thread.start()
    time.sleep(0.05)
    assert waiting == []  # 70 and 70 are more than 100
    budget.settle(first, 10, 5)
    thread.join()
    assert waiting[0] is not None


def test_a_limit_that_no_call_fits_in_lets_none_be_sent() -> None:
    budget = Budget(Price(), max_tokens=50)
    assert budget.take(10, 60, threading.Event()) is None
    assert (budget.reached, budget.calls) == ("--max-tokens 50", 0)


def test_a_call_that_was_given_back_does_not_count() -> None:
    budget, stop = Budget(Price(), max_calls=1), threading.Event()
    taken = budget.take(1, 1, stop)
    assert taken is not None
    budget.give_back(taken)
    assert budget.take(1, 1, stop) is not None


def test_a_try_that_got_no_answer_is_counted_and_stops_the_next_one_at_the_limit() -> None:
    budget, stop = Budget(Price(1.0, 0.0), max_tokens=150), threading.Event()
    taken = budget.take(50, 40, stop)
    assert taken is not None
    assert budget.lose(50) == (50e-6, True)
    assert budget.lose(50) == (50e-6, False)
    assert budget.reached == "--max-tokens 150"
    budget.give_back(taken)
    assert (budget.calls, budget.prompt_tokens) == (0, 100)


def test_what_is_here_is_free_and_what_is_elsewhere_needs_a_price() -> None:
    settings = SynthesisSettings(prices={"big": PriceSettings(input=2.0, output=8.0)})
    assert price_of(settings, "big", local=False).of(500_000, 250_000) == 3.0
    assert price_of(settings, "big", local=True).of(1_000_000, 0) == 2.0
    assert price_of(settings, "other", local=True) == Price()
    assert not price_of(settings, "other", local=False).known


def test_tokens_are_rather_over_than_underestimated() -> None:
    text = "Para cambiar la clave del wifi entra en 192.168.1.1 y elige Seguridad."
    assert 20 <= tokens_of([text]) <= 40


def test_calls_become_more_while_all_goes_well_and_half_as_many_when_refused() -> None:
    pace = Pace(8, backoff_seconds=0.0, stop=threading.Event())
    for _ in range(200):
        pace.went_well()
    assert pace.limit == 8
    pace.slow_down(None, 1)
    assert pace.limit == 4
    for _ in range(3):
        pace.slow_down(None, 1)
    assert pace.limit == 1


def test_refusals_of_one_moment_count_once() -> None:
    pace = Pace(8, backoff_seconds=5.0, stop=threading.Event())
    assert pace.limit == 4
    for number in range(6):
        pace.slow_down(None, number)
    assert pace.limit == 2


def test_a_pause_grows_with_every_refusal_up_to_a_minute() -> None:
    pace = Pace(4, backoff_seconds=1.0, stop=threading.Event())
    pauses = [pace.slow_down(None, number) for number in (1, 2, 3, 12)]
    assert 0.5 <= pauses[0] <= 1.5
    assert 2.0 <= pauses[2] <= 6.0
    assert 30.0 <= pauses[3] <= 90.0
    assert pace.slow_down(12.5, 1) == 12.5


def test_what_is_put_off_is_taken_up_after_others_and_handed_over_in_its_place() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 0 and begun.count(0) < 3:
            raise Later(0.02)
        return number

    assert list(Crew(work, [0, 1, 2], 1).results(lambda: False)) == [0, 1, 2]
    assert begun == [0, 1, 2, 0, 0]


def test_who_waits_for_room_is_let_go_when_the_run_stops() -> None:
    stop = threading.Event()
    pace = Pace(1, backoff_seconds=1.0, stop=stop)
    pace.slow_down(60.0, 1)
    threading.Timer(0.05, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopping), pace.slot():
        pytest.fail("no call may be sent now")
    assert time.monotonic() - began < 5
