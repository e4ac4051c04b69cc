"""The tag around a part of a page that is made once for each reading."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString

from ..public import fragments

register = template.Library()


class OnceNode(template.Node):
    def __init__(self, nodelist: NodeList, name: list[FilterExpression], unless: FilterExpression | None):
        self.nodelist, self.name, self.unless = nodelist, name, unless

    def render(self, context: template.Context) -> SafeString:
        if self.unless and self.unless.resolve(context):
            return self.nodelist.render(context)
        name: tuple[Any, ...] = tuple(part.resolve(context) for part in self.name)
        return fragments.once(context["reading"], name, lambda: self.nodelist.render(context))


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """Make what stands up to `endonce` once for each reading, under a name; what comes `unless` makes it anew.

    `{% once "card" category.slug unless query.q %}…{% endonce %}`
    """
    words = token.split_contents()[1:]
    unless = parser.compile_filter(words[-1]) if words[-2:-1] == ["unless"] else None
    name = [parser.compile_filter(word) for word in (words[:-2] if unless else words)]
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist, name, unless)
