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
from collections import deque
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


class Dialogue:
    """One connection, line by line. Replies to what came together leave together, as RFC 2920
    (section 3.2) has it and mail servers do.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._lines: deque[bytes] = deque()
        self._half_line = b""
        self._unsaid = b""

    def say(self, reply: bytes) -> None:
        self._unsaid += reply

    def line(self) -> bytes:
        """The next line with its end; what is to be said is said before we wait for it."""
        while not self._lines:
            if self._unsaid:
                self._sock.sendall(self._unsaid)
                self._unsaid = b""
            chunk = self._sock.recv(65536)
            if not chunk:
                return b""
            *lines, self._half_line = (self._half_line + chunk).split(b"\n")
            self._lines.extend(lines)
        return self._lines.popleft() + b"\n"


def serve(sock: socket.socket, taken: Taken) -> None:
    """One dialogue, without looking at more than the first letters."""
    with sock:
        dialogue = Dialogue(sock)
        dialogue.say(b"220 ready\r\n")
        recipient = b""
        while line := dialogue.line():
            verb = line[:4].upper()
            if verb == b"DATA":
                dialogue.say(b"354 go on\r\n")
                taken.add(recipient, _content(dialogue))
            elif verb == b"RCPT":
                recipient = line
            elif verb == b"EHLO":
                # What most mail servers offer. The first line of the answer is a greeting.
                dialogue.say(b"250-here\r\n250 PIPELINING\r\n")
                continue
            elif verb == b"QUIT":
                return sock.sendall(b"221 bye\r\n")
            dialogue.say(b"250 ok\r\n")


def _content(dialogue: Dialogue) -> bytes:
    content = []
    while (line := dialogue.line()) not in (b".\r\n", b""):
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
