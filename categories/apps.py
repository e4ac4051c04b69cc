from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CategoriesConfig(AppConfig):
    name = "categories"
    verbose_name = "Guidance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the system checks


class StaffSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with our front page."""

    default = False  # of this module's two, the other is this app's
    default_site = "categories.staff_site.StaffSite"
