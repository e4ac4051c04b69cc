"""Feedback: what readers say of each page and edition; staff mark it done, and take it along as CSV."""

import csv
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import Truncator

from ..content.moments import when
from ..models.feedback import Feedback
from ..public.csv import BYTE_ORDER_MARK, guarded
from .read_only import ReadOnlyAdmin

COLUMNS = ("Page", "Edition", "Useful", "What they were doing", "What went wrong", "When", "Done")


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        chosen = {"open": Q(done_at=None), "done": Q(done_at__isnull=False)}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """What readers wrote, newest first; beside it what they clicked, page by page."""

    list_display = ["said", "page", "edition", "made", "state"]
    list_filter = [OpenFilter]
    search_fields = ["page", "doing", "wrong"]
    change_list_template = "admin/categories/feedback_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        return super().get_queryset(request).exclude(doing="", wrong="")

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("pages/", view(self.by_page), name="categories_feedback_pages"),
            path("export/", view(self.export), name="categories_feedback_export"),
            path("<int:pk>/done/", view(self.done), name="categories_feedback_done"),
        ]

    @admin.display(description="what went wrong")
    def said(self, feedback: Feedback) -> str:
        return Truncator(" ".join(feedback.wrong.split()) or feedback.doing).chars(80)

    @admin.display(description="when", ordering="at")
    def made(self, feedback: Feedback) -> str:
        return when(feedback.at)

    @admin.display(description="state", ordering="done_at")
    def state(self, feedback: Feedback) -> str:
        return "Done" if feedback.done_at else "Open"

    def page(self, request: HttpRequest, feedback: Feedback) -> HttpResponse:
        may_mark = request.user.has_perm("categories.change_feedback")
        context = {"title": f"Feedback on {feedback.page}", "feedback": feedback, "may_mark": may_mark}
        return render(request, "admin/categories/feedback.html", self.context(request) | context)

    def done(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark a report done, or open again where it was."""
        feedback = self.found(request, pk)
        if not request.user.has_perm("categories.change_feedback"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        is_done = "open" not in request.POST
        feedback.done_at, feedback.done_by = (timezone.now(), request.user) if is_done else (None, None)
        feedback.save(update_fields=["done_at", "done_by"])
        messages.success(request, "It is marked done." if is_done else "It is open again.")
        return redirect("admin:categories_feedback_changelist")

    def by_page(self, request: HttpRequest) -> HttpResponse:
        """Count what was said of each page in each edition."""
        self._look(request)
        rows = (
            Feedback.objects.order_by()
            .values("page", "edition")
            .annotate(
                yes=Count("pk", filter=Q(useful=True)),
                no=Count("pk", filter=Q(useful=False)),
                open=Count("pk", filter=Q(done_at=None) & ~Q(doing="", wrong="")),
                done=Count("pk", filter=Q(done_at__isnull=False)),
            )
            .order_by("page", "-edition")
        )
        context = {"title": "Feedback by page and edition", "rows": rows}
        return render(request, "admin/categories/feedback_pages.html", self.context(request) | context)

    def export(self, request: HttpRequest) -> HttpResponse:
        """Answer with all of it as CSV; no cell begins a formula."""
        self._look(request)
        response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8; header=present")
        response.headers["Content-Disposition"] = 'attachment; filename="feedback.csv"'
        rows = csv.writer(response, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        useful = {None: "", True: "Yes", False: "No"}
        for one in Feedback.objects.order_by("pk").iterator():
            done = one.done_at.isoformat() if one.done_at else ""
            cells = [
                one.page,
                str(one.edition or ""),
                useful[one.useful],
                one.doing,
                one.wrong,
                one.at.isoformat(),
                done,
            ]
            rows.writerow(map(guarded, cells))
        return response

    def _look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
