from django.db import migrations, models

from ._schema_2_rows import finish


class Migration(migrations.Migration):
    dependencies = [("categories", "0011_sealed_logs")]

    operations = [
        migrations.AddField(
            "previewlink", "nonce", models.CharField(blank=True, default="", editable=False, max_length=32)
        ),
        migrations.AlterField("previewlink", "nonce", models.CharField(blank=True, editable=False, max_length=32)),
        migrations.RunPython(finish),
    ]
