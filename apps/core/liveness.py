"""A file that a worker or beat touches while it lives; config/probe.py reads its age.

The database's heartbeats say whether the work gets done; this says which container has died.
"""

import tempfile
from pathlib import Path


def sign(role: str) -> None:
    """This process is alive now. One process of a role to a temporary folder."""
    Path(tempfile.gettempdir(), f"daily-challenge-{role}.alive").touch()
