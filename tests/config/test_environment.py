import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    Environment,
    Variable,
    address,
    flag,
    hosts,
    key,
    keys,
    link_with,
    names,
    one_of,
    optional,
    origins,
    site,
    url,
    whole,
)
from config.variables import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "READ_DOT_ENV": "0",
    "SITE_URL": "https://challenge.example",
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz",
    "JWT_SIGNING_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210",
    "DATABASE_URL": "postgresql://challenge@postgres/challenge",
    "REDIS_URL": "redis://broker:6379",
    "EMAIL_URL": "smtp+tls://user:pass@smtp.example:587",
    "EMAIL_FROM": "challenge@challenge.example",
    "REPLY_TO": "editor@challenge.example",
    "POSTAL_ADDRESS": "1 Example Street",
}


def complaint(source: dict[str, str]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment(VARIABLES, source)
    return str(caught.value)


def test_production_starts_with_what_is_required_alone():
    env = Environment(VARIABLES, PRODUCTION)

    assert env("DEMO") is False
    assert env("BROKER_URL") == "redis://broker:6379/0"
    assert env("VERIFY_EMAIL_URL") == "https://challenge.example/verify-email/#{token}"
    assert env("WEB_PROCESSES") == env("WEB_CONCURRENCY") == 2


@pytest.mark.parametrize("name", [one.name for one in VARIABLES if one.is_required])
def test_each_required_one_is_missed_by_name(name):
    assert complaint({**PRODUCTION, name: "  "}) == (
        f"{name} is not set. Set it, or {name}_FILE, in the environment."
    )


def test_all_that_is_wrong_is_said_at_once_and_nothing_twice():
    said = complaint({**PRODUCTION, "SITE_URL": "challenge.example", "PORT": "0", "REDIS_URL": "x"})

    assert said.splitlines() == [
        "PORT must be a whole number from 1 to 65535, not '0'.",
        "SITE_URL must be scheme and host alone, such as https://challenge.example, "
        "not 'challenge.example'.",
        "REDIS_URL must be a URL that starts with redis:// or rediss://.",
    ]


@pytest.mark.parametrize(
    "name", [one.name for one in VARIABLES if one.is_secret and one.read is not str]
)
def test_a_wrong_secret_is_never_shown(name):
    secret = "hunter2://"  # too short for a key, and no scheme of ours

    said = complaint({**PRODUCTION, name: secret})

    assert name in said
    assert secret not in said


def test_the_demo_needs_no_secrets():
    servers = {name: PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")}

    env = Environment(VARIABLES, {**servers, "DEMO": "1", "PORT": "8001"})

    assert env("SITE_URL") == "http://127.0.0.1:8001"
    assert env("EMAIL_URL") == {"kind": "mailbox"}


def test_a_file_goes_before_the_variable_and_its_last_newline_is_not_part_of_it(tmp_path):
    path = tmp_path / "site"
    path.write_text("https://from.file\n")

    env = Environment(VARIABLES, {**PRODUCTION, "SITE_URL_FILE": str(path)})

    assert env("SITE_URL") == "https://from.file"


def test_a_file_that_is_not_there_is_said_by_name(tmp_path):
    path = tmp_path / "none"

    assert complaint({**PRODUCTION, "SECRET_KEY_FILE": str(path)}) == (
        f"SECRET_KEY cannot be read from {path}: No such file or directory."
    )


def test_a_file_that_is_no_text_is_said_by_name(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(b"\xff\xfe\x00")

    assert complaint({**PRODUCTION, "SECRET_KEY_FILE": str(path)}) == (
        f"SECRET_KEY cannot be read from {path}: it is no text."
    )


def test_an_empty_variable_takes_the_default():
    assert Environment(VARIABLES, {**PRODUCTION, "PORT": ""})("PORT") == 8000


def test_a_value_that_begins_with_a_dollar_is_taken_as_it_is():
    variable = Variable(name="PASSWORD", meaning="")

    assert Environment([variable], {"PASSWORD": "$HOME"})("PASSWORD") == "$HOME"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (flag, "Yes", True),
        (flag, "off", False),
        (whole(0, 5), "5", 5),
        (one_of("a", "b"), "b", "b"),
        (url("redis"), "redis://:secret@127.0.0.1:6379/", "redis://:secret@127.0.0.1:6379"),
        (url("postgresql"), "postgresql:///db", "postgresql:///db"),
        (url("postgresql"), "postgresql://u@/db?host=/run", "postgresql://u@/db?host=/run"),
        (link_with("token"), "https://a.example/#{token}", "https://a.example/#{token}"),
        (names, " a, b,,c ", ["a", "b", "c"]),
        (hosts, "a.example,127.0.0.1", ["a.example", "127.0.0.1"]),
        (origins, "https://a.example,http://b.example:81", None),
        (site, "https://a.example:8443/", "https://a.example:8443"),
        (address, "a.b+c@example.org", "a.b+c@example.org"),
        (key(5), "abcde", "abcde"),
        (keys(5), "abcde,fghij", ["abcde", "fghij"]),
        (optional(key(5)), "", ""),
    ],
)
def test_good_values(read, text, value):
    assert read(text) == (text.split(",") if value is None else value)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (flag, ""),
        (flag, "2"),
        (flag, "maybe"),
        (whole(0, 5), "6"),
        (whole(0, 5), "-1"),
        (whole(0, 5), "1_0"),
        (whole(0, 5), "1.0"),
        (whole(0, 5), "٣"),
        (whole(0, 5), ""),
        (one_of("a"), "A"),
        (url("https"), ""),
        (url("https"), "https://"),
        (url("https"), "https:a.example"),
        (url("https"), "http://a.example"),
        (url("https"), "https://a.example:port"),
        (url("https"), "https://a.example:70000"),
        (url("https"), "https://a b.example"),
        (url("https"), "https://a.example\nx"),
        (url("https"), "https://[::1"),
        (url("postgresql"), "postgresql://"),
        (link_with("token"), "https://a.example/"),
        (link_with("token"), "https://a.example/{token}/{token}"),
        (link_with("token"), "{token}"),
        (hosts, "https://a.example"),
        (hosts, "a.example:80"),
        (hosts, "*"),
        (origins, "a.example"),
        (origins, "https://a.example/path"),
        (origins, "https://a.example?x"),
        (origins, "*"),
        (site, ""),
        (site, "https://a.example/path"),
        (site, "https://u@a.example"),
        (site, "https://a.example,https://b.example"),
        (address, "Daily <a@example.org>"),
        (address, "a@example.org,b@example.org"),
        (address, "@example.org"),
        (address, "a@"),
        (address, "a"),
        (key(5), "abcd"),
        (key(5), "aaaaaaaaaa"),
        (keys(5), "abcde,short"[:9]),
    ],
)
def test_wrong_values_are_refused(read, text):
    with pytest.raises(ValueError, match="must "):
        read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sendmail", "must be smtp://"),
        ("smtp://", "must name the mail server"),
        ("smtp://host:99999", "must have a port"),
        ("__init__://", "must be smtp://"),
    ],
)
def test_a_mail_transport_that_is_none_is_refused(text, words):
    assert complaint({**PRODUCTION, "EMAIL_URL": text}).startswith(f"EMAIL_URL {words}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"EMAIL_URL": "mailbox://"}, "EMAIL_URL=mailbox:// shows every mail to everybody"),
        ({"DEMO": "1"}, "DEMO=1 is for one machine"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"EMAIL_CONCURRENCY": "two"}, "EMAIL_CONCURRENCY must be a whole number"),
    ],
)
def test_a_process_with_a_wrong_setting_ends_with_the_sentence(changes, words):
    environment = {"PATH": os.environ["PATH"], **PRODUCTION, **changes}

    process = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert process.returncode != 0
    assert words in process.stderr.splitlines()[-1]
