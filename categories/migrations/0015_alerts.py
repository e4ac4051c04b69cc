"""Readers who are told by e-mail. Staff see how many follow what."""

import django.db.models.deletion
import django.db.models.functions.text
from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import categories.models.subscription

from ._schema_2_rows import finish


def let_staff_count_followers(apps, schema_editor):
    create_permissions(real_apps.get_app_config("categories"), apps=real_apps, verbosity=0)
    look = {"codename": "view_subscription", "content_type__app_label": "categories"}
    permissions = apps.get_model("auth", "Permission").objects.filter(**look)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["Writer", "Editor"]):
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0014_comments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("html", models.TextField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="message",
            name="told",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254)),
                ("key", models.CharField(default=categories.models.subscription.new_key, max_length=32, unique=True)),
                ("refusals", models.PositiveSmallIntegerField(default=0)),
                ("refused_since", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("address"), name="one_follower_per_address"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="letter",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="categories.letter"
            ),
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("month", models.CharField(blank=True, max_length=7)),
                ("at", models.DateTimeField()),
                ("reached", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "guidance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="categories.guidance"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.TextField(blank=True)),
                ("at_once", models.BooleanField()),
                ("weekly", models.PositiveSmallIntegerField(null=True)),
                ("minor", models.BooleanField()),
                ("months", models.BooleanField()),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "confirm_key",
                    models.CharField(default=categories.models.subscription.new_key, max_length=32, unique=True),
                ),
                (
                    "end_key",
                    models.CharField(default=categories.models.subscription.new_key, max_length=32, unique=True),
                ),
                ("weekly_due_at", models.DateTimeField(null=True)),
                ("weekly_told", models.BigIntegerField(default=0)),
                (
                    "follower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="categories.follower",
                    ),
                ),
                (
                    "guidance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="categories.guidance"
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail alert",
                "ordering": ["pk"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="message",
            name="alert",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="categories.subscription",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("due_at"),
                condition=models.Q(("given_up_at", None), ("letter", None), ("sent_at", None)),
                name="waiting_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("told", ""), _negated=True), fields=("alert", "told"), name="an_alert_is_told_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="news",
            constraint=models.UniqueConstraint(
                condition=models.Q(("month", "")), fields=("guidance", "number"), name="an_edition_is_news_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="news",
            constraint=models.UniqueConstraint(
                condition=models.Q(("month", ""), _negated=True),
                fields=("guidance", "month"),
                name="a_month_is_news_once",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("weekly_due_at"), condition=models.Q(("confirmed_at__isnull", False)), name="weekly_alerts"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", False)),
                fields=("follower", "guidance", "about"),
                name="one_alert_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("at_once", True), ("weekly__lte", 6), _connector="OR"), name="an_alert_comes"
            ),
        ),
        migrations.RunPython(finish),
        migrations.RunPython(let_staff_count_followers, migrations.RunPython.noop),
    ]
