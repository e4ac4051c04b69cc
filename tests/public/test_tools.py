"""The tools for providers, through the addresses that readers use: the finder and the page that compares."""

import pytest

from tests.factories import altered, publish
from tests.html import Page

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"


@pytest.fixture
def published(fixture_content):
    return publish(fixture_content)


class TestFinder:
    def test_an_answer_that_no_question_takes_is_named(self, client, fixture_content):
        silent = [one.model_dump() | {"t_level": None} for one in fixture_content.categories]
        publish(altered(fixture_content, categories=silent))
        page = Page(client.get(f"{G}find/?level=2&t-level=covered"))
        assert page.title.startswith("Error: ")
        message = "“Does a T Level cover the occupational standard?” is not asked now"
        [link] = [href for words, href in page.links.items() if words.startswith(message)]
        assert link == "#relationship"

    def test_a_misspelt_parameter_is_named(self, client, published):
        page = Page(client.get(f"{G}find/?levels=2&utm_source=mail"))
        assert "“levels” is not a question here, so it was ignored. Did you mean “Level”?" in page.links
        assert "utm_source" not in page.main

    def test_worth_reading_says_why(self, client, published):
        page = Page(client.get(f"{G}find/?level=3&relationship=aligns&t-level=covered&cohort=16-to-19"))
        assert page.h1 == "No category fits all your answers"
        assert "may fit." in page.main
        assert "this category says “This is the T Level category”. It does not fit all your answers." in page.main


class TestCompare:
    def test_what_is_the_same_opens_for_the_link_to_it(self, client, published):
        one, other = "level-3-t-level", "level-4-and-5-higher-technical-qualifications"
        page = Page(client.get(f"{G}compare/?category={one}&category={other}"))
        [fold] = page.all("details", "app-same")
        assert fold.get("id") is None
        assert [part.tag for part in fold.iter() if part.get("id") == "same"] == ["dl"]
