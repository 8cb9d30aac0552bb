"""Leaves a server alone for a while after it failed, so that not everybody waits for it in turn."""

import time

import structlog

log = structlog.get_logger(__name__)


class Breaker:
    """One per server and process. `name` starts its log lines; it stays open for `pause_s`."""

    def __init__(self, name: str, *, pause_s: float) -> None:
        self.name = name
        self.pause_s = pause_s
        self._open_until = 0.0
        self._has_failed = False

    def is_open(self) -> bool:
        """Whether the server is being left alone."""
        return time.monotonic() < self._open_until

    def failed(self, error: Exception) -> None:
        """Leave the server alone from now on."""
        self._open_until = time.monotonic() + self.pause_s
        self._has_failed = True
        log.warning(f"{self.name}_away", error=str(error), pause_s=self.pause_s)

    def answered(self) -> None:
        """Note that the server is back."""
        if self._has_failed:
            self._has_failed = False
            log.info(f"{self.name}_back")
