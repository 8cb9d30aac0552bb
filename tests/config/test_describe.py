import re

from config.describe import ROOT, env_example, page
from config.environment import Environment
from config.variables import VARIABLES

# Django's, Flower's and prometheus-client's.
LIBRARIES_OWN = {"DJANGO_SETTINGS_MODULE", "FLOWER_PORT", "PROMETHEUS_MULTIPROC_DIR"}
SECRETS = {
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz",
    "JWT_SIGNING_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210",
}


def test_the_page_and_the_example_are_as_the_table_says():
    assert (ROOT / "docs/configuration.md").read_text() == page()
    assert (ROOT / ".env.example").read_text() == env_example()


def test_every_variable_is_in_the_example_once():
    listed = re.findall(r"^(?:# )?([A-Z_]+)=", env_example(), re.MULTILINE)

    assert listed == [variable.name for variable in VARIABLES]


def test_the_example_with_everything_uncommented_starts():
    lines = re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", env_example(), re.MULTILINE)

    env = Environment(VARIABLES, dict(lines) | SECRETS)

    assert env("SITE_URL") == "https://challenge.example"


def test_every_variable_is_read_by_the_code():
    sources = [*(ROOT / "config").glob("*.py"), *(ROOT / "config/local").glob("*.py")]
    text = "\n".join(path.read_text() for path in sources if "variables" not in path.parts)

    assert [one.name for one in VARIABLES if f'"{one.name}"' not in text] == []


def test_the_code_reads_no_variable_that_is_not_declared():
    declared = {variable.name for variable in VARIABLES}
    sources = [*(ROOT / "config").glob("*.py"), *(ROOT / "apps").rglob("*.py")]
    read = {
        name
        for path in sources
        if path.name != "settings_test.py"
        for name in re.findall(
            r"(?:environ\.get|environ|getenv|env)[([]\"([A-Z_]+)\"", path.read_text()
        )
    }

    assert read - declared <= LIBRARIES_OWN
