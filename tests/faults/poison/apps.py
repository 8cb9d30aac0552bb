"""An app of a campaign that makes composing one problem's mail kill the process."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig

from apps.mail.message import Message

TITLE = "The one that kills"


class PoisonConfig(AppConfig):
    name = "tests.faults.poison"
    label = "poison"

    def ready(self) -> None:
        from apps.notifications.outbox import DeliveryOutbox

        compose = DeliveryOutbox.compose

        def deadly(outbox: Any, rows: Sequence[Any]) -> Mapping[int, Message]:
            if any(row.problem.title == TITLE for row in rows):
                os._exit(1)
            return compose(outbox, rows)

        DeliveryOutbox.compose = deadly
