"""The outbox. Editors see what could not be sent."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from categories.models.outbox import new_message_id

from ._schema_2_rows import finish


def let_editors_read_the_outbox(apps, schema_editor):
    create_permissions(real_apps.get_app_config("categories"), apps=real_apps, verbosity=0)
    look = {"codename": "view_message", "content_type__app_label": "categories"}
    permissions = apps.get_model("auth", "Permission").objects.filter(**look)
    for editor in apps.get_model("auth", "Group").objects.filter(name="Editor"):
        editor.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [("categories", "0007_fixes_before_scheduled")]
    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to", models.CharField(max_length=320)),
                ("subject", models.TextField()),
                ("body", models.TextField()),
                ("message_id", models.CharField(default=new_message_id, max_length=200, unique=True)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("given_up_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "e-mail",
                "verbose_name_plural": "e-mail",
                "ordering": ["-pk"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        "due_at",
                        condition=models.Q(("given_up_at", None), ("sent_at", None)),
                        name="waiting_messages",
                    )
                ],
            },
        ),
        migrations.RunPython(finish),
        migrations.RunPython(let_editors_read_the_outbox, migrations.RunPython.noop),
    ]
