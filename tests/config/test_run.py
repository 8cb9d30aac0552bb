import pytest

from config.local.run import challenge_line


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("first", "First challenge sent to demo@example.org: http://x/mailbox/1/"),
        (
            "already",
            "Today's challenge for demo@example.org was already sent: http://x/mailbox/1/",
        ),
        ("none", "demo@example.org gets no challenges at present: paused."),
        ("later", "The next challenge for demo@example.org is due at 2026-03-02 10:05 UTC."),
        (
            "missing",
            "No challenge has been sent to demo@example.org yet; the log above may say why.",
        ),
    ],
)
def test_the_last_line_says_what_is_true(state, line):
    answer = {"state": state, "link": "http://x/mailbox/1/"}
    answer |= {"due_at": "2026-03-02 10:05 UTC", "reason": "paused"}

    assert challenge_line(answer) == line


def test_a_mail_that_left_by_another_transport_has_no_link():
    answer = {"state": "first", "link": "", "due_at": "", "reason": ""}

    assert challenge_line(answer) == (
        "First challenge sent to demo@example.org: by way of EMAIL_URL"
    )
