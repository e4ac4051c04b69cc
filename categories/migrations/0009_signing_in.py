"""Sessions that belong to accounts, the log of signing in, and how often somebody tried. Whoever is signed in signs in anew."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0008_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_index=True)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("made", "Made"),
                    ("renamed", "Name changed"),
                    ("address", "Address changed"),
                    ("roles", "Roles changed"),
                    ("deactivated", "Deactivated"),
                    ("reactivated", "Reactivated"),
                    ("vouched", "Vouched for"),
                    ("link", "Link to set a password sent"),
                    ("password", "Password set"),
                    ("factor", "Way of signing in changed"),
                    ("no-factors", "Second steps removed"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "account",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SignInEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("in", "Signed in"),
                            ("failed", "Wrong password"),
                            ("factor", "Wrong second step"),
                            ("refused", "Refused after too many tries"),
                            ("out", "Signed out"),
                            ("ended", "Session ended"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("browser", models.CharField(blank=True, max_length=60)),
                ("what", models.CharField(blank=True, max_length=100)),
                (
                    "account",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["account", "-id"], name="sign_ins_of_account"),
                    models.Index(
                        condition=models.Q(("address__isnull", False)), fields=["at"], name="sign_ins_with_address"
                    ),
                ],
            },
        ),
        migrations.RunPython(finish),
    ]
