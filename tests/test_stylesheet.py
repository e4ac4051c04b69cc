"""The stylesheets leave out what no page has, and nothing that a page has: bin/css.mjs."""

import re
from pathlib import Path

import pytest

from tests.factories import altered, london, publish

ROOT = Path(__file__).parent.parent
SITE, FURTHER = (ROOT / f"static/css/{name}.css" for name in ("site", "further"))
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
    if not SITE.exists():
        pytest.skip("make css builds it")
    return SITE.read_text(encoding="utf-8") + FURTHER.read_text(encoding="utf-8")


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


NOW, THEN = (
    ["", "?level=3&q=work", "?level=99", "?levl=3", "?q=nothing"],
    ["on/2025-09-01/", "at/2025-07-01T00:00:00Z/"],
)


@pytest.mark.django_db
@pytest.mark.parametrize("path", NOW + THEN)
def test_the_first_view_needs_no_rule_that_it_does_not_fetch(css, client, fixture_content, path):
    publish(fixture_content)
    publish(altered(fixture_content, summary="New."), london(2026, 1, 5, 9))
    html = client.get(f"/guidance/technical-qualification-categories/{path}").content.decode()
    assert "css/site" in html
    assert "css/further" not in html
    site, further = (
        set(re.findall(r"\.((?:govuk|app)-[\w-]+)", one.read_text(encoding="utf-8"))) for one in (SITE, FURTHER)
    )
    used = {name for found in re.findall(r'class="([^"]*)"', html) for name in found.split()}
    assert used & (further - site) == set()
    assert "css/further" in client.get("/guidance/technical-qualification-categories/find/").content.decode()
