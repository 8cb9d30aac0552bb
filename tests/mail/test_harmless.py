"""What staff see of a mail: its looks, letter for letter, and none of its keys."""

import pytest
from django.core import signing

from apps.mail.harmless import look_of, without_links
from apps.mail.message import Message

TOKEN = signing.dumps([12345, "x"], salt="dc.unsubscribe")


@pytest.mark.parametrize(
    "html",
    [
        "<!DOCTYPE html><html><head><style>a > b { color: red }</style></head><body></body></html>",
        "<p>Tom &amp; Jerry &lt;script&gt; &#8594; &nbsp;</p>",
        "<!--[if mso]><table><![endif]-->",
        '<pre><code>&lt;a href="x"&gt; href="y"</code></pre>',
        "<br/><hr><img alt='>' src='data:,'>",
        "",
    ],
)
def test_html_without_links_is_given_back_as_it_is(html):
    assert without_links(html) == html


def test_no_link_leads_anywhere():
    html = """<a class="b" href="https://x.example/?a=1&amp;b=2">1</a><A HREF='y'>2</a>"""

    assert without_links(html) == """<a class="b" href="#">1</a><A HREF="#">2</a>"""


@pytest.mark.parametrize(
    "token", [TOKEN, TOKEN.replace(":", "%3A")], ids=["as it is", "percent-encoded"]
)
def test_no_token_is_to_be_read(token):
    address = f"https://x.example/unsubscribe/{token}/"
    message = Message(
        recipient="mira@example.org",
        message_id="<1@x.example>",
        subject="A subject",
        text=f"Stop: {address}",
        html=f'<p>{address}</p><a href="{address}">Stop</a>',
    )

    look = look_of(message)

    assert look.text == "Stop: https://x.example/unsubscribe/…/"
    assert look.html == '<p>https://x.example/unsubscribe/…/</p><a href="#">Stop</a>'
