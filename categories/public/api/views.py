"""The guidance as JSON: the models of the content format, read at a moment, over HTTP. docs/api.md is for its users."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from ninja import Query

from ...content import diff, filters
from ...content.moments import written
from ...content.schema import Category
from ...content.vocabulary import RecordKind
from ...models.edition import Edition
from ...models.signed_head import signed_head
from .. import record, resolver
from ..readings import Published, end_of
from ..responses import View, from_any_site, led_on, match_of, moment, public
from . import documentation as api_documentation
from . import schemas
from .api import api, resource
from .problems import Moved, RequestProblem, answer

PAGE = 50  # editions


@api.get("/", response=schemas.Index, by_alias=True, summary="Where to begin")
def index(request: HttpRequest) -> schemas.Index:
    return schemas.Index(
        guidance=_absolute(request, "guidance-list"),
        openapi=_absolute(request, "openapi-json"),
        documentation=_absolute(request, "documentation"),
    )


@api.get(
    "/guidance/",
    response={200: schemas.GuidanceList, 422: schemas.Problem},
    by_alias=True,
    summary="Every guidance",
    url_name="guidance-list",
)
def guidance_list(request: HttpRequest, when: Query[schemas.When]) -> schemas.GuidanceList:
    now = moment(request)
    _refuse_two_times(when)
    day, exact = resolver.day(when.on, now), resolver.moment(when.at, now) if when.at else None
    then = exact or (end_of(day, now) if day else now)
    query = {"on": str(day)} if day else {"at": written(exact)} if exact else None
    return schemas.GuidanceList(
        on=timezone.localdate(then),
        guidance=[_listed(request, reading, query) for reading in resolver.all_current(then)],
    )


@resource("", "guidance", schemas.PublishedGuidance, "One guidance")
def one_guidance(request: HttpRequest, guidance: str, when: Query[schemas.When]) -> schemas.PublishedGuidance:
    reading = _reading(request, guidance, when)
    return schemas.PublishedGuidance(
        on=reading.day,
        edition=_edition(request, reading, reading.edition),
        content=reading.content,
        page=request.build_absolute_uri(reading.base),
    )


@resource("categories/", "categories", schemas.CategoryList, "The categories that match")
def category_list(
    request: HttpRequest, guidance: str, asked: Query[schemas.FilterParameters], when: Query[schemas.When]
) -> schemas.CategoryList:
    reading = _reading(request, guidance, when, is_filtered=True)
    query, problems = filters.parse(request.GET, reading.content)
    if problems:
        words = " ".join(problem.message for problem in problems)
        raise RequestProblem(422, words, [(problem.parameter, problem.message) for problem in problems])
    found = filters.matching(reading.content, query, reading.day)
    return schemas.CategoryList(
        on=reading.day,
        edition=reading.edition.number,
        count=len(found),
        categories=[_category(request, reading, category) for category in found],
    )


@resource("categories/{slug:category}/", "category", schemas.PublishedCategory, "One category")
def one_category(
    request: HttpRequest, guidance: str, category: str, when: Query[schemas.When]
) -> schemas.PublishedCategory:
    reading = _reading(request, guidance, when, category=category)
    found = reading.content.category_by_slug[category]
    return schemas.PublishedCategory(
        on=reading.day, edition=reading.edition.number, category=_category(request, reading, found)
    )


@resource("editions/", "editions", schemas.EditionList, "Editions, newest first")
def edition_list(
    request: HttpRequest,
    guidance: str,
    when: Query[schemas.When],
    before: schemas.EditionNumber = schemas.BEFORE,
) -> schemas.EditionList:
    reading = _reading(request, guidance, when)
    editions = record.editions(reading)
    if before is not None:
        editions = editions.filter(number__lt=before)
    found = list(editions.order_by("-number")[:PAGE])
    more = found and found[-1].number > 1
    following = reading.api_query | {"before": str(found[-1].number)} if more else None
    return schemas.EditionList(
        on=reading.day,
        count=reading.edition.number,
        head=reading.edition.record_digest,
        head_note=signed_head(reading.edition),
        head_url=request.build_absolute_uri(reading.url("head")),
        editions=[_edition(request, reading, edition) for edition in found],
        next=_absolute(request, "editions", reading.content.slug, query=following) if following else None,
    )


@resource("editions/{int:number}/", "edition", schemas.PublishedEdition, "One edition")
def one_edition(
    request: HttpRequest, guidance: str, number: int, when: Query[schemas.When]
) -> schemas.PublishedEdition:
    reading = _reading(request, guidance, when)
    return _edition(request, reading, _numbered(reading, number))


@resource(
    "editions/{int:number}/content.json", "content", schemas.StoredContent, "The content of one edition, byte for byte"
)
def edition_content(request: HttpRequest, guidance: str, number: int, when: Query[schemas.When]) -> HttpResponse:
    edition = _numbered(_reading(request, guidance, when), number)
    return HttpResponse(edition.content_text.encode(), content_type=api.get_content_type())


@resource("editions/{int:number}/changes/", "changes", schemas.ChangeList, "What one edition changed")
def change_list(
    request: HttpRequest,
    guidance: str,
    number: int,
    when: Query[schemas.When],
    from_edition: schemas.EditionNumber = schemas.FROM,
) -> schemas.ChangeList:
    reading = _reading(request, guidance, when)
    numbers = range(1, reading.edition.number + 1)
    if number not in numbers:
        raise _no_edition(reading, number)
    if from_edition is not None and from_edition not in numbers:
        raise RequestProblem(422, f"There is no edition {from_edition} to compare with. {_newest(reading)}", "from")
    earlier = number - 1 if from_edition is None else from_edition
    found = {edition.number: edition for edition in record.whole(reading).filter(number__in=[number, earlier])}
    before = found.get(earlier)
    return schemas.ChangeList(
        from_edition=before.number if before else None,
        to=number,
        changes=diff.changes(before.content if before else None, found[number].content),
    )


def _reading(
    request: HttpRequest, guidance: str, when: schemas.When, category: str | None = None, is_filtered: bool = False
) -> Published:
    """Return the reading that a request asks for. Raises Missing, or Moved where it has another address."""
    _refuse_two_times(when)
    reading = resolver.reading(guidance, when.on, moment(request), when.at)
    present = {"guidance": reading.content.slug}
    if category is not None:
        present["category"] = resolver.present_slug(reading, RecordKind.CATEGORY, category)
    match = match_of(request)
    address = reverse(match.view_name, kwargs=match.kwargs | present)
    query = resolver.present_query(reading, request.GET, filters.NAMING) if is_filtered else None
    if elsewhere := led_on(request, address, query):
        raise Moved(elsewhere)
    return reading


def _refuse_two_times(when: schemas.When) -> None:
    if when.on and when.at:
        raise RequestProblem(422, "Use “on” or “at”, not both.", "at")


def _numbered(reading: Published, number: int) -> Edition:
    if number == reading.edition.number:
        return reading.edition
    found: Edition | None = record.whole(reading).filter(number=number).first()
    if found is None:
        raise _no_edition(reading, number)
    return found


def _no_edition(reading: Published, number: int) -> RequestProblem:
    return RequestProblem(404, f"There is no edition {number}. {_newest(reading)}")


def _newest(reading: Published) -> str:
    then = f" {reading.then}" if reading.then else ""
    return f"The newest{then} is {reading.edition.number}."


def _listed(request: HttpRequest, reading: Published, query: dict[str, str] | None) -> schemas.ListedGuidance:
    content = reading.content
    return schemas.ListedGuidance(
        id=content.id,
        slug=content.slug,
        title=content.title,
        summary=content.summary,
        edition=_edition(request, reading, reading.edition),
        url=_absolute(request, "guidance", content.slug, query=query),
        page=request.build_absolute_uri(reading.base),
    )


def _edition(request: HttpRequest, reading: Published, edition: Edition) -> schemas.PublishedEdition:
    def url(name: str) -> str:
        return request.build_absolute_uri(reading.api_url(name, edition.number))

    return schemas.PublishedEdition(
        record=schemas.Record.model_validate(edition.record()),
        record_digest=edition.record_digest,
        url=url("edition"),
        content_url=url("content"),
        changes_url=url("changes"),
    )


def _category(request: HttpRequest, reading: Published, category: Category) -> schemas.CategoryOnDay:
    return schemas.CategoryOnDay(
        **dict(category),
        value_on=category.availability_on(reading.day),
        availability_next=category.next_step(reading.day),
        url=request.build_absolute_uri(reading.api_url("category", category.slug)),
        page=request.build_absolute_uri(reading.url("category", category.slug)),
    )


def _absolute(request: HttpRequest, name: str, *args: Any, query: dict[str, str] | None = None) -> str:
    return request.build_absolute_uri(reverse(f"api:{name}", args=args, query=query))


def documentation(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description as a page for people."""
    description = api.get_openapi_schema()
    context = {
        "title": "API",
        "description": description["info"]["description"],
        "operations": api_documentation.operations(description),
        "shapes": api_documentation.shapes(description),
    }
    return render(request, "categories/api.html", context)


def nothing_here(request: HttpRequest) -> HttpResponse:
    return answer(
        request, RequestProblem(404, f"Nothing is at this address. {reverse('api:index')} says where to begin.")
    )


def open_data(view: View) -> View:
    """Let the pages of any site read what a view answers, and answer every method that would write with a problem."""
    readable = public(view)

    @from_any_site
    @wraps(view, updated=())
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return readable(request, *args, **options)
        return answer(request, RequestProblem(405, f"{request.method} is not allowed here: the API can only be read."))

    return wrapper


def _opened(patterns: Iterable[Any]) -> list[URLPattern]:
    return [URLPattern(one.pattern, open_data(one.callback), one.default_args, one.name) for one in patterns]


_described, _namespace, _name = api.urls
urls = (
    _opened(
        [
            path("documentation/", documentation, name="documentation"),
            *_described,
            re_path(r"^[\s\S]+/\Z", nothing_here),
        ]
    ),
    _namespace,
    _name,
)
