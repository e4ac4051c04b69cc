from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate, pre_migrate


class CategoriesConfig(AppConfig):
    name = "categories"
    verbose_name = "Guidance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the system checks
        from .models import triggers

        pre_migrate.connect(triggers.before_migrate, sender=self, dispatch_uid="triggers are dropped")
        post_migrate.connect(triggers.after_migrate, sender=self, dispatch_uid="triggers are made")


class StaffSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with our front page."""

    default = False  # of this module's two, the other is this app's
    default_site = "categories.staff_site.StaffSite"
