"""What readers say of pages. Staff read it, and mark it done."""

import django.db.models.deletion
from django.apps import apps as real_apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from ._schema_2_rows import finish


def let_staff_read_feedback(apps, schema_editor):
    create_permissions(real_apps.get_app_config("categories"), apps=real_apps, verbosity=0)
    look = {"codename__in": ["view_feedback", "change_feedback"], "content_type__app_label": "categories"}
    permissions = apps.get_model("auth", "Permission").objects.filter(**look)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["Writer", "Editor"]):
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [("categories", "0015_alerts")]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=500)),
                ("edition", models.PositiveIntegerField(null=True)),
                ("useful", models.BooleanField(null=True)),
                ("doing", models.TextField(blank=True, verbose_name="what they were doing")),
                ("wrong", models.TextField(blank=True, verbose_name="what went wrong")),
                ("at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "feedback",
                "ordering": ["-pk"],
                "default_permissions": ("view", "change"),
                "indexes": [models.Index(fields=["page", "edition"], name="feedback_of_page")],
            },
        ),
        migrations.RunPython(finish),
        migrations.RunPython(let_staff_read_feedback, migrations.RunPython.noop),
    ]
