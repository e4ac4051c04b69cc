"""An index that leads to what stood on a day, however many editions came since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("categories", "0005_accounts")]

    operations = [
        migrations.AddIndex(
            "edition",
            models.Index(fields=["guidance", "live_at", "number"], name="categories__guidanc_82e039_idx"),
        ),
    ]
