"""Ways of the ORM round the verbs, each refused for every model of the record. tests/tampering.py has those of SQL."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from categories.checks import record_is_guarded
from categories.models import Edition, Submission, SubmissionEvent, triggers
from categories.models.log import Immutable
from tests.factories import make_category, make_guidance, make_user, publish_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def record() -> None:
    make_user("writer", "Writer")
    guidance = make_guidance()
    make_category(guidance)
    publish_loaded(guidance)


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


@pytest.mark.parametrize("escape", RELATED)
def test_related_managers_refuse(escape: str, record: None) -> None:
    with pytest.raises(Immutable), transaction.atomic():
        RELATED[escape]()


def test_a_save_of_what_may_change_is_held_to_the_log_by_the_database(record: None) -> None:
    submission = Submission.objects.get()
    submission.status = Submission.Status.REJECTED
    with pytest.raises(IntegrityError, match="submissions are a permanent record"), transaction.atomic():
        submission.save(update_fields=["status"])


def test_a_missing_trigger_is_said_and_made_again_by_migrate() -> None:
    assert record_is_guarded(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER kept_categories_edition_delete")
    [warning] = record_is_guarded(None, databases=["default"])
    assert "it lacks kept_categories_edition_delete" in warning.msg
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []
