"""Ways of the ORM round the verbs, each refused for every model of the record. tests/tampering.py has those of SQL."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from categories.checks import record_is_guarded
from categories.models import Edition, Guidance, Submission, SubmissionEvent, User, triggers
from categories.models.history import saving
from categories.models.log import Immutable
from categories.publishing.announcements import line_of, write
from tests.escapes import documented
from tests.factories import make_category, make_guidance, make_user, publish_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def record() -> None:
    writer, guidance = make_user("writer", "Writer"), make_guidance()
    make_user("other", "Editor")
    with saving(by=writer, why="To begin with"):
        make_category(guidance)
    edition = publish_loaded(guidance)
    write([line_of(edition, None, uuid4(), "announced")], edition.made_at, edition.made_at)
    assert list(Submission.objects.get().contributors.all()) == [writer]


def loaded(row: models.Model) -> None:
    for one in serializers.deserialize("json", serializers.serialize("json", [row])):
        one.save()


ESCAPES: dict[str, Callable[[Any], Any]] = {
    "save": lambda row: row.save(),
    "save of one field": lambda row: row.save(update_fields=[row._meta.fields[1].name]),
    "save_base": lambda row: row.save_base(),
    "raw save_base": lambda row: models.Model.save_base(row, raw=True),
    "loaddata": loaded,
    "delete": lambda row: row.delete(),
    "update": lambda row: type(row).objects.update(pk=9),
    "update by the base manager": lambda row: type(row)._base_manager.update(pk=9),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], [row._meta.fields[1].name]),
    "upsert": lambda row: type(row).objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["id"]
    ),
    "delete of all": lambda row: type(row).objects.all().delete(),
    "raw delete of all": lambda row: type(row).objects.all()._raw_delete("default"),
    "bulk_create": lambda row: type(row).objects.bulk_create([row], update_conflicts=True),
    "update_or_create": lambda row: type(row).objects.update_or_create(pk=row.pk, defaults={"id": row.pk}),
}


@pytest.mark.parametrize("model", triggers.MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("escape", ESCAPES)
def test_the_orm_refuses(escape: str, model: Any, record: None) -> None:
    before = list(model.objects.values())
    with pytest.raises(Immutable), transaction.atomic():
        ESCAPES[escape](model.objects.first())
    assert list(model.objects.values()) == before


RELATED: dict[str, Callable[[], Any]] = {
    "giving an edition to other guidance": lambda: make_guidance(slug="other").editions.add(Edition.objects.get()),
    "giving a submission to other guidance": lambda: make_guidance(slug="other").submissions.add(
        Submission.objects.get()
    ),
    "a line to another submission": lambda: Submission.objects.get().events.add(SubmissionEvent.objects.get()),
    "updating lines through a submission": lambda: Submission.objects.get().events.update(why=""),
}


def made_status() -> None:
    submission = Submission.objects.get()
    submission.status = Submission.Status.REJECTED
    submission.save(update_fields=["status"])


BY_THE_DATABASE: dict[str, Callable[[], Any]] = {
    "a status that the log does not tell": made_status,
    "update by a plain QuerySet": lambda: models.QuerySet(Edition).update(change_note="Another."),
    "delete by a plain QuerySet": lambda: models.QuerySet(SubmissionEvent)._raw_delete("default"),
    "one more contributor": lambda: Submission.objects.get().contributors.add(User.objects.get(username="other")),
    "taking a contributor away": lambda: Submission.objects.get().contributors.remove(
        User.objects.get(username="writer")
    ),
    "forgetting all contributors": lambda: Submission.objects.get().contributors.clear(),
    "an edition taken off without a line of the log": lambda: Edition.objects.get().discard(
        Edition.objects.get().live_at - timedelta(minutes=1)
    ),
}


@pytest.mark.parametrize("escape", RELATED)
def test_related_managers_refuse(escape: str, record: None) -> None:
    with pytest.raises(Immutable), transaction.atomic():
        RELATED[escape]()


@pytest.mark.parametrize("escape", BY_THE_DATABASE)
def test_the_database_refuses(escape: str, record: None) -> None:
    with pytest.raises(IntegrityError, match=r"a permanent record|never replaced"), transaction.atomic():
        BY_THE_DATABASE[escape]()


def test_guidance_that_has_a_record_stays(record: None) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        Guidance.objects.get().delete()


def test_the_page_about_it_lists_them_all() -> None:
    by_the_orm = [*ESCAPES, *RELATED, "deleting guidance that has a record"]
    found = documented("ORM", 1)
    assert found == dict.fromkeys(by_the_orm, "ORM") | dict.fromkeys(BY_THE_DATABASE, "trigger")


def test_a_missing_trigger_fails_the_check_and_is_made_again_by_migrate() -> None:
    assert record_is_guarded(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER kept_categories_edition_delete")
    with pytest.raises(SystemCheckError, match="it lacks kept_categories_edition_delete"):
        call_command("check", databases=["default"])
    call_command("migrate", "--plan", verbosity=0, skip_checks=False)
    assert triggers.missing() == ["kept_categories_edition_delete"]
    call_command("migrate", verbosity=0, skip_checks=False)
    assert triggers.missing() == []
