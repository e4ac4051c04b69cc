from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def permissions_of_writer():
    """Edit the working copy and submit it; read the record."""
    models = ["guidance", "category", "approvaltest", "exampleslist", "level", "cohort"]
    yield from (f"{verb}_{model}" for model in models for verb in ("add", "change", "delete", "view"))
    yield from ("view_edition", "view_submission", "add_submission")


def make_groups(apps, schema_editor):
    """The two roles, with least privilege. Permissions are made here because Django makes them only after migrating."""
    config = real_apps.get_app_config("categories")
    create_permissions(config, apps=real_apps, using=schema_editor.connection.alias, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="categories")
    group = apps.get_model("auth", "Group").objects
    writer = list(permissions.filter(codename__in=permissions_of_writer()))
    approve = list(permissions.filter(codename="approve_submission"))
    group.get_or_create(name="Writer")[0].permissions.set(writer)
    group.get_or_create(name="Editor")[0].permissions.set([*writer, *approve])


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop, elidable=False)]
