"""How a mail leaves the house: one module per kind of transport, chosen by EMAIL_URL."""

from apps.mail.transports.base import Blame, Outcome, Transport, TransportDownError, Verdict
from apps.mail.transports.registry import Line

__all__ = ["Blame", "Line", "Outcome", "Transport", "TransportDownError", "Verdict"]
