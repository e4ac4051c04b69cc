"""The tools for providers, through the addresses that readers use: the finder and the page that compares."""

import re

import pytest

from tests.factories import altered, publish, with_category
from tests.html import Page, words

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
        assert link == "#cohort"

    def test_every_title_that_is_named_leads_to_its_category(self, client, published, fixture_content):
        page = Page(client.get(f"{G}find/?level=3&relationship=aligns&t-level=covered&cohort=16-to-19"))
        named = [one.title for one in fixture_content.categories if f"“{one.title}”" in page.main]
        assert len(named) > 2
        for title in named:
            assert page.links[title].startswith(f"{G}categories/")
        page = Page(client.get(f"{G}?level=4&cohort=adults"))
        assert page.links["Level 4 and 5 Higher Technical Qualifications"].startswith(f"{G}categories/")

    def test_a_title_that_is_named_is_escaped(self, client, fixture_content):
        slug = "level-4-and-5-higher-technical-qualifications"
        publish(with_category(fixture_content, slug, title="<b>&amp;“A”</b>"))
        page = Page(client.get(f"{G}?level=4&cohort=adults"))
        assert page.links["<b>&amp;“A”</b>"] == f"{G}categories/{slug}/"
        assert not page.all("b")

    def test_what_an_occupational_standard_is_can_be_read_where_it_is_asked_for(self, client, published):
        said = "An occupational standard says what somebody who works in an occupation does"
        assert said in Page(client.get(f"{G}find/?cohort=adults&level=3")).main
        assert said not in Page(client.get(f"{G}find/")).main

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

    def test_each_can_be_left_out_beside_its_heading_not_in_it(self, client, published):
        one, other = "level-3-t-level", "level-4-and-5-higher-technical-qualifications"
        page = Page(client.get(f"{G}compare/?category={one}&category={other}"))
        headings = [words(th) for th in page.all("th") if th.get("scope") == "col"]
        assert headings == ["Level 3 T Level technical qualifications", "Level 4 and 5 Higher Technical Qualifications"]
        assert page.links[f"Remove {headings[0]}"] == f"{G}compare/?category={other}"

    def test_that_facts_differ_and_how_many_are_the_same_is_said_once(self, client, published):
        one, other = "level-3-t-level", "level-4-and-5-higher-technical-qualifications"
        page = Page(client.get(f"{G}compare/?category={one}&category={other}"))
        assert page.main.lower().count("differ") == 2  # in a sentence, and in the caption of the table
        assert len(re.findall(r"\d+ (?:is|are) the same", page.main)) == 1
        assert "The same for all (" not in page.main


def test_an_error_of_guidance_without_categories_leads_to_nothing(client, fixture_content):
    publish(altered(fixture_content, categories=[]))
    page = Page(client.get(f"{G}compare/?category=level-3-t-level"))
    assert "There is a problem" in page.main
    assert "This guidance has no categories." in page.main
    assert not [href for href in page.links.values() if href.startswith("#category")]
