"""A sender in a process of its own: `python -m bench.sender`.

It says when it is ready. To each line of its input it sends what is due and answers with what it
has done, as JSON.
"""

import json
import logging
import sys


def main() -> None:
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from apps.mail.sending import send_due

    send_due()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(send_due()), flush=True)


if __name__ == "__main__":
    main()
