"""The slot rules: every row of the table in the delivery design, and the spacing over all zones."""

from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.clock import date_exists, local_to_utc, zone_names
from apps.notifications.clock import (
    SPACING,
    Slot,
    Timetable,
    first_slot,
    is_stale,
    next_slot,
    redated_solution_slot,
    slots_from,
    solution_slot,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def on(day: date, timetable: Timetable) -> list[datetime]:
    """The slot instants that stand for one local date."""
    around = slots_from(timetable, utc(day.year, day.month, day.day) - timedelta(days=3))
    return [slot.due_at for slot in around if slot.local_date == day]


@pytest.mark.parametrize(
    ("zone", "at", "day", "instants"),
    [
        ("America/New_York", time(2, 30), date(2027, 3, 14), [utc(2027, 3, 14, 7, 30)]),
        ("America/New_York", time(1, 30), date(2027, 11, 7), [utc(2027, 11, 7, 5, 30)]),
        ("Europe/London", time(1, 30), date(2027, 3, 28), [utc(2027, 3, 28, 1, 30)]),
        ("Europe/London", time(1, 30), date(2027, 10, 31), [utc(2027, 10, 31, 0, 30)]),
        ("Australia/Lord_Howe", time(2, 15), date(2027, 10, 3), [utc(2027, 10, 2, 15, 45)]),
        ("Asia/Kathmandu", time(8), date(2027, 5, 5), [utc(2027, 5, 5, 2, 15)]),
        ("Pacific/Apia", time(8), date(2011, 12, 29), [utc(2011, 12, 29, 18)]),
        ("Pacific/Apia", time(8), date(2011, 12, 30), []),
        ("Pacific/Apia", time(8), date(2011, 12, 31), [utc(2011, 12, 30, 18)]),
        ("America/Nuuk", time(23), date(2027, 3, 27), [utc(2027, 3, 28, 1)]),
    ],
)
def test_a_local_hour_becomes_exactly_these_instants(zone, at, day, instants):
    assert on(day, Timetable(zone, at)) == instants


def test_an_earlier_hour_chosen_after_it_passed_is_served_now_once():
    timetable = Timetable("UTC", time(7))
    now = utc(2027, 5, 5, 7, 30)

    slot = next_slot(timetable, now=now, activated_at=LONG_AGO, last_due_at=utc(2027, 5, 4, 8))

    assert slot == Slot(utc(2027, 5, 5, 7), date(2027, 5, 5))
    after = next_slot(timetable, now=now, activated_at=LONG_AGO, last_due_at=slot.due_at)
    assert after.due_at == utc(2027, 5, 6, 7)


def test_a_later_hour_chosen_after_the_challenge_was_sent_brings_nothing_more_today():
    slot = next_slot(
        Timetable("UTC", time(9)),
        now=utc(2027, 5, 5, 8, 30),
        activated_at=LONG_AGO,
        last_due_at=utc(2027, 5, 5, 8),
    )

    assert slot.due_at == utc(2027, 5, 6, 9)


@pytest.mark.parametrize(
    ("up_again", "due_at"),
    [
        (utc(2027, 5, 5, 9, 10), utc(2027, 5, 5, 8)),
        (utc(2027, 5, 5, 20, 30), utc(2027, 5, 6, 8)),
        (utc(2027, 5, 8, 9), utc(2027, 5, 8, 8)),
    ],
)
def test_after_an_outage_there_is_one_slot_or_none(up_again, due_at):
    slot = next_slot(
        Timetable("UTC", time(8)),
        now=up_again,
        activated_at=LONG_AGO,
        last_due_at=utc(2027, 5, 4, 8),
    )

    assert slot.due_at == due_at


def test_an_instant_is_stale_from_twelve_hours_on():
    due_at = utc(2027, 5, 5, 8)

    assert is_stale(due_at, due_at + timedelta(hours=12))
    assert not is_stale(due_at, due_at + timedelta(hours=12, microseconds=-1))


def test_nothing_is_due_before_the_subscription_became_active():
    slot = next_slot(
        Timetable("UTC", time(7)),
        now=utc(2027, 5, 5, 7, 30),
        activated_at=utc(2027, 5, 5, 7, 15),
        last_due_at=None,
    )

    assert slot.due_at == utc(2027, 5, 6, 7)


def test_only_the_chosen_weekdays_have_slots():
    sundays = Timetable("Europe/Berlin", time(8), (7,))

    slot = first_slot(sundays, utc(2027, 5, 5))

    assert slot == Slot(utc(2027, 5, 9, 6), date(2027, 5, 9))


def test_a_weekday_that_the_zone_skipped_is_served_the_week_after():
    fridays = Timetable("Pacific/Apia", time(8), (5,))

    slot = first_slot(fridays, utc(2011, 12, 29))

    assert slot.local_date == date(2012, 1, 6)


def test_the_solution_comes_a_minute_before_the_next_days_slot_whatever_the_weekdays():
    sundays = Timetable("UTC", time(8), (7,))

    slot = solution_slot(sundays, utc(2027, 5, 9, 8))

    assert slot == Slot(utc(2027, 5, 10, 7, 59), date(2027, 5, 10))


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        (utc(2027, 5, 9, 7, 59), utc(2027, 5, 9, 7, 59)),
        (utc(2027, 5, 9, 8), utc(2027, 5, 9, 7, 59)),
        (utc(2027, 5, 9, 19, 59), utc(2027, 5, 9, 7, 59)),
        (utc(2027, 5, 9, 20), utc(2027, 5, 10, 7, 59)),
    ],
)
def test_a_stale_solution_comes_before_the_challenge_that_is_served_now_or_next(now, due_at):
    mondays = Timetable("UTC", time(8), (1,))

    assert redated_solution_slot(mondays, now) == Slot(due_at, due_at.date())


def distinct_zones() -> list[str]:
    """Every zone, but of those with the same rules (Europe/Berlin, Europe/Stockholm) only one."""
    by_rules = {}
    for name in sorted(zone_names()):
        rules = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
        by_rules.setdefault(rules, name)
    return sorted(by_rules.values())


@pytest.mark.parametrize("zone", distinct_zones())
def test_daily_slots_are_22_to_26_hours_apart_in_every_zone_until_2030(zone):
    for at in (time(0), time(2, 30), time(23, 30)):
        timetable = Timetable(zone, at)
        instants = [
            local_to_utc(day, at, zone)
            for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(5 * 365 + 1))
            if date_exists(day, zone)
        ]
        gaps = {later - earlier for earlier, later in pairwise(instants)}

        assert min(gaps) >= timedelta(hours=22)
        assert max(gaps) <= timedelta(hours=26)
        for served, following in islice(pairwise(instants), 0, None, 61):
            assert first_slot(timetable, served + SPACING).due_at == following


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(sorted(zone_names())),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),
    since_last=st.none() | st.timedeltas(timedelta(0), timedelta(days=10)),
)
def test_the_next_slot_is_spaced_fresh_and_on_a_chosen_day(zone, at, weekdays, now, since_last):
    last_due_at = now - since_last if since_last is not None else None

    slot = next_slot(
        Timetable(zone, at, weekdays), now=now, activated_at=LONG_AGO, last_due_at=last_due_at
    )

    assert not is_stale(slot.due_at, now)
    assert slot.local_date.isoweekday() in weekdays
    assert slot.due_at == local_to_utc(slot.local_date, at, zone)
    assert last_due_at is None or slot.due_at >= last_due_at + SPACING
