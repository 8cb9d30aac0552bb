"""A file that a worker or beat touches while it lives; config/probe.py reads its age.

The database's heartbeats say whether the work gets done; this says which container has died.
"""

import os
import tempfile
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def sign(role: str) -> None:
    """This process is alive now. One process of a role and a user to a temporary folder.

    Where the file cannot be written the work goes on: that it is not signed for is for the probe
    to say.
    """
    try:
        Path(tempfile.gettempdir(), f"daily-challenge-{os.getuid()}-{role}.alive").touch()
    except OSError as error:
        log.warning("sign_of_life_failed", role=role, error=str(error))
