"""Who contributed is a table of its own, filled here from the history, and submissions list what of it they carry.

Until now the rule of two people read the history, up to marks that each submission kept. What those marks meant is
carried over: the same people may and may not approve what waits, and drafts have the same authors. Nothing here may
follow the code of the day: all of it is as it was then.
"""

from collections import defaultdict
from uuid import UUID

import django.db.models.deletion
from django.conf import settings
from django.core.management.color import no_style
from django.db import migrations, models

from ._schema_2_rows import finish

MANY = 1000  # rows written at once
KINDS = {
    "guidance": ("Guidance", "Guidance"),
    "short-form": ("ShortForm", "Short form"),
    "level": ("Level", "Level"),
    "cohort": ("Cohort", "Cohort"),
    "relationship": ("Relationship", "Relationship"),
    "t-level": ("TLevel", "T Level position"),
    "availability": ("Availability", "Availability"),
    "category": ("Category", "Category"),
    "approval-test": ("ApprovalTest", "Approval test"),
    "examples-list": ("ExamplesList", "Examples list"),
}
OF_HISTORY = {"history_id", "history_date", "history_type", "history_user_id", "history_change_reason", "save_id"}


def fill(apps, schema_editor):
    contribution, carrying = (apps.get_model("categories", name) for name in ("Contribution", "SubmissionContribution"))
    made = Made(contribution)
    for kind, (model, _) in KINDS.items():
        live, history = (apps.get_model("categories", name) for name in (model, f"Historical{model}"))
        made.kinds |= dict.fromkeys(live.objects.values_list("id", flat=True), kind)
        made.from_history(kind, history)
    carried = [
        carrying(submission_id=submission.id, contribution_id=one.id, settles=settles)
        for submission in in_order(apps.get_model("categories", "Submission"))
        for one, settles in made.carried_by(submission)
    ]
    contribution.objects.bulk_create(made.all, batch_size=MANY)
    carrying.objects.bulk_create(carried, batch_size=MANY)
    for statement in schema_editor.connection.ops.sequence_reset_sql(no_style(), [contribution, carrying]):
        schema_editor.execute(statement, params=None)
    schema_editor.connection.check_constraints()  # now: PostgreSQL changes no table while a check of its rows waits


def in_order(submissions):
    """Return the submissions of which something still stands: those behind editions, then those that wait."""
    submissions = submissions.objects.prefetch_related("contributors")
    standing = submissions.filter(edition__isnull=False).order_by("guidance", "edition__number")
    return [*standing, *submissions.filter(status="submitted").order_by("id")]


class Made:
    """The contributions made of the history, and which of them are not published."""

    def __init__(self, model):
        self.model = model
        self.all = []
        self.seen = {}  # by contribution, the id of its row of history
        self.kinds = {}  # of records
        self.open = defaultdict(dict)  # by guidance, its contributions by their ids

    def add(self, guidance, seen, **values):
        one = self.model(id=len(self.all) + 1, guidance_id=guidance, **values)
        self.all.append(one)
        self.seen[one.id] = seen
        self.kinds[one.record_id] = one.kind
        self.open[guidance][one.id] = one
        return one

    def from_history(self, kind, history):
        before = {}  # each record as the row before left it
        for row in history.objects.order_by("history_id").values().iterator(chunk_size=MANY):
            guidance = row["id"] if kind == "guidance" else row["guidance_id"]
            values = {"kind": kind, "record_id": row["id"], "by_id": row["history_user_id"], "at": row["history_date"]}
            for aspect in aspects(row, before.get(row["id"])):
                self.add(guidance, row["history_id"], aspect=aspect, **values)
            before[row["id"]] = row

    def carried_by(self, submission):
        """Return what a submission carries, each with whether it settles it, up to the history that it had seen."""
        marks, chosen = submission.history_marks, {UUID(record) for record in submission.record_ids}
        told = {person.pk for person in submission.contributors.all()}
        asked = submission.status == "submitted" or (
            submission.route == "emergency" and submission.reviewed_afterwards_by_id is None
        )
        found = []
        for one in self.open[submission.guidance_id].values():
            if self.seen[one.id] > marks.get(one.kind, 0) or not (one.aspect == "place" or one.record_id in chosen):
                continue
            if asked and one.by_id and one.by_id not in told:
                continue  # a move that the submission tells nothing of: whoever made it may decide
            found.append((one, one.aspect != "place" or self.seen[one.id] <= marks.get("order", {}).get(one.kind, 0)))
        if asked:
            unknown = told - {one.by_id for one, _ in found}
            found += [(one, True) for one in self.without_history(submission, chosen, unknown)]
        if submission.edition_id:
            for one, settles in found:
                if settles:
                    del self.open[submission.guidance_id][one.id]
        return found

    def without_history(self, submission, chosen, people):
        """Make the contributions of people whom a submission knows, and the history not any more: to all its records."""
        return [
            self.add(
                submission.guidance_id,
                0,
                kind=self.kinds.get(record, "guidance"),
                record_id=record,
                aspect="text",
                by_id=person,
                at=submission.submitted_at,
            )
            for person in sorted(people)
            for record in sorted(chosen)
        ]


def aspects(row, before):
    """Return what a row of history touched, by the row before it. A row that tells of no field is of a set of records."""
    ordered = ["place"] if "position" in row else []
    if row["history_type"] == "-":
        return ["presence"]
    if row["history_type"] == "+":
        return ["presence", "text", *ordered]
    if before is None:
        return ["text", *ordered]
    changed = {name for name in row if row[name] != before[name]} - OF_HISTORY
    moved = ["place"] if "position" in changed else []
    return moved if changed == {"position"} else ["text", *moved]


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def protected(to, **options):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("categories", "0003_schema_2")]
    operations = [
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", key()),
                (
                    "kind",
                    models.CharField(choices=[(kind, label) for kind, (_, label) in KINDS.items()], max_length=15),
                ),
                ("record_id", models.UUIDField()),
                (
                    "aspect",
                    models.CharField(
                        choices=[
                            ("text", "What it says"),
                            ("place", "Where it stands"),
                            ("presence", "That it is there, or gone"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", protected(settings.AUTH_USER_MODEL, null=True, related_name="+")),
                (
                    "guidance",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="contributions",
                        to="categories.guidance",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(aspect__in=["text", "place", "presence"]), name="aspect_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SubmissionContribution",
            fields=[
                ("id", key()),
                ("settles", models.BooleanField()),
                ("contribution", protected("categories.contribution", related_name="carried_by")),
                ("submission", protected("categories.submission", related_name="carried")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("submission", "contribution"), name="one_carrying_per_contribution")
                ],
            },
        ),
        migrations.RunPython(fill),
        migrations.RemoveField("submission", "history_marks"),
        migrations.RunPython(finish),
    ]
