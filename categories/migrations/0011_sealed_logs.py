"""Logs become chains. What was written before is sealed as it is found: its role says so, and from there on it holds."""

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

from django.db import migrations, models

from ._schema_2_rows import finish

BY_THE_UPGRADE = "not known: sealed by the upgrade"
AT_ONCE = 500
FROZEN = [
    "id",
    "guidance_id",
    "base_record_digest",
    "content_digest",
    "record_ids",
    "is_fix",
    "remade_from_id",
    "change_note",
    "update_type",
    "corrects_id",
    "internal_note",
    "submitted_by_id",
    "submitted_at",
]
SEALED = {
    "SubmissionEvent": [
        "submission_id",
        "submission_digest",
        "verb",
        "by_id",
        "role",
        "at",
        "why",
        "status",
        "route",
        "edition_number",
        "edition_record_digest",
        "live_at",
    ],
    "Contribution": ["guidance_id", "kind", "record_id", "aspect", "by_id", "at"],
    "AccountEvent": ["account_id", "verb", "by_id", "role", "at", "what", "why"],
}
# What a submission was after each verb; what it is now is in its own row
STATUS = {
    "submitted": "submitted",
    "approved": "approved",
    "rejected": "rejected",
    "recalled": "recalled",
    "unscheduled": "unscheduled",
    "emergency": "approved",
    "rescheduled": "approved",
    "taken-off": "replaced",
    "remade": "approved",
    "loaded": "approved",
}


def value(found):
    if isinstance(found, datetime):
        return found.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(found) if isinstance(found, UUID) else found


def digest(record):
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(apps, schema_editor):
    describe(apps.get_model("categories", "SubmissionEvent"), apps.get_model("categories", "Submission"))
    apps.get_model("categories", "AccountEvent").objects.update(role=BY_THE_UPGRADE)
    for name, columns in SEALED.items():
        chain(apps.get_model("categories", name).objects, columns)
    schema_editor.connection.check_constraints()  # now: PostgreSQL changes no table while a check of its rows waits


def describe(events, submissions):
    """Say in each line what came of it, and in the first of each submission what was frozen."""
    for submission in submissions.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        lines = list(events.objects.filter(submission=submission).order_by("pk"))
        status = "submitted"
        for line in lines:
            status = line.status = STATUS.get(line.verb, status)
            line.route, line.role = submission.route, BY_THE_UPGRADE
        if lines:
            lines[-1].status = submission.status
            lines[0].submission_digest = frozen(submission)
        events.objects.bulk_update(lines, ["status", "route", "role", "submission_digest"])


def frozen(submission):
    return digest(
        {name: value(getattr(submission, name)) for name in FROZEN}
        | {
            "contributors": sorted(submission.contributors.values_list("pk", flat=True)),
            "carried": [
                list(one) for one in submission.carried.order_by("pk").values_list("pk", "contribution_id", "settles")
            ],
        }
    )


def chain(rows, columns):
    previous, last = "", 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for row in found:
            row.previous_record_digest = previous
            record = {name: value(getattr(row, name)) for name in ["id", "previous_record_digest", *columns]}
            previous, last = digest(record), row.pk
            row.record_digest = previous
        rows.bulk_update(found, ["previous_record_digest", "record_digest"])


def text(model, name, length, **options):
    field = models.CharField(max_length=length, blank=True, **options)
    return migrations.AddField(model, name, field)


STATUSES = [
    ("submitted", "Submitted"),
    ("rejected", "Rejected"),
    ("recalled", "Recalled"),
    ("approved", "Approved"),
    ("unscheduled", "Unscheduled"),
    ("replaced", "Replaced"),
]
ROUTES = [
    ("review", "Review by a second person"),
    ("emergency", "Published in an emergency, without a second person"),
    ("loaded", "Loaded from a file"),
    ("remade", "Made again on top of what was published since, and approved so"),
]


class Migration(migrations.Migration):
    dependencies = [("categories", "0010_former_addresses")]

    operations = [
        *[
            operation
            for model in SEALED
            for operation in (
                text(model.lower(), "previous_record_digest", 64, default=""),
                text(model.lower(), "record_digest", 64, default=""),
            )
        ],
        text("accountevent", "role", 200, default=""),
        text("submissionevent", "role", 200, default=""),
        text("submissionevent", "submission_digest", 64, default=""),
        text("submissionevent", "status", 12, default=""),
        text("submissionevent", "route", 10, default=""),
        migrations.RunPython(seal, migrations.RunPython.noop),
        *[
            migrations.AlterField(model.lower(), name, field)
            for model in SEALED
            for name, field in (
                ("previous_record_digest", models.CharField(blank=True, max_length=64)),
                ("record_digest", models.CharField(max_length=64, unique=True)),
            )
        ],
        *[
            migrations.AlterField(model, name, models.CharField(blank=True, max_length=length))
            for model, name, length in (
                ("accountevent", "role", 200),
                ("submissionevent", "role", 200),
                ("submissionevent", "submission_digest", 64),
            )
        ],
        migrations.AlterField("submissionevent", "status", models.CharField(choices=STATUSES, max_length=12)),
        migrations.AlterField("submissionevent", "route", models.CharField(choices=ROUTES, max_length=10)),
        migrations.RunPython(finish),
    ]
