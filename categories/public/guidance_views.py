"""What every view of one guidance shares: the reading that its address names, and the way to where it moved."""

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from ..content import filters, finder, short_forms
from ..content.vocabulary import RecordKind
from . import memento, resolver
from .not_found import nothing_at
from .readings import Exact, Reading, guidance_base
from .resolver import Missing, NoDay
from .responses import View, led_on, match_of, moment, not_kept, public, readable

NOTHING: Mapping[str, RecordKind] = {}


def of_guidance(view: View, kind: RecordKind | None = None, naming: Mapping[str, RecordKind] = NOTHING) -> View:
    """Give a view the reading that its address names; former addresses lead straight to the present one.

    `kind` is what a `slug` in the address is of; `naming`, what those in a parameter of the query are of.
    """

    def answer(request: HttpRequest, reading: Reading, base: str, rest: dict[str, Any]) -> HttpResponse:
        """Call the view, or lead on from under a base to the address that the same thing has in a reading."""
        address = reading.base + request.path.removeprefix(base)
        if kind and (slug := resolver.present_slug(reading, kind, rest["slug"])) != rest["slug"]:
            address = reading.url(str(match_of(request).url_name), *(rest | {"slug": slug}).values())
        query = resolver.present_query(reading, request.GET, naming)
        return led_on(request, address, query) or view(request, reading, **rest)

    @public
    def at_address(request: HttpRequest, guidance: str, on: str = "", at: str = "", **rest: Any) -> HttpResponse:
        reading = resolver.reading(guidance, on, moment(request), at)
        response = answer(request, reading, guidance_base(guidance, on, at), rest)
        if reading.then:
            response.headers["X-Robots-Tag"] = "noindex"
        if isinstance(reading, Exact) and response.status_code == 200:
            for name, value in memento.headers(request, reading).items():
                response.headers[name] = value
        return response

    @readable
    @wraps(view)
    def wrapper(request: HttpRequest, reading: Reading | None = None, **rest: Any) -> HttpResponse:
        try:
            if reading:  # a preview brings its own
                return answer(request, reading, reading.base, rest)
            return at_address(request, **rest)
        except Missing as missing:
            if isinstance(missing, NoDay):  # it may be there by and by
                not_kept(request)
            raise nothing_at(request, missing) from None

    return wrapper


def of_posted_guidance(view: View) -> View:
    """Give a view that answers a form of readers the reading that its address names; nothing of it is kept anywhere."""

    @csrf_exempt  # a page without cookies has no token, and nothing that a form sends changes anything
    @require_POST
    @sensitive_post_parameters()
    @wraps(view)
    def wrapper(request: HttpRequest, guidance: str, on: str = "", at: str = "", **rest: Any) -> HttpResponse:
        try:
            reading = resolver.reading(guidance, on, moment(request), at)
        except Missing as missing:
            raise nothing_at(request, missing) from None
        response = view(request, reading, **rest)
        response.headers["Cache-Control"] = "no-store"
        return response

    return wrapper


of_category = partial(of_guidance, kind=RecordKind.CATEGORY)
of_approval_test = partial(of_guidance, kind=RecordKind.APPROVAL_TEST)
of_filtered_guidance = partial(of_guidance, naming=filters.NAMING)
of_finder = partial(of_guidance, naming=finder.NAMING)


def page(request: HttpRequest, template: str, reading: Reading, asked: str = "", **context: Any) -> HttpResponse:
    """Render a page of guidance, the short forms that it uses explained at the end of its main part.

    `asked` is the one way of writing what the query asks of the page: the address of the page as it is cited has it.
    """
    shared = {"reading": reading, "content": reading.content, "asked": asked}
    html: str = render_to_string(template, {**shared, **context}, request)
    if used := short_forms.used_on(html, reading.content.short_forms):
        explained = render_to_string("categories/_short_forms.html", {"short_forms": used})
        html = html.replace("</main>", f"{explained}</main>", 1)
    return HttpResponse(html)
