import re
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from config.variables import VARIABLES
from tests.production.shape import ROOT, compose, dot_env, our_services, seconds, services

LIBRARIES_OWN = {"REMAP_SIGTERM"}  # read by Celery
DATABASE_KEEPERS = ("postgres", "broker", "cache")


def test_it_has_the_services_that_operators_expect():
    assert set(services()) == {
        "migrate",
        "web",
        "worker-emails",
        "worker-content",
        "worker-default",
        "beat",
        "flower",
        "postgres",
        "broker",
        "cache",
        "proxy",
        "mailpit",
        "prometheus",
    }


def test_extras_start_only_when_asked_for():
    profiles = {name: s["profiles"] for name, s in services().items() if "profiles" in s}

    assert profiles == {"mailpit": ["dev"], "prometheus": ["monitoring"]}


def test_only_the_proxy_is_published():
    published = {
        name: service["ports"] for name, service in services().items() if "ports" in service
    }

    assert published == {"proxy": ["80:80", "443:443", "443:443/udp"]}


def test_the_loopback_file_publishes_to_this_machine_alone():
    document = yaml.safe_load((ROOT / "ops/compose.loopback.yml").read_text())
    ports = [port for s in document["services"].values() for port in s["ports"]]

    assert set(document["services"]) <= set(services())
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_image_that_is_not_ours_is_pinned_to_a_major():
    images = {name: s["image"] for name, s in services().items() if "build" not in s}

    assert [name for name, image in images.items() if not re.search(r":v?\d+", image)] == []


def test_every_queue_has_one_worker_service_that_can_be_scaled(settings):
    queues = {}
    for name, service in services().items():
        if name.startswith("worker-"):
            found = [w for w in service["command"] if w.startswith("--queues=")]
            queues[name] = found[0].removeprefix("--queues=")

    assert sorted(queues.values()) == sorted(settings.TASK_QUEUES)
    assert all(name == f"worker-{queue}" for name, queue in queues.items())
    assert not any("container_name" in service for service in services().values())


@pytest.mark.parametrize("name", our_services())
def test_each_of_our_services_waits_for_what_it_needs(name):
    waits = {other: one["condition"] for other, one in services()[name]["depends_on"].items()}

    assert waits["postgres"] == "service_healthy"
    if name != "migrate":
        assert waits["migrate"] == "service_completed_successfully"
        assert waits["broker"] == "service_healthy"


@pytest.mark.parametrize("name", our_services())
def test_each_of_our_services_may_do_as_little_as_possible(name):
    service = services()[name]

    assert service["init"] is True
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_whatever_stays_up_is_checked_restarted_and_given_time_to_stop():
    for name, service in services().items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        check = service["healthcheck"]
        assert seconds(check["timeout"]) <= seconds(check["interval"]), name
        if name not in ("mailpit",):
            assert seconds(service["stop_grace_period"]) >= 10, name


def test_workers_have_more_time_to_stop_than_they_take(settings):
    for name, service in services().items():
        if name.startswith("worker-"):
            grace_s = seconds(service["stop_grace_period"])
            assert grace_s > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10
            assert service["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_every_variable_is_one_that_the_code_reads():
    known = {one.name for one in VARIABLES}
    known |= {f"{one.name}_FILE" for one in VARIABLES} | LIBRARIES_OWN

    for name in our_services():
        assert set(services()[name]["environment"]) <= known, name


def test_every_variable_that_the_file_asks_of_the_operator_is_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert asked == {"SITE_URL", "EMAIL_CONCURRENCY"}
    assert asked <= listed


def test_what_is_required_is_set_by_the_file_or_asked_for_in_the_example():
    required = {one.name for one in VARIABLES if one.is_required}
    for name in our_services():
        given = {key.removesuffix("_FILE") for key in services()[name]["environment"]}
        assert required <= given | set(dot_env()), name


def test_no_secret_stands_in_the_file_or_in_the_example():
    secret = {one.name for one in VARIABLES if one.is_secret} - {
        "DATABASE_URL",
        "REDIS_URL",
        "CACHE_URL",
    }
    for name in our_services():
        assert not secret & set(services()[name]["environment"]), name
        assert "@" not in services()[name]["environment"]["REDIS_URL"]
        assert services()[name]["environment"]["DATABASE_URL"].count(":") == 2
    assert not secret & set(dot_env())


def test_every_secret_that_is_read_is_mounted_and_every_mounted_one_is_read():
    declared = compose()["secrets"]
    used = set()
    for name, service in services().items():
        mounted = set(service.get("secrets", ()))
        named = {
            Path(value).name
            for value in service.get("environment", {}).values()
            if str(value).startswith("/run/secrets/")
        }
        assert named <= mounted, name
        assert mounted - named <= ({"metrics_token"} if name == "prometheus" else set()), name
        used |= mounted
    assert used == set(declared)
    assert {one["file"] for one in declared.values()} == {f"./secrets/{name}" for name in declared}


def test_every_volume_and_network_is_declared_and_used():
    document = compose()
    used_volumes, used_networks = set(), set()
    for service in services().values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file(), source
            else:
                used_volumes.add(source)
        used_networks |= set(service["networks"])

    assert used_volumes == set(document["volumes"])
    assert used_networks == set(document["networks"])


def test_the_data_has_no_way_out_and_the_proxy_no_way_to_the_data():
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in DATABASE_KEEPERS:
        assert services()[name]["networks"] == ["inside"]
    assert services()["proxy"]["networks"] == ["outside"]


def test_what_one_service_calls_another_is_a_service_on_a_network_of_both():
    text = "\n".join(
        (ROOT / place).read_text() for place in ("ops/Caddyfile", "ops/prometheus.yml")
    )
    called = {
        "web": re.findall(r"://(\w+):\d+", str(services()["web"]["environment"]))
        + re.findall(r"@(\w+):\d+", str(services()["web"]["environment"])),
        "proxy": re.findall(r"reverse_proxy (\w+):\d+|^\s+name (\w+)$", text, re.M),
        "prometheus": re.findall(r"names: \[(\w+)\]", text),
    }
    called["proxy"] = [one or other for one, other in called["proxy"]]

    assert sorted(called["web"]) == ["broker", "cache", "postgres"]
    assert sorted(called["proxy"]) == ["flower", "web"]
    assert called["prometheus"] == ["web"]
    for name, others in called.items():
        for other in others:
            assert set(services()[name]["networks"]) & set(services()[other]["networks"])


def test_the_secrets_script_makes_what_is_missing_and_changes_nothing(tmp_path):
    (tmp_path / "ops").mkdir()
    script = tmp_path / "ops/make-secrets.sh"
    script.write_text((ROOT / "ops/make-secrets.sh").read_text())
    folder = tmp_path / "secrets"

    first = subprocess.run(["sh", script], check=True, capture_output=True, text=True).stdout
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) | {"email_url"} == set(compose()["secrets"])
    (folder / "email_url").write_text("smtp://mail.example")
    second = subprocess.run(["sh", script], check=True, capture_output=True, text=True).stdout

    assert made.pop("secret_key_fallbacks") == ""
    assert len(set(made.values())) == len(made)
    assert all(len(text) >= 32 and text.isprintable() and " " not in text for text in made.values())
    assert "Write the mail server into secrets/email_url" in first
    assert second == ""
    assert made.items() <= {path.name: path.read_text() for path in folder.iterdir()}.items()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def test_secrets_and_the_operators_file_are_kept_out_of_the_repository_and_the_image():
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {"/secrets/", ".env"} <= set(ignored)
