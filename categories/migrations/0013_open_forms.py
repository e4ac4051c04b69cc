"""Who has which record open to edit."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [("categories", "0012_preview_nonces")]

    operations = [
        migrations.CreateModel(
            name="OpenForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("seen", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("record_id", "account"), name="one_open_form_per_account")
                ],
            },
        ),
        migrations.RunPython(finish),
    ]
