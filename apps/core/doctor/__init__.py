"""`manage.py doctor`: whether what is configured also works, and what to do where it does not.

Apps register their checks in `AppConfig.ready`. A check looks at one thing, changes nothing, and
gives a line for each thing that it found.
"""

from apps.core.doctor.registry import Finding, State, examine, fail, ok, register, warn

__all__ = ["Finding", "State", "examine", "fail", "ok", "register", "warn"]
