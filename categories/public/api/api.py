"""The API as django-ninja knows it: how it describes itself, and how it answers what stops a request."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from ninja.types import TCallable

from ..json_ld import LICENCE
from . import problems
from .schemas import Problem


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
            if status in problems.TITLES:
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
for stops, handler in problems.HANDLERS.items():
    api.exception_handler(stops)(handler)


def resource(address: str, name: str, shape: Any, summary: str) -> Callable[[TCallable], TCallable]:
    """Answer with a shape at an address under one guidance."""
    return api.get(
        f"/guidance/{{slug:guidance}}/{address}",
        response={200: shape, 404: Problem, 422: Problem},
        by_alias=True,
        summary=summary,
        url_name=name,
        openapi_extra={
            "responses": {301: {"description": "A former slug: Location has the address with the present one"}}
        },
    )
