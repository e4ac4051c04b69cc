"""What search engines read of a page, in the words of schema.org (JSON-LD). Pure.

The guidance is a web page about a set of defined terms; each category is a page about one of those terms.
"""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from ..content import markdown
from ..content.schema import Category
from .readings import Published, Reading
from .record import Track

LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
Whole = Callable[[str], str]  # makes an address within the site a full one


def of_guidance(reading: Published, whole: Whole, updated: date | None) -> dict[str, Any]:
    """Return what the page of the guidance says; `updated` is the day that it shows as the one of its last update."""
    content = reading.content
    page = _page(reading, whole(reading.base), content.title, content.summary)
    page |= _days(content.first_published_on, updated)
    terms = [_term(reading, category, whole) for category in content.current_categories]
    page["mainEntity"] = {**_term_set(reading, whole), "hasDefinedTerm": terms}
    page["encoding"] = [
        _encoding("text/csv", whole(reading.url("categories-csv"))),
        _encoding("application/atom+xml", whole(reading.url("updates-atom"))),
    ]
    return page


def of_category(reading: Published, category: Category, whole: Whole, track: Track) -> dict[str, Any]:
    """Return what the page of a category says; `track` tells since when there is one, and when it last changed."""
    address = whole(reading.url("category", category.slug))
    page = _page(reading, address, category.title, markdown.plain(category.aim))
    page |= _days(track.added, track.updated)
    page["isPartOf"] = {"@type": "WebPage", "@id": whole(reading.base), "name": reading.content.title}
    page["mainEntity"] = {**_term(reading, category, whole), "inDefinedTermSet": _term_set(reading, whole)}
    page["breadcrumb"] = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": reading.content.title, "item": whole(reading.base)},
            {"@type": "ListItem", "position": 2, "name": category.title, "item": address},
        ],
    }
    return page


def _page(reading: Published, address: str, name: str, description: str) -> dict[str, Any]:
    content = reading.content
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": name,
        "description": description,
        "inLanguage": "en-GB",
        "publisher": {"@type": "Organization", "name": content.publisher},
        "license": LICENCE,
        "isAccessibleForFree": True,
    }
    if content.applies_to:
        page["spatialCoverage"] = [{"@type": "Place", "name": nation} for nation in content.applies_to]
    return page | {"version": reading.edition.number}


def _days(published: date | None, modified: date | None) -> dict[str, str]:
    days = {"datePublished": published, "dateModified": modified}
    return {name: day.isoformat() for name, day in days.items() if day}


def _term_set(reading: Reading, whole: Whole) -> dict[str, Any]:
    return {"@type": "DefinedTermSet", "@id": reading.content.id.urn, "name": reading.content.title}


def _term(reading: Reading, category: Category, whole: Whole) -> dict[str, Any]:
    term = {
        "@type": "DefinedTerm",
        "@id": category.id.urn,
        "name": category.title,
        "termCode": category.slug,
        "description": markdown.plain(category.aim),
        "url": whole(reading.url("category", category.slug)),
    }
    return term | {"alternateName": list(category.synonyms)} if category.synonyms else term


def _encoding(media_type: str, address: str) -> dict[str, Any]:
    return {"@type": "MediaObject", "encodingFormat": media_type, "contentUrl": address}


def script(data: dict[str, Any]) -> SafeString:
    """Return data as a script element that no text in it can end or alter.

    A browser runs nothing in it, since its type is no script's: the content security policy has nothing to allow.
    """
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - cannot hold < > or &
