"""What readers are told of changes that are to come. Staff reach it through submissions alone."""

import django.db.models.deletion
from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0016_feedback"),
    ]

    operations = [
        migrations.AlterField(
            model_name="submissionevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("submitted", "Submitted"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("recalled", "Recalled"),
                    ("unscheduled", "Unscheduled"),
                    ("emergency", "Published in an emergency"),
                    ("rescheduled", "Rescheduled"),
                    ("taken-off", "Taken off"),
                    ("remade", "Made again"),
                    ("reviewed", "Reviewed after the fact"),
                    ("loaded", "Loaded"),
                    ("shared", "Preview link made"),
                    ("revoked", "Preview link revoked"),
                    ("answered", "Answer to a preview"),
                    ("commented", "Comment"),
                    ("replied", "Answer to a comment"),
                    ("resolved", "Comment resolved"),
                    ("announced", "Announced"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="AnnouncementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("previous_record_digest", models.CharField(blank=True, max_length=64)),
                ("record_digest", models.CharField(max_length=64, unique=True)),
                ("announcement", models.UUIDField()),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("announced", "Announced"),
                            ("updated", "Updated"),
                            ("rescheduled", "Rescheduled"),
                            ("unscheduled", "Taken back"),
                            ("same", "Made again as it was"),
                        ],
                        max_length=12,
                    ),
                ),
                ("in_force_from", models.DateTimeField()),
                ("live_at", models.DateTimeField()),
                ("change_note", models.TextField()),
                ("update_type", models.CharField(choices=[("major", "Major"), ("minor", "Minor")], max_length=5)),
                ("why", models.TextField(blank=True)),
                ("record_ids", models.JSONField(default=list)),
                ("before_text", models.TextField()),
                ("content_text", models.TextField()),
                ("edition_record_digest", models.CharField(max_length=64)),
                (
                    "guidance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="categories.guidance"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["guidance", "in_force_from"], name="announcements_in_force")],
            },
        ),
        migrations.RunPython(finish),
    ]
