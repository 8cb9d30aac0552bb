import pytest

from apps.core.errors import InvalidInputError
from apps.core.markdown import (
    Document,
    Profile,
    check_markdown,
    first_paragraph,
    first_words,
    render_html,
)

LISTING = '```python run\nx = "a"  # why\n```\n'


def test_prose_lists_and_emphasis():
    source = "One *two* **three** `four`\n\n- a\n- b\n\n3. c\n"

    assert render_html(source) == (
        "<p>One <em>two</em> <strong>three</strong> <code>four</code></p>\n"
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
        '<ol start="3">\n<li>c</li>\n</ol>\n'
    )


def test_a_listing_on_a_page_scrolls_can_be_reached_and_has_a_name():
    assert render_html(LISTING) == (
        '<pre role="group" tabindex="0" aria-label="Python listing"><code>'
        'x = <span class="s">"a"</span>  <span class="c"># why</span></code></pre>\n'
    )


def test_long_lines_of_a_listing_in_a_mail_wrap_with_a_hanging_indent():
    long = "y" * 40
    source = f"```python\nif x:\n    {long} = 'a'\n\n{long}\n{' ' * 31}{long}\n```\n"

    assert render_html(source, profile=Profile.MAIL) == (
        '<pre><code><span class="k">if</span> x:\n'
        f'<span class="w4">    {long} = <span class="s">\'a\'</span>\n</span>'
        "\n"
        f'<span class="w0">{long}\n</span>'
        f'<span class="w16">{" " * 31}{long}\n</span></code></pre>\n'
    )


def test_a_token_over_several_lines_is_coloured_line_by_line():
    assert render_html('```python\n"""a\n\nb"""\n```') == (
        '<pre role="group" tabindex="0" aria-label="Python listing"><code>'
        '<span class="s">"""a</span>\n\n<span class="s">b"""</span></code></pre>\n'
    )


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("", "Listing"),
        ("text", "Listing"),
        ("sql run", "SQL listing"),
        ("JavaScript", "JavaScript listing"),
        ("brainfudge", "Brainfudge listing"),
        ('"><script>', "&quot;&gt;&lt;script&gt; listing"),
    ],
)
def test_the_first_word_of_a_fence_names_the_listing(info, label):
    html = render_html(f"```{info}\na\n```")

    assert html == (f'<pre role="group" tabindex="0" aria-label="{label}"><code>a</code></pre>\n')


def test_highlighting_keeps_every_character_of_the_code():
    code = "\n\n  def f(x):\n\treturn '<&>'  \n\n\n"

    html = render_html(f"```python\n{code}```")

    plain = html
    for css_class in "kscmfdi":
        plain = plain.replace(f'<span class="{css_class}">', "")
    plain = plain.replace("</span>", "").partition("<code>")[2].removesuffix("</code></pre>\n")
    assert plain == code.removesuffix("\n").replace("&", "&amp;").replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_a_diff_shows_what_went_and_what_came():
    html = render_html("```diff\n-old\n+new\n```")

    assert '<code><span class="d">-old</span>\n<span class="i">+new</span></code>' in html


def test_a_very_long_listing_is_shown_without_colours():
    html = render_html("```python\n" + "import os\n" * 2000 + "```")

    assert "<span" not in html
    assert html.count("import os") == 2000


@pytest.mark.parametrize("kind", ["NOTE", "Tip", "important", "WARNING", "CAUTION"])
def test_a_callout_is_named_after_its_kind(kind):
    html = render_html(f"> [!{kind}]\n> Mind *this*.\n>\n> - and that\n")

    assert html == (
        f'<div class="callout {kind.lower()}">\n<p class="callout-title">{kind.title()}</p>\n'
        "<p>Mind <em>this</em>.</p>\n<ul>\n<li>and that</li>\n</ul>\n</div>\n"
    )


@pytest.mark.parametrize("first_line", ["[!NOTE] at once", "[!NEWS]", "[NOTE]", "a [!NOTE]"])
def test_other_quotes_stay_quotes(first_line):
    html = render_html(f"> {first_line}\n> text\n")

    assert html == f"<blockquote>\n<p>{first_line}\ntext</p>\n</blockquote>\n"


def test_an_inner_quote_of_a_callout_keeps_its_own_end():
    html = render_html("> [!TIP]\n> a\n>\n> > b\n\nc\n")

    assert html == (
        '<div class="callout tip">\n<p class="callout-title">Tip</p>\n<p>a</p>\n'
        "<blockquote>\n<p>b</p>\n</blockquote>\n</div>\n<p>c</p>\n"
    )


def test_headings_begin_where_told_and_skip_no_level():
    source = "# a\n\n### b\n\n# c\n"

    assert render_html(source) == "<h2>a</h2>\n<h3>b</h3>\n<h2>c</h2>\n"
    assert render_html("### b", top_heading=3) == "<h3>b</h3>\n"
    assert render_html("# a\n\n## b\n", top_heading=6) == "<h6>a</h6>\n<h6>b</h6>\n"


def test_a_table_scrolls_on_a_page_and_keeps_its_alignment():
    source = "| a | b |\n|:--|--:|\n| 1 | 2 |\n"

    table = (
        '<table>\n<thead>\n<tr>\n<th class="left">a</th>\n<th class="right">b</th>\n</tr>\n'
        '</thead>\n<tbody>\n<tr>\n<td class="left">1</td>\n<td class="right">2</td>\n</tr>\n'
        "</tbody>\n</table>"
    )
    wrapper = '<div class="scroll" role="group" tabindex="0" aria-label="Table">'
    assert render_html(source) == f"{wrapper}{table}</div>\n"
    assert render_html(source, profile=Profile.MAIL) == f"{table}\n"


def test_links_lead_out_without_telling_where_from():
    html = render_html('[a](https://example.org/x "t") <mailto:a@example.org>')

    assert html == (
        '<p><a href="https://example.org/x" title="t" rel="noopener nofollow">a</a> '
        '<a href="mailto:a@example.org" rel="noopener nofollow">mailto:a@example.org</a></p>\n'
    )


def test_an_image_becomes_its_alternative_text():
    source = "![the *plan*](https://example.org/p.png) [![b](c.png)](https://example.org/)"

    assert render_html(source) == (
        '<p>the plan <a href="https://example.org/" rel="noopener nofollow">b</a></p>\n'
    )


def test_lone_surrogates_and_nul_are_replaced():
    assert render_html("a\ud800b\x00c") == "<p>a\ufffdb\ufffdc</p>\n"


def test_nothing_renders_to_nothing():
    assert render_html("") == ""
    assert first_words("") == ""
    assert first_paragraph("").html(Profile.MAIL) == ""


def test_first_words_are_prose_on_one_line_cut_between_words():
    source = "# A *title*\n\n```\ncode\n```\n\nSome `text`,\nwith a [link](https://example.org).\n"

    assert first_words(source) == "A title Some text, with a link."
    assert first_words(source, limit=19) == "A title Some text…"
    assert first_words("a" * 50, limit=10) == "aaaaaaaaa…"


def test_the_first_paragraph_is_found_behind_a_listing():
    source = "```\ncode\n```\n\nSee [the text][1].\n\nMore.\n\n[1]: https://example.org/\n"

    assert first_paragraph(source).text() == "See the text (https://example.org/)."
    assert first_paragraph("- a\n- b\n\n---\n").text() == "- a\n- b"


def test_a_document_can_be_cut_between_blocks():
    document = Document("a\n\n- b\n\n  c\n\n> d\n\n---\n\ne")

    assert document.block_count() == 5
    assert document.head(2).html(Profile.MAIL) == (
        "<p>a</p>\n<ul>\n<li>\n<p>b</p>\n<p>c</p>\n</li>\n</ul>\n"
    )
    assert document.head(0).html(Profile.MAIL) == ""


def test_64_kib_are_accepted_and_a_byte_more_is_not():
    check_markdown("é" * 32 * 1024)

    with pytest.raises(InvalidInputError, match="longer than 64 KiB") as refused:
        check_markdown("é" * 32 * 1024 + "a")

    assert refused.value.code == "markdown_too_long"
