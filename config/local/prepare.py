"""What is done to the database before the site starts, in one process, for loading takes a while.

Run as `python -m config.local.prepare` under the environment of the platform.
"""

import logging
import sys
from io import StringIO

import django
from django.core.management import CommandError, call_command

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


def main() -> int:
    """Do each in turn, showing the last line of what it says, or all of it when it fails."""
    django.setup()
    logging.disable(logging.INFO)
    for words, command in PREPARATIONS:
        step(words)
        said = StringIO()
        try:
            call_command(*command, stdout=said, stderr=said, no_color=True)
        except CommandError as error:
            say(f"{said.getvalue()}{error}")
            return 1
        say(f"    {said.getvalue().strip().splitlines()[-1].strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
