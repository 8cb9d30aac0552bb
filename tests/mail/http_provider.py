"""Providers' HTTP APIs on loopback, which misbehave on command."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCEPTED = {
    "To": "ada@example.org",
    "SubmittedAt": "2027-05-05T08:00:00Z",
    "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    "ErrorCode": 0,
    "Message": "OK",
}


class Provider(ThreadingHTTPServer):
    """Postmark: answers every request with `status` and `body`, or does `deed` instead."""

    daemon_threads = False
    block_on_close = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ProviderRequest)
        self.requests = []
        self.connection_count = 0
        self.status, self.body = 200, ACCEPTED
        self.deed = None
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def email_url(self):
        return f"postmark://?server_token=secret&api_url={self.url}"

    def answer_to(self, headers, posted):
        return self.status, self.body

    def end(self):
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Resend(Provider):
    """Resend, which sends once what comes under one key: `taken` is what it sends.

    With a `status` of its own it refuses. It is asked again too soon under the keys of `busy_with`.
    """

    def __init__(self):
        super().__init__()
        self.taken = []
        self.busy_with = set()

    @property
    def email_url(self):
        return f"resend://?api_key=secret&api_url={self.url}"

    def answer_to(self, headers, posted):
        key = headers["Idempotency-Key"]
        if self.status != 200:
            return self.status, self.body
        if key in self.busy_with:
            return _error(409, "concurrent_idempotent_requests")
        known = next((mail for mail in self.taken if mail["key"] == key), None)
        if known is None:
            known = {"id": f"sent-{len(self.taken) + 1}", "key": key, "posted": posted}
            self.taken.append(known)
        elif known["posted"] != posted:
            return _error(409, "invalid_idempotent_request")
        return 200, {"id": known["id"]}


def _error(status, name):
    return status, {"statusCode": status, "name": name, "message": "In words."}


class ProviderRequest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connection_count += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers, posted = dict(self.headers), json.loads(body)
        self.server.requests.append((self.path, headers, posted))
        status, words = self.server.answer_to(headers, posted)
        if self.server.deed:
            self.close_connection = True
            return self.server.deed(self)
        answer = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Keep quiet."""


def drop(request):
    request.connection.shutdown(socket.SHUT_RDWR)


def say_nothing(request):
    request.server.closing.wait(20)


def drip(request):
    """A header line that does not end, a byte at a time."""
    try:
        while not request.server.closing.wait(0.05):
            request.wfile.write(b"H")
            request.wfile.flush()
    except OSError:
        return


def drop_within_the_body(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    request.wfile.flush()
    drop(request)
