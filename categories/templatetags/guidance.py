"""Tags and filters of the templates: words and addresses of a reading."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..content import compare, filters, glance
from ..content import markdown as markdown_text
from ..content.fields import LABELS, OF_CATEGORY
from ..content.schema import ApprovalTest, Category, ExamplesList, Relationship, Step
from ..content.vocabulary import NOT_STATED_WORDS
from ..public.feedback import page_of
from ..public.readings import Published, Reading

register = template.Library()

# The pages that every page of guidance leads to
NAVIGATION = [
    ("guidance", "Categories"),
    ("table", "At a glance"),
    ("in-full", "In full"),
    ("find", "Find your category"),
    ("compare", "Compare"),
    ("check", "Check a list"),
    ("approval-tests", "Approval tests and powers"),
    ("updates", "Updates"),
]
TOGETHER = re.compile(r"[^\s<>]{1,20} -(?= )|\b\d+ to \d+\b")  # a hyphen with the word before it; “16 to 19”


@register.simple_tag
def site_name() -> str:
    return settings.SITE_NAME


@register.simple_tag
def contact_email() -> str:
    return settings.CONTACT_EMAIL


@register.inclusion_tag("categories/_feedback.html", takes_context=True)
def feedback(context: template.Context) -> dict[str, Any]:
    """What asks whether a page is useful. Not on a preview, nor where an address tells who reads it."""
    request, reading = context.get("request"), context.get("reading")
    if request is None or (reading and not isinstance(reading, Published)):
        return {"page": ""}
    return {"page": page_of(request.path), "edition": reading.edition.number if reading else None}


@register.simple_tag
def not_stated() -> str:
    return NOT_STATED_WORDS


@register.simple_tag
def page_url(reading: Reading, name: str, *args: Any) -> str:
    """The address of a page of the guidance, in the same reading."""
    return reading.url(name, *args)


@register.simple_tag
def compare_url(reading: Reading, categories: Sequence[Category]) -> str:
    """The address of the page that compares categories."""
    return f"{reading.url('compare')}?{compare.query_string(categories)}"


@register.simple_tag
def can_compare(categories: Sequence[Category]) -> bool:
    return compare.FEWEST <= len(categories) <= compare.MOST


@register.inclusion_tag("govuk/navigation.html", takes_context=True)
def guidance_navigation(context: template.Context) -> dict[str, Any]:
    """The pages that every page leads to, with the one shown, or the one that the page shown is under, as current."""
    reading, path = context["reading"], context["request"].path
    first = path.removeprefix(reading.base).partition("/")[0]
    above = reading.url("guidance") if first == "categories" else f"{reading.base}{first}/"
    items = [{"url": reading.url(name), "words": words} for name, words in NAVIGATION]
    return {"items": [item | {"current": _current(item["url"], path, above)} for item in items]}


def _current(url: str, path: str, above: str) -> str:
    """Return the value of aria-current for a link."""
    if url == path:
        return "page"
    return "true" if url == above else ""


@register.filter
def markdown(text: str) -> SafeString:
    return markdown_text.render(text)


@register.filter
def plain(text: str) -> str:
    return markdown_text.plain(text)


@register.filter
def levels(category: Category, reading: Reading) -> str:
    return reading.content.levels_words(category)


@register.filter
def cohorts(category: Category, reading: Reading) -> str:
    return reading.content.cohorts_words(category)


@register.filter
def availability(category: Category, reading: Reading) -> str:
    return reading.content.availability_words(category, reading.day)


@dataclass(frozen=True, slots=True)
class Shown:
    """A state of availability as a tag shows it, and what comes next, in words; both are empty where none is stated."""

    colour: str
    state: str = ""
    following: str = ""


@register.filter
def shown_availability(category: Category, reading: Reading) -> Shown:
    content, now = reading.content, category.step_on(reading.day)
    colour = "yellow"  # its month is still to come
    if now:  # whether it is good or bad news, the content does not say
        colour = "blue" if content.availability_by_slug[now.state].dated else "grey"
    return Shown(colour, *content.availability_sentences(category, reading.day))


@register.simple_tag
def step_words(reading: Reading, step: Step) -> str:
    """One step of an availability: 'In scope from November 2023'."""
    return reading.content.step_words(step)


@register.filter
def relationship(category: Category, reading: Reading) -> Relationship:
    return reading.content.relationship_by_slug[category.relationship]


@register.filter
def heading_anchor(category: Category, reading: Reading) -> str:
    """The fragment by which a published document leads to a category; empty where that is its slug or another's."""
    return reading.content.headings.get(category.slug, "")


@register.filter
def t_level(category: Category, reading: Reading) -> str:
    """What the guidance says of T Levels for a category; empty where it says nothing."""
    return reading.content.t_level_by_slug[category.t_level].name if category.t_level else ""


@register.filter
def tests(category: Category, reading: Reading) -> tuple[ApprovalTest, ...]:
    """The tests and powers that a category faces."""
    return reading.content.tests_of(category)


@register.filter
def examples(category: Category, reading: Reading) -> ExamplesList | None:
    return reading.content.examples_list_by_slug.get(category.examples_list or "")


@register.filter
def facing(test: ApprovalTest, reading: Reading) -> tuple[Category, ...]:
    """The categories that face a test or power."""
    return reading.content.categories_facing(test)


@register.filter
def together(text: str) -> SafeString:
    """Keep on one line what should not be torn: a hyphen and the word before it, “16 to 19”. The text stays exact."""
    return mark_safe(TOGETHER.sub(r'<span class="app-together">\g<0></span>', conditional_escape(text)))  # noqa: S308 - escaped


@register.filter
def with_links(sentence: str, reading: Reading) -> SafeString:
    """Make a link of every title of a category that a sentence names in quotation marks. Its words stay exact."""
    escaped = str(conditional_escape(sentence))
    for category in reading.content.current_categories:
        address = reading.url("category", category.slug)
        link = format_html('“<a class="govuk-link" href="{}">{}</a>”', address, category.title)
        escaped = escaped.replace(f"“{conditional_escape(category.title)}”", link)
    return mark_safe(escaped)  # noqa: S308 - escaped, and links made of what is escaped


@register.simple_tag(takes_context=True)
def whole_url(context: template.Context) -> str:
    """The full address of the page being shown, without its query."""
    request: HttpRequest = context["request"]
    return request.build_absolute_uri(request.path)


@register.simple_tag(takes_context=True)
def filtered_url(context: template.Context) -> str:
    """The full address of the page being shown, with what its query asks for."""
    asked = context.get("asked", "")
    return f"{whole_url(context)}?{asked}" if asked else whole_url(context)


@register.filter
def counted(number: int, noun: str) -> str:
    """'1 category', '7 categories': the noun is given as 'category,categories'."""
    one, many = noun.split(",")
    return f"{number} {one if number == 1 else many}"


@register.simple_tag
def more_to_show(reading: Reading, category: Category, query: filters.Query) -> list[tuple[str, str]]:
    """What a list has to show of a category besides what it always does, for the words searched for: label and text."""
    found = []
    for name in filters.more_to_show(reading.content, category, query, reading.day):
        text = OF_CATEGORY[name].sentence(reading.content, category, reading.day)
        found.append((LABELS[name], markdown_text.render(text) if OF_CATEGORY[name].markdown else text))
    return found


@register.filter
def asked(query_string: str, order: str = "") -> str:
    """The query of an address, an order with it, with its question mark; nothing where nothing is asked for."""
    whole = "&".join(filter(None, [query_string, order and urlencode({glance.ORDER: order})]))
    return f"?{whole}" if whole else ""


@register.simple_tag
def highlighted(text: str, query: filters.Query | str) -> SafeString:
    """Mark the words that were searched for, in plain text or in HTML that is marked safe.

    Where nothing can be searched for, `query` is what Django makes of a name that a template does not have.
    """
    escaped = conditional_escape(text)
    if not isinstance(query, filters.Query) or not query.q:
        return escaped
    pieces = re.split(r"(<[^>]*>)", escaped)
    pieces[::2] = [_marked(html.unescape(piece), query) for piece in pieces[::2]]
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is a tag of the escaped text or is escaped anew


def _marked(text: str, query: filters.Query) -> SafeString:
    runs = filters.highlight(text, query)
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", run) if asked else run,) for run, asked in runs))
