import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import parse_dsn

from config.connections import database_from_url, database_url, with_password
from config.environment import Environment, Variable, asks_for_dot_env
from config.readers import (
    address,
    flag,
    hosts,
    key,
    keys,
    line,
    link_with,
    mail_domain,
    names,
    one_of,
    optional,
    origins,
    pattern,
    redis_database,
    redis_server,
    site,
    token,
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


def test_a_slash_at_the_end_does_not_come_into_what_rests_on_it():
    env = Environment(
        VARIABLES, {**PRODUCTION, "SITE_URL": "https://a.example/", "REDIS_URL": "redis://b/"}
    )

    assert env("MANAGE_URL") == "https://a.example/manage/{token}/"
    assert (env("BROKER_URL"), env("CACHE_URL")) == ("redis://b/0", "redis://b/1")


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
        (redis_server, "redis://:secret@127.0.0.1:6379/", "redis://:secret@127.0.0.1:6379"),
        (redis_server, "rediss://cache.example", "rediss://cache.example"),
        (redis_database, "redis://cache_1:6379/12", "redis://cache_1:6379/12"),
        (redis_database, "rediss://h/1?ssl_cert_reqs=none", "rediss://h/1?ssl_cert_reqs=none"),
        (database_url, "postgresql:///db", "postgresql:///db"),
        (database_url, "postgresql://u@/db?host=/run", "postgresql://u@/db?host=/run"),
        (database_url, "postgres://h/db?sslmode=require", "postgres://h/db?sslmode=require"),
        (link_with("token"), "https://a.example/#{token}", "https://a.example/#{token}"),
        (names, " a, b,,c ", ["a", "b", "c"]),
        (hosts, "a.example,127.0.0.1", ["a.example", "127.0.0.1"]),
        (
            origins,
            "https://a.example,http://b.example:81",
            ["https://a.example", "http://b.example:81"],
        ),
        (site, "https://a.example:8443/", "https://a.example:8443"),
        (address, "a.b+c@example.org", "a.b+c@example.org"),
        (address, "o'hara@xn--caf-dma.example", "o'hara@xn--caf-dma.example"),
        (hosts, ".example.org,localhost", [".example.org", "localhost"]),
        (mail_domain, "news.challenge.example", "news.challenge.example"),
        (line, "1 Straße, Köln", "1 Straße, Köln"),
        (pattern("[a-z]+", "letters"), "abc", "abc"),
        (token(5), "abc-d_e", "abc-d_e"),
        (key(5), "abcde", "abcde"),
        (keys(5), "abcde,fghij", ["abcde", "fghij"]),
        (optional(key(5)), "", ""),
    ],
)
def test_good_values(read, text, value):
    assert read(text) == value


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
        (database_url, ""),
        (database_url, "challenge"),
        (database_url, "postgresql://"),
        (database_url, "postgresql:db"),
        (database_url, "mysql://a.example/db"),
        (database_url, "postgresql://a.example"),
        (database_url, "postgresql://a.example/"),
        (database_url, "postgresql://a.example/db/more"),
        (database_url, "postgresql://a.example:port/db"),
        (database_url, "postgresql://a.example:70000/db"),
        (database_url, "postgresql://u:p#@a.example/db"),
        (database_url, "postgresql://u:p%zz@a.example/db"),
        (database_url, "postgresql://a b.example/db"),
        (database_url, "postgresql://a.example/db\nx"),
        (database_url, "postgresql://[::1/db"),
        (database_url, "postgresql://a.example/db?conn_max_age=60"),
        (database_url, "postgresql://a.example/db?sslmode=maybe"),
        (redis_server, "redis://"),
        (redis_server, "redis:///var/run/redis"),
        (redis_server, "amqp://a.example"),
        (redis_server, "redis://a.example:0"),
        (redis_server, "redis://a.example/0"),
        (redis_server, "redis://a.example?db=0"),
        (redis_database, "redis://a.example/cache"),
        (redis_database, "redis://a.example/-1"),
        (redis_database, "redis://a.example/0/1"),
        (link_with("token"), "https://a.example/"),
        (link_with("token"), "https://a.example/{token}/{token}"),
        (link_with("token"), "{token}"),
        (hosts, "https://a.example"),
        (hosts, "a.example:80"),
        (hosts, "*"),
        (hosts, "a..example"),
        (hosts, "-a.example"),
        (hosts, "a.example;b.example"),
        (hosts, "café.example"),
        (hosts, "."),
        (origins, "a.example"),
        (origins, "https://a.example/path"),
        (origins, "https://a.example?x"),
        (origins, "*"),
        (origins, "https://*.example"),
        (origins, "https://u@a.example"),
        (site, ""),
        (site, "https://a.example/path"),
        (site, "https://u@a.example"),
        (site, "https://:443"),
        (site, "https://a..example"),
        (site, "https://a_b.example"),
        (site, "https://a.example\\x"),
        (site, "https://café.example"),
        (site, "https://a.example,https://b.example"),
        (address, "Daily <a@example.org>"),
        (address, "a@example.org,b@example.org"),
        (address, "@example.org"),
        (address, "a@"),
        (address, "a"),
        (address, "a@b"),
        (address, "a@b@example.org"),
        (address, "a@-.example"),
        (address, "a@example..org"),
        (address, "é@example.org"),
        (address, "a..b@example.org"),
        (address, "a@[192.0.2.1]"),
        (mail_domain, "https://a.example"),
        (mail_domain, "a b.example"),
        (mail_domain, "a@b.example"),
        (mail_domain, "localhost"),
        (line, "one\ntwo"),
        (line, "bell\a"),
        (pattern("[a-z]+", "letters"), "abc1"),
        (token(5), "abc defgh"),
        (token(5), "abcdé"),
        (token(5), "abcd"),
        (key(5), "abcd"),
        (key(5), "aaaaaaaaaa"),
        (keys(5), "abcde,short"[:9]),
    ],
)
def test_wrong_values_are_refused(read, text):
    with pytest.raises(ValueError, match=r"^(must|has) "):
        read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sendmail", "must be smtp://"),
        ("smtp://", "must name the mail server"),
        ("smtp://host:99999", "must name the mail server"),
        ("smtp://host:0", "must name the mail server"),
        ("smtp://two hosts", "must name the mail server"),
        ("smtp://user:pass/word@host", "must name the mail server"),
        ("smtp://host/path", "must end with host or port"),
        ("smtp://host?timeout=3", "must end with host or port"),
        ("smtp://user@host", "must hold both user and password"),
        ("smtp://:password@host", "must hold both user and password"),
        ("mailbox://here", "must be smtp://"),
        ("__init__://", "must be smtp://"),
        ("base://", "must be smtp://"),
        ("console://", "must be smtp://"),
        ("brevo://a-key", "must have its settings after ?, as in brevo://?api_key=…"),
    ],
)
def test_a_mail_transport_that_is_none_is_refused(text, words):
    assert complaint({**PRODUCTION, "EMAIL_URL": text}).startswith(f"EMAIL_URL {words}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MAIL_DOMAIN", "https://challenge.example"),
        ("DKIM_SELECTOR", "mail._domainkey.challenge.example"),
        ("INBOUND_EMAIL_DOMAIN", "in@challenge.example"),
        ("ANYMAIL_WEBHOOK_SECRET", "no-user-and-no-colon"),
        ("ANYMAIL_WEBHOOK_SECRET", "user:short"),
        ("LLM_MODEL", "gpt-5-mini"),
        ("POSTAL_ADDRESS", "1 Example Street\nExampletown"),
        ("METRICS_TOKEN", "with spaces in its middle"),
        ("REDIS_URL", "redis://broker:6379/0"),
        ("READ_DOT_ENV", "perhaps"),
    ],
)
def test_each_variable_is_held_to_what_it_is_for(name, text):
    assert complaint({**PRODUCTION, name: text}).startswith(f"{name} must ")


@pytest.mark.parametrize(("text", "asks"), [("", True), ("1", True), ("0", False), ("No", False)])
def test_dot_env_is_read_unless_one_says_no(text, asks):
    assert asks_for_dot_env({"READ_DOT_ENV": text}) is asks


def test_a_database_url_is_read_as_libpq_reads_it():
    url = "postgresql://us%40er:p%2Fw@[::1]:5433/d%20b?sslmode=require&host=/a%20folder"

    assert database_from_url(url) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "d b",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "/a folder",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_the_password_of_a_file_stands_in_for_the_one_in_either_url():
    assert database_from_url("postgresql://u:old@h/db", "new")["PASSWORD"] == "new"
    assert parse_dsn(with_password("postgresql://u:old@h/db", "ne w")) == {
        "user": "u",
        "password": "ne w",
        "host": "h",
        "dbname": "db",
    }
    assert with_password("postgresql://u:old@h/db", "") == "postgresql://u:old@h/db"
    assert with_password("", "new") == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"EMAIL_URL": "mailbox://"}, "EMAIL_URL=mailbox:// shows every mail to everybody"),
        ({"EMAIL_URL": "postmark://"}, "EMAIL_URL must hold server_token"),
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
