"""The public record: nothing in it can be changed, and whoever changes it all the same is found out."""

import hashlib
import json
import os
from datetime import UTC, timedelta
from io import StringIO
from unittest.mock import Mock

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import ProtectedError

from categories import publishing
from categories.content.schema import Content
from categories.models import Edition, EditionChange, Guidance, SubmissionEvent
from categories.models.history import HistoryKept
from categories.models.log import Immutable
from categories.publishing import heads
from tests.factories import altered, london, make_category, make_guidance, make_user, publish, publish_loaded, take_off
from tests.forced import force

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = london(2025, 6, 2), london(2026, 3, 2, 9, 30, 0, 250), london(2026, 9, 1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def editions(fixture_content: Content) -> list[Edition]:
    """Three editions: the second is minor and corrects the first."""
    one = publish(fixture_content, FIRST)
    two = publish(
        altered(fixture_content, title="A title — “new”"), SECOND, update_type="minor", corrects=one, made_at=FIRST
    )
    return [one, two, publish(altered(fixture_content, title="A third title"), THIRD, made_at=SECOND)]


def rows() -> list[tuple]:
    return list(Edition.objects.order_by("pk").values_list())


# Nothing can be changed


WRITES = {
    "save": lambda edition: edition.save(),
    "save of one field": lambda edition: edition.save(update_fields=["change_note"]),
    "delete": lambda edition: edition.delete(),
    "update": lambda edition: Edition.objects.update(change_note="Another"),
    "update of some": lambda edition: Edition.objects.filter(number=2).update(change_note="Another"),
    "update_or_create": lambda edition: Edition.objects.update_or_create(
        pk=edition.pk, defaults={"change_note": "Another"}
    ),
    "delete of all": lambda edition: Edition.objects.all().delete(),
    "bulk_create": lambda edition: Edition.objects.bulk_create([Edition()]),
    "bulk_update": lambda edition: Edition.objects.bulk_update([edition], ["change_note"]),
    "asave": lambda edition: async_to_sync(edition.asave)(),
    "adelete": lambda edition: async_to_sync(edition.adelete)(),
    "aupdate": lambda edition: async_to_sync(Edition.objects.all().aupdate)(change_note="Another"),
    "adelete of all": lambda edition: async_to_sync(Edition.objects.all().adelete)(),
    "abulk_create": lambda edition: async_to_sync(Edition.objects.all().abulk_create)([Edition()]),
    "abulk_update": lambda edition: async_to_sync(Edition.objects.all().abulk_update)([edition], ["change_note"]),
    "update through the guidance": lambda edition: edition.guidance.editions.update(change_note="Another"),
    "delete through the guidance": lambda edition: edition.guidance.editions.live(THIRD).delete(),
    "giving it to other guidance": lambda edition: make_guidance(slug="other").editions.add(edition),
    "clearing what corrects it": lambda edition: edition.corrects.corrections.clear(),
    "adding to what corrects it": lambda edition: edition.corrections.add(edition, bulk=False),
    "discarding what is live": lambda edition: edition.discard(SECOND),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_edition_can_be_changed_or_deleted(write, editions):
    edition, before = editions[1], rows()
    edition.change_note = "Another"
    with (
        pytest.raises(Immutable, match=r"editions are a permanent record|is live, so it can never be removed"),
        transaction.atomic(),
    ):
        write(edition)
    assert rows() == before


def test_a_second_edition_at_the_same_key_or_number_is_refused(editions):
    before, one = rows(), editions[0]
    fields = {field.attname: getattr(one, field.attname) for field in Edition._meta.fields}
    for again in (fields, fields | {"id": None, "record_digest": "0" * 64}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition(**again).save()
    assert rows() == before


@pytest.mark.parametrize(("field", "value"), [("number", 0), ("update_type", "huge")])
def test_the_database_refuses_what_no_edition_can_be(field, value, editions):
    edition = Edition(
        guidance=editions[0].guidance,
        live_at=london(2027, 1, 1),
        made_at=THIRD,
        change_note="Wrong.",
        update_type="major",
        content_text=editions[0].content_text,
    ).sealed(editions[2])
    setattr(edition, field, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        edition.save()


def test_editions_outlive_their_guidance(editions):
    guidance = editions[0].guidance
    with pytest.raises(ProtectedError, match="has been published"):
        guidance.delete()
    with pytest.raises(ProtectedError):
        models.Model.delete(guidance)
    with pytest.raises(HistoryKept):
        Guidance.objects.filter(pk=guidance.pk).delete()
    assert Edition.objects.count() == 3


def test_an_edition_that_is_not_live_can_be_discarded_up_to_its_last_microsecond(editions):
    at, [_, _, third] = THIRD - MICROSECOND, editions
    with pytest.raises(Immutable):
        third.discard(THIRD)
    take_off(third, at)
    assert [edition.number for edition in Edition.objects.all()] == [2, 1]
    assert not EditionChange.objects.filter(edition__number=3).exists()


# What is live


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (FIRST - MICROSECOND, None),
        (FIRST, 1),
        (SECOND - MICROSECOND, 1),
        (SECOND, 2),
        (SECOND.astimezone(UTC), 2),
        (THIRD - MICROSECOND, 2),
        (THIRD, 3),
    ],
)
def test_an_edition_is_live_from_its_very_microsecond(at, number, editions):
    newest = Edition.objects.live(at).newest()
    assert (newest and newest.number) == number
    assert [edition.number for edition in editions if edition.is_live(at)] == list(range(1, (number or 0) + 1))
    assert Edition.objects.scheduled(at).count() == 3 - (number or 0)


# Digests, as anybody can compute them


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


RECORDS = [
    {
        "number": 1,
        "live_at": "2025-06-01T23:00:00.000000Z",
        "made_at": "2025-06-01T23:00:00.000000Z",
        "update_type": "major",
        "corrects": None,
    },
    {
        "number": 2,
        "live_at": "2026-03-02T09:30:00.000250Z",
        "made_at": "2025-06-01T23:00:00.000000Z",
        "update_type": "minor",
        "corrects": 1,
    },
    {
        "number": 3,
        "live_at": "2026-08-31T23:00:00.000000Z",
        "made_at": "2026-03-02T09:30:00.000250Z",
        "update_type": "major",
        "corrects": None,
    },
]


def test_every_digest_can_be_recomputed_by_hand(editions):
    previous = None
    for edition, expected in zip(Edition.objects.order_by("number"), RECORDS, strict=True):
        content = json.loads(edition.content_text)
        assert edition.content_text == canonical(content)
        assert edition.content_digest == sha256(edition.content_text)
        record = expected | {
            "guidance": content["id"],
            "change_note": "What changed.",
            "content_digest": sha256(edition.content_text),
            "previous_record_digest": previous,
        }
        previous = sha256(canonical(record))
        assert edition.record_digest == previous


# check_editions


def check() -> str:
    """What check_editions says, and that it exits with 1; or what it says when nothing is wrong."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_editions", stdout=out, stderr=err)
    except SystemExit as stop:
        assert stop.code == 1
        assert not out.getvalue()
        return err.getvalue()
    assert not err.getvalue()
    return out.getvalue()


def sql(statement: str, *values) -> None:
    assert force(statement, *values) > 0


CLEAN = (
    "Editions checked: {}. All are as they were published.\n"
    "HEADS_FILE is not set, so an end that was cut off would not show.\n"
)
CONTENT, RECORD, CHAIN = (
    "its content is not what its digest says",
    "its record is not what its digest says",
    "it does not follow the edition before it",
)
TAMPERED = {
    "the content": ("content_text = replace(content_text, 'new', 'New')", CONTENT),
    "the content, so that it cannot be read": ("content_text = replace(content_text, 'schema', 'schemb')", CONTENT),
    "the content, so that it names no test": (
        "content_text = replace(content_text, '[\"alternative-approval-test\"', '[\"elternative-approval-test\"')",
        CONTENT,
    ),
    "the change note": ("change_note = 'What changed!'", RECORD),
    "a space in the change note": ("change_note = 'What changed. '", RECORD),
    "when it counts from": ("live_at = %s", RECORD),
    "when it was made": ("made_at = %s", RECORD),
    "the update type": ("update_type = 'major'", RECORD),
    "what it corrects": ("corrects_id = id", RECORD),
    "that it corrects": ("corrects_id = NULL", RECORD),
    "the digest of the content": ("content_digest = %s", CONTENT),
    "the digest of the record": ("record_digest = %s", RECORD),
    "the digest before": ("previous_record_digest = %s", CHAIN),
    "the number": ("number = 4", RECORD),
}


@pytest.mark.parametrize(("change", "problem"), TAMPERED.values(), ids=TAMPERED)
def test_one_byte_in_any_column_is_found(change, problem, editions):
    edition = editions[1]
    column = change.split(" ")[0]
    value = getattr(edition, column)
    if column.endswith("_at"):
        value = connection.ops.adapt_datetimefield_value((value + MICROSECOND).astimezone(UTC))
    elif column.endswith("digest"):
        value = ("1" if value[0] == "0" else "0") + value[1:]
    sql(f"UPDATE categories_edition SET {change} WHERE number = 2", *([value] if "%s" in change else []))  # noqa: S608
    number = 4 if column == "number" else 2
    assert f"technical-qualification-categories: edition {number}: {problem}\n" in check()


def test_giving_an_edition_to_other_guidance_is_found(editions):
    other = make_guidance(slug="other")
    sql("UPDATE categories_edition SET guidance_id = %s WHERE number = 3", other.pk.hex)
    assert f"other: edition 3: {RECORD}\n" in check()


def remove(edition: Edition) -> None:
    sql("UPDATE categories_edition SET corrects_id = NULL WHERE id > 0")
    sql("UPDATE categories_submission SET corrects_id = NULL WHERE id > 0")
    force("UPDATE categories_submission SET edition_id = NULL WHERE edition_id = %s", edition.pk)
    sql("DELETE FROM categories_editionchange WHERE edition_id = %s", edition.pk)
    sql("DELETE FROM categories_edition WHERE id = %s", edition.pk)


def test_an_edition_removed_from_the_middle_is_found(editions):
    remove(editions[1])
    said = check()
    assert "edition 3: edition 2 is missing before it\n" in said
    assert f"edition 3: {CHAIN}\n" in said


def test_a_removed_first_edition_is_found(editions):
    remove(editions[0])
    assert "edition 2: edition 1 is missing before it\n" in check()


def test_a_changed_index_is_found_and_can_be_made_again(editions):
    sql("UPDATE categories_editionchange SET title = 'Another' WHERE edition_id = %s", editions[2].pk)
    assert "edition 3: its index is not what it changed; run rebuild_edition_changes\n" in check()
    call_command("rebuild_edition_changes", stdout=StringIO())
    assert check() == CLEAN.format(3)


def test_a_clean_record_is_said_to_be_clean(editions):
    assert check() == CLEAN.format(3)


def test_a_site_without_editions_is_clean():
    assert check() == CLEAN.format(0)


@pytest.fixture
def approved():
    """Edition 2, to go live at THIRD, that was submitted and approved, so that a log names it."""
    guidance, writer = make_guidance(), make_user("writer", "Writer")
    category = make_category(guidance)
    publish_loaded(guidance, change_note="First.", live_at=FIRST, at=FIRST)
    category.aim = "Another aim."
    category.save()
    submission = publishing.submit(guidance, writer, change_note="Second.", at=SECOND)
    return publishing.approve(submission, make_user("editor", "Editor"), live_at=THIRD, at=SECOND)


def test_a_removed_newest_edition_is_known_from_the_log(approved):
    submission = approved.submission
    sql("UPDATE categories_submission SET edition_id = NULL, status = 'unscheduled' WHERE id = %s", submission.pk)
    remove(approved)
    assert check().splitlines() == [
        f"{submission}: it is unscheduled, by the route review, and its log says approved, by the route review",
        f"{submission}: edition 2 is missing: the log made it, and did not take it off",
    ]


def test_another_edition_in_its_place_is_known_from_the_log(approved):
    submission = approved.submission
    sql("UPDATE categories_submission SET edition_id = NULL WHERE id = %s", submission.pk)
    remove(approved)
    Edition(
        guidance=approved.guidance,
        live_at=THIRD,
        made_at=SECOND,
        change_note="Third.",
        update_type="major",
        content_text=approved.content_text,
    ).sealed(approved.guidance.editions.get()).save()
    call_command("rebuild_edition_changes", stdout=StringIO())
    assert check().splitlines() == [
        f"{submission}: edition 2 is missing: the log made it, and did not take it off",
        "guidance-for-tests: edition 2: nobody approved, loaded or published it: no submission became it",
    ]


def test_an_unscheduled_edition_is_not_missed(approved):
    publishing.unschedule(approved, approved.submission.events.last().by, why="Too soon.", at=SECOND)
    assert check() == CLEAN.format(1)


# The heads outside the database


def test_an_end_that_was_cut_off_with_its_log_shows_in_the_heads(approved, settings, tmp_path):
    settings.HEADS_FILE = tmp_path / "heads"
    assert check() == (
        "HEADS_FILE: there is no such file yet: it was taken away, or “manage.py keep_heads” is to begin it\n"
    )
    heads.keep(approved.guidance_id)
    assert check() == CLEAN.splitlines(keepends=True)[0].format(2)
    submission, last = approved.submission, SubmissionEvent.objects.order_by("-pk")[:2]
    sql("DELETE FROM categories_submissionevent WHERE id IN (%s, %s)", *(line.pk for line in last))
    for table in ("categories_submissioncontribution", "categories_submission_contributors"):
        force(f"DELETE FROM {table} WHERE submission_id = %s", submission.pk)  # noqa: S608
    sql("DELETE FROM categories_submission WHERE id = %s", submission.pk)
    remove(approved)
    said = check()
    assert "HEADS_FILE, line 1: the submission events ended otherwise at 20" in said
    assert "HEADS_FILE, line 1: edition 2 of guidance" in said
    assert all(line.startswith("HEADS_FILE, line 1: ") for line in said.splitlines()), "nothing else shows it"


def test_heads_are_kept_at_each_publication_and_a_lost_disk_undoes_none(
    settings, tmp_path, caplog, django_capture_on_commit_callbacks
):
    settings.HEADS_FILE = tmp_path / "heads"
    guidance = make_guidance()
    make_category(guidance)
    with django_capture_on_commit_callbacks(execute=True):
        edition = publish_loaded(guidance, live_at=FIRST, at=FIRST)
    [line] = settings.HEADS_FILE.read_text(encoding="utf-8").splitlines()
    named = {"number": 1, "record_digest": edition.record_digest}
    assert (json.loads(line)["live"], json.loads(line)["newest"]) == (named, named)
    assert settings.HEADS_FILE.stat().st_mode & 0o777 == 0o600
    settings.HEADS_FILE = tmp_path / "missing" / "heads"
    heads.keep(guidance.pk)
    assert "could not be appended to HEADS_FILE" in caplog.text


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("a fault of ours")])
def test_what_fails_after_the_commit_undoes_no_publication(
    error, settings, tmp_path, caplog, monkeypatch, django_capture_on_commit_callbacks
):
    settings.HEADS_FILE = tmp_path / "heads"
    guidance = make_guidance()
    make_category(guidance)
    monkeypatch.setattr(heads, "heads_of", Mock(side_effect=error))
    with django_capture_on_commit_callbacks(execute=True):
        publish_loaded(guidance, live_at=FIRST, at=FIRST)
    assert str(error) in caplog.text


def test_a_line_of_the_heads_that_was_cut_off_damages_no_other(settings, tmp_path, monkeypatch):
    settings.HEADS_FILE = tmp_path / "heads"
    guidance = make_guidance()
    make_category(guidance)
    publish_loaded(guidance, live_at=FIRST, at=FIRST)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, line: write(file, line[:20]))
        with pytest.raises(OSError, match="only a part"):
            heads.append(guidance.pk)
    heads.append(guidance.pk)
    with settings.HEADS_FILE.open("a") as file:
        file.write("\n")  # of another that found it cut off
    heads.append(guidance.pk)
    assert check() == "HEADS_FILE, line 1: it is no line that was written at a publication\n"
    assert len(settings.HEADS_FILE.read_text(encoding="utf-8").splitlines()) == 4


def test_a_line_of_the_heads_that_nobody_wrote_is_named(settings, tmp_path):
    settings.HEADS_FILE = tmp_path / "heads"
    settings.HEADS_FILE.write_text('{"at": 1}\nnothing\n', encoding="utf-8")
    assert check().count("it is no line that was written at a publication\n") == 2
