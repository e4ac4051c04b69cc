"""Addresses elsewhere that lead here: staff add a row for each change, and nothing is ever overwritten."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from ..content.addresses import tidy
from ..models.former_address import FormerAddress
from .lists import CarefulLists


class FormerAddressForm(forms.ModelForm):
    def clean_address(self) -> str:
        address = tidy(self.cleaned_data["address"])
        if not address.startswith("/") or address == "/":
            raise ValidationError("Enter a path that begins with a slash, such as /publications/categories.")
        if _stands(address):
            raise ValidationError("A page of this site stands at this address, so it cannot lead elsewhere.")
        return address

    def clean_leads_to(self) -> str:
        leads_to = self.cleaned_data["leads_to"].strip()
        if leads_to and not _stands(leads_to.partition("?")[0].partition("#")[0]):
            raise ValidationError("Enter the path of a page of this site, such as /guidance/categories/.")
        return leads_to


def _stands(path: str) -> bool:
    """Say whether a path is one of this site's, by its form."""
    try:
        return bool(resolve(path))
    except Resolver404:
        return False


@admin.register(FormerAddress)
class FormerAddressAdmin(CarefulLists, admin.ModelAdmin):
    form = FormerAddressForm
    list_display = ["address", "leads_to", "in_force_from", "by"]
    list_display_links = ["address"]
    search_fields = ["address", "leads_to"]
    fields = ["address", "leads_to", "why"]
    actions = None
    show_facets = admin.ShowFacets.NEVER

    def history_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_view(request, *args, **options)

    def save_model(self, request: HttpRequest, obj: FormerAddress, form: forms.ModelForm, change: bool) -> None:
        obj.by = request.user
        super().save_model(request, obj, form, change)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.fields, "by", "in_force_from"] if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
