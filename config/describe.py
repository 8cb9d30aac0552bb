"""Writes docs/configuration.md and .env.example from the table in config.variables:
`python -m config.describe --write`. Without --write it says which of them is out of date.
"""

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from string import Template

from config.environment import Variable
from config.variables import SECTIONS, VARIABLES

ROOT = Path(__file__).resolve().parent.parent
PAGE_HEAD = """\
# Configuration

Everything is set by environment variables, or in a file `.env` beside `manage.py`. Any of them can
be given as a file instead: `SECRET_KEY_FILE=/run/secrets/secret_key` reads the value from there,
which is the way for secrets. What is set to nothing counts as not set.

`make run` needs none of this. In production (whenever `DEMO` is off) the process refuses to start
while a required one is missing or any value is wrong, and says in a sentence which and why.
`manage.py doctor` then tells whether what is configured also works.

This page and `.env.example` are written from `config/variables/` by
`python -m config.describe --write`; a test keeps the three together.
"""
ENV_HEAD = """\
# Copy to .env and fill in. What is commented out shows its default, or an example.
# Any variable can be given as a file instead: SECRET_KEY_FILE=/run/secrets/secret_key.
# With docker compose the secrets, DATABASE_URL and REDIS_URL come from docker-compose.yml.
# Every line is explained in docs/configuration.md.
"""


def page() -> str:
    """docs/configuration.md."""
    return PAGE_HEAD + "".join(
        f"\n## {title}\n\n{_table(variables)}" for title, variables in SECTIONS.items()
    )


def _table(variables: Iterable[Variable]) -> str:
    head = "| name | meaning | default | secret |\n| --- | --- | --- | --- |\n"
    return head + "".join(
        f"| `{one.name}` | {one.meaning} | {_default(one)} | {'yes' if one.is_secret else ''} |\n"
        for one in variables
    )


def _default(variable: Variable) -> str:
    if variable.is_required:
        return "**required**"
    if variable.default_words:
        return variable.default_words
    return f"`{variable.default}`" if variable.default else "none"


def env_example() -> str:
    """.env.example."""
    return ENV_HEAD + "".join(
        f"\n# {title}\n" + "\n".join(map(_entry, variables)) + "\n"
        for title, variables in SECTIONS.items()
    )


def _entry(variable: Variable) -> str:
    words = variable.meaning.replace("`", "")
    comment = textwrap.fill(
        words, 98, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
    is_shown = variable.is_required and not variable.is_secret
    return f"{comment}\n{'' if is_shown else '# '}{variable.name}={_example(variable)}"


def _example(variable: Variable) -> str:
    """The example or the default, with the examples of what the default rests on filled in."""
    known = {one.name: one.example or one.default for one in VARIABLES}
    return variable.example or Template(variable.default).safe_substitute(known)


def main(words: list[str]) -> int:
    """Write both, or say what is out of date."""
    code = 0
    for path, text in (
        (ROOT / "docs/configuration.md", page()),
        (ROOT / ".env.example", env_example()),
    ):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--write" in words:
            path.write_text(text, encoding="utf-8")
        else:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date.\n")
            code = 1
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
