"""P27: what has died in silence shows in status/ within two minutes."""

import time

import pytest
from django.test import Client

from apps.core.health import check_all, overall
from tests.faults.campaign import PATIENCE_S
from tests.waiting import until


def states():
    return {check.name: check.status for check in check_all()}


def seconds_until(condition, within_s):
    began = time.monotonic()
    until(condition, within_s=within_s)
    return time.monotonic() - began


@pytest.mark.faults
def test_a_dead_beat_and_a_dead_worker_are_noticed_and_so_is_their_return(begin, settings, show):
    campaign = begin()
    settings.CELERY_BROKER_URL = campaign.broker.server.url
    campaign.tick_every_second()
    beat, worker = campaign.beat(), campaign.worker(queues="emails,default,content")
    names = ("beat", "planner", "sender", "queue.emails", "queue.content", "queue.default")
    until(lambda: all(states()[name] == "ok" for name in names), within_s=PATIENCE_S)

    figures = []
    for what, program, silent in (
        ("beat", beat, names),
        ("worker", worker, names[1:]),
    ):
        program.kill()
        red = seconds_until(lambda: all(states()[n] == "down" for n in silent), within_s=120)  # noqa: B023 -- called at once
        ready = Client().get("/api/health/ready/", secure=True, headers={"host": "127.0.0.1"})
        assert ready.status_code == 200
        assert overall(check_all()) == "down"
        program.start()
        green = seconds_until(lambda: all(states()[n] == "ok" for n in names), within_s=60)
        figures.append(f"{what}: red after {red:.0f} s, green {green:.0f} s after its return")

    show("P27  " + "; ".join(figures))
