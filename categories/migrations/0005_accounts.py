"""The account log. Whoever could approve until now is vouched for by the upgrade, so that a running site goes on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from . import _schema_2_rows as rows

VERBS = [
    ("made", "Made"),
    ("renamed", "Name changed"),
    ("address", "Address changed"),
    ("roles", "Roles changed"),
    ("deactivated", "Deactivated"),
    ("reactivated", "Reactivated"),
    ("vouched", "Vouched for"),
    ("link", "Link to set a password sent"),
    ("password", "Password set"),
]


def vouch(apps, schema_editor):
    approves = {"codename": "approve_submission", "content_type__app_label": "categories"}
    permissions = apps.get_model("auth", "Permission").objects.filter(**approves)
    may_approve = Q(is_superuser=True) | Q(groups__permissions__in=permissions) | Q(user_permissions__in=permissions)
    accounts = apps.get_model("categories", "User").objects.filter(may_approve, is_active=True)
    for account in accounts.distinct().order_by("pk"):
        apps.get_model("categories", "AccountEvent").objects.create(
            account=account, verb="vouched", at=timezone.now(), why="By the upgrade: it could approve before"
        )


def let_editors_read_accounts(apps, schema_editor):
    """They have to see an account before they vouch for it."""
    look = {"codename": "view_user", "content_type__app_label": "categories"}
    permissions = apps.get_model("auth", "Permission").objects.filter(**look)
    for editor in apps.get_model("auth", "Group").objects.filter(name="Editor"):
        editor.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [("categories", "0004_contributions")]
    operations = [
        migrations.AlterModelManagers(name="user", managers=[]),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.CharField(choices=VERBS, max_length=12)),
                ("at", models.DateTimeField()),
                ("what", models.TextField(blank=True)),
                ("why", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["pk"], "default_permissions": ()},
        ),
        migrations.RunPython(rows.finish),
        migrations.RunPython(vouch, migrations.RunPython.noop),
        migrations.RunPython(let_editors_read_accounts, migrations.RunPython.noop),
    ]
