"""Every problem of the bank as the mails that readers get: small enough, readable, ours alone."""

import pytest
from django.conf import settings

from apps.mail.rendering import HTML_LIMIT
from apps.mail.skeleton import decoded_parts
from apps.notifications.mails import preview
from apps.problems.models import Problem
from tests.looks import Mail, faint, loads
from tests.starter.bank import SLUGS, problem


def as_problem(slug: str) -> Problem:
    """A problem of the bank, not saved."""
    file = problem(slug)
    return Problem(pk=1, uuid=file.uuid, version=file.version, slug=slug, **file.content)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("kind", ["challenge", "solution"])
def test_every_mail_of_the_bank_is_fit_to_be_sent(slug, kind):
    message = preview(as_problem(slug), kind)

    mail = Mail(message.html)
    assert len(message.html.encode()) <= HTML_LIMIT
    assert "Continue in your browser" not in message.html
    assert len(message.subject) <= 70
    assert faint(message.html, dark=False) == []
    assert faint(message.html, dark=True) == []
    assert loads(message.html) == []
    assert [link for link in mail.links if not link.startswith(settings.SITE_URL)] == []
    assert decoded_parts(message.raw()) == (message.text, message.html)
    assert max(map(len, message.raw().split(b"\r\n"))) <= 78
    assert _prose_beyond_72(message.text) == []


def _prose_beyond_72(text: str) -> list[str]:
    """Lines of the text part that are too long, but for code and addresses."""
    is_code, found = False, []
    for line in text.splitlines():
        if line.lstrip(" >|").startswith("```"):
            is_code = not is_code
        elif len(line) > 72 and not is_code and "https://" not in line:
            found.append(line)
    return found
