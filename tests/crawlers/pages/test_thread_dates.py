"""When a post was written, in the words of forums."""

from __future__ import annotations

import pytest

from crawlers.pages.thread_dates import iso_date, iso_dates, says_when


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("2012-06-04 13:24:58Z", "2012-06-04T13:24:58+00:00", id="ISO with zone"),
        pytest.param("2020-03-03T12:00:00+01:00", "2020-03-03T11:00:00+00:00", id="told in UTC"),
        pytest.param("2012-03-03 10:00:00", "2012-03-03T10:00:00", id="ISO without zone"),
        pytest.param("1449007200000", "2015-12-01T22:00:00+00:00", id="milliseconds since 1970"),
        pytest.param("by ana » Mon Mar 03, 2014 3:14 pm", "2014-03-03", id="phpBB en"),
        pytest.param("por ana » Lun Ene 05, 2015 9:00 am", "2015-01-05", id="phpBB es"),
        pytest.param("3 de marzo de 2014 a las 10:00", "2014-03-03", id="es"),
        pytest.param("20. April 2020 11:17", "2020-04-20", id="de"),
        pytest.param("le 4 février 2014", "2014-02-04", id="fr"),
        pytest.param("Tue 16-Jun-20 23:12:23", "2020-06-16", id="short year after a month's name"),
        pytest.param("21.09.14 09:41", "2014-09-21", id="short year between dots"),
        pytest.param("« Reply #1 on: March 03, 2009, 03:14:00 PM »", "2009-03-03", id="SMF"),
        pytest.param("Beitrag 04.05.2012, 10:22", "2012-05-04", id="dots are day first"),
        pytest.param("23/04/2012", "2012-04-23", id="no 23rd month"),
        pytest.param("03/04/2012", "", id="two ways to read"),
        pytest.param("Joined: Mon Jan 05, 2009 9:00 am", "", id="joined"),
        pytest.param("Registriert seit: 03.04.2012", "", id="registered"),
        pytest.param("Last edited by ana; May 1, 2019", "", id="edited"),
        pytest.param("31 February 2019", "", id="no such day"),
        pytest.param("3 years ago", "", id="relative"),
        pytest.param("Version 12.4", "", id="no date"),
    ],
)
def test_dates_are_read_where_they_are_sure(text: str, day: str) -> None:
    assert iso_date(text) == day


def test_one_date_of_a_page_tells_how_to_read_the_others() -> None:
    assert iso_dates(["03/04/2012", "01/23/2012"]) == ["2012-03-04", "2012-01-23"]
    assert iso_dates(["03/04/2012", "23/01/2012"]) == ["2012-04-03", "2012-01-23"]
    assert iso_dates(["13/04/2012", "01/23/2012"])[0] == "2012-04-13"


@pytest.mark.parametrize("text", ["yesterday, 10:30", "hace 3 días", "vor 2 Stunden", "5 years ago", "03/04/2012"])
def test_a_time_can_be_told_without_being_a_date(text: str) -> None:
    assert says_when(text)


def test_a_sentence_says_no_time() -> None:
    assert not says_when("Hold the button for 10 seconds")
