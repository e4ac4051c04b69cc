"""The guidance as JSON: the models of the content format, read at a moment, over HTTP. docs/api.md is for its users."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from pydantic import BeforeValidator, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from ...content import diff, filters
from ...content.schema import Category, Content, Line, Model, Slug, Text
from ...content.vocabulary import IN_SCOPE_LATER, AvailabilityStatus, RecordKind, UpdateType
from ...models import Edition
from .. import readings
from ..json_ld import LICENCE
from ..readings import Reading
from ..responses import from_any_site, public
from . import documentation as api_documentation

PAGE = 50  # editions
PROBLEM_TYPE = "application/problem+json"

Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, in hexadecimal digits")]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
AvailabilityOnDay = Annotated[str, Field(json_schema_extra={"enum": [*AvailabilityStatus.values, IN_SCOPE_LATER]})]


class Record(Model):
    """What `record_digest` is the digest of, in canonical JSON: docs/proof.md is the recipe."""

    guidance: UUID
    number: int
    live_at: Moment
    made_at: Moment
    change_note: str
    update_type: UpdateType
    corrects: int | None = Field(description="The number of the edition whose mistake this one corrects")
    content_digest: Digest
    previous_record_digest: Digest | None


class PublishedEdition(Model):
    """One edition: its record, the digest that seals it, and where to read it."""

    record: Record
    record_digest: Digest
    url: Address
    content_url: Address = Field(description="The bytes that `content_digest` is of")
    changes_url: Address


class ListedGuidance(Model):
    """One guidance among all."""

    id: UUID
    slug: Slug
    title: Line
    summary: Text
    edition: PublishedEdition
    url: Address
    page: Address


class GuidanceList(Model):
    """Every guidance, in the order of the titles."""

    on: date
    guidance: list[ListedGuidance]


class PublishedGuidance(Model):
    """One guidance whole. `edition` is the head of its chain on that day; `content` can be loaded by another site."""

    on: date
    edition: PublishedEdition
    content: Content
    page: Address


class CategoryOnDay(Category):
    """A category of the content format, with what can only be said of a day."""

    availability_on: AvailabilityOnDay = Field(description="The availability on the day `on`")
    url: Address
    page: Address


class CategoryList(Model):
    """The categories that match, in the order of the page. Withdrawn ones have an address but are in no list."""

    on: date
    edition: int
    count: int
    categories: list[CategoryOnDay]


class PublishedCategory(Model):
    """One category on a day."""

    on: date
    edition: int
    category: CategoryOnDay


class EditionList(Model):
    """Editions, newest first, a page at a time. `count` is how many there are, `head` the newest one's digest."""

    on: date
    count: int
    head: Digest
    editions: list[PublishedEdition]
    next: Address | None


class ChangeList(Model):
    """What changed from one edition to another. Against no edition (`from` is null) every record is added."""

    from_edition: int | None = Field(alias="from")
    to: int
    changes: list[diff.Change]


class Index(Model):
    """Where to begin."""

    guidance: Address
    openapi: Address
    documentation: Address


class ParameterFault(Model):
    """One parameter that cannot be taken as it was given."""

    parameter: str
    detail: str


class Problem(Model):
    """A fault, as RFC 9457 has it."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[ParameterFault] = []


class Fault(Exception):
    """Stops a request with a problem: what was wrong, and what would be right."""

    def __init__(self, status: int, detail: str, errors: Iterable[ParameterFault] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)


class Moved(Exception):
    """What was asked for has another address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}


TITLES = {404: "Not found", 405: "Method not allowed", 422: "A parameter cannot be taken as it was given"}
MOVED = {301: {"description": "A former slug: Location has the address with the present one"}}
FAULTS = {404: Problem, 422: Problem}
RESOURCE = {"by_alias": True, "openapi_extra": {"responses": MOVED}}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Describe faults as problem JSON: Ninja knows one media type for all answers."""
        schema = super().get_openapi_schema(**options)
        operations = (operation for path in schema["paths"].values() for operation in path.values())
        answers = (answer for operation in operations for answer in operation["responses"].items())
        for status, answer in answers:
            if status in FAULTS:
                answer["content"] = {PROBLEM_TYPE: answer["content"].popitem()[1]}
        return schema


api = Api(
    title=settings.SITE_NAME,
    version="1",
    description="What the guidance says, every edition of it, and what each one changed. Everything is public: no key.",
    openapi_extra={"info": {"license": {"name": "Open Government Licence v3.0", "url": LICENCE}}},
    urls_namespace="api",
    docs_url=None,
    renderer=Renderer(),
)

OnDay = Annotated[str | None, WithJsonSchema({"type": "string", "format": "date"})]


def _digits(written: object) -> object:
    """Take a number in plain digits alone, and an empty value for none. Python would take “1_0” and “1.0” too."""
    if not isinstance(written, str):
        return written
    if (text := written.strip()) and not (text.isascii() and text.isdecimal()):
        raise PydanticCustomError("digits", "Enter a whole number in digits")
    return text or None


EditionNumber = Annotated[int | None, BeforeValidator(_digits), WithJsonSchema({"type": "integer", "minimum": 1})]
ON = Query(None, description="As it stood at the end of this day in London. Without it: now.")
BEFORE = Query(None, ge=1, description="Only editions with lower numbers than this.")
FROM = Query(None, alias="from", ge=1, description="The edition to compare with. Without it: the one before.")
FilterParameters: Any = create_model(
    "FilterParameters",
    **{
        name: (list[str], Field([], description=f"{legend}. Repeat it to ask for any of several values."))
        for name, legend in filters.LEGENDS.items()
    },
    **{filters.WORDS: (str, Field("", description="Words that must all occur."))},
)


@api.get("/", response=Index, by_alias=True, summary="Where to begin")
def index(request: HttpRequest) -> Index:
    return Index(
        guidance=_absolute(request, "guidance-list"),
        openapi=_absolute(request, "openapi-json"),
        documentation=_absolute(request, "documentation"),
    )


@api.get(
    "/guidance/",
    response={200: GuidanceList, 422: Problem},
    by_alias=True,
    summary="Every guidance",
    url_name="guidance-list",
)
def guidance_list(request: HttpRequest, on: OnDay = ON) -> GuidanceList:
    at = timezone.now()
    day = _day(on, at)
    then = readings.end_of(day, at) if day else at
    return GuidanceList(
        on=day or timezone.localdate(at),
        guidance=[_listed(request, reading, _dated(day)) for reading in readings.all_current(then)],
    )


@api.get(
    "/guidance/{slug:guidance}/",
    response={200: PublishedGuidance, **FAULTS},
    summary="One guidance",
    url_name="guidance",
    **RESOURCE,
)
def one_guidance(request: HttpRequest, guidance: str, on: OnDay = ON) -> PublishedGuidance:
    reading = _reading(request, guidance, on)
    return PublishedGuidance(
        on=reading.day,
        edition=_edition(request, reading, reading.edition),
        content=reading.content,
        page=request.build_absolute_uri(reading.base),
    )


@api.get(
    "/guidance/{slug:guidance}/categories/",
    response={200: CategoryList, **FAULTS},
    summary="The categories that match",
    url_name="categories",
    **RESOURCE,
)
def category_list(request: HttpRequest, guidance: str, asked: Query[FilterParameters], on: OnDay = ON) -> CategoryList:
    reading = _reading(request, guidance, on, is_filtered=True)
    query, problems = filters.parse(request.GET, reading.content)
    if problems:
        faults = [ParameterFault(parameter=problem.parameter, detail=problem.message) for problem in problems]
        raise Fault(422, " ".join(problem.message for problem in problems), faults)
    found = filters.matching(reading.content, query, reading.day)
    return CategoryList(
        on=reading.day,
        edition=reading.edition.number,
        count=len(found),
        categories=[_category(request, reading, category) for category in found],
    )


@api.get(
    "/guidance/{slug:guidance}/categories/{slug:category}/",
    response={200: PublishedCategory, **FAULTS},
    summary="One category",
    url_name="category",
    **RESOURCE,
)
def one_category(request: HttpRequest, guidance: str, category: str, on: OnDay = ON) -> PublishedCategory:
    reading = _reading(request, guidance, on, category=category)
    found = reading.content.category_by_slug[category]
    return PublishedCategory(
        on=reading.day, edition=reading.edition.number, category=_category(request, reading, found)
    )


@api.get(
    "/guidance/{slug:guidance}/editions/",
    response={200: EditionList, **FAULTS},
    summary="Editions, newest first",
    url_name="editions",
    **RESOURCE,
)
def edition_list(
    request: HttpRequest,
    guidance: str,
    before: EditionNumber = BEFORE,
    on: OnDay = ON,
) -> EditionList:
    reading = _reading(request, guidance, on)
    editions = _editions(reading)
    if before is not None:
        editions = editions.filter(number__lt=before)
    found = list(editions.order_by("-number").defer("content_text", "corrects__content_text")[:PAGE])
    more = found and found[-1].number > 1
    following = _dated(reading.on) | {"before": found[-1].number} if more else None
    return EditionList(
        on=reading.day,
        count=reading.edition.number,
        head=reading.edition.record_digest,
        editions=[_edition(request, reading, edition) for edition in found],
        next=_absolute(request, "editions", reading.content.slug, query=following) if following else None,
    )


@api.get(
    "/guidance/{slug:guidance}/editions/{int:number}/",
    response={200: PublishedEdition, **FAULTS},
    summary="One edition",
    url_name="edition",
    **RESOURCE,
)
def one_edition(request: HttpRequest, guidance: str, number: int, on: OnDay = ON) -> PublishedEdition:
    reading = _reading(request, guidance, on)
    return _edition(request, reading, _numbered(reading, number))


@api.get(
    "/guidance/{slug:guidance}/editions/{int:number}/content.json",
    response={200: Content, **FAULTS},
    summary="The content of one edition, byte for byte",
    url_name="content",
    **RESOURCE,
)
def edition_content(request: HttpRequest, guidance: str, number: int, on: OnDay = ON) -> HttpResponse:
    edition = _numbered(_reading(request, guidance, on), number)
    return HttpResponse(edition.content_text.encode(), content_type=api.get_content_type())


@api.get(
    "/guidance/{slug:guidance}/editions/{int:number}/changes/",
    response={200: ChangeList, **FAULTS},
    summary="What one edition changed",
    url_name="changes",
    **RESOURCE,
)
def change_list(
    request: HttpRequest,
    guidance: str,
    number: int,
    from_edition: EditionNumber = FROM,
    on: OnDay = ON,
) -> ChangeList:
    reading = _reading(request, guidance, on)
    numbers = range(1, reading.edition.number + 1)
    if number not in numbers:
        _no_edition(reading, number)
    if from_edition is not None and from_edition not in numbers:
        detail = f"There is no edition {from_edition} to compare with. {_newest(reading)}"
        raise Fault(422, detail, [ParameterFault(parameter="from", detail=detail)])
    earlier = number - 1 if from_edition is None else from_edition
    found = {edition.number: edition for edition in _editions(reading).filter(number__in=[number, earlier])}
    before = found.get(earlier)
    return ChangeList(
        from_edition=before.number if before else None,
        to=number,
        changes=diff.changes(before.content if before else None, found[number].content),
    )


def _reading(
    request: HttpRequest, guidance: str, on: str | None, category: str | None = None, is_filtered: bool = False
) -> Reading:
    """Return the reading that a request asks for. Raises Fault, or Moved where it has another address."""
    at = timezone.now()
    day = _day(on, at)
    reading = readings.dated(guidance, day, at) if day else readings.current(guidance, at)
    if reading is None:
        raise Fault(404, _nothing_then(guidance, day, at))
    match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
    present = {"guidance": reading.content.slug}
    if category is not None:
        present["category"] = _present(reading, category, at)
    address = reverse(match.view_name, kwargs=match.kwargs | present)
    renamed = readings.with_present_tests(reading, request.GET) if is_filtered else None
    if renamed or request.path != address:
        query = renamed or query
        raise Moved(f"{address}?{query}" if query else address)
    return reading


def _present(reading: Reading, slug: str, at: datetime) -> str:
    """Return the slug that a category has in a reading, by that slug or a former one."""
    if slug in reading.content.category_by_slug:
        return slug
    record = readings.record_at_slug(reading, RecordKind.CATEGORY, slug, at)
    entry = reading.content.entries.get(record) if record else None
    if entry is None:
        then = f" in the guidance as it stood on {date_format(reading.on)}" if reading.on else ""
        address = reverse("api:categories", args=[reading.content.slug])
        raise Fault(404, f"There is no category “{slug}”{then}. {address} lists all there is.")
    return entry.slug


def _day(written: str | None, at: datetime) -> date | None:
    """Return the day that `on` names, or None without one."""
    if not written:
        return None
    today = timezone.localdate(at)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written:
        detail = f"“{written[:100]}” is not a day in the calendar. Use YYYY-MM-DD, such as {today}."
    elif day > today:
        detail = f"{date_format(day)} has not come yet. Use {today} at the latest."
    else:
        return day
    raise Fault(422, detail, [ParameterFault(parameter="on", detail=detail)])


def _nothing_then(slug: str, day: date | None, at: datetime) -> str:
    first = readings.first_day(slug, at) if day else None
    if day is None or first is None:
        return f"There is no guidance “{slug}”. {reverse('api:guidance-list')} lists all there is."
    return f"This guidance was not published yet on {date_format(day)}. Its first day is {first}."


def _editions(reading: Reading) -> Any:
    """The editions that are live in a reading."""
    return Edition.objects.filter(guidance_id=reading.content.id).live(reading.at).select_related("corrects")


def _numbered(reading: Reading, number: int) -> Edition:
    if number == reading.edition.number:
        return reading.edition
    return _editions(reading).filter(number=number).first() or _no_edition(reading, number)


def _no_edition(reading: Reading, number: int) -> NoReturn:
    raise Fault(404, f"There is no edition {number}. {_newest(reading)}")


def _newest(reading: Reading) -> str:
    then = f" on {date_format(reading.on)}" if reading.on else ""
    return f"The newest{then} is {reading.edition.number}."


def _listed(request: HttpRequest, reading: Reading, query: dict[str, Any]) -> ListedGuidance:
    content = reading.content
    return ListedGuidance(
        id=content.id,
        slug=content.slug,
        title=content.title,
        summary=content.summary,
        edition=_edition(request, reading, reading.edition),
        url=_absolute(request, "guidance", content.slug, query=query),
        page=request.build_absolute_uri(reading.base),
    )


def _edition(request: HttpRequest, reading: Reading, edition: Edition) -> PublishedEdition:
    def url(name: str) -> str:
        return _absolute(request, name, reading.content.slug, edition.number, query=_dated(reading.on))

    return PublishedEdition(
        record=Record.model_validate(edition.record()),
        record_digest=edition.record_digest,
        url=url("edition"),
        content_url=url("content"),
        changes_url=url("changes"),
    )


def _category(request: HttpRequest, reading: Reading, category: Category) -> CategoryOnDay:
    return CategoryOnDay(
        **dict(category),
        availability_on=category.availability.on(reading.day),
        url=_absolute(request, "category", reading.content.slug, category.slug, query=_dated(reading.on)),
        page=request.build_absolute_uri(reading.url("category", category.slug)),
    )


def _dated(day: date | None) -> dict[str, Any]:
    """The query that keeps a day."""
    return {"on": day.isoformat()} if day else {}


def _absolute(request: HttpRequest, name: str, *args: Any, query: dict[str, Any] | None = None) -> str:
    return request.build_absolute_uri(reverse(f"api:{name}", args=args, query=query))


def problem(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Answer with an RFC 9457 problem."""
    body = Problem(title=TITLES[fault.status], status=fault.status, detail=fault.detail, errors=fault.errors)
    options = {"ensure_ascii": False}
    return JsonResponse(body.model_dump(), status=fault.status, content_type=PROBLEM_TYPE, json_dumps_params=options)


@api.exception_handler(ValidationError)
def _wrong_type(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [ParameterFault(parameter=str(detail["loc"][-1]), detail=detail["msg"]) for detail in error.errors]
    return problem(request, Fault(422, " ".join(f"{one.parameter}: {one.detail}." for one in faults), faults))


@api.exception_handler(Moved)
def _led_on(request: HttpRequest, moved: Moved) -> HttpResponse:
    return HttpResponsePermanentRedirect(moved.address)


api.add_exception_handler(Fault, problem)


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
    return problem(request, Fault(404, f"Nothing is at this address. {reverse('api:index')} says where to begin."))


def open_data(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the pages of any site read what a view answers, and answer every method that would write with a problem."""
    readable = public(view)

    @from_any_site
    @wraps(view, updated=())
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return readable(request, *args, **options)
        return problem(request, Fault(405, f"{request.method} is not allowed here: the API can only be read."))

    return wrapper


def _opened(patterns: Iterable[URLPattern]) -> list[URLPattern]:
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
