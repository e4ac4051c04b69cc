"""What is wrong with a request, as the API answers it: problem JSON (RFC 9457)."""

from collections.abc import Sequence

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from ninja.errors import ValidationError

from ..readings import Dated
from ..resolver import DayToCome, Missing, NoGuidance, NoRecord, NoSuchDay, NotPublishedYet
from .schemas import ParameterFault, Problem

MEDIA_TYPE = "application/problem+json"
TITLES = {404: "Not found", 405: "Method not allowed", 422: "A parameter cannot be taken as it was given"}
LONGEST_DAY = 100  # characters of what should be a day


class RequestProblem(Exception):
    """Stops a request: what was wrong, and what would be right; of a parameter, or of several with a detail each."""

    def __init__(self, status: int, detail: str, parameters: str | Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parameters = [(parameters, detail)] if isinstance(parameters, str) else parameters


class Moved(Exception):
    """Stops a request for what has another address, to which the response leads."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def answer(problem: RequestProblem) -> HttpResponse:
    body = Problem(
        title=TITLES[problem.status],
        status=problem.status,
        detail=problem.detail,
        errors=[ParameterFault(parameter=parameter, detail=detail) for parameter, detail in problem.parameters],
    )
    options = {"ensure_ascii": False}
    return JsonResponse(body.model_dump(), status=problem.status, content_type=MEDIA_TYPE, json_dumps_params=options)


def of_missing(missing: Missing) -> RequestProblem:
    """Say what is missing where a request looks for it."""
    match missing:
        case NoGuidance(slug):
            detail = f"There is no guidance “{slug}”. {reverse('api:guidance-list')} lists all there is."
        case NotPublishedYet(day, first=first):
            detail = f"This guidance was not published yet on {date_format(day)}. Its first day is {first}."
        case NoRecord(reading, slug=slug):
            then = f" in the guidance as it stood on {date_format(reading.on)}" if isinstance(reading, Dated) else ""
            address = reverse("api:categories", args=[reading.content.slug])
            detail = f"There is no category “{slug}”{then}. {address} lists all there is."
        case NoSuchDay(written, now):
            example = f"Use YYYY-MM-DD, such as {timezone.localdate(now)}."
            return RequestProblem(422, f"“{written[:LONGEST_DAY]}” is not a day in the calendar. {example}", "on")
        case DayToCome(day, now):
            latest = f"Use {timezone.localdate(now)} at the latest."
            return RequestProblem(422, f"{date_format(day)} has not come yet. {latest}", "on")
    return RequestProblem(404, detail)


def of_wrong_types(error: ValidationError) -> RequestProblem:
    """Say which parameters are of another type than they should be."""
    wrong = [(str(detail["loc"][-1]), detail["msg"]) for detail in error.errors]
    return RequestProblem(422, " ".join(f"{parameter}: {detail}." for parameter, detail in wrong), wrong)
