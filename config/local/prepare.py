"""What is done to the database before the site starts, in one process, for loading takes a while.

Run as `python -m config.local.prepare` under the environment of the platform.
"""

import logging
import sys
from io import StringIO

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError

from config.local.console import say, step

PREPARATIONS = (
    ("Migrating the database", ("migrate", "--no-input")),
    ("Writing the default schedules", ("sync_schedules",)),
    ("Importing the starter tags", ("import_tags", "starter/tags.yaml", "--new-only")),
    (
        "Importing the starter problems",
        ("import_problems", "starter/problems", "--approve", "--keep-newer"),
    ),
    ("Making the demo accounts", ("create_demo",)),
)
# Their last line says what the others were.
SUMMED_UP = ("import_tags", "import_problems", "create_demo")


def main() -> int:
    """Do each in turn; what stands in the way is said in a sentence where Django has one."""
    try:
        django.setup()
        logging.disable(logging.INFO)
        for words, command in PREPARATIONS:
            step(words)
            last = _last_line_of(command)
            if command[0] in SUMMED_UP:
                say(f"    {last}")
    except (ImproperlyConfigured, CommandError, OperationalError) as error:
        say(str(error))
        return 1
    return 0


def _last_line_of(command: tuple[str, ...]) -> str:
    said = StringIO()
    try:
        call_command(*command, stdout=said, stderr=said, no_color=True)
    except Exception:
        say(said.getvalue())
        raise
    return said.getvalue().strip().splitlines()[-1].strip()


if __name__ == "__main__":
    sys.exit(main())
