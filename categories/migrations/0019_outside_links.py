"""Links to other sites, and what stood at each when it was last looked at."""

from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [("categories", "0018_news_of_announcements")]

    operations = [
        migrations.CreateModel(
            name="OutsideLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=2000, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("fine", "It works"),
                            ("moved", "It leads elsewhere for good"),
                            ("gone", "Nothing is there"),
                            ("silent", "There was no answer"),
                            ("unknown", "It cannot be told"),
                        ],
                        max_length=10,
                    ),
                ),
                ("why", models.TextField()),
                ("suggestion", models.TextField(blank=True)),
                ("times", models.PositiveIntegerField(default=1)),
                ("checked_at", models.DateTimeField(db_index=True)),
            ],
            options={"ordering": ["address"], "default_permissions": ()},
        ),
        migrations.RunPython(finish),
    ]
