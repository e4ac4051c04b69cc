"""The outbox: what was sent to whom, what waits, and what could not be sent. Nobody reads the mail itself."""

from typing import Any

from django.contrib import admin, messages
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

    list_display = ["subject", "to", "made", "state"]
    search_fields = ["to", "subject"]

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
