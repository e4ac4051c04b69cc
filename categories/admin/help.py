"""The documentation for staff, served by the site: how guidance is edited and published."""

import re
from functools import cache

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

DOCUMENT = "docs/publishing.md"


def page(request: HttpRequest) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": "How to edit and publish", "document": document()}
    return render(request, "admin/categories/help.html", context)


@cache
def document() -> SafeString:
    """The document as HTML, without its title. Headings can be led to; what stands in other files is not linked."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse((settings.BASE_DIR / DOCUMENT).read_text(encoding="utf-8"))
    for token, words in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and words:
            token.attrSet("id", anchor(words.content))
        for part in token.children or ():
            if part.type == "link_open" and not str(part.attrs["href"]).startswith("#"):
                part.attrs = {}
    start = next((place for place, token in enumerate(tokens) if token.type == "heading_close"), -1) + 1
    return SafeString(parser.renderer.render(tokens[start:], parser.options, {}))  # the parser has escaped the text


def anchor(heading: str) -> str:
    """The fragment of a heading, as documents name it.

    >>> anchor("See what will change")
    'see-what-will-change'
    """
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
