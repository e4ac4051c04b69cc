from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import Tags, Warning, register


@register(Tags.staticfiles)
def css_is_built(app_configs, **kwargs):
    """Missing CSS is worth a warning, never a 500."""
    built = settings.STATIC_ROOT / "css" / "site.css"
    if built.exists() or finders.find("css/site.css"):
        return []
    return [Warning("The CSS is not built.", hint="Run “make css”.", id="categories.W001")]
