"""A mail server that takes everything as fast as it can: `python -m bench.sink`.

It says its port first. To each line of its input it answers with one JSON object, what it has taken
since the last: `count`, `recipients` (how many different ones), `samples` (some mails, base64).
"""

import base64
import json
import socket
import subprocess
import sys
import threading
from typing import Any, Self

SAMPLE_EVERY = 97


class Taken:
    """What has been taken since it was last asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.empty()

    def empty(self) -> None:
        self.count = 0
        self.recipients: set[bytes] = set()
        self.samples: list[bytes] = []

    def add(self, recipient: bytes, content: bytes) -> None:
        with self._lock:
            if self.count % SAMPLE_EVERY == 0:
                self.samples.append(content)
            self.count += 1
            self.recipients.add(recipient)

    def report(self) -> dict[str, Any]:
        with self._lock:
            found = {
                "count": self.count,
                "recipients": len(self.recipients),
                "samples": [base64.b64encode(sample).decode() for sample in self.samples],
            }
            self.empty()
            return found


def serve(sock: socket.socket, taken: Taken) -> None:
    """One dialogue, without looking at more than the first letters."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with sock, sock.makefile("rb") as lines:
        sock.sendall(b"220 ready\r\n")
        recipient = b""
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                sock.sendall(b"354 go on\r\n")
                taken.add(recipient, _content(lines))
            elif verb == b"RCPT":
                recipient = line
            elif verb == b"EHLO":
                # What most mail servers offer.
                sock.sendall(b"250-PIPELINING\r\n")
            elif verb == b"QUIT":
                return sock.sendall(b"221 bye\r\n")
            sock.sendall(b"250 ok\r\n")


def _content(lines: Any) -> bytes:
    content = []
    while (line := lines.readline()) not in (b".\r\n", b""):
        content.append(line)
    return b"".join(content)


def main() -> None:
    taken = Taken()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)

    def accept() -> None:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=[sock, taken], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    for _ in sys.stdin:
        print(json.dumps(taken.report()), flush=True)


class Sink:
    """The sink in a process of its own, as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def report(self) -> tuple[int, int, list[bytes]]:
        """Count, different recipients, samples; since the last time."""
        self._process.stdin.write("report\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        samples = [base64.b64decode(sample) for sample in found["samples"]]
        return found["count"], found["recipients"], samples


if __name__ == "__main__":
    main()
