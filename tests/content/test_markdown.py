"""Markdown as editors write it: safe whatever they write, and clear about links that cannot work."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import markdown


class Tags(HTMLParser):
    """The tags, the addresses and the words of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def addresses(self) -> list[str | None]:
        return [value for name, value in self.attributes if name == "href"]


PIECES = [
    *["<script>", "</script>", "<img src=x onerror=alert(1)>", "<!--", "-->", "<a href='x'>", "&lt;", "&#60;", "<"],
    *["[", "]", "(", ")", "](", '"', "'", " ", "\n", "- ", "1. ", "*", "_", "**", "`", "\\", "!", "#", ">", "a", "b"],
    *["javascript:", "JaVaScRiPt:", "data:text/html,", "vbscript:", "java&#115;cript:", "&Tab;", "//a.uk", "/a", "/\\"],
    *["https://", "http://a.uk", "mailto:", "[x]: ", "[x](javascript:alert(1))", "[x](data:a)", "{{ x }}", "%0a"],
]
wild = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=25).map("".join)


@given(wild)
def test_whatever_is_written_only_our_own_tags_come_out(text: str) -> None:
    found = Tags(markdown.render(text))
    assert found.tags <= {"p", "ul", "ol", "li", "a", "em", "strong", "br"}
    assert {name for name, _ in found.attributes} <= {"class", "dir", "href", "title", "start"}
    for address in found.addresses:
        assert re.match(r"https?://[^/]|mailto:|/(?![/\\])|#", address or "", re.IGNORECASE), address


@given(wild)
def test_a_link_is_named_exactly_when_it_loses_its_address(text: str) -> None:
    links = markdown.render(text).count("<a")
    kept = len(Tags(markdown.render(text)).addresses)
    named = [problem for problem in markdown.faults(text) if problem.startswith("the link")]
    assert len(named) == links - kept


@given(wild)
def test_plain_words_are_on_one_line(text: str) -> None:
    assert "\n" not in markdown.plain(text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java&#115;cript:alert(1)",
        "javascript&colon;alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//elsewhere.example",
        "https:elsewhere",
        "https://",
        "http://[::1",
        "elsewhere.example",
        "page",
        "?q=1",
        "",
    ],
)
def test_an_address_that_no_reader_should_follow_is_dropped_and_named(address: str) -> None:
    text = f"[words]({address})"
    html = markdown.render(text)
    assert Tags(html).addresses == []
    assert Tags(html).words.strip() == "words"
    (problem,) = markdown.faults(text)
    assert problem.startswith("the link “")


@pytest.mark.parametrize(
    "address",
    ["https://a.uk/b?c=d&e#f", "http://a.uk", "mailto:a@b.uk", "/guidance/", "#aim", "/", "HTTPS://a.uk"],
)
def test_an_address_that_works_is_kept(address: str) -> None:
    assert markdown.faults(f"[words]({address})") == []
    assert Tags(markdown.render(f"[words]({address})")).addresses == [address]


def test_html_is_shown_as_text() -> None:
    assert markdown.render("<script>alert(1)</script> & <b>") == (
        '<p class="govuk-body" dir="auto">&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;</p>\n'
    )


def test_paragraphs_lists_links_and_emphasis() -> None:
    assert markdown.render("One *two* **three**\n\n- [four](/a)\n\n1. five") == (
        '<p class="govuk-body" dir="auto">One <em>two</em> <strong>three</strong></p>\n'
        '<ul class="govuk-list govuk-list--bullet">\n'
        '<li dir="auto"><a href="/a" class="govuk-link">four</a></li>\n</ul>\n'
        '<ol class="govuk-list govuk-list--number">\n<li dir="auto">five</li>\n</ol>\n'
    )


@pytest.mark.parametrize("text", ["# Title", "> quote", "```\ncode\n```", "![a](/a.png)", "---", "|a|b|\n|-|-|\n|c|d|"])
def test_what_is_not_offered_stays_as_written(text: str) -> None:
    words = Tags(markdown.render(text)).words
    assert "".join(words.split()) == "".join(text.split()).replace("[a](/a.png)", "a")


def test_lists_too_deep_to_show_are_named() -> None:
    assert markdown.faults("- " * 8 + "word") == []
    assert "word" in markdown.render("- " * 8 + "word")
    assert markdown.faults("- " * 9 + "word") == ["a list is more than 8 lists deep, which cannot be shown"]


@given(wild)
def test_text_without_problems_loses_no_word(text: str) -> None:
    if not markdown.faults(text):
        letters = [letter for letter in markdown.plain(text) if letter in "ab"]
        shown = [letter for letter in Tags(markdown.render(text)).words if letter in "ab"]
        assert letters == shown


def test_plain_words() -> None:
    assert markdown.plain("One *two*\nthree\n\n- [four](/a) &amp; five\n- <b>") == "One two three four & five <b>"
