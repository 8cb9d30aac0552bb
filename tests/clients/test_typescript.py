"""The TypeScript client: strict types that are those of the schema, and a journey with it."""

import os
import subprocess

import pytest

from config.local.typescript import CLIENT, LOCK, install, npm
from tests.clients.postman import postman
from tests.factories import ProblemFactory
from tests.tags.outlines import plant

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def _installed():
    install()


@pytest.fixture
def demo(settings, live_server, monkeypatch):
    """An installation whose mails can be read at /mailbox/, with something to choose from."""
    settings.DEMO = True
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}
    tags = plant({"Databases": {"PostgreSQL": {}}, "Python": {}})
    ProblemFactory(title="The slow query", tags=[tags["PostgreSQL"]])
    with postman(monkeypatch):
        yield live_server


def node_tests(url):
    """What Node's own test runner reports, in lines of TAP."""
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", *sorted(CLIENT.glob("dist/test/*.test.js"))],
        env=os.environ | {"DAILY_CHALLENGE_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.stdout


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in LOCK.read_text()


@pytest.mark.usefixtures("_installed")
def test_the_types_are_those_of_the_committed_schema(tmp_path):
    committed, made = CLIENT / "src" / "schema.ts", tmp_path / "schema.ts"

    npm("exec", "--", "openapi-typescript", "../../docs/openapi.yaml", "--output", str(made))

    assert committed.read_text() == made.read_text(), "Run: make schema"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_installed")
def test_it_compiles_strictly_and_makes_the_whole_journey(demo):
    npm("run", "build")

    report = node_tests(demo.url)

    assert "ok 1 - the whole journey of a subscriber" in report, report
    assert {"# fail 0", "# cancelled 0", "# skipped 0"} <= set(report.splitlines()), report
