"""How the local commands speak: a step, a sentence about what went wrong, never a traceback."""

import sys


class LocalError(Exception):
    """Something on this machine stands in the way; the message is the sentence to end with."""


def say(line: str) -> None:
    """Write one line now, whether or not a terminal is listening."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def step(words: str) -> None:
    """Announce what is about to happen."""
    say(f"--> {words}")
