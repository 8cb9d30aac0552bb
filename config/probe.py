"""Tells by its exit code whether the process of a container is well:
`python -P config/probe.py web | worker | beat | flower`.

Runs every half a minute in each container, so it is the standard library alone and starts no
Django.
"""

import http.client
import os
import sys
import tempfile
import time
from urllib.parse import urlsplit

# A worker signs every 2 s, beat every 5 s at the latest (see apps.core.liveness).
SILENT_AFTER_S = 60
TIMEOUT_S = 4


def main(role: str) -> int:
    """0 when well; else 1 and a sentence."""
    reason = _ASKED[role]() if role in _ASKED else _why_silent(role)
    if reason:
        sys.stderr.write(f"{role}: {reason}\n")
    return 1 if reason else 0


def _web() -> str:
    # The name that the site answers to, for 127.0.0.1 is none.
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or "127.0.0.1"
    return _why_not_ok(int(os.environ.get("PORT") or 8000), "/api/health/ready/", host)


def _flower() -> str:
    port = int(os.environ.get("FLOWER_PORT") or 5555)
    return _why_not_ok(port, "/flower/healthcheck", "127.0.0.1")


def _why_not_ok(port: int, path: str, host: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path, headers={"Host": host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"does not answer ({error})"
    finally:
        connection.close()
    return "" if status == 200 else f"answers {status}"


def _why_silent(role: str) -> str:
    name = f"daily-challenge-{os.getuid()}-{role}.alive"
    path = os.path.join(tempfile.gettempdir(), name)
    try:
        silent_s = time.time() - os.stat(path).st_mtime
    except OSError as error:
        return f"has not signed yet ({error.strerror})"
    return f"silent for {silent_s:.0f} s" if silent_s > SILENT_AFTER_S else ""


_ASKED = {"web": _web, "flower": _flower}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
