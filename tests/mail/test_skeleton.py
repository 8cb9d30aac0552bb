import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mail import skeleton as module
from apps.mail.skeleton import Skeleton, SkeletonError, decoded_parts, slot

HEADERS = {"Auto-Submitted": "auto-generated"}


@pytest.fixture(autouse=True)
def _nothing_kept():
    module._encoded.cache_clear()
    yield
    module._encoded.cache_clear()


def _skeleton() -> Skeleton:
    name, link = slot("name"), slot("link")
    return Skeleton(
        subject="A title",
        text=f"Dear {name},\n\n{'w' * 200} {link}?a=b\n{link}\n{name}",
        html=f'<p>{name}</p>\n<a href="{link}?a=b">{"w" * 200}</a>{link}',
        headers=HEADERS,
    )


def _fill(skeleton: Skeleton, **values: str):
    return skeleton.fill(
        recipient="reader@example.org",
        message_id="<1@challenge.example>",
        headers={"References": "<0@challenge.example>"},
        values=values,
    )


def test_a_filled_mail_has_the_values_in_both_parts_escaped_in_the_html():
    message = _fill(_skeleton(), name='<b> & "c"', link="https://challenge.example/x")

    assert message.text == (
        'Dear <b> & "c",\n\n' + "w" * 200 + " https://challenge.example/x?a=b\n"
        'https://challenge.example/x\n<b> & "c"'
    )
    assert message.html == (
        "<p>&lt;b&gt; &amp; &quot;c&quot;</p>\n"
        f'<a href="https://challenge.example/x?a=b">{"w" * 200}</a>https://challenge.example/x'
    )
    assert message.headers == {**HEADERS, "References": "<0@challenge.example>"}
    assert (message.recipient, message.subject) == ("reader@example.org", "A title")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
def test_whatever_is_filled_in_the_bytes_decode_to_the_parts(value):
    message = _fill(_skeleton(), name=value, link=value)

    raw = message.raw()

    assert decoded_parts(raw) == (message.text, message.html)
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_names_are_known():
    assert _skeleton().names == {"name", "link"}


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="link"):
        _fill(_skeleton(), name="a")


def test_a_skeleton_whose_bytes_do_not_decode_to_its_parts_is_refused(monkeypatch):
    monkeypatch.setattr(module.mime, "SOFT_BREAK", b" \r\n")

    with pytest.raises(SkeletonError, match="do not decode"):
        _skeleton()


def test_a_skeleton_with_an_overlong_line_is_refused(monkeypatch):
    monkeypatch.setattr(module.mime, "quoted_printable", lambda text: text.encode())
    monkeypatch.setattr(module, "decoded_parts", lambda raw: (sample.text, sample.html))
    sample = _fill_with_sample()

    with pytest.raises(SkeletonError, match="longer than 998"):
        Skeleton(subject="a", text="w" * 999, html="h", headers={})


def _fill_with_sample():
    class Parts:
        text, html = "w" * 999, "h"

    return Parts
