"""A mail server that misbehaves on command: `python -m tests.faults.mail_server JOURNAL`, or with
`--pipelining` behind it one that takes several commands at once, as real ones do, and answers them
one by one.

It says its port on the first line of its output. Each line of its input is a JSON list of rules
that replaces the ones before; it answers how often each rule so far was followed, as `at do`. A
rule is an object:

    at      banner, ehlo, auth, mail, rcpt, data, content (before the final dot), dot (after it,
            before the mail is taken) or taken (after it is taken, instead of the answer)
    do      words to answer with, such as "451 later"; "drop": close; "silence": say nothing more;
            "wait": go on after `seconds`
    to      only for recipients that match this regular expression
    share   only for this part of the cases, drawn at random
    times   only so often

Whatever it takes it has written to JOURNAL, flushed to the disk, before it answers.
"""

import json
import os
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

WHOLE_LINE = 1 << 16


class GoneError(Exception):
    """This dialogue is over."""


class Rules:
    """What to do instead of the right thing, as last told."""

    def __init__(self) -> None:
        self._rules: list[dict[str, Any]] = []
        self.followed: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._random = random.Random(7)

    def replace(self, rules: list[dict[str, Any]]) -> None:
        with self._lock:
            self._rules = rules

    def deed(self, at: str, recipient: str) -> dict[str, Any] | None:
        """The first rule that applies here and now."""
        with self._lock:
            for rule in self._rules:
                if rule["at"] == at and self._applies(rule, recipient):
                    if "times" in rule:
                        rule["times"] -= 1
                    self.followed[f"{at} {rule['do']}"] += 1
                    return rule
        return None

    def _applies(self, rule: dict[str, Any], recipient: str) -> bool:
        return (
            rule.get("times", 1) > 0
            and re.search(rule.get("to", ""), recipient) is not None
            and self._random.random() < rule.get("share", 1)
        )


class Journal:
    """The mails that were taken, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()
        self.contents: list[bytes] = []

    def take(self, recipient: str, content: bytes) -> None:
        headers = BytesHeaderParser().parsebytes(content)
        entry = {"id": headers["Message-ID"], "to": recipient, "at": time.time()}
        with self._lock:
            self.contents.append(content)
            self._file.write(json.dumps(entry).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class Dialogue:
    """One connection, from banner to QUIT or worse."""

    def __init__(
        self, sock: socket.socket, rules: Rules, journal: Journal, *, pipelining: bool
    ) -> None:
        self._sock = sock
        self._lines = sock.makefile("rb")
        self._rules = rules
        self._journal = journal
        self._recipient = ""
        self._has_sender = self._has_recipient = False
        extensions = ["AUTH PLAIN", *["PIPELINING"] * pipelining]
        self._welcome = "\r\n".join(f"250-{each}" for each in ("here", *extensions))

    def run(self) -> None:
        self._say("220 ready", at="banner")
        while (line := self._lines.readline(WHOLE_LINE)).endswith(b"\n"):
            command = line.decode(errors="replace").strip()
            verb = command[:4].upper()
            if verb == "QUIT":
                return self._say("221 bye")
            self._answer(verb, command)

    def _answer(self, verb: str, command: str) -> None:
        if verb == "RCPT":
            self._recipient = command.partition("<")[2].partition(">")[0]
            right = "250 ok" if self._has_sender else "503 MAIL first"
            self._has_recipient = self._say(right, at="rcpt") and self._has_sender
        elif verb == "DATA":
            right = "354 go on" if self._has_recipient else "503 RCPT first"
            if self._say(right, at="data") and self._has_recipient:
                self._take_content()
        elif verb in ("EHLO", "HELO"):
            self._say(f"{self._welcome}\r\n250 8BITMIME", at="ehlo")
        elif verb == "MAIL":
            self._recipient = ""
            self._has_recipient = False
            self._has_sender = self._say("250 ok", at="mail")
        else:
            self._say("235 come in" if verb == "AUTH" else "250 ok", at=verb.lower())

    def _take_content(self) -> None:
        lines = []
        while (line := self._lines.readline()) != b".\r\n":
            if not line:
                raise GoneError
            lines.append(line)
            if len(lines) == 1:
                self._interfere("content")
        deed = self._interfere("dot")
        if deed:
            return self._tell(deed)
        self._journal.take(self._recipient, b"".join(lines))
        self._say("250 taken", at="taken")

    def _say(self, words: str, at: str = "") -> bool:
        """Answer as planned; False when a rule had other words."""
        deed = self._interfere(at)
        self._tell(deed or words)
        return deed is None

    def _interfere(self, at: str) -> str | None:
        """Act on the rule for this moment, if there is one; the words that it wants said."""
        rule = self._rules.deed(at, self._recipient) if at else None
        if rule is None:
            return None
        if rule["do"] == "wait":
            time.sleep(rule["seconds"])
            return None
        if rule["do"] == "drop":
            raise GoneError
        if rule["do"] == "silence":
            # Until the other side gives up.
            self._sock.settimeout(None)
            while self._sock.recv(WHOLE_LINE):
                continue
            raise GoneError
        return str(rule["do"])

    def _tell(self, words: str) -> None:
        self._sock.sendall(words.encode() + b"\r\n")


def serve(sock: socket.socket, rules: Rules, journal: Journal, *, pipelining: bool = False) -> None:
    """Hold one dialogue in a thread of its own."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with sock:
        try:
            Dialogue(sock, rules, journal, pipelining=pipelining).run()
        except (GoneError, OSError):
            return


def obey(rules: Rules) -> None:
    """Take commands until nobody is left to give them."""
    for line in sys.stdin:
        rules.replace(json.loads(line))
        sys.stdout.write(json.dumps(rules.followed) + "\n")
        sys.stdout.flush()
    os._exit(0)


def main() -> None:
    rules, journal = Rules(), Journal(Path(sys.argv[1]))
    how = {"pipelining": "--pipelining" in sys.argv[2:]}
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=obey, args=[rules], daemon=True).start()
    while True:
        sock, _ = listener.accept()
        arguments = [sock, rules, journal]
        threading.Thread(target=serve, args=arguments, kwargs=how, daemon=True).start()


if __name__ == "__main__":
    main()
