"""The table of former addresses elsewhere. Editors add to it, Writers read it."""

import django.db.models.deletion
from django.apps import apps as real_apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from . import _schema_2_rows as rows


def let_staff_use_it(apps, schema_editor):
    """Permissions are made here because Django makes them only after migrating."""
    config = real_apps.get_app_config("categories")
    create_permissions(config, apps=real_apps, using=schema_editor.connection.alias, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="categories")
    for name, codenames in (
        ("Writer", ["view_formeraddress"]),
        ("Editor", ["view_formeraddress", "add_formeraddress"]),
    ):
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("categories", "0009_signing_in")]
    operations = [
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "address",
                    models.CharField(
                        help_text="The path, such as /publications/categories. Capitals, a slash at its end and a query do not count.",
                        max_length=300,
                    ),
                ),
                (
                    "leads_to",
                    models.CharField(
                        blank=True,
                        help_text="A path on this site, such as /guidance/categories/. Nothing: it leads nowhere any more.",
                        max_length=300,
                    ),
                ),
                ("why", models.TextField(help_text="For staff: who links there, or why it ends.")),
                ("in_force_from", models.DateTimeField(editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "former addresses",
                "ordering": ["-pk"],
                "default_permissions": ("add", "view"),
                "indexes": [models.Index(fields=["address"], name="categories__address_0cb0b7_idx")],
            },
        ),
        migrations.RunPython(rows.finish, migrations.RunPython.noop),
        migrations.RunPython(let_staff_use_it, migrations.RunPython.noop),
    ]
