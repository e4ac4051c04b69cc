"""The tags that put JSON-LD into a page."""

from django import template
from django.utils.safestring import SafeString

from ..public import json_ld
from ..public.readings import Current

register = template.Library()


@register.simple_tag(takes_context=True)
def structured_data(context: template.Context) -> SafeString:
    """What search engines read of a current page: of a category, where there is one, or of the guidance."""
    reading, category, whole = context["reading"], context.get("category"), context["request"].build_absolute_uri
    if not isinstance(reading, Current):
        return SafeString()
    if category is None:
        return json_ld.script(json_ld.of_guidance(reading, whole, context["updated"]))
    return json_ld.script(json_ld.of_category(reading, category, whole, context["record"]))
