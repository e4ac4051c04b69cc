"""The public pages of guidance: thin views of a reading."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from ..content import filters, glance
from . import announced, record
from .guidance_views import of_approval_test, of_category, of_filtered_guidance, of_guidance, page
from .readings import Reading


@of_filtered_guidance
def guidance(request: HttpRequest, reading: Reading) -> HttpResponse:
    return page(
        request,
        "categories/guidance.html",
        reading,
        title=reading.content.title,
        updated=record.last_updated(reading),
        announced=announced.to_come(reading),
        **_found(request, reading),
    )


def _found(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    """Return what a query finds, with the way to everything else that it could ask for."""
    content, day = reading.content, reading.day
    query, problems = filters.parse(request.GET, content)
    return {
        "query": query,
        "asked": query.query_string(),
        "order": "",
        "problems": problems,
        "found": filters.matching(content, query, day),
        "facets": filters.facets(content, query, day),
        "selected": filters.selected(content, query),
        "explanation": filters.explanation(content, query, day),
    }


@of_filtered_guidance
def table(request: HttpRequest, reading: Reading) -> HttpResponse:
    content, day = reading.content, reading.day
    context = _found(request, reading)
    order, problems = glance.parse(request.GET)
    if str(order):
        context["asked"] = "&".join(filter(None, [context["asked"], urlencode({glance.ORDER: str(order)})]))
    return page(
        request,
        "categories/table.html",
        reading,
        title="All categories at a glance",
        description="Every category in one table: level, learners, relationship, T Levels, tests and availability.",
        **context | {"problems": context["problems"] + problems, "order": str(order)},
        headings=glance.headings(order),
        ordered=glance.ordered(content, context["found"], order, day),
        picture=glance.picture(content, context["found"]),
        timeline=glance.timeline(content, context["found"], day),
    )


@of_guidance
def in_full(request: HttpRequest, reading: Reading) -> HttpResponse:
    content = reading.content
    withdrawn = [category for category in content.categories if category.withdrawn is not None]
    return page(
        request,
        "categories/in_full.html",
        reading,
        title=content.title,
        description=f"The whole of “{content.title}” as one document, to read or print.",
        updated=record.last_updated(reading),
        categories=[*content.current_categories, *withdrawn],
        definitions=[one for one in content.relationships if one.definition],
        announced=announced.to_come(reading),
    )


@of_category
def category(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    shown = reading.content.category_by_slug[slug]
    listed = reading.content.current_categories
    place = listed.index(shown) if shown.withdrawn is None else None
    return page(
        request,
        "categories/category.html",
        reading,
        title=shown.title,
        description=shown.aim,
        category=shown,
        record=record.track(reading, shown.id),
        announced=announced.to_come(reading, shown.id),
        previous=listed[place - 1] if place else None,
        next=listed[place + 1] if place is not None and place + 1 < len(listed) else None,
    )


@of_guidance
def approval_tests(request: HttpRequest, reading: Reading) -> HttpResponse:
    return page(
        request,
        "categories/approval_tests.html",
        reading,
        title="Approval tests and powers",
        description="Every test and power that technical qualifications face, and what each one means.",
    )


@of_approval_test
def approval_test(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    shown = reading.content.approval_test_by_slug[slug]
    return page(
        request,
        "categories/approval_test.html",
        reading,
        title=shown.name,
        description=shown.description,
        test=shown,
        record=record.track(reading, shown.id),
        announced=announced.to_come(reading, shown.id),
    )
