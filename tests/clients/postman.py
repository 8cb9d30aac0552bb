"""Does what beat, broker and workers would do, in a thread of the test, as soon as it is asked for."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from apps.notifications.models import Subscription

_TICK = ("default.plan_deliveries", "emails.send_batch")


class Postman:
    """Runs each published task, and then lets the hour come for whoever never had a challenge."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self._names: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work)

    def publish(self, name: str, *args: Any, **options: Any) -> None:
        """Takes the place of Celery's send_task."""
        self._names.put(name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._names.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            while name := self._names.get():
                current_app.tasks[name]()
                Subscription.objects.filter(status="active", slot_count=0).update(
                    next_delivery_at=timezone.now()
                )
                for tick in _TICK:
                    current_app.tasks[tick]()
        except BaseException as failure:  # noqa: BLE001 -- the test raises it
            self.failure = failure
        finally:
            connection.close()


@contextmanager
def postman(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is published within the block is done; a task that fails fails the test."""
    current_app.loader.import_default_modules()
    at_work = Postman()
    monkeypatch.setattr(current_app, "send_task", at_work.publish)
    at_work.start()
    try:
        yield
    finally:
        at_work.stop()
    if at_work.failure:
        raise at_work.failure
