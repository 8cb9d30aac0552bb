"""Whatever a problem says: in no output does any of it become something that runs or loads."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from apps.notifications import links
from apps.notifications.dispatches import load_dispatches
from apps.notifications.mails import compose
from apps.notifications.models import Reading
from tests.core.test_markdown_safety import XSS, Harm
from tests.factories import (
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)
from tests.staff import curator_browser

pytestmark = pytest.mark.django_db
HOSTILE = "\n\n".join(XSS)
# Attributes that are read out or shown, never followed.
WORDS = {"value", "alt", "content", "title", "aria-label"}
TITLE = "<img src=x onerror=alert(1)>"


class Attack(HTMLParser):
    """Collects what of a whole page comes from a hostile text and is more than text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.is_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.is_script = tag in ("script", "style")
        for name, value in attrs:
            if name == "srcdoc":
                self.found += Attack(value).found
            elif name not in WORDS and _is_hostile(name, value or ""):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag):
        self.is_script = False

    def handle_data(self, data):
        if self.is_script and ("alert(" in data or "evil.example" in data):
            self.found.append(data)


def _is_hostile(name: str, value: str) -> bool:
    is_a_link = name == "href" and value.startswith("https://a.example/")
    return not is_a_link and bool(re.search(r"alert\(|evil|script:", value, re.IGNORECASE))


@pytest.fixture
def challenge():
    tag = TagFactory(name="Python")
    problem = ProblemFactory(
        title=TITLE,
        statement=HOSTILE,
        hints=[HOSTILE],
        solution=HOSTILE,
        source_title=TITLE,
        source_author=TITLE,
        tags=[tag],
    )
    subscription = SubscriptionFactory(user=UserFactory(), tags=[tag])
    challenge = SentDeliveryFactory(
        subscription=subscription, problem=problem, reason_code="interest", reason_path=[TITLE]
    )
    Reading.objects.create(delivery=challenge, hints_shown=1, revealed_at=challenge.due_at)
    return challenge


def test_an_attack_would_be_found():
    for html in (
        "<b onclick=alert(1)>",
        "<a href=javascript:alert(1)>",
        "<script>alert(1)</script>",
        '<iframe srcdoc="<img src=//evil.example>">',
    ):
        assert len(Attack(html).found) == 1


def test_mails_and_pages_show_hostile_texts_as_text(client, challenge):
    solution = SentDeliveryFactory(
        subscription=challenge.subscription,
        problem=challenge.problem,
        kind="solution",
        slot=challenge.slot,
        due_at=challenge.due_at,
    )
    outputs = {
        mail.subject: mail.html
        for mail in compose(load_dispatches([challenge.pk, solution.pk])).values()
    }
    slug = challenge.problem.slug
    pages = {
        "read": f"/read/{links.make_read_token(challenge.pk)}/",
        "problem": f"/problems/{slug}/",
        "feedback": f"/feedback/{links.make_feedback_token(challenge.pk)}/",
    }
    outputs |= {name: client.get(path).content.decode() for name, path in pages.items()}
    admin = reverse("admin:problems_problem_change", args=[challenge.problem_id])
    outputs["admin"] = curator_browser().get(admin).content.decode()

    assert len(outputs) == 6
    for name, html in outputs.items():
        assert (name, Attack(html).found) == (name, [])
        assert "alert(1)" in unescape(html)


def test_the_html_of_the_api_is_harmless(challenge, curator):
    problem = curator.get(f"/api/problems/{challenge.problem_id}/?render=html").json()

    rendered = [problem["statement_html"], *problem["hints_html"], problem["solution_html"]]
    assert len(rendered) == 3
    assert [Harm(html).found for html in rendered] == [[], [], []]
