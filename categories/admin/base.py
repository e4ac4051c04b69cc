"""What the admin of every working-copy record shares: recorded saves, stale forms, history, deletion."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import InvalidPage
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from simple_history.admin import SimpleHistoryAdmin

from .. import publishing
from ..content.links import addresses
from ..content.moments import when
from ..content.vocabulary import ADDRESSED, Action
from ..models import Guidance
from ..models.guidance import Ordered, validate_markdown
from ..models.history import saving
from ..models.open_form import note_closed, note_open, others_with
from ..public.converters import whole_number
from ..public.not_found import Link, NotFound
from . import history, new_records
from .forms import RestoreForm, typed
from .links import BrokenLink, as_links, broken_links
from .lists import CarefulLists, ChangedFilter
from .record_forms import ASKED, RecordForm, RecordsField, is_changed
from .said import say_once


class RecordAdmin(CarefulLists, SimpleHistoryAdmin):
    """One record of the working copy. Saving is recorded and does not publish."""

    form = RecordForm
    list_per_page = 50
    save_on_top = False
    show_facets = admin.ShowFacets.NEVER
    delete_confirmation_template = "admin/categories/delete_record.html"
    fixed_once_saved: tuple[str, ...] = ()
    formfield_overrides = {
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple, "form_class": RecordsField},
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 5, "cols": 90})},
        models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
    }

    def get_urls(self) -> list[URLPattern]:
        model, wrap = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        restore = "<path:object_id>/history/<str:version_id>/restore/"
        return [
            path(restore, wrap(self.restore_view), name=f"{model}_restore"),
            path("<uuid:pk>/open/", wrap(self.note_open), name=f"{model}_open"),
            *super().get_urls(),
        ]

    # Permissions and saving

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(self.fixed_once_saved if obj else ()))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        """A new record's slug is proposed while its title or name is typed; without a script, when it is saved."""
        named = [name for name in ("title", "name") if any(field.name == name for field in self.opts.fields)]
        has_slug = any(field.name == "slug" for field in self.opts.fields)
        return {"slug": (named[0],)} if obj is None and has_slug and self.has_add_permission(request) else {}

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}  # bulk actions would act on many records without a note for each

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        """Save in one transaction with its history, in line with every other save and submission."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            return self._saved(request, object_id, form_url, extra_context)
        except IntegrityError:  # where there is nothing to lock yet, somebody added the same: now the form says so
            return self._saved(request, object_id, form_url, extra_context)

    def _saved(self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any) -> HttpResponse:
        with self._locking(request, object_id):
            if object_id is None and (made := new_records.made(request, self.model)):
                if self.has_add_permission(request) and not self.has_change_permission(request, made):
                    return self._fixed_already(request, made)
                request.adds_again = True
                object_id = str(made.pk)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _fixed_already(self, request: HttpRequest, made: Any) -> HttpResponse:
        """Say of what nobody changes once it is saved, as a level, that its form was sent before."""
        said = f"“{made}” is saved already from this form, so nothing more was saved."
        self.message_user(request, said, messages.WARNING)
        return self.response_post_save_add(request, made)

    @contextmanager
    def _locking(self, request: HttpRequest, object_id: str | None) -> Iterator[None]:
        """One recorded save, with the guidance locked that it belongs to; a new guidance has nothing to lock yet."""
        with saving(request.user, typed(request, "internal_note").strip()):
            record = self.get_object(request, object_id) if object_id else None
            if owner := record or _chosen_guidance(request):
                owner.lock()
            yield

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        if not change and (identity := new_records.identity(request, self.model)):
            obj.pk = identity
        if isinstance(obj, Ordered) and (not change or "after" in form.changed_data):
            obj.place_after(form.cleaned_data.get("after"))
        elif not change or is_changed(form):
            obj.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        request.merge = form.merge
        if not change or is_changed(form):
            super().save_related(request, form, formsets, change)
        else:
            request.nothing_changed = True

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say what came of a save, the same where it was sent twice, and lead on to where its button says."""
        note_closed(obj.pk, request.user)
        response = self._said_of_change(request, obj)
        self._warn_of_links(request, obj)
        return self._what_will_change(request, obj) or response

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        self._warn_of_links(request, obj)
        return self._what_will_change(request, obj) or response

    def _warn_of_links(self, request: HttpRequest, obj: Any) -> None:
        """Name each broken link of what was saved, unless the next page is one that names them."""
        if request.POST.keys() & {"_continue", "_changes", "_popup"}:
            return
        for broken in self.links_to_mend(obj):
            label, suggestion = broken.link.label, broken.suggestion and f" Suggested: {broken.suggestion}"
            words = f"{label} of “{broken.link.title}” is saved with a link to mend: {broken.link.address}."
            self.message_user(request, f"{words} {broken.why}{suggestion}", messages.WARNING)

    def links_to_mend(self, record: Any) -> list[BrokenLink]:
        """Return the broken links of a record. The working copy is read only where it has any link at all."""
        values = {field.name: getattr(record, field.name) for field in record._meta.concrete_fields}
        guidance = record if isinstance(record, Guidance) else record.guidance
        if not any(addresses(values)):
            return []
        try:
            return broken_links(publishing.working_content(guidance), of=record.pk)
        except publishing.Refused:  # which the form says, and “What will change”
            return []

    def _what_will_change(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if "_changes" not in request.POST:
            return None
        return redirect("admin:categories_guidance_changes", obj.guidance_pk)

    def _said_of_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        merge = request.merge
        if getattr(request, "adds_again", False) and merge.is_repeated:
            return self.response_add(request, obj)
        if merge.taken:
            self.message_user(request, merge.words, messages.INFO)
        if not getattr(request, "nothing_changed", False) or (merge.is_repeated and merge.is_all_by(request.user)):
            return super().response_change(request, obj)
        same = f"{merge.who} had saved the same already, so there was nothing to save."
        nothing = same if merge.is_repeated else "You changed nothing, so nothing was saved."
        self.message_user(request, nothing, messages.WARNING)
        return redirect(request.path) if "_continue" in request.POST else self.response_post_save_change(request, obj)

    def message_user(self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **options: Any):
        say_once(request, level, message)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Leave out the button that deletes another record, and that adds one to tick: pressed by mistake, mostly."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field and validate_markdown in db_field.validators:
            field.widget.attrs["data-markdown"] = ""  # for static/writing.js
        if field and db_field.name == "slug":
            field.label = "Last part of the address" if self.model.record_kind in ADDRESSED else "Word in addresses"
        if field and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False
            field.widget.can_add_related &= not isinstance(db_field, models.ManyToManyField)
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Ask nothing of whoever may only look, and show it in words."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        shown = [(name, [field for field in options["fields"] if field not in ASKED]) for name, options in fieldsets]
        return [(name, {"fields": [self._readable(field) for field in fields]}) for name, fields in shown if fields]

    def _readable(self, name: str) -> Any:
        """What stands for a field where it is only read: Django would show a list as it is stored."""
        field = self.opts.get_field(name)
        if not isinstance(field, models.JSONField):
            return name

        @admin.display(description=field.verbose_name)
        def in_words(record: Any) -> str:
            return history.field_words(record, field)

        return in_words

    def get_deleted_objects(self, objs, request):
        deleted, counts, permissions, protected = super().get_deleted_objects(objs, request)
        reasons = [reason for record in objs for reason in record.reasons_not_to_delete()]
        return deleted, counts, permissions, [*protected, *reasons]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None):
        """Ask why, as every save does, before anything is deleted."""
        why = request.POST.get("internal_note", "").strip()
        if why:
            with self._locking(request, object_id):
                return super().delete_view(request, object_id, extra_context)
        if request.method == "POST":
            request.POST = QueryDict()  # so that Django asks again
            extra_context = {"note_missing": True} | (extra_context or {})
        return super().delete_view(request, object_id, extra_context)

    # What the pages say besides

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        context |= {"is_record": True, "merge": form.merge, "state": obj and self.state(request, obj)}
        if obj is None or getattr(request, "adds_again", False):
            context["new_record"] = new_records.token(request, self.model)
        if obj and self.has_change_permission(request, obj):
            note_open(obj.pk, request.user, at := timezone.now())
            context |= {"open_url": reverse(f"admin:categories_{self.opts.model_name}_open", args=[obj.pk])}
            context["open_by_others"] = others_with(obj.pk, request.user, at)
            context["broken_links"] = self.links_to_mend(obj)
        context["show_delete"] = not (obj and obj.reasons_not_to_delete())
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Who has it open

    def note_open(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Keep that somebody is at work on the form of a record, or has left it; answer with who else is."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        get_object_or_404(self.model, pk=pk)
        if request.POST.get("left"):
            note_closed(pk, request.user)
            return HttpResponse(status=204)
        at = timezone.now()
        note_open(pk, request.user, at)
        return render(request, "admin/categories/open.html", {"open_by_others": others_with(pk, request.user, at)})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"is_record": True, "title": self.opts.verbose_name_plural.capitalize()}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), ChangedFilter]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description="Compared with the newest edition")
        def state(record: Any) -> str:
            return self.state(request, record)

        columns = [*super().get_list_display(request), state]
        several = hasattr(self.model, "guidance") and Guidance.objects.count() > 1
        return [*columns, "guidance"] if several else columns

    def state(self, request: HttpRequest, record: Any) -> str:
        """Say how a record compares with the newest edition of its guidance. One comparison a request."""
        if not hasattr(request, "pending_actions"):
            request.pending_actions, request.unreadable, request.scheduled = _pending_actions()
        action = request.pending_actions.get(record.pk)
        if action == Action.ADDED:
            return "New: not published yet"
        if record.guidance_pk in request.unreadable:
            return "It cannot be compared, because the working copy cannot be read"
        withdrawn = "Withdrawn. " if getattr(record, "withdrawn", "") else ""
        scheduled = request.scheduled.get(record.guidance_pk)
        beside = f" (edition {scheduled}, which is scheduled)" if scheduled else ""
        return f"{withdrawn}{'Changed: not published yet' if action else 'The same'}{beside}"

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        if obj is None or self.model.record_kind not in ADDRESSED or not obj.was_live():
            return None
        return reverse("by-id", args=[obj.pk])

    # History: read, never written

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        """Show the history of a record, a deleted one too: one entry for each save, a page at a time."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        kept, context = self._history(request, object_id)
        try:
            page, entries = history.page_of(kept, request.GET.get("page", ""))
        except InvalidPage:
            newest = Link(request.path, "The newest saves")
            raise NotFound("There is no such page of this history.", newest) from None
        return render(request, "admin/categories/history.html", context | {"page": page, "entries": entries})

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context=None):
        """Show a record as one save left it. simple-history's own view would write the row on POST, for anybody."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self._as_it_was(request, object_id, version_id)

    def restore_view(self, request: HttpRequest, object_id: str, version_id: str) -> HttpResponse:
        """Make a record say again what one save left it saying; refused, show why."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":  # as after signing in again
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_simple_history", object_id, version_id)
        kept, _ = self._history(request, object_id)
        row, form = _row(kept, version_id), RestoreForm(request.POST)
        form.full_clean()
        try:
            record = publishing.restore(row, request.user, why=form.data.get("why", ""), seen=form.seen)
        except publishing.Refused as refused:
            allowed = request.user.has_perm(f"categories.change_{self.opts.model_name}")
            status = 409 if allowed else 403
            return self._as_it_was(request, object_id, version_id, form, refusal=refused.reasons, status=status)
        left = f"what it said at {when(row.history_date)}"
        self.message_user(request, f"“{record}” says again {left}. That is not published yet.", messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", record.pk)

    def _as_it_was(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        form: RestoreForm | None = None,
        *,
        refusal: Iterable[publishing.Reason] = (),
        status: int = 200,
    ) -> HttpResponse:
        kept, context = self._history(request, object_id)
        row = _row(kept, version_id)
        newest = kept.order_by("history_id").last()
        was, now = history.states([row, newest])
        form = form or RestoreForm()
        form.show(newest.pk)
        reasons = publishing.reasons_not_to_restore(row, request.user)
        context |= {
            "row": row,
            "words": was.words,
            "difference": {"fields": history.changed_fields(now, was)} if context["record"] else None,
            "form": form,
            "reasons": as_links(reasons),
            "refusal": as_links(refusal),
            "failed": status >= 400,
            "restore_url": reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_restore", args=[context["pk"], row.pk]
            ),
        }
        return render(request, "admin/categories/history_entry.html", context, status=status)

    def _history(self, request: HttpRequest, object_id: str) -> tuple[Any, dict[str, Any]]:
        """The rows of history of a record, and what its pages say besides."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            kept = self.model.history.filter(pk_of(self.model, object_id))
            newest = kept.order_by("history_id").last()
        except (ValueError, ValidationError) as error:
            raise Http404 from error
        if newest is None:
            raise Http404
        pk = getattr(newest, self.opts.pk.attname)
        record = self.model.objects.filter(pk=pk).first()
        name = str(record or newest.instance)
        context = {"opts": self.opts, "record": record, "name": name, "title": f"History of {name}", "pk": pk}
        return kept, self.admin_site.each_context(request) | context


def _row(kept: Any, version_id: str) -> Any:
    row = kept.filter(history_id=whole_number(version_id)).select_related("history_user").first()
    if row is None:
        raise Http404
    return row


def pk_of(model: type[models.Model], object_id: str) -> models.Q:
    return models.Q(**{model._meta.pk.attname: model._meta.pk.to_python(object_id)})


def _chosen_guidance(request: HttpRequest) -> Guidance | None:
    """The guidance that the form of a new record names, if it is one."""
    try:
        return Guidance.objects.filter(pk=UUID(request.POST.get("guidance", ""))).first()
    except ValueError:
        return None


def _pending_actions() -> tuple[dict[UUID, str], set[UUID], dict[UUID, int]]:
    """What differs from the newest editions, which guidance cannot be read, and which editions are scheduled."""
    actions: dict[UUID, str] = {}
    unreadable: set[UUID] = set()
    scheduled: dict[UUID, int] = {}
    for guidance in Guidance.objects.all():
        working = publishing.WorkingCopy(guidance)
        if working.newest and not working.newest.is_live():
            scheduled[guidance.pk] = working.newest.number
        try:
            actions |= {change.id: change.action for change in working.changes}
        except publishing.Refused:
            unreadable.add(guidance.pk)
    return actions, unreadable, scheduled
