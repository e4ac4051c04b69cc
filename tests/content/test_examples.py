"""The examples in the words of functions hold."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from categories import content

MODULES = [module.name for module in iter_modules(content.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(import_module(f"{content.__name__}.{name}")).failed == 0


def test_there_are_examples() -> None:
    found = [doctest.DocTestFinder().find(import_module(f"{content.__name__}.{name}")) for name in MODULES]
    assert sum(len(example.examples) for module in found for example in module) > 5
