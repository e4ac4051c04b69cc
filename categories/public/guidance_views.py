"""What every view of one guidance shares: the reading that its address names, and the way to where it moved."""

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ..content import filters, finder, short_forms
from ..content.vocabulary import RecordKind
from . import resolver
from .not_found import nothing_at
from .readings import Dated, Reading, guidance_base
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
            address = reading.url(str(match_of(request).url_name), slug)
        query = resolver.present_query(reading, request.GET, naming)
        return led_on(request, address, query) or view(request, reading, **rest)

    @public
    def at_address(request: HttpRequest, guidance: str, on: str = "", **rest: Any) -> HttpResponse:
        reading = resolver.reading(guidance, on, moment(request))
        response = answer(request, reading, guidance_base(guidance, on), rest)
        if isinstance(reading, Dated):
            response.headers["X-Robots-Tag"] = "noindex"
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


of_category = partial(of_guidance, kind=RecordKind.CATEGORY)
of_approval_test = partial(of_guidance, kind=RecordKind.APPROVAL_TEST)
of_filtered_guidance = partial(of_guidance, naming=filters.NAMING)
of_finder = partial(of_guidance, naming=finder.NAMING)


def page(request: HttpRequest, template: str, reading: Reading, **context: Any) -> HttpResponse:
    """Render a page of guidance, the short forms that it uses explained at the end of its main part."""
    html: str = render_to_string(template, {"reading": reading, "content": reading.content, **context}, request)
    if used := short_forms.used_on(html, reading.content.short_forms):
        explained = render_to_string("categories/_short_forms.html", {"short_forms": used})
        html = html.replace("</main>", f"{explained}</main>", 1)
    return HttpResponse(html)
