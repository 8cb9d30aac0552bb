from datetime import UTC, datetime

import time_machine

from apps.core.clock import zone_names
from tests.api import METHOD_NOT_ALLOWED


@time_machine.travel(datetime(2027, 7, 1, tzinfo=UTC))
def test_every_accepted_name_comes_with_its_present_offset(api):
    response = api.get("/api/time-zones/")

    offsets = {zone["name"]: zone["utc_offset_minutes"] for zone in response.json()}
    assert response.status_code == 200
    assert offsets.keys() == zone_names()
    assert {
        name: offsets[name] for name in ("Asia/Kathmandu", "Europe/London", "America/New_York")
    } == {
        "Asia/Kathmandu": 345,
        "Europe/London": 60,
        "America/New_York": -240,
    }


def test_no_query_is_made(api, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        api.get("/api/time-zones/")


def test_posting_is_405(api):
    response = api.post("/api/time-zones/", {})

    assert (response.status_code, response.json()) == (405, METHOD_NOT_ALLOWED)
