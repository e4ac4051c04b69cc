"""The names of our tags and filters: none takes the place of one of Django's, nor of one of our own."""

from importlib import import_module
from pkgutil import iter_modules

from django.template import defaultfilters, defaulttags, loader_tags
from django.template.library import Library

from categories import templatetags

DJANGO = [defaultfilters.register, defaulttags.register, loader_tags.register]
OURS = [
    import_module(f"categories.templatetags.{module.name}").register for module in iter_modules(templatetags.__path__)
]


def names(libraries: list[Library]) -> list[str]:
    return [name for library in libraries for name in (*library.tags, *library.filters)]


def test_no_name_of_ours_replaces_one_of_django() -> None:
    assert names(OURS)
    assert set(names(OURS)) & set(names(DJANGO)) == set()


def test_no_two_of_our_tags_have_one_name() -> None:
    assert len(names(OURS)) == len(set(names(OURS)))
