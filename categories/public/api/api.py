"""The API as django-ninja knows it: how it describes itself, and how it answers what stops a request."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from ..json_ld import LICENCE
from ..resolver import Missing
from . import problems
from .problems import Moved, RequestProblem
from .schemas import Problem

MOVED = {301: {"description": "A former slug: Location has the address with the present one"}}
PROBLEMS = {404: Problem, 422: Problem}
RESOURCE: dict[str, Any] = {"by_alias": True, "openapi_extra": {"responses": MOVED}}


class Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Describe problems as problem JSON: Ninja knows one media type for all answers."""
        schema = super().get_openapi_schema(**options)
        operations = (operation for path in schema["paths"].values() for operation in path.values())
        answers = (answer for operation in operations for answer in operation["responses"].items())
        for status, answer in answers:
            if status in PROBLEMS:
                answer["content"] = {problems.MEDIA_TYPE: answer["content"].popitem()[1]}
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


@api.exception_handler(RequestProblem)
def _problem(request: HttpRequest, problem: RequestProblem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(Missing)
def _missing(request: HttpRequest, missing: Missing) -> HttpResponse:
    return problems.answer(problems.of_missing(missing))


@api.exception_handler(ValidationError)
def _wrong_types(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.answer(problems.of_wrong_types(error))


@api.exception_handler(Moved)
def _moved(request: HttpRequest, moved: Moved) -> HttpResponse:
    return moved.response
