import re
from datetime import UTC, datetime

import pytest
from django.conf import settings

from apps.mail import purposes
from apps.mail.message import message_id_for
from apps.mail.rendering import HTML_LIMIT, compose, render, subject_line
from tests.factories import OutboundMailFactory
from tests.looks import Mail, faint, loads

TOKEN = "WzEyMzQ1LCJhYmNkZWYwMTIzNDU2Nzg5Il0:1tXyZa:" + "k" * 43
LINK = f"https://challenge.example/verify-email/#{TOKEN}"
CONTEXTS = {
    "verify_email": {"link": LINK, "expires_text": "3 days"},
    "welcome": {"display_name": "Ada", "link": "https://challenge.example/"},
    "reset_password": {"link": LINK, "expires_text": "1 hour"},
    "password_changed": {
        "changed_at": datetime(2026, 3, 3, 8, 5, tzinfo=UTC),
        "link": "https://challenge.example/reset-password/",
    },
    "address_registered": {"link": LINK, "expires_text": "1 hour"},
    "email_change": {"link": LINK, "expires_text": "1 day"},
    "email_change_notice": {
        "new_address": "a…@example.org",
        "link": LINK,
        "expires_text": "7 days",
    },
}


@pytest.fixture
def a_purpose(monkeypatch):
    """A purpose of this test alone."""
    monkeypatch.setattr(purposes, "_builders", {})
    return purposes.register


@pytest.mark.parametrize("name", CONTEXTS)
def test_every_account_mail_can_be_read_in_light_and_dark(name):
    html = render(name, CONTEXTS[name]).html

    assert faint(html, dark=False) == []
    assert faint(html, dark=True) == []


@pytest.mark.parametrize("name", CONTEXTS)
def test_every_account_mail_loads_nothing_and_links_to_us_alone(name):
    rendered = render(name, CONTEXTS[name])

    assert loads(rendered.html) == []
    assert {link.startswith(f"{settings.SITE_URL}/") for link in Mail(rendered.html).links} == {
        True
    }
    assert len(rendered.html.encode()) <= HTML_LIMIT


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_text_part_says_the_same_in_lines_of_at_most_72(name):
    rendered = render(name, CONTEXTS[name])

    lines = rendered.text.splitlines()
    assert [line for line in lines if len(line) > 72 and "https://" not in line] == []
    assert CONTEXTS[name]["link"] in lines
    assert CONTEXTS[name]["link"] in Mail(rendered.html).links
    assert lines[-1] == settings.POSTAL_ADDRESS
    assert "\n\n\n" not in rendered.text


def test_subjects_of_account_mails():
    assert {name: render(name, context).subject for name, context in CONTEXTS.items()} == {
        "verify_email": "Verify your e-mail address",
        "welcome": "Welcome to Daily Challenge",
        "reset_password": "Choose a new password",
        "password_changed": "Your password was changed",
        "address_registered": "You have an account already",
        "email_change": "Confirm your new address",
        "email_change_notice": "Your address is about to change",
    }


@pytest.mark.parametrize("name", ["password_changed", "address_registered"])
def test_without_a_link_there_is_no_button(name):
    rendered = render(name, CONTEXTS[name] | {"link": ""})

    assert Mail(rendered.html).links == [
        "https://challenge.example/",
        "https://challenge.example/privacy/",
    ]
    assert "works for" not in rendered.text


def test_what_somebody_calls_themselves_is_printed_literally():
    name = "{{7*7}} {% load x %} <b>&amp;"

    rendered = render("welcome", CONTEXTS["welcome"] | {"display_name": name})

    assert f"Welcome, {name}" in rendered.text
    assert f"Welcome, {name}" in Mail(rendered.html).words()
    assert "<b>" not in rendered.html


def test_colours_stand_in_the_elements_and_only_media_rules_in_the_head():
    html = render("welcome", CONTEXTS["welcome"]).html

    style = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", style).strip() == ""
    assert re.search(r'<html [^>]*style="color-scheme:light dark;', html)
    assert re.search(r'<td class="column"[^>]* style="[^"]*color:#1c2024', html)
    assert '<meta name="color-scheme" content="light dark">' in html
    assert '<meta name="supported-color-schemes" content="light dark">' in html


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("A title", "A title"),
        ("a\r\nBcc: v@y.example\x00 b\u2028c", "a Bcc: v@y.example b c"),
        ("x" * 70, "x" * 70),
        ("x" * 71, "x" * 69 + "…"),
        ("word " * 14 + "and more", "word " * 13 + "word…"),
        ("  spaced \t out  ", "spaced out"),
    ],
)
def test_a_subject_is_one_line_of_at_most_70_characters(text, subject):
    assert subject_line(text) == subject
    assert len(subject) <= 70


@pytest.mark.django_db
def test_a_row_becomes_the_mail_of_its_purpose(a_purpose):
    a_purpose("verify_email", lambda row: CONTEXTS["verify_email"])
    row = OutboundMailFactory()

    message = compose([row])[row.pk]

    rendered = render("verify_email", CONTEXTS["verify_email"])
    assert (message.recipient, message.subject) == (row.recipient, rendered.subject)
    assert (message.text, message.html) == (rendered.text, rendered.html)
    assert message.message_id == message_id_for("account", row.pk)
    assert message.headers == {"Auto-Submitted": "auto-generated"}


@pytest.mark.django_db
def test_a_row_keeps_the_message_id_of_its_first_attempt(a_purpose):
    a_purpose("verify_email", lambda row: CONTEXTS["verify_email"])
    row = OutboundMailFactory(message_id="<first@challenge.example>")

    assert compose([row])[row.pk].message_id == "<first@challenge.example>"


@pytest.mark.django_db
def test_a_row_with_nothing_to_say_is_left_out(a_purpose):
    a_purpose("verify_email", lambda row: None)

    assert compose([OutboundMailFactory()]) == {}


@pytest.mark.django_db
def test_an_unknown_purpose_is_an_error():
    row = OutboundMailFactory(purpose="nothing_of_ours")

    with pytest.raises(LookupError, match="nothing_of_ours"):
        compose([row])


@pytest.mark.django_db
def test_any_number_of_rows_costs_the_same_queries(a_purpose, django_assert_num_queries):
    a_purpose("verify_email", lambda row: CONTEXTS["verify_email"] | {"x": row.user.email})
    ids = [OutboundMailFactory().pk for _ in range(3)]

    for count in (1, 3):
        rows = list(OutboundMailFactory._meta.model.objects.filter(pk__in=ids[:count]))
        with django_assert_num_queries(1):
            assert len(compose(rows)) == count


def test_every_purpose_that_an_app_registers_has_its_templates():
    assert purposes.registered() <= set(CONTEXTS)
