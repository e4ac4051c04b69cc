"""The stylesheet leaves out what no page has, and nothing that a page has: bin/css.mjs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STYLESHEET = ROOT / "static/css/site.css"
TEMPLATES = [path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts]
CLASSES = [found for path in TEMPLATES for found in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8"))]
# What stands for a part of a class in templates, with what it can be. More of them need more in bin/css.mjs
PARTS = {
    "group": ["govuk-checkboxes__input", "govuk-radios__input", "govuk-radios__label"],
    "shown.colour": ["govuk-tag--yellow", "govuk-tag--grey"],
    "size": ["govuk-heading-s", "govuk-heading-m"],
    "way": ["govuk-pagination__icon--prev", "govuk-pagination__icon--next"],
    "change|action_tag": ["govuk-tag--green", "govuk-tag--orange", "govuk-tag--red"],
    "told.change|action_tag": ["govuk-tag--green", "govuk-tag--orange", "govuk-tag--red"],
}


@pytest.fixture(scope="module")
def css() -> str:
    if not STYLESHEET.exists():
        pytest.skip("make css builds it")
    return STYLESHEET.read_text(encoding="utf-8")


def test_each_class_that_a_template_puts_together_is_known_here():
    assert {part.strip() for found in CLASSES for part in re.findall(r"{{([^}]*)}}", found)} == set(PARTS)


@pytest.mark.parametrize("name", sorted({name for names in PARTS.values() for name in names}))
def test_classes_that_are_put_together_have_their_rules(css, name):
    assert re.search(rf"\.{name}(?![\w-])", css)


@pytest.mark.parametrize("name", ["govuk-body", "govuk-list--bullet", "govuk-link", "app-card", "govuk-input--width-4"])
def test_classes_of_templates_and_of_markdown_have_their_rules(css, name):
    assert re.search(rf"\.{name}(?![\w-])", css)


def test_what_no_page_has_is_left_out(css):
    found = set(re.findall(r"\.(govuk-[\w-]+)", css))
    assert {"govuk-link", "govuk-button"} <= found
    assert found.isdisjoint({"govuk-button--warning", "govuk-tag__x", "govuk-heading-xl", "govuk-date-input--x"})
