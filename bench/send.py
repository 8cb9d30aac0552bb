"""Mails per second from claim to settled, the ledger included, in one process; against raw smtplib
with prebuilt bytes over one connection, and against Django's EmailMultiAlternatives without ledger.
"""

import argparse
import smtplib
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from apps.mail.message import Message
from apps.mail.sending import send_due
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from apps.problems.models import Problem
from bench import scaling
from bench.audience import tidy
from bench.crowd import Crowd
from bench.outcome import Outcome
from bench.sink import Sink
from config.connections import mail_transport_from_url


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=2000, help="mails a turn")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--processes", type=int, default=1, help="so many against one of them")


def run(options: argparse.Namespace) -> list[Outcome]:
    if options.processes > 1:
        return scaling.run(options)
    crowd = Crowd(options.count)
    with Sink() as sink:
        settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{sink.port}")
        # What the engine plans and composes once must not count against its first turn.
        _turns(crowd, sink)
        rates = [_turns(crowd, sink) for _ in range(options.pairs)]
    engine, raw, django = zip(*rates, strict=True)
    orientation = {
        "engine_per_s": round(max(engine)),
        "raw_per_s": round(max(raw)),
        "django_per_s": round(max(django)),
    }
    return [
        Outcome("send", [ours / floor for ours, floor, _ in rates], 0.4, orientation=orientation),
        Outcome(
            "send against Django without a ledger",
            [ours / theirs for ours, _, theirs in rates],
            2.0,
            orientation=orientation,
        ),
    ]


def _turns(crowd: Crowd, sink: Sink) -> tuple[float, float, float]:
    """Mails per second of the engine, of raw smtplib and of Django, with the same mails."""
    problem = crowd.plan_challenge()
    tidy()
    messages = _messages(problem)
    engine = _rate(len(messages), lambda: send_due())
    _check(sink, problem, len(messages))
    assert Delivery.objects.filter(problem=problem, status="sent").count() == len(messages)
    prebuilt = [(message.recipient, message.raw()) for message in messages]
    raw = _rate(len(messages), lambda: _send_raw(prebuilt, sink.port))
    _check(sink, problem, len(messages))
    django = _rate(len(messages), lambda: _send_by_django(messages, sink.port))
    _check(sink, problem, len(messages))
    return engine, raw, django


def _messages(problem: Problem) -> Sequence[Message]:
    outbox = DeliveryOutbox()
    ids = list(Delivery.objects.filter(problem=problem).values_list("id", flat=True))
    return list(outbox.compose(outbox.load(ids)).values())


def _rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _send_raw(prebuilt: Sequence[tuple[str, bytes]], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as smtp:
        for recipient, raw in prebuilt:
            smtp.sendmail(settings.EMAIL_FROM, [recipient], raw)


def _send_by_django(messages: Sequence[Message], port: int) -> None:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    connection = get_connection(backend, host="127.0.0.1", port=port)
    connection.open()
    for message in messages:
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient],
            reply_to=[settings.REPLY_TO],
            headers={"Message-ID": message.message_id, **message.headers},
            connection=connection,
        )
        mail.attach_alternative(message.html, "text/html")
        mail.send()
    connection.close()


def _check(sink: Sink, problem: Problem, count: int) -> None:
    """Everybody got one mail, and it says what it should."""
    taken, recipients, samples = sink.report()
    assert (taken, recipients) == (count, count), f"{taken} mails to {recipients} people"
    for sample in samples:
        mail = message_from_bytes(sample, policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        page = mail.get_body(("html",)).get_content()
        assert mail["Subject"] == problem.title
        assert "The checkout service runs in 8 pods." in " ".join(text.split())
        assert "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 0" in text
        assert "How many connections did the trouble need" in page
