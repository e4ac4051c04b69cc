"""The outbox: what was sent to whom, what waits, and what could not be sent. Nobody reads the mail itself."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from ..content.moments import when
from ..models import Message
from ..publishing import mail_queue
from .read_only import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Every message of the last 30 days, newest first."""

    list_display = ["subject", "recipient", "made", "state"]
    search_fields = ["to", "subject"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Staff's mail, and of readers' what did not leave: their addresses are found by no search."""
        found = super().get_queryset(request)
        return found.filter(Q(alert=None) | Q(sent_at=None))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        if search_term.strip():
            queryset = queryset.filter(alert=None)
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="to", ordering="to")
    def recipient(self, message: Message) -> str:
        return message.recipient

    @admin.display(description="written", ordering="made_at")
    def made(self, message: Message) -> str:
        return when(message.made_at)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.send_again)
        return [path("<int:pk>/send-again/", view, name="categories_message_send_again")]

    def page(self, request: HttpRequest, message: Message) -> HttpResponse:
        context: dict[str, Any] = {"title": message.subject, "message": message}
        return render(request, "admin/categories/message.html", self.context(request) | context)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put back into the queue what was given up."""
        message = self.found(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        mail_queue.try_again(message)
        messages.success(request, "It is sent with what waits.")
        return redirect("admin:categories_message_change", pk)
