"""The compose file's own commands, started, found healthy and stopped with SIGTERM."""

import base64
import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import NamedTuple

import psycopg2
import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from tests.production.databases import scratch_database, url_of
from tests.production.deployment import Deployment
from tests.production.shape import our_services, seconds, services
from tests.waiting import until

pytestmark = pytest.mark.faults
STAYING = [name for name in our_services() if name != "migrate"]


@pytest.fixture(scope="module")
def deployment(image, tmp_path_factory) -> Iterator[Deployment]:
    """Everything of ours up, in the order of depends_on."""
    with scratch_database() as database:
        here = Deployment(
            image=image, folder=tmp_path_factory.mktemp("deployment"), database=database
        )
        try:
            _bring_up(here)
            yield here
        finally:
            here.end()


def _bring_up(here: Deployment) -> None:
    for name in ("broker", "cache"):
        here.start_valkey(name)
        until(lambda name=name: _answers(here.ports[name]))
    done = here.run("migrate")
    assert done.returncode == 0, done.stderr
    for name in STAYING:
        here.start(name)
    for name in STAYING:
        here.wait_until_healthy(name)


def _answers(port: int) -> bool:
    with redis.Redis(port=port, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str


def _get(here: Deployment, path: str, *, to: str = "web", **headers: str) -> Answer:
    with closing(HTTPConnection("127.0.0.1", here.ports[to], timeout=10)) as connection:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.headers), answer.read().decode())


BEHIND_THE_PROXY = {"Host": "challenge.example", "X_Forwarded_Proto": "https"}


@pytest.mark.parametrize("name", STAYING)
def test_each_service_is_healthy_by_its_own_check(deployment, name):
    assert deployment.running[name].is_healthy(), deployment.running[name].said()


def test_migrate_leaves_nothing_to_do_and_can_be_run_again(deployment):
    again = deployment.run("migrate")

    assert again.returncode == 0, again.stderr
    assert "No migrations to apply." in again.stdout
    assert "Plan deliveries: unchanged" in again.stdout


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "broker",
            {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"},
        ),
        (
            "cache",
            {
                "appendonly": "no",
                "save": "",
                "maxmemory": str(256 * 1024 * 1024),
                "maxmemory-policy": "allkeys-lru",
            },
        ),
    ],
)
def test_the_queue_is_kept_and_the_cache_may_be_forgotten(deployment, name, wanted):
    with redis.Redis(port=deployment.ports[name], decode_responses=True) as client:
        assert {key: client.config_get(key)[key] for key in wanted} == wanted


def test_the_platform_gives_its_signs_of_life(deployment):
    wanted = {"beat", "planner", "sender", "queue.emails", "queue.content", "queue.default"}

    def seen() -> bool:
        url = url_of(deployment.database)
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT name FROM core_heartbeat")
            return wanted <= {name for (name,) in cursor.fetchall()}

    assert until(seen, within_s=90)


def test_the_site_answers_through_the_proxy_alone_and_only_with_tls(deployment):
    behind = _get(deployment, "/api/health/live/", **BEHIND_THE_PROXY)
    plain = _get(deployment, "/admin/login/", Host="challenge.example")
    other = _get(deployment, "/admin/login/", Host="evil.example", X_Forwarded_Proto="https")

    assert behind.status == 200
    assert behind.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert (plain.status, plain.headers["Location"]) == (
        301,
        "https://challenge.example/admin/login/",
    )
    assert other.status == 400


def test_static_files_have_hashed_names_and_are_kept_for_ever(deployment):
    page = _get(deployment, "/api/docs/", **BEHIND_THE_PROXY).body
    path = next(word for word in page.split('"') if "swagger-ui-bundle" in word)

    answer = _get(deployment, path, **BEHIND_THE_PROXY)

    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_metrics_of_all_web_processes_are_there_for_the_scraper(deployment):
    token = deployment.secret("metrics_token")

    def count() -> float:
        text = _get(deployment, "/metrics", Authorization=f"Bearer {token}").body
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "dailychallenge_http_requests_total"
            and sample.labels["route"] == "api/time-zones/"
        )

    before = count()
    for _ in range(20):
        assert _get(deployment, "/api/time-zones/", **BEHIND_THE_PROXY).status == 200

    assert count() - before == 20
    assert _get(deployment, "/metrics").status == 401


def test_flower_is_behind_its_password(deployment):
    pair = f"operator:{deployment.secret('flower_password')}".encode()
    header = f"Basic {base64.b64encode(pair).decode()}"

    assert _get(deployment, "/flower/", to="flower").status == 401
    assert _get(deployment, "/flower/", to="flower", Authorization=header).status == 200


def test_flower_does_not_start_without_a_password(deployment):
    (deployment.folder / "secrets/flower_password").chmod(0o644)
    kept = deployment.secret("flower_password")
    (deployment.folder / "secrets/flower_password").write_text("")
    try:
        done = deployment.run("flower")
    finally:
        (deployment.folder / "secrets/flower_password").write_text(kept)

    assert done.returncode != 0
    assert "FLOWER_PASSWORD is not set." in done.stderr


def test_web_logs_one_json_object_a_line(deployment):
    _get(deployment, "/api/health/ready/", **BEHIND_THE_PROXY)

    lines = deployment.running["web"].log.read_text().splitlines()

    assert lines
    assert all(json.loads(line)["timestamp"] for line in lines)


def test_each_service_ends_by_itself_within_its_grace_period_and_comes_back(deployment):
    asked_at = time.monotonic()
    for name in STAYING:
        deployment.running[name].process.send_signal(signal.SIGTERM)

    for name in STAYING:
        left_s = seconds(services()[name]["stop_grace_period"]) - (time.monotonic() - asked_at)
        code = deployment.running[name].process.wait(timeout=left_s)
        assert code == 0, deployment.running[name].said()

    for name in STAYING:
        deployment.start(name)
    for name in STAYING:
        deployment.wait_until_healthy(name)
