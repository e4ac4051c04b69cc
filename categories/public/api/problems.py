"""What is wrong with a request, as the API answers it: problem JSON (RFC 9457)."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.formats import date_format
from ninja.errors import ValidationError

from ..resolver import NoDay, NoGuidance, NoMoment, NoRecord
from ..responses import match_of
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


def answer(request: HttpRequest, problem: RequestProblem) -> HttpResponse:
    body = Problem(
        title=TITLES[problem.status],
        status=problem.status,
        detail=problem.detail,
        errors=[ParameterFault(parameter=parameter, detail=detail) for parameter, detail in problem.parameters],
    )
    options = {"ensure_ascii": False}
    return JsonResponse(body.model_dump(), status=problem.status, content_type=MEDIA_TYPE, json_dumps_params=options)


def no_guidance(request: HttpRequest, missing: NoGuidance) -> HttpResponse:
    slug = match_of(request).kwargs["guidance"]
    words = f"There is no guidance “{slug}”. {reverse('api:guidance-list')} lists all there is."
    return answer(request, RequestProblem(404, words))


def no_day(request: HttpRequest, missing: NoDay) -> HttpResponse:
    if missing.day is None:
        written = missing.written[:LONGEST_DAY]
        words = f"“{written}” is not a day in the calendar. Use YYYY-MM-DD, such as {missing.today}."
        return answer(request, RequestProblem(422, words, "on"))
    day = date_format(missing.day)
    if missing.first is None:
        words = f"{day} has not come yet. Use {missing.today} at the latest."
        return answer(request, RequestProblem(422, words, "on"))
    words = f"This guidance was not published yet on {day}. Its first day is {missing.first}."
    return answer(request, RequestProblem(404, words))


def no_moment(request: HttpRequest, missing: NoMoment) -> HttpResponse:
    asked = missing.written[:LONGEST_DAY]
    if missing.moment is None:
        words = f"“{asked}” is not a moment. Use YYYY-MM-DDTHH:MM:SSZ, in UTC, such as 2026-09-01T08:30:00Z."
        return answer(request, RequestProblem(422, words, "at"))
    if missing.first is None:
        return answer(
            request, RequestProblem(422, f"{asked} has not come yet. Leave “at” out to read what is now.", "at")
        )
    words = f"This guidance was not published yet at {asked}. Its first day is {missing.first}."
    return answer(request, RequestProblem(404, words))


def no_record(request: HttpRequest, missing: NoRecord) -> HttpResponse:
    reading = missing.reading
    then = f" in the guidance as it stood {reading.then}" if reading.then else ""
    address = reverse("api:categories", args=[reading.content.slug])
    words = f"There is no category “{missing.slug}”{then}. {address} lists all there is."
    return answer(request, RequestProblem(404, words))


def wrong_types(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which parameters are of another type than they should be."""
    wrong = [(str(detail["loc"][-1]), detail["msg"]) for detail in error.errors]
    words = " ".join(f"{parameter}: {detail}." for parameter, detail in wrong)
    return answer(request, RequestProblem(422, words, wrong))


HANDLERS: dict[type[Exception], Callable[..., HttpResponse]] = {
    RequestProblem: answer,
    NoGuidance: no_guidance,
    NoDay: no_day,
    NoMoment: no_moment,
    NoRecord: no_record,
    ValidationError: wrong_types,
    Moved: lambda request, moved: moved.response,
}
