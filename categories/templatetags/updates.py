"""Tags and filters of the public record: changes, moments, and the citation of a page."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..content import moments
from ..content.diff import Change
from ..content.shown import Piece, Row, Run
from ..content.vocabulary import Action
from ..public import record
from ..public.readings import PAGED, Dated, Exact, Published, Reading, guidance_base, page_address

register = template.Library()
register.filter("clock", moments.clock)
register.filter("moment", moments.when)
register.filter("exactly", moments.exactly)

ELSEWHEN = {"update": "updates", "since": "updates", "category-since": "category-updates"}
CITED_BY_ID = {"guidance": "content", "category": "category", "approval-test": "test"}  # by what of their context

HIDDEN = "govuk-visually-hidden"
TAG_OF_RUN = {"deleted": "del", "inserted": "ins"}
TAG_OF_ACTION: dict[str, str] = {
    Action.ADDED: "govuk-tag--green",
    Action.RESTORED: "govuk-tag--green",
    Action.MOVED: "govuk-tag--grey",
    Action.WITHDRAWN: "govuk-tag--orange",
    Action.REMOVED: "govuk-tag--red",
}


@register.filter
def action_tag(change: Change) -> str:
    """The class of the tag that names what happened to a record; what merely changed has the plain one."""
    return TAG_OF_ACTION.get(change.action, "")


@register.simple_tag
def difference(row: Row, action: str = "") -> SafeString:
    """Say a text, or an item of a list, as it was and as it is, with no space that is not its own.

    What is added with its record is told without marks: all of it is new.
    """
    if action == Action.ADDED:
        return format_html_join("", "{}", ((run.text,) for run in row))
    return format_html_join("", "{}", ((_marked(run),) for run in row))


def _marked(run: Run) -> SafeString:
    text = format_html_join("", "{}", ((_named(piece),) for piece in run.pieces))
    if run.op == "same":
        return text
    said = f'<span class="{HIDDEN}">[{run.op}: </span>{{}}<span class="{HIDDEN}">]</span>'
    return format_html(f"<{TAG_OF_RUN[run.op]}>{said}</{TAG_OF_RUN[run.op]}>", text)


def _named(piece: Piece) -> SafeString:
    """The text of a piece, beside what names it: a sign, said in words to those who hear it, or the words."""
    if piece.sign:
        sign = (
            f'<span class="app-mark"><span aria-hidden="true">{{}}</span><span class="{HIDDEN}">{{}}</span></span>{{}}'
        )
        return format_html(sign, piece.sign, piece.words, piece.text)
    if piece.words:
        return format_html('{}<span class="app-mark">{}</span>', piece.text, piece.words)
    return format_html("{}", piece.text)


@register.filter
def day(at: datetime) -> date:
    """The day, in London, of a moment."""
    return timezone.localdate(at)


@register.simple_tag
def last_updated(reading: Reading) -> date | None:
    """The day of the last major edition."""
    return record.last_updated(reading)


def _address(context: template.Context, day: date | None) -> str:
    """The address of the page being shown, as it stood on another day or, without one, as it is now.

    Where its record is not there on that day, the address is that of the guidance.
    """
    reading, match = context["reading"], context["request"].resolver_match
    if isinstance(reading, Exact):
        return reading.current_base + str(context["request"].path).removeprefix(reading.base)
    base = guidance_base(reading.content.slug, day) if day else reading.current_base
    name, args = match.url_name, []
    if day:  # what they tell of need not have been there on another day
        name = ELSEWHEN.get(name, name)
    else:
        args = [match.kwargs[part] for part in ("number", "day") if part in match.kwargs]
    if track := context.get("record"):
        slug = track.slugs.get(day)
        return page_address(base, name, slug, *args) if slug else base
    return page_address(base, name, *args)


@register.simple_tag(takes_context=True)
def current_url(context: template.Context) -> str:
    """The full address, as it is now, of the page that a dated page is of."""
    request: HttpRequest = context["request"]
    return request.build_absolute_uri(_address(context, None))


@register.simple_tag
def api_url(reading: Published, name: str, *args: Any, query: str = "") -> str:
    """The address of the same thing as JSON, on the same day."""
    return reading.api_url(name, *args, query=query)


@register.inclusion_tag("categories/_dated_banner.html", takes_context=True)
def dated_banner(context: template.Context) -> dict[str, Any]:
    """What stood on the day of a dated page, with the way to the same page on the nearest days and now."""
    reading, request = context["reading"], context["request"]
    query = request.META.get("QUERY_STRING", "")
    if request.resolver_match.url_name in PAGED:
        query = ""

    def same_page(day: date | None) -> str:
        return f"{_address(context, day)}?{query}" if query else _address(context, day)

    return {
        "reading": reading,
        "is_today": reading.at == reading.now,
        "before_url": same_page(reading.before) if reading.before else "",
        "after_url": same_page(reading.after) if reading.after else "",
        "current_url": same_page(None),
        "since_url": _since_url(context, reading.on + timedelta(days=1)),
    }


def _since_url(context: template.Context, day: date) -> str:
    """The address of what has changed since a day, of the category that a page is about or of all; empty if to come."""
    reading, category = context["reading"], context.get("category")
    if day > timezone.localdate(reading.now):
        return ""
    if category and (slug := context["record"].slugs.get(None) if isinstance(reading, Dated) else category.slug):
        return page_address(reading.current_base, "category-since", slug, day)
    return page_address(reading.current_base, "since", day)


@register.inclusion_tag("categories/_exact_banner.html", takes_context=True)
def exact_banner(context: template.Context) -> dict[str, Any]:
    """At which moment a page stood so, with ways on that are the same whatever came later."""
    reading, request = context["reading"], context["request"]
    query = "" if request.resolver_match.url_name in PAGED else context.get("asked", "")
    address = _address(context, None)
    return {
        "reading": reading,
        "current_url": f"{address}?{query}" if query else address,
        "since_url": _since_url(context, reading.day),
    }


@register.simple_tag(takes_context=True)
def read_since(context: template.Context) -> datetime:
    """The moment since which the page being shown has read so: one of what came since a day, not before that day."""
    reading, match = context["reading"], context["request"].resolver_match
    moment: datetime = reading.since
    if day := match.kwargs.get("day"):
        moment = max(moment, datetime.combine(date.fromisoformat(day), time.min, moments.LONDON))
    return moment


def _lasting(context: template.Context) -> str:
    """The full address under which the page being shown will read for ever as it does, its filters kept."""
    reading, request = context["reading"], context["request"]
    base = guidance_base(reading.content.slug, at=moments.written(read_since(context)))
    address = base + str(request.path).removeprefix(reading.base)
    asked = context.get("asked", "")
    return str(request.build_absolute_uri(f"{address}?{asked}" if asked else address))


@register.simple_tag(takes_context=True)
def lasting_url(context: template.Context) -> str:
    """The address that a page is cited by."""
    return _lasting(context)


@register.inclusion_tag("categories/_cite.html", takes_context=True)
def cite(context: template.Context) -> dict[str, Any]:
    """The addresses by which others can refer to what a page shows, and a citation in words."""
    reading, request = context["reading"], context["request"]
    known_by_id = CITED_BY_ID.get(request.resolver_match.url_name)
    about = context[known_by_id].id if known_by_id else None
    whole = request.build_absolute_uri
    return {
        "reading": reading,
        "title": context["title"],
        "current": whole(_address(context, None) if reading.then else request.path),
        "lasting": _lasting(context),
        "since": read_since(context),
        "by_id": whole(reverse("by-id", args=[about])) if about else "",
    }
