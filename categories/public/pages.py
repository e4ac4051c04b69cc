"""The public pages of guidance: thin views of a reading."""

from django.http import HttpRequest, HttpResponse

from ..content import filters
from . import record
from .guidance_views import of_approval_test, of_category, of_filtered_guidance, of_guidance, page
from .readings import Reading


@of_filtered_guidance
def guidance(request: HttpRequest, reading: Reading) -> HttpResponse:
    content, day = reading.content, reading.day
    query, problems = filters.parse(request.GET, content)
    found = filters.matching(content, query, day)
    return page(
        request,
        "categories/guidance.html",
        reading,
        asked=query.query_string(),
        title=content.title,
        updated=record.last_updated(reading),
        query=query,
        problems=problems,
        found=found,
        facets=filters.facets(content, query, day),
        selected=filters.selected(content, query),
        explanation=filters.explanation(content, query, day),
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
    )
