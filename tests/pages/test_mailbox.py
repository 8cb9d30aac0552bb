"""/mailbox/: the demo's mails, as a mail program would show them; absent anywhere else."""

from http import HTTPStatus

import pytest

from apps.mail.message import Message
from apps.mail.models import MailboxMessage
from tests.looks import Mail

pytestmark = pytest.mark.django_db
HTML = """<html style="color-scheme:light dark"><head><style>
@media (prefers-color-scheme:dark) { p { color: #fff !important; } }
</style></head><body><p>Hello</p><script>alert(1)</script></body></html>
"""


@pytest.fixture
def _demo(settings):
    settings.DEMO = True
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}


@pytest.fixture
def kept():
    mail = Message(
        "reader@example.org", "<1@challenge.example>", "Why? <b>", "Text & more\n", HTML, {}
    )
    return MailboxMessage.objects.create(
        message_id=mail.message_id, recipient=mail.recipient, subject=mail.subject, raw=mail.raw()
    )


@pytest.mark.usefixtures("_demo")
def test_an_empty_mailbox_says_what_to_wait_for(client):
    response = client.get("/mailbox/")

    assert response.status_code == HTTPStatus.OK
    assert "Nothing has come yet." in Mail(response.content.decode()).words()


@pytest.mark.usefixtures("_demo")
def test_the_mailbox_lists_mails_the_newest_first(client, kept):
    newer = MailboxMessage.objects.create(
        message_id="<2@x>", recipient="b@example.org", subject="Second", raw=b""
    )

    html = client.get("/mailbox/").content.decode()

    assert [link for link in Mail(html).links if link.startswith("/mailbox/")] == [
        f"/mailbox/{newer.pk}/",
        f"/mailbox/{kept.pk}/",
    ]
    assert "Why? <b> to reader@example.org" in Mail(html).words()


@pytest.mark.usefixtures("_demo")
def test_a_list_of_any_length_costs_one_query(client, kept, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(1):
            client.get("/mailbox/")
        MailboxMessage.objects.bulk_create(
            [MailboxMessage(message_id="<3@x>", recipient="c@example.org", subject="", raw=b"")] * 2
        )


@pytest.mark.usefixtures("_demo")
def test_a_mail_is_shown_in_two_frames_with_its_text_and_headers(client, kept):
    response = client.get(f"/mailbox/{kept.pk}/")

    html = response.content.decode()
    words = Mail(html).words()
    assert response.status_code == HTTPStatus.OK
    assert html.count(f'src="/mailbox/{kept.pk}/html/?scheme=light"') == 2
    assert html.count('sandbox="allow-popups allow-popups-to-escape-sandbox"') == 2
    assert "Text part Text & more Headers" in words
    assert "Message-ID <1@challenge.example>" in words
    assert "frame-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize(
    ("query", "scheme", "rule"),
    [
        ("", "light", "@media not all"),
        ("?scheme=light", "light", "@media not all"),
        ("?scheme=dark", "dark", "@media all"),
        ("?scheme=x%22", "light", "@media not all"),
    ],
)
def test_the_frame_shows_the_mail_in_either_scheme(client, kept, query, scheme, rule):
    html = client.get(f"/mailbox/{kept.pk}/html/{query}").content.decode()

    expected = HTML.replace("light dark", scheme).replace("<head>", '<head><base target="_blank">')
    assert html == expected.replace("@media (prefers-color-scheme:dark)", rule)


@pytest.mark.usefixtures("_demo")
def test_the_frame_runs_and_loads_nothing(client, kept):
    response = client.get(f"/mailbox/{kept.pk}/html/")

    policy = dict(
        directive.strip().split(" ", 1)
        for directive in response["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'none'",
        "connect-src": "'none'",
        "font-src": "'none'",
        "manifest-src": "'none'",
        "style-src": "'unsafe-inline'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("demo", "kind"), [(False, "mailbox"), (True, "smtp"), (False, "smtp"), (True, "anymail")]
)
def test_anywhere_else_there_is_no_mailbox(client, kept, settings, demo, kind):
    settings.DEMO = demo
    settings.MAIL_TRANSPORT = {"kind": kind}

    for path in ("/mailbox/", f"/mailbox/{kept.pk}/", f"/mailbox/{kept.pk}/html/"):
        response = client.get(path)
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert "Why?" not in response.content.decode()


@pytest.mark.usefixtures("_demo")
def test_a_mail_that_is_gone_is_a_404(client):
    assert client.get("/mailbox/1/").status_code == HTTPStatus.NOT_FOUND
