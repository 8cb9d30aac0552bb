"""The admin of the kernel's own models, and the ground that the other apps' admins stand on."""

from apps.core.admin import alerts, machinery, periodic_tasks

__all__ = ["alerts", "machinery", "periodic_tasks"]
