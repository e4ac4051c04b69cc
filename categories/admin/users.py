"""Accounts of staff: who they are, their roles, who vouches for them, and the log of each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ManyToManyField, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from .. import publishing
from ..models import AccountEvent, User
from ..models.account import vouched_for
from ..models.history import saving
from ..models.user import KEPT
from ..public.converters import whole_number
from ..publishing import Person, Reason, Refused
from .links import as_links
from .lists import CarefulLists
from .record_forms import RecordsField

SIGN_INS_SHOWN = 20

NO_ADDRESS = (
    "The account “{}” has no e-mail address, so there is nowhere to send a link to set a password, and it "
    "cannot sign in. Give it an address, then send a link."
)


class AccountForm(forms.ModelForm):
    """What an account says, but no password: that is its person's alone. `by` is whoever fills it in."""

    by: Person
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["seen"] = publishing.newest_change(self.instance)
        if permissions := self.fields.get("user_permissions"):
            permissions.queryset = _of_use(self.instance)
            permissions.label_from_instance = attrgetter("name")

    @property
    def details(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def clean(self) -> None:
        super().clean()
        for reason in self.reasons():
            self.add_error(None, str(reason))

    def reasons(self) -> list[Reason]:
        if not self.instance.pk:
            return publishing.reasons_not_to_make_account(self.by, self.details)
        seen = self.cleaned_data.get("seen")
        self.data = self.data.copy()  # so that saving again, knowingly, goes through
        self.data["seen"] = str(self.initial["seen"])
        return publishing.reasons_not_to_change_account(self.instance, self.by, self.details, seen=seen)


def _of_use(account: User) -> QuerySet[Permission]:
    """The permissions of what staff work with here, and whichever others an account has."""
    kinds = ContentType.objects.get_for_models(*admin.site._registry).values()
    of_use = Q(content_type__in=kinds) | (Q(user=account) if account.pk else Q())
    return Permission.objects.filter(of_use).distinct().order_by("content_type__model", "codename")


@admin.register(User)
class UserAdmin(CarefulLists, admin.ModelAdmin):
    """Accounts. What changes them are the verbs of publishing; each leaves a line in the account's log."""

    form = AccountForm
    formfield_overrides = {
        ManyToManyField: {"widget": forms.CheckboxSelectMultiple, "form_class": RecordsField},
    }
    change_form_template = "admin/categories/account.html"
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email", "seen"]}),
        ("Roles", {"fields": ["is_staff", "groups", "is_superuser"]}),
        ("Permissions besides those of the groups", {"fields": ["user_permissions"], "classes": ["collapse"]}),
    ]
    list_display = ["username", "first_name", "last_name", "role", "vouched_for", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "Superuser"
        return ", ".join(group.name for group in user.groups.all()) or "None"

    @admin.display(description="vouched for")
    def vouched_for(self, user: User) -> str:
        return "Yes" if user.vouched else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups").annotate(vouched=vouched_for())

    def get_urls(self) -> list[URLPattern]:
        act = path("<int:pk>/<slug:verb>/", self.admin_site.admin_view(self.act), name="categories_user_act")
        named = [url for url in super().get_urls() if url.name]  # the other leads old addresses, such as none here, on
        return [*named, act]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Users"} | (extra_context or {}))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """Ask nothing of whoever may only look."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return [
            (name, {"fields": [field for field in options["fields"] if field != "seen"]})
            for name, options in self.fieldsets
        ]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        form.by = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True} | super().get_changeform_initial_data(request)

    # Saving

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        """Save while nobody else can change the account."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with self._locking(request, object_id):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, Refused, ValidationError):  # of one made meanwhile: now the form says so
            with self._locking(request, object_id):
                return super().changeform_view(request, object_id, form_url, extra_context)

    @contextmanager
    def _locking(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        with saving(request.user):
            if object_id and (account := self.get_object(request, object_id)):
                User.objects.select_for_update().get(pk=account.pk)
            yield

    def save_model(self, request: HttpRequest, obj: User, form: AccountForm, change: bool) -> None:
        if not change:
            obj.pk = publishing.make_account(request.user, form.details).pk
            if obj.email:
                messages.success(request, f"A link to set a password is on its way to {obj.email}.")
            else:
                messages.warning(request, NO_ADDRESS.format(obj.username))
        elif publishing.change_account(obj, request.user, form.details):
            account = User.objects.get(pk=obj.pk)
            if account.is_active and account.has_perm(publishing.APPROVE):
                messages.warning(request, f"Somebody else must vouch for {account} before it can approve anything.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing more: the verb has saved the roles too."""

    # What the page says besides, and does

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            context |= self._standing(obj) | {"steps": list(_steps(obj, request.user)), "kept": KEPT}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _standing(self, account: User) -> dict[str, Any]:
        account = User.objects.get(pk=account.pk)  # not as a form that was refused would have it
        events = list(account.events.select_related("by"))
        vouched = [event for event in events if event.verb == AccountEvent.Verb.VOUCHED]
        return {
            "events": events[::-1],
            "vouched": vouched[-1] if vouched and account.is_vouched_for else None,
            "approves": account.has_perm(publishing.APPROVE),
            "has_password": account.has_usable_password(),
            "seen": publishing.newest_change(account),
            "sign_ins": account.sign_ins.order_by("-pk")[:SIGN_INS_SHOWN],
        }

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do one thing to an account; refused, say why."""
        found = VERBS.get(verb)
        if found is None:
            raise Http404
        account = get_object_or_404(User, pk=pk)
        if not request.user.has_perm(found.permission) or not self.has_view_permission(request, account):
            raise PermissionDenied
        if request.method == "POST":
            try:
                messages.success(request, found.act(account, request))
            except Refused as refused:
                return self._refused(request, account, found, refused)
        return redirect("admin:categories_user_change", pk)

    def _refused(self, request: HttpRequest, account: User, verb: "AccountVerb", refused: Refused) -> HttpResponse:
        context = {
            "title": f"{verb.label}: {account}",
            "failed": True,
            "opts": self.opts,
            "account": account,
            "refusal": as_links(refused.reasons),
        }
        shared = self.admin_site.each_context(request)
        return render(request, "admin/categories/account_refusal.html", shared | context, status=409)

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        """Lead to the account's own log, which says more than Django's."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:categories_user_change", object_id)


# What can be done to an account


@dataclass(frozen=True)
class AccountVerb:
    """One thing to do to an account: `act` does it and returns the sentence that says what came of it."""

    name: str
    label: str
    help: str
    permission: str
    reasons: Callable[[User, Person], list[Reason]]
    act: Callable[[User, HttpRequest], str]
    offered: Callable[[User], bool]


def vouch(account: User, request: HttpRequest) -> str:
    seen = request.POST.get("seen", "")
    publishing.vouch(account, request.user, seen=whole_number(seen) or 0)
    return f"You have vouched for {account}, who can now approve what others submit."


def send_link(account: User, request: HttpRequest) -> str:
    publishing.send_link(account, request.user)
    return f"A link to set a password is on its way to {account.email}."


def end_factors(account: User, request: HttpRequest) -> str:
    publishing.end_factors(account, request.user)
    return f"The second steps of {account} are removed. A link to set new ones up is on its way to {account.email}."


def end_sessions(account: User, request: HttpRequest) -> str:
    publishing.end_sessions(account, request.user)
    return f"{account} is signed out everywhere."


def deactivate(account: User, request: HttpRequest) -> str:
    publishing.deactivate(account, request.user)
    return f"{account} cannot sign in any more."


def reactivate(account: User, request: HttpRequest) -> str:
    publishing.reactivate(account, request.user)
    return f"{account} can sign in again."


def waits(account: User) -> bool:
    return account.is_active and account.has_perm(publishing.APPROVE) and not account.is_vouched_for


def is_active(account: User) -> bool:
    return account.is_active


VERBS = {
    verb.name: verb
    for verb in (
        AccountVerb(
            "vouch",
            "Vouch for this account",
            "Say that you know this person, that the address is theirs alone, and that they are to have these roles. "
            "The log keeps that you said so.",
            publishing.APPROVE,
            publishing.reasons_not_to_vouch,
            vouch,
            waits,
        ),
        AccountVerb(
            "send-link",
            "Send a link to set a password",
            "It goes to the address of the account, works once, and ends by itself.",
            publishing.CHANGE_ACCOUNTS,
            publishing.reasons_not_to_send_link,
            send_link,
            is_active,
        ),
        AccountVerb(
            "end-factors",
            "Remove the second steps",
            "For somebody who lost theirs. Their password and sessions end too, and a link to their own address lets "
            "them start anew. Make sure that it is they who ask.",
            publishing.CHANGE_ACCOUNTS,
            publishing.reasons_not_to_end_factors,
            end_factors,
            is_active,
        ),
        AccountVerb(
            "end-sessions",
            "End their sessions",
            "Wherever they are signed in. They can sign in again.",
            publishing.CHANGE_ACCOUNTS,
            publishing.reasons_not_to_end_sessions,
            end_sessions,
            is_active,
        ),
        AccountVerb(
            "deactivate",
            "Deactivate",
            "The person cannot sign in any more. What they did stays on record.",
            publishing.CHANGE_ACCOUNTS,
            publishing.reasons_not_to_deactivate,
            deactivate,
            is_active,
        ),
        AccountVerb(
            "reactivate",
            "Reactivate",
            "The person can sign in again. To approve, they need somebody to vouch for them anew.",
            publishing.CHANGE_ACCOUNTS,
            publishing.reasons_not_to_reactivate,
            reactivate,
            lambda account: not account.is_active,
        ),
    )
}


def _steps(account: User, by: Person) -> Iterator[dict[str, Any]]:
    """Each thing that a person can do to an account as it is kept, or why not."""
    account = User.objects.get(pk=account.pk)
    for verb in VERBS.values():
        if by.has_perm(verb.permission) and verb.offered(account):
            yield {"verb": verb, "reasons": as_links(verb.reasons(account, by))}
