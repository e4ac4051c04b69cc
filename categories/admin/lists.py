"""Lists: what each answers to an address that asks for what it does not offer, and the filter that several share."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest

from .. import publishing
from ..models import Guidance


class CarefulChangeList(ChangeList):
    """A list with its declared filters and its search. Django leads whatever else is asked of it to the whole list."""

    def __init__(self, request: HttpRequest, *args: Any, **options: Any):
        if any("\0" in value for key, values in request.GET.lists() for value in (key, *values)):
            raise IncorrectLookupParameters("No text has a NUL, and PostgreSQL refuses to look for one.")
        try:
            super().__init__(request, *args, **options)
        except OverflowError as error:  # SQLite's own, at a number that no key can be
            raise IncorrectLookupParameters(error) from error

    def get_filters(self, request: HttpRequest) -> tuple[Any, ...]:
        found = super().get_filters(request)
        _, _, not_taken, *_ = found
        if not_taken:  # Django would look up any field of the model, by regular expression too
            raise IncorrectLookupParameters(f"No filter of this list takes {', '.join(not_taken)}.")
        return found


class CarefulLists:
    """Mixed into an admin, makes its list careful."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return CarefulChangeList


def by_guidance(records: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Records of several guidances, those of each together in their order."""
    ordering = ("guidance__title", "guidance", *records.model._meta.ordering)
    return records.select_related("guidance").order_by(*ordering)


def offered(model: Any, request: HttpRequest) -> list[tuple[str, str]]:
    """The records to filter by: of the one guidance that there is, or of the one that the list is filtered by."""
    try:
        chosen = {"guidance": UUID(request.GET["guidance__id__exact"])}
    except (KeyError, ValueError):
        chosen = {}
    found = list(model.objects.filter(**chosen))
    several = len({record.guidance_id for record in found}) > 1
    return [] if several else [(str(record.pk), str(record)) for record in found]


class OfGuidanceFilter(admin.RelatedFieldListFilter):
    """A filter by records of one guidance. Where there are several, the list is to be filtered by one of them first."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return offered(field.related_model, request)


class WithdrawnFilter(admin.SimpleListFilter):
    title = "withdrawn"
    parameter_name = "withdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Not withdrawn"), ("yes", "Withdrawn")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        match self.value():
            case "no":
                return queryset.filter(withdrawn="")
            case "yes":
                return queryset.exclude(withdrawn="")
        return queryset


class ChangedFilter(admin.SimpleListFilter):
    """The records that differ from the newest edition of their guidance, new ones included."""

    title = "changed"
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Changed: not published yet")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() != "yes":
            return queryset
        differing: set[UUID] = set()
        for guidance in Guidance.objects.all():
            try:
                differing |= {change.id for change in publishing.pending_changes(guidance)}
            except publishing.Refused:  # the list says of each that it cannot be compared
                differing |= set(queryset.filter(**_of(queryset.model, guidance)).values_list("pk", flat=True))
        return queryset.filter(pk__in=differing)


def _of(model: Any, guidance: Guidance) -> dict[str, Any]:
    return {"pk": guidance.pk} if model is Guidance else {"guidance": guidance}
