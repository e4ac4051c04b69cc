from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


@register(Tags.staticfiles)
def css_is_built(app_configs, **kwargs):
    """Missing CSS is worth a warning, never a 500."""
    built = settings.STATIC_ROOT / "css" / "site.css"
    if built.exists() or finders.find("css/site.css"):
        return []
    return [Warning("The CSS is not built.", hint="Run “make css”.", id="categories.W001")]


@register(Tags.database)
def record_is_guarded(app_configs, databases=None, **kwargs):
    """A missing trigger is an error; our `migrate` makes it again before it looks."""
    if not databases:
        return []
    try:
        missing = missing_triggers()
    except DatabaseError:
        return []  # whoever needs the database will say so
    if not missing:
        return []
    message = f"The database would let the record be altered: it lacks {', '.join(missing)}."
    return [Error(message, hint="Run “manage.py migrate”, which makes them again.", id="categories.E002")]


def missing_triggers() -> list[str]:
    """Name the triggers that the database lacks, once its tables are there as this release has them."""
    from .models import triggers

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes("categories")):
        return []  # `migrate` makes them
    return triggers.missing()
