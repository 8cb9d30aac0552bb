import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.core.models import Heartbeat
from apps.core.services import raise_alert, resolve_alert
from apps.core.tallies import Tallies
from apps.mail.figures import LAG, SETTLED
from apps.mail.models import SendingSwitch
from apps.notifications.figures import PLANNED
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
)

TOKEN = "a-token-for-the-metrics"
pytestmark = pytest.mark.django_db


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def figures() -> dict[str, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return {
            _key(sample): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return figures


def _key(sample) -> str:
    labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
    return f"{sample.name}{{{labels}}}" if labels else sample.name


def test_without_a_token_the_page_is_not_there(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer ü"])
def test_a_wrong_token_is_401(client, settings, sent):
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"Authorization": sent})

    assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")


def test_it_is_only_read(client, settings):
    settings.METRICS_TOKEN = TOKEN

    assert client.post("/metrics").status_code == 405


def test_a_scraper_that_knows_the_process_by_its_number_is_let_in(client, settings):
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "172.18.0.7:8000"}

    answer = client.get("/metrics", headers=headers)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


def test_a_scraper_that_asks_for_openmetrics_gets_one_whole_document(client, settings):
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/openmetrics-text"}

    answer = client.get("/metrics", headers=headers)

    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")
    assert answer.content.count(b"# EOF") == 1


def test_requests_are_counted_by_pattern_never_by_path(scrape, client):
    before = scrape()

    client.get("/api/health/live/")
    client.get("/api/health/live/")
    client.get("/nowhere/secret-token/")
    client.generic("BREW", "/api/health/live/")

    after = scrape()
    live = "dailychallenge_http_requests_total{method=GET,route=api/health/live/,status=200}"
    lost = "dailychallenge_http_requests_total{method=GET,route=none,status=404}"
    brew = "dailychallenge_http_requests_total{method=other,route=api/health/live/,status=405}"
    timed = "dailychallenge_http_request_duration_seconds_count{route=api/health/live/}"
    grown = {key: after[key] - before.get(key, 0) for key in (live, lost, brew, timed)}
    assert grown == {live: 2, lost: 1, brew: 1, timed: 3}
    assert not any("secret-token" in key for key in after)


def test_a_fault_is_counted_by_its_kind(scrape, client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("apps.core.views.Live.get", lambda *args: 1 / 0)
    key = "dailychallenge_http_faults_total{exception=ZeroDivisionError}"
    before = scrape().get(key, 0)

    answer = client.get("/api/health/live/")

    assert answer.status_code == 500
    assert scrape()[key] - before == 1


def test_the_state_of_mail_and_planning_is_shown(scrape):
    now = timezone.now()
    DeliveryFactory(due_at=now - timedelta(minutes=10))
    DeliveryFactory(due_at=now + timedelta(hours=1))
    DeliveryFactory(due_at=now - timedelta(hours=1), not_before=now + timedelta(hours=1))
    SentDeliveryFactory()
    OutboundMailFactory()
    SubscriptionFactory.create_batch(2)
    SubscriptionFactory(next_delivery_at=now + timedelta(hours=1))

    figures = scrape()

    shown = {
        key: value
        for key, value in figures.items()
        if key.startswith(("dailychallenge_mails", "dailychallenge_subscriptions_due"))
    }
    assert shown == {
        "dailychallenge_mails{outbox=account,status=planned}": 1,
        "dailychallenge_mails{outbox=account,status=claimed}": 0,
        "dailychallenge_mails{outbox=account,status=sending}": 0,
        "dailychallenge_mails{outbox=account,status=uncertain}": 0,
        "dailychallenge_mails{outbox=delivery,status=planned}": 3,
        "dailychallenge_mails{outbox=delivery,status=claimed}": 0,
        "dailychallenge_mails{outbox=delivery,status=sending}": 0,
        "dailychallenge_mails{outbox=delivery,status=uncertain}": 0,
        "dailychallenge_mails_due{outbox=account}": 1,
        "dailychallenge_mails_due{outbox=delivery}": 1,
        # The four whose rows the factory made are due as well.
        "dailychallenge_subscriptions_due": 6,
    }
    waited = figures["dailychallenge_mail_longest_wait_seconds{outbox=delivery}"]
    assert waited == pytest.approx(600, abs=30)


def test_what_workers_did_is_shown(scrape):
    tallies = Tallies()
    tallies.count(SETTLED, "delivery", "sent", by=7)
    tallies.count(PLANNED, "starved")
    tallies.observe(LAG, 42, "delivery")
    tallies.save()

    figures = scrape()

    assert figures["dailychallenge_mails_settled_total{outbox=delivery,status=sent}"] == 7
    assert figures["dailychallenge_subscriptions_planned_total{outcome=starved}"] == 1
    assert figures["dailychallenge_mail_lag_seconds_bucket{le=30.0,outbox=delivery}"] == 0
    assert figures["dailychallenge_mail_lag_seconds_bucket{le=60.0,outbox=delivery}"] == 1
    assert figures["dailychallenge_mail_lag_seconds_sum{outbox=delivery}"] == 42


def test_signs_of_life_alerts_and_the_switch_are_shown(scrape):
    Heartbeat.objects.create(name="beat", beat_at=timezone.now() - timedelta(seconds=90))
    raise_alert("supply_low", key="1")
    raise_alert("supply_low", key="2")
    resolve_alert("supply_low", key="2")

    figures = scrape()
    SendingSwitch.objects.update(is_on=False, reason="Stopped by hand.")

    assert figures["dailychallenge_heartbeat_age_seconds{name=beat}"] == pytest.approx(90, abs=5)
    assert figures["dailychallenge_open_alerts"] == 1
    assert figures["dailychallenge_sending_on"] == 1
    assert scrape()["dailychallenge_sending_on"] == 0


def test_the_depth_of_the_queues_is_shown(scrape, settings):
    figures = scrape()

    assert figures["dailychallenge_broker_up"] == 1
    depths = {
        name: figures[f"dailychallenge_queue_messages{{queue={name}}}"]
        for name in settings.TASK_QUEUES
    }
    assert depths == dict.fromkeys(("emails", "content", "default"), 0)
    assert figures["dailychallenge_queue_taken"] == 0


def test_a_broker_that_is_away_costs_its_own_figures_only(scrape, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    figures = scrape()

    assert figures["dailychallenge_broker_up"] == 0
    assert figures["dailychallenge_database_up"] == 1


def test_a_database_that_is_away_leaves_the_figures_of_the_web(scrape, client, monkeypatch):
    def refuse(now):
        raise OperationalError("gone")

    monkeypatch.setattr("apps.core.metrics._core", refuse)
    client.get("/api/health/live/")

    figures = scrape()

    assert figures["dailychallenge_database_up"] == 0
    assert any(key.startswith("dailychallenge_http_requests_total") for key in figures)


def test_processes_without_the_shared_cache_are_counted(scrape, client, monkeypatch):
    monkeypatch.setattr("apps.core.request_metrics.is_counting_alone", lambda: True)
    client.get("/api/health/live/")
    alone = scrape()["dailychallenge_cache_fallback"]

    monkeypatch.setattr("apps.core.request_metrics.is_counting_alone", lambda: False)
    client.get("/api/health/live/")

    assert (alone, scrape()["dailychallenge_cache_fallback"]) == (1, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_as_many_queries_for_much_as_for_little(scrape, django_assert_num_queries, count):
    DeliveryFactory.create_batch(count)
    OutboundMailFactory.create_batch(count)
    Heartbeat.objects.bulk_create(
        Heartbeat(name=f"part {n}", beat_at=timezone.now()) for n in range(count)
    )

    with django_assert_num_queries(7):
        scrape()


COUNT_IN_TWO_PROCESSES = """
import os, sys, django
django.setup()
from prometheus_client import generate_latest
from apps.core.metrics import _of_web
from apps.core.request_metrics import ALONE, REQUESTS
is_child = os.fork() == 0
REQUESTS.labels("GET", "r", "200").inc()
ALONE.set(1)
if is_child:
    os._exit(0)
os.wait()
sys.stdout.write(generate_latest(_of_web()).decode())
"""


def test_several_processes_are_added_up(tmp_path):
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
    }

    done = subprocess.run(
        [sys.executable, "-c", COUNT_IN_TWO_PROCESSES],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    lines = done.stdout.splitlines()
    requests = [line for line in lines if line.startswith("dailychallenge_http_requests_total{")]
    assert [line.split()[-1] for line in requests] == ["2.0"]
    assert "dailychallenge_cache_fallback 2.0" in lines
