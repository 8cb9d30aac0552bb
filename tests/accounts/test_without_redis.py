"""The web goes on when Redis refuses, or accepts and never answers."""

import socket
import time
from uuid import uuid4

import pytest

from apps.core import queue
from apps.core.breaker import Breaker
from tests.accounts.mailbox import token_of
from tests.api import Caller
from tests.factories import TagFactory

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["refusing", "frozen"])
def _no_redis(request, settings, monkeypatch):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if request.param == "frozen":
            listener.listen(128)
        else:
            listener.close()
        settings.CACHES = {
            "default": {
                **settings.CACHES["default"],
                "LOCATION": f"redis://127.0.0.1:{port}/1",
                "KEY_PREFIX": uuid4().hex,
            }
        }
        broker = queue.current_app.connection_for_write(
            f"redis://127.0.0.1:{port}/0", transport_options={"socket_timeout": 0.2}
        )
        send = queue.current_app.send_task
        monkeypatch.setattr(queue, "_broker", Breaker("broker", pause_s=60))
        monkeypatch.setattr(
            queue.current_app,
            "send_task",
            lambda task, **options: send(task, connection=broker, **options),
        )
        yield
        broker.release()


@pytest.mark.usefixtures("_no_redis")
def test_register_verify_sign_in_and_subscribe():
    TagFactory(slug="python")
    caller, statuses, durations = Caller(), [], []

    def post(path, body):
        started = time.monotonic()
        response = caller.post(path, body)
        durations.append(time.monotonic() - started)
        statuses.append(response.status_code)
        return response

    credentials = {"email": "ada@example.org", "password": PASSWORD}
    post("/api/accounts/register/", credentials)
    post("/api/accounts/verify-email/", {"token": token_of("verify_email")})
    pair = post("/api/accounts/token/", credentials).json()
    caller.bearer(pair["access"])
    post("/api/subscription/", {"consent": True, "tags": ["python"]})
    for path in ("/api/accounts/me/", "/api/deliveries/today/", "/api/tags/", "/api/problems/"):
        started = time.monotonic()
        statuses.append(caller.get(path).status_code)
        durations.append(time.monotonic() - started)

    assert statuses == [202, 200, 200, 201, 200, 200, 200, 200]
    # One call finds out that cache and broker are away; nobody after it waits.
    assert sorted(durations)[-2] < 0.5
