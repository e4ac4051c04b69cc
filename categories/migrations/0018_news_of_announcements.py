"""What is announced is news for those who follow it."""

from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0017_announcements"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="news",
            name="an_edition_is_news_once",
        ),
        migrations.AddField(
            model_name="news",
            name="line",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="news",
            constraint=models.UniqueConstraint(
                condition=models.Q(("line", 0), ("month", "")),
                fields=("guidance", "number"),
                name="an_edition_is_news_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="news",
            constraint=models.UniqueConstraint(
                condition=models.Q(("line", 0), _negated=True), fields=("line",), name="a_line_is_news_once"
            ),
        ),
        migrations.RunPython(finish),
    ]
