import django.db.models.deletion
from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0006_editions_by_day"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="submission",
            name="one_open_submission_per_guidance",
        ),
        migrations.AddField(
            model_name="submission",
            name="is_fix",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="submission",
            name="remade_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="remade",
                to="categories.submission",
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="route",
            field=models.CharField(
                choices=[
                    ("review", "Review by a second person"),
                    ("emergency", "Published in an emergency, without a second person"),
                    ("loaded", "Loaded from a file"),
                    ("remade", "Made again on top of what was published since, and approved so"),
                ],
                default="review",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="status",
            field=models.CharField(
                choices=[
                    ("submitted", "Submitted"),
                    ("rejected", "Rejected"),
                    ("recalled", "Recalled"),
                    ("approved", "Approved"),
                    ("unscheduled", "Unscheduled"),
                    ("replaced", "Replaced"),
                ],
                default="submitted",
                max_length=12,
            ),
        ),
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
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(finish),
    ]
