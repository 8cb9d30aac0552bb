import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings

from apps.core.errors import InvalidInputError
from apps.core.tokens import TokenPurpose, read_token
from apps.mail.message import message_id_for
from apps.mail.rendering import HTML_LIMIT
from apps.mail.skeleton import decoded_parts
from apps.notifications import links
from apps.notifications.dispatches import load_dispatches
from apps.notifications.mails import compose, preview
from apps.notifications.mails.editions import skeleton_of
from apps.notifications.models import Delivery
from tests.factories import (
    DeliveryFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
)
from tests.looks import Mail, faint, loads

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 4, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_kept_skeletons():
    skeleton_of.cache_clear()


@pytest.fixture
def subscription():
    return SubscriptionFactory(
        timezone="Europe/Berlin",
        delivery_time=time(8),
        subscribed_at=datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
    )


def _challenge(subscription, **changes) -> Delivery:
    values = {
        "subscription": subscription,
        "due_at": MORNING,
        "local_date": date(2026, 3, 4),
        "reason_code": "interest",
        "reason_path": "Python → asyncio",
    }
    return DeliveryFactory(**values | changes)


def _sent_before(subscription, **changes) -> Delivery:
    values = {
        "subscription": subscription,
        "due_at": MORNING - timedelta(days=1),
        "local_date": date(2026, 3, 3),
    }
    return SentDeliveryFactory(**values | changes)


def _composed(row: Delivery):
    return compose(load_dispatches([row.pk]))[row.pk]


def _token(text: str, page: str) -> str:
    return re.search(rf"https://challenge\.example/{page}/([^/]+)/", text)[1]


def test_a_challenge_as_plain_text(subscription):
    problem = ProblemFactory(
        title="Two seconds for nothing",
        statement="A request takes two seconds:\n\n```sql\nSELECT 1;\n```\n\n**Question** Why?",
    )
    row = _challenge(subscription, problem=problem)

    text = _composed(row).text

    for page in ("feedback", "read", "manage", "unsubscribe"):
        text = text.replace(_token(text, page), page.upper())
    assert (
        text
        == f"""\
Medium · 15 min · because you follow Python → asyncio

Two seconds for nothing
=======================

A request takes two seconds:

```sql
SELECT 1;
```

*Question* Why?

How did it go?

Solved: https://challenge.example/feedback/FEEDBACK/?outcome=solved
Tried: https://challenge.example/feedback/FEEDBACK/?outcome=tried
Skip: https://challenge.example/feedback/FEEDBACK/?outcome=skipped

First hint: https://challenge.example/read/READ/#hints
Read in browser: https://challenge.example/read/READ/
Something wrong? https://challenge.example/feedback/FEEDBACK/#comment

--{" "}
You get this because you subscribed on
1 March 2026, at 08:00 Europe/Berlin.
Change: https://challenge.example/manage/MANAGE/
Pause a week: https://challenge.example/manage/MANAGE/#pause
Unsubscribe: https://challenge.example/unsubscribe/UNSUBSCRIBE/
Privacy: https://challenge.example/privacy/
1 Example Street, Exampletown
"""
    )


def test_the_html_says_the_same_in_the_same_order(subscription):
    row = _challenge(subscription, problem=ProblemFactory(title="Two seconds for nothing"))

    words = Mail(_composed(row).html).words()

    assert words == (
        "Medium · 15 min · A request takes two seconds. Question Where does the time go? "
        "Medium · 15 min · because you follow Python → asyncio Two seconds for nothing "
        "A request takes two seconds. Question Where does the time go? "
        "Solved Tried Skip First hint · Read in browser · Something wrong? "
        "You get this because you subscribed on 1 March 2026, at 08:00 Europe/Berlin. "
        "Change · Pause a week · Unsubscribe · Privacy 1 Example Street, Exampletown"
    )


def test_the_links_of_both_parts_lead_to_the_same_pages(subscription):
    message = _composed(_challenge(subscription))

    in_html = set(Mail(message.html).links)
    assert in_html == set(re.findall(r"https://\S+", message.text))
    assert {link.startswith(f"{settings.SITE_URL}/") for link in in_html} == {True}


def test_each_token_stands_for_its_own_row_and_purpose(subscription):
    row = _challenge(subscription)

    text = _composed(row).text

    assert read_token(TokenPurpose.READ, _token(text, "read"), count=1) == [row.pk]
    assert read_token(TokenPurpose.FEEDBACK, _token(text, "feedback"), count=1) == [row.pk]
    assert links.subscription_of_manage_token(_token(text, "manage")) == subscription
    assert links.subscription_of_unsubscribe_token(_token(text, "unsubscribe")) == subscription


def test_the_headers_of_a_challenge(subscription):
    row = _challenge(subscription, problem=ProblemFactory(title="Why?"))

    message = _composed(row)

    unsubscribe = _token(message.text, "unsubscribe")
    assert message.subject == "Why?"
    assert message.recipient == subscription.user.email
    assert message.message_id == message_id_for("delivery", row.pk)
    assert message.headers == {
        "Auto-Submitted": "auto-generated",
        "List-Id": "Daily Challenge <daily-challenge.challenge.example>",
        "List-Unsubscribe": f"<https://challenge.example/unsubscribe/{unsubscribe}/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"problem{row.problem_id}:v1:challenge:daily-challenge",
    }


def test_a_solution_belongs_to_the_conversation_of_its_challenge(subscription):
    challenge = _sent_before(subscription, problem=ProblemFactory(title="Why?"))
    row = _challenge(subscription, kind="solution", problem=challenge.problem)

    message = _composed(row)

    assert message.subject == "Solution: Why?"
    assert message.headers["In-Reply-To"] == challenge.message_id
    assert message.headers["References"] == challenge.message_id
    assert message.headers["Feedback-ID"].split(":")[2] == "solution"
    token = _token(message.text, "feedback")
    assert read_token(TokenPurpose.FEEDBACK, token, count=1) == [challenge.pk]


def test_a_solution_repeats_the_opening_and_then_solves(subscription):
    problem = ProblemFactory(
        title="Why?",
        statement="It is slow.\n\nAnd nobody knows.",
        solution="The index.\n\n### Wrong turns\n\nMore memory.",
    )
    _sent_before(subscription, problem=problem)
    row = _challenge(subscription, kind="solution", problem=problem)

    message = _composed(row)

    assert message.text.startswith(
        "Medium · 15 min\n\nWhy?\n====\n\nIt is slow.\n\nSolution\n========\n\n"
        "The index.\n\nWrong turns\n-----------\n\nMore memory.\n\nHow did it go?\n"
    )
    assert (
        Mail(message.html)
        .words()
        .startswith(
            "Medium · 15 min · It is slow. And nobody knows. Medium · 15 min Why? It is slow. "
            "Solution The index. Wrong turns More memory. Solved Tried Skip Read in browser"
        )
    )
    assert "And nobody knows" not in message.text
    assert re.findall(r"<h(\d)", message.html) == ["1", "2", "3"]


def test_a_solution_says_so_when_the_problem_was_corrected_since(subscription):
    problem = ProblemFactory(version=2)
    challenge = _sent_before(subscription, problem=problem, problem_version=1)
    row = _challenge(subscription, kind="solution", problem=problem, problem_version=2)

    corrected = _composed(row)
    challenge.problem_version = 2
    challenge.save()
    untouched = _composed(row)

    assert "This problem was corrected after you got it." in corrected.text
    assert "This problem was corrected after you got it." in Mail(corrected.html).words()
    assert "corrected" not in untouched.text + untouched.html


def test_a_solution_without_its_challenge_is_left_out(subscription):
    row = _challenge(subscription, kind="solution")

    assert compose(load_dispatches([row.pk])) == {}


@pytest.mark.parametrize(
    ("days_ago", "words"), [(1, "Yesterday: Why? → solution"), (3, "Last time: Why? → solution")]
)
def test_the_solution_of_the_challenge_before_is_one_tap_away(subscription, days_ago, words):
    previous = _sent_before(
        subscription,
        problem=ProblemFactory(title="Why?"),
        due_at=MORNING - timedelta(days=days_ago),
        local_date=date(2026, 3, 4) - timedelta(days=days_ago),
    )

    message = _composed(_challenge(subscription, slot=2))

    url = re.search(r"solution\n(https://\S+)\n", message.text)[1]
    assert read_token(TokenPurpose.READ, _token(url, "read"), count=1) == [previous.pk]
    assert url.endswith("/#solution")
    assert url in Mail(message.html).links
    assert words in message.text
    assert words in Mail(message.html).words()


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "failed", "sent_at": None},
        {"due_at": MORNING - timedelta(hours=2)},
        {"slot": 3},
    ],
)
def test_a_challenge_before_that_never_came_or_is_not_solved_yet_is_not_mentioned(
    subscription, changes
):
    _sent_before(subscription, problem=ProblemFactory(title="Why?"), **changes)

    assert "Why?" not in _composed(_challenge(subscription, slot=2)).text


def test_somebody_elses_challenges_are_not_mentioned(subscription):
    _sent_before(SubscriptionFactory(), problem=ProblemFactory(title="Why?"))

    assert "Why?" not in _composed(_challenge(subscription, slot=2)).text


@pytest.mark.parametrize(
    ("code", "path", "words"),
    [
        ("interest", "Python", "because you follow Python"),
        ("parent", "Languages → Go", "from Languages → Go, next to what you follow"),
        ("any", "", "from the whole bank"),
        ("interest", "", "from the whole bank"),
        ("interest", "<b> & {{7*7}}", "because you follow <b> & {{7*7}}"),
    ],
)
def test_the_reason_is_said(subscription, code, path, words):
    message = _composed(_challenge(subscription, reason_code=code, reason_path=path))

    assert message.text.splitlines()[0] == f"Medium · 15 min · {words}"
    assert f"Medium · 15 min · {words}" in Mail(message.html).words()


def test_what_a_problem_says_is_printed_literally(subscription):
    hostile = "{{7*7}} {% load static %} <script>alert(1)</script> &amp;"
    problem = ProblemFactory(title=hostile, statement=hostile.replace("&amp;", "&amp;amp;"))

    message = _composed(_challenge(subscription, problem=problem))

    assert message.subject == hostile
    assert hostile in message.text
    assert Mail(message.html).words().count(hostile) == 3
    assert "<script" not in message.html


def test_two_readers_of_one_problem_share_all_but_what_is_their_own(subscription):
    problem = ProblemFactory()
    rows = [_challenge(s, problem=problem) for s in (subscription, SubscriptionFactory())]

    one, other = compose(load_dispatches([row.pk for row in rows])).values()

    def anonymous(message):
        html = re.sub(r"/(read|feedback|manage|unsubscribe)/[^/]+/", r"/\1/", message.html)
        return re.sub(r"subscribed on [^<]*", "", html)

    assert one.html != other.html
    assert anonymous(one) == anonymous(other)
    assert skeleton_of.cache_info().misses == 1


def test_a_new_version_is_composed_anew(subscription):
    problem = ProblemFactory()
    row = _challenge(subscription, problem=problem)
    _composed(row)
    problem.title, problem.version = "Corrected", 2
    problem.save()

    assert _composed(row).subject == "Corrected"


def test_a_batch_costs_the_same_queries_however_large(django_assert_num_queries):
    rows = []
    for _ in range(3):
        own = SubscriptionFactory()
        previous = _sent_before(own)
        rows += [
            _challenge(own, slot=2),
            _challenge(own, kind="solution", problem=previous.problem),
        ]

    for count in (2, 6):
        with django_assert_num_queries(2):
            loaded = load_dispatches([row.pk for row in rows[:count]])
        with django_assert_num_queries(0):
            assert len(compose(loaded)) == count


def test_the_bytes_decode_to_the_parts(subscription):
    _sent_before(subscription)
    message = _composed(_challenge(subscription, slot=2))

    raw = message.raw()

    assert decoded_parts(raw) == (message.text, message.html)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_mail_that_would_be_cut_ends_at_a_block_and_leads_on(subscription):
    listing = "```python\n" + "x = [1, 'two', None]  # three\n" * 200 + "```\n\n"
    problem = ProblemFactory(
        statement="Opening.\n\n" + "".join(f"Part {n}.\n\n{listing}" for n in range(5))
    )

    message = _composed(_challenge(subscription, problem=problem))

    words = Mail(message.html).words()
    assert 40_000 < len(message.html.encode()) <= HTML_LIMIT
    assert ">Part 0.<" in message.html
    assert ">Part 4.<" not in message.html
    assert words.index("Continue in your browser") < words.index("Solved")
    assert "Part 4." in message.text
    assert message.html.count("<pre") == message.html.count("</pre>")


def test_a_single_block_too_large_for_a_mail_is_left_to_the_browser(subscription):
    problem = ProblemFactory(statement="Opening.\n\n" + "- `a` *b*\n" * 1900)

    message = _composed(_challenge(subscription, problem=problem))

    assert len(message.html.encode()) <= HTML_LIMIT
    assert "Opening. Continue in your browser" in Mail(message.html).words()


def test_markdown_beyond_the_limits_is_an_error(subscription):
    problem = ProblemFactory(statement="[" * 13_000)

    with pytest.raises(InvalidInputError):
        _composed(_challenge(subscription, problem=problem))


def test_a_problem_without_difficulty_and_minutes_can_be_previewed():
    problem = ProblemFactory.build(pk=1, difficulty="", estimated_minutes=None, title="A draft")

    message = preview(problem, "challenge")

    assert message.subject == "A draft"
    assert "because you follow Python → asyncio" in message.text
    assert decoded_parts(message.raw()) == (message.text, message.html)


@pytest.mark.parametrize("kind", ["challenge", "solution"])
def test_a_mail_with_everything_in_it_can_be_read_in_light_and_dark(kind):
    everything = (
        "# Head\n\n*a* **b** `c` [d](https://example.org/) \n\n> quote `q`\n\n"
        "> [!NOTE]\n> n\n\n> [!TIP]\n> t\n\n> [!WARNING]\n> w `x`\n\n"
        "| `h` | i |\n|---|--:|\n| `1` | 2 |\n\n- l `m`\n\n"
        "```python\n@d\nclass A:  # c\n    def f(self): return None, 'x', 1\n```\n\n"
        "```diff\n-a\n+b\n```\n\n```html\n<a b='c'>d</a>\n```\n\n---\n\nEnd."
    )
    problem = ProblemFactory.build(pk=1, statement=everything, solution=everything)

    html = preview(problem, kind).html

    assert faint(html, dark=False) == []
    assert faint(html, dark=True) == []
    assert loads(html) == []
    classes = {c for _, element in Mail(html).texts for e in element.chain() for c in e.classes}
    assert {"k", "s", "c", "m", "f", "d", "i", "note", "tip", "warning", "right"} <= classes


def test_buttons_are_44_pixels_high_and_as_wide_as_a_phone():
    html = preview(ProblemFactory.build(pk=1), "challenge").html

    styles = re.findall(r'<a class="button[^"]*"[^>]*style="([^"]*)"', html)
    assert len(styles) == 3
    for style in styles:
        assert {"display:block", "padding:10px 12px", "line-height:24px"} <= set(style.split(";"))
