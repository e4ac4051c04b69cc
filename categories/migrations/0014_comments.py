import django.db.models.deletion
from django.db import migrations, models

from ._schema_2_rows import finish

VERBS = [
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
]


class Migration(migrations.Migration):
    dependencies = [("categories", "0012_preview_nonces")]

    operations = [
        migrations.AlterField("submissionevent", "verb", models.CharField(choices=VERBS, max_length=12)),
        migrations.AddField("submissionevent", "record_id", models.UUIDField(null=True)),
        migrations.AddField(
            "submissionevent", "field", models.CharField(blank=True, db_default="", default="", max_length=40)
        ),
        migrations.AddField(
            "submissionevent",
            "about",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="said",
                to="categories.submissionevent",
            ),
        ),
        migrations.RunPython(finish),
    ]
