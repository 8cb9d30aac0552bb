"""A planner in a process of its own: plans whenever a line comes in, and prints what it did."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from apps.notifications.services import plan_due

    for _ in sys.stdin:
        sys.stdout.write(json.dumps(plan_due()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
