from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mail import mime
from apps.mail.message import Message
from apps.mail.skeleton import decoded_parts

ADDRESS = f"<https://challenge.example/unsubscribe/{'a' * 200}/>"


def _message(**changes) -> Message:
    values = {
        "recipient": "reader@example.org",
        "message_id": f"<{'m' * 80}@challenge.example>",
        "subject": "A title",
        "text": "text\n",
        "html": "<p>html</p>\n",
    }
    return Message(**values | changes)


@pytest.mark.usefixtures("_a_moment")
def test_a_mail_has_exactly_these_headers():
    raw = _message(headers={"List-Unsubscribe": ADDRESS, "References": "<a@b>"}).raw()

    assert raw.partition(b"\r\n\r\n")[0].decode().split("\r\n") == [
        "From: Daily Challenge <challenge@challenge.example>",
        "Reply-To: editor@challenge.example",
        "Subject: A title",
        "To: reader@example.org",
        "Date: Tue, 03 Mar 2026 08:00:00 +0000",
        f"Message-ID: <{'m' * 80}@challenge.example>",
        f"List-Unsubscribe: {ADDRESS}",
        "References: <a@b>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_daily-challenge"',
    ]


@pytest.fixture
def _a_moment(time_machine):
    time_machine.move_to("2026-03-03T08:00:00Z", tick=False)


def test_the_parts_are_text_then_html_in_utf_8():
    mail = message_from_bytes(_message().raw(), policy=policy.default)

    assert [
        (part.get_content_type(), part.get_content_charset()) for part in mail.iter_parts()
    ] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "Grüße aus dem Cache — 日本語 " + "und noch mehr Wörter " * 4,
        "=?utf-8?q?not_what_it_seems?=",
        "plain",
    ],
)
def test_a_subject_arrives_as_it_was_written_in_lines_of_at_most_76(subject):
    raw = _message(subject=subject).raw()

    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject.strip()
    assert max(map(len, raw.partition(b"Date:")[0].split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    "character", ["\r\n", "\n", "\r", "\x00", "\u2028", "\u2029", "\x85", "\x0b"]
)
def test_nothing_in_a_value_begins_another_header(character):
    raw = _message(
        subject=f"a{character}Bcc: v@y.example",
        recipient=f"a@example.org{character}Bcc: v@y.example",
        headers={"References": f"<a@b>{character}Bcc: v@y.example"},
    ).raw()

    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "a Bcc: v@y.example"
    assert mail["References"] == "<a@b> Bcc: v@y.example"
    assert raw.count(b"\r\nBcc") == 0


def test_a_domain_beyond_ascii_is_spelled_in_punycode():
    assert (
        b"\r\nTo: reader@xn--bcher-kva.example\r\n"
        in _message(recipient="reader@bücher.example").raw()
    )


def test_a_header_that_cannot_be_one_line_is_refused():
    with pytest.raises(ValueError, match="the header References is longer than 998 characters"):
        _message(headers={"References": "a" * 1000}).raw()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_decodes_to_itself_in_lines_of_at_most_76(text):
    encoded = mime.quoted_printable(text)

    raw = _message(text=text, html=text).raw()

    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert decoded_parts(raw) == (expected, expected)
    assert all(len(line) <= 76 and line.isascii() for line in encoded.split(b"\r\n"))


def test_the_longest_line_of_a_mail_is_below_the_limit():
    raw = _message(text="x" * 5000 + "\n.\nFrom me\n", html="<p>" + "é" * 5000).raw()

    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
