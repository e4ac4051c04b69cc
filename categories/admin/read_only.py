"""What the admin of the permanent record shares: it is listed and read, and has no form."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from .lists import CarefulLists


class ReadOnlyAdmin(CarefulLists, admin.ModelAdmin):
    """A list, and a page for each record. Nothing but the addresses named here exists."""

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": self.opts.verbose_name_plural.capitalize()}
        return super().changelist_view(request, title | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<int:pk>/change/", view(self.show), name=f"{name}_change"),
            *self.own_urls(),
        ]

    def own_urls(self) -> list[URLPattern]:
        return []

    def found(self, request: HttpRequest, pk: int) -> Any:
        """Return a record that this person may see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.model, pk=pk)

    def show(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.found(request, pk)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.page(request, record)

    def page(self, request: HttpRequest, record: Any) -> HttpResponse:
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {"opts": self.opts}
