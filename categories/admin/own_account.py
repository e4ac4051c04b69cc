"""Somebody’s own page of how they sign in: second steps, sessions, and what the log has of them."""

from collections.abc import Iterator
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import admin
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from ..content.moments import clock
from ..models import SignInEvent
from ..models.session import SEEN, SINCE, Session, moment, sessions_of
from ..public import origin
from ..publishing import accounts
from . import factors, limits
from .factor_pages import OwnPage, end_other_sessions, kinds_of
from .sign_in import log

SHOWN = 20


class OwnAccount(OwnPage, TemplateView):
    title = "How you sign in"
    template_name = "admin/sign_in/own_account.html"

    @staticmethod
    def open_to(request: HttpRequest) -> bool:
        return factors.passed(request) or not factors.has_factor(request.user)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        account = self.request.user
        return (
            super().get_context_data(**context)
            | kinds_of(account)
            | {
                "passkeys": factors.Authenticator.objects.filter(user=account, type=factors.Type.WEBAUTHN),
                "may_set_up": factors.may_set_up(self.request),
                "passed": factors.passed(self.request),
                "sessions": list(_sessions(self.request)),
                "events": SignInEvent.objects.filter(account=account).order_by("-pk")[:SHOWN],
            }
        )


class SendLink(OwnPage, View):
    """Sends the link, without which no first factor can be set up, to the account’s own address."""

    open_to = staticmethod(OwnAccount.open_to)
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        until = limits.admit_link(request.user)
        reasons = accounts.reasons_not_to_send_own_link(request.user)
        if until:
            reasons = [f"Three links were sent already. The next can be sent after {clock(until)}."]
        if not reasons:
            accounts.send_own_link(request.user)
        title = "The link was not sent" if reasons else "Look in your mail"
        context = admin.site.each_context(request) | {"title": title, "reasons": reasons}
        return render(request, "admin/sign_in/link_sent.html", context, status=409 if reasons else 200)


class EndSession(OwnPage, View):
    """Ends one session of one’s own, for good; the present one by signing out."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        session = next((one for one in sessions_of(request.user) if _name(one) == name), None)
        if session is None:
            raise Http404
        if session.session_key == request.session.session_key:
            log(request, request.user, SignInEvent.Verb.ENDED, "By its own person")
            logout(request)
        else:
            raise_if_reauthentication_required(request, app="categories")
            log(request, request.user, SignInEvent.Verb.ENDED, "By its own person")
            session.delete()
        return redirect("mfa_index")


@method_decorator(reauthentication_required(app="categories"), name="post")
class EndOthers(OwnPage, View):
    """Ends every session of one’s own but this one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        end_other_sessions(request)
        return redirect("mfa_index")


def _name(session: Session) -> str:
    """A name for an address: the key itself would let whoever reads it in."""
    return salted_hmac("session", session.session_key).hexdigest()[:20]


def _sessions(request: HttpRequest) -> Iterator[dict[str, Any]]:
    this = request.session.session_key
    for session in sorted(sessions_of(request.user), key=lambda session: session.session_key != this):
        data = session.get_decoded()
        yield {
            "name": _name(session),
            "is_this": session.session_key == this,
            "since": moment(data, SINCE),
            "seen": moment(data, SEEN),
            "address": data.get(origin.ADDRESS),
            "browser": data.get(origin.BROWSER),
        }
