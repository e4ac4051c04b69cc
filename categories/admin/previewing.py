"""The preview beside the form of what has a page: that page, from what is typed and not saved."""

from copy import copy
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, resolve, reverse
from django.utils import timezone

from .. import publishing
from ..content.entries import SETS
from ..content.vocabulary import RecordKind
from ..public import pages
from ..public.readings import Preview

LABEL = "It shows what is typed in the form, saved or not."
WITHIN = "SAMEORIGIN"  # a frame of our own form
PAGES = {RecordKind.CATEGORY: pages.category, RecordKind.APPROVAL_TEST: pages.approval_test}


class Previewed:
    """Mixed into the admin of what has a page, answers a form that is sent to its preview. Nothing is saved."""

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view(self.preview), f"categories_{self.opts.model_name}_preview"
        return [
            path("preview/", view, name=f"{name}_new"),
            path("<uuid:pk>/preview/", view, name=name),
            *super().get_urls(),
        ]

    @csp_replace({"frame-ancestors": [SELF]})
    def preview(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        record = get_object_or_404(self.model, pk=pk) if pk else None
        if not (self.has_change_permission(request, record) if record else self.has_add_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        response = self._previewed(request, record)
        response.headers["X-Frame-Options"] = WITHIN
        return response

    @csp_update({"frame-src": [SELF]})
    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **options)

    def render_change_form(self, request: HttpRequest, context, add=False, change=False, form_url="", obj=None):
        name = f"admin:categories_{self.opts.model_name}_preview"
        context["preview_url"] = reverse(name, args=[obj.pk]) if obj else reverse(f"{name}_new")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _previewed(self, request: HttpRequest, record: Any) -> HttpResponse:
        form = self.get_form(request, record, change=record is not None)(request.POST, instance=record)
        form.fields["internal_note"].required = False
        if not form.is_valid():
            faults = [
                (form.fields[name].label if name in form.fields else "", sentence)
                for name, sentences in form.errors.items()
                for sentence in sentences
            ]
            return render(request, "admin/categories/no_preview.html", {"faults": faults}, status=422)
        typed = form.instance
        try:
            sets = {name: form.cleaned_data[name] for name in SETS if name in form.cleaned_data}
            content = publishing.content_with(typed, sets)
        except publishing.Refused as refused:
            faults = [("", str(reason)) for reason in refused.reasons]
            return render(request, "admin/categories/no_preview.html", {"faults": faults}, status=422)
        base = reverse("preview-working-copy", args=[typed.guidance_pk])
        reading = Preview(content, timezone.now(), base, LABEL)
        kind = typed.record_kind
        if kind not in PAGES:
            return pages.guidance(_asked(request, base), reading=reading)
        return PAGES[kind](_asked(request, reading.url(kind.value, typed.slug)), reading=reading, slug=typed.slug)


def _asked(request: HttpRequest, address: str) -> HttpRequest:
    """The request as if the page itself had been asked for."""
    asked = copy(request)
    asked.method, asked.GET = "GET", QueryDict()
    asked.path = asked.path_info = address
    asked.resolver_match = resolve(address)
    return asked
