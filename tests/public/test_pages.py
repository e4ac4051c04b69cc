"""The public pages of guidance, through the addresses that readers use."""

from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from categories.content import filters, search
from categories.content.canonical import as_json
from categories.content.markdown import plain
from categories.public.not_found import nearest_day
from tests.factories import altered, london, many_categories, publish, with_category, with_test
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
TITLE = "Technical qualification categories: core aim and relationship to occupational standards"
NOT_STATED = "Not stated in this guidance"
# Every category in order: slug, title, levels, cohorts, availability, tests; then a phrase of its aim and relationship
ALIGNS, BUILDS = "Aligns to an occupational standard or standards", "Builds on an occupational standard or standards"
ACROSS = "Covers KSBs from different occupational standards"
SOME = "Covers some of the KSBs in an occupational standard or standards"
AAT, ASCT, SOT, EDT = (
    "Alternative approval test",
    "Additional specialist competence test",
    "Significant outcomes test",
    "Employer demand test",
)
YA = "16 to 19 and adults"
CATEGORIES = [
    ("level-2-occupational-entry-16-to-19-and-adults",
     "Level 2 occupational entry technical qualifications - 16 to 19 and adults",
     "Level 2", YA, ALIGNS, [AAT, EDT], "In scope from November 2023"),
    ("level-3-occupational-entry-16-to-19-and-adults",
     "Level 3 occupational entry technical qualifications - 16 to 19 and adults",
     "Level 3", YA, ALIGNS, [AAT, EDT], "In scope from July 2023"),
    ("level-3-occupational-entry-adults-only",
     "Level 3 occupational entry technical qualifications - adults only",
     "Level 3", "Adults only", ALIGNS, [AAT, EDT], "In scope from July 2023"),
    ("level-4-and-5-higher-technical-qualifications",
     "Level 4 and 5 Higher Technical Qualifications",
     "Level 4 and 5", NOT_STATED, ALIGNS, [AAT, EDT], "In scope from September 2020"),
    ("level-3-t-level",
     "Level 3 T Level technical qualifications",
     "Level 3", NOT_STATED, "Aligns to T Level outline content", ["A2D3 powers"], NOT_STATED),
    ("level-2-additional-specialist-16-to-19-and-adults",
     "Level 2 additional specialist technical qualifications - 16 to 19 and adults",
     "Level 2", YA, BUILDS, [ASCT, EDT], "In scope from November 2023"),
    ("level-3-additional-specialist-16-to-19-and-adults",
     "Level 3 additional specialist technical qualifications - 16 to 19 and adults",
     "Level 3", YA, BUILDS, [ASCT, EDT], "In scope from July 2023"),
    ("level-2-cross-cutting-function-16-to-19-and-adults",
     "Level 2 cross-cutting function technical qualifications - 16 to 19 and adults",
     "Level 2", YA, ACROSS, [SOT, EDT], "Not yet available"),
    ("level-3-cross-cutting-function-16-to-19-and-adults",
     "Level 3 cross-cutting function technical qualifications - 16 to 19 and adults",
     "Level 3", YA, ACROSS, [SOT, EDT], "Not yet available"),
    ("level-3-occupational-progression-16-to-19-and-adults",
     "Level 3 occupational progression technical qualifications - 16 to 19 and adults",
     "Level 3", YA, SOME, [SOT, EDT], "Not yet available"),
    ("level-2-employer-proposed-adults-only",
     "Level 2 employer-proposed technical qualifications - adults only",
     "Level 2", "Adults only", "No relationship to an occupational standard", [SOT, EDT], "Not yet available"),
    ("level-3-employer-proposed-adults-only",
     "Level 3 employer-proposed technical qualifications - adults only",
     "Level 3", "Adults only", "No relationship to an occupational standard", [SOT, EDT], "Not yet available"),
]  # fmt: skip
SLUGS = [row[0] for row in CATEGORIES]
T_LEVELS = {
    "level-3-occupational-entry-16-to-19-and-adults": "The occupational standard is not covered by T Levels",
    "level-3-occupational-entry-adults-only": "The occupational standard may be covered by a T Level",
    "level-3-t-level": "This is the T Level category",
}
TESTS = {
    "alternative-approval-test": (AAT, 4),
    "additional-specialist-competence-test": (ASCT, 2),
    "significant-outcomes-test": (SOT, 5),
    "employer-demand-test": (EDT, 11),
    "a2d3-powers": ("A2D3 powers", 1),
}
HTQ = "level-4-and-5-higher-technical-qualifications"
ENTRY = SLUGS[0]


@pytest.fixture
def published(fixture_content):
    return publish(fixture_content)


def get(client: Client, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status
    assert not response.cookies
    return Page(response)


def unmarked(article: Element, query: str) -> list[str]:
    """Return the words searched for of which nothing is marked on a card."""
    marked = {stem for mark in article.iter("mark") for stem in search.stems_of(mark.text)}
    return [stem for term in filters.Query(q=query).terms for stem in term.split(" ") if stem not in marked]


class TestGuidancePage:
    def test_says_what_it_is_and_from_whom(self, client, published):
        page = get(client, G)
        assert page.h1 == TITLE
        assert page.title == f"{TITLE} - Technical qualification guidance"
        assert page.facts["From"] == "Skills England"
        assert page.facts["Published"] == "2 June 2025"
        assert page.links["See all updates"] == f"{G}updates/"
        assert "Last updated" not in page.facts  # the guidance states no such date, and nothing was updated yet
        assert "dateModified" not in page.text
        assert page.facts["Applies to"] == "England"
        assert "following its closure on 31 May 2025" in page.main
        assert "Under review" in page.main

    def test_last_updated_is_the_day_of_the_newest_live_edition_in_london(self, client, published, fixture_content):
        publish(altered(fixture_content, summary="Changed."), live_at=london(2025, 7, 1, 0, 30))
        publish(altered(fixture_content, summary="Later."), live_at=timezone.now() + timedelta(days=1))
        page = get(client, G)
        assert page.facts["Published"] == "2 June 2025"
        assert page.facts["Last updated"] == "1 July 2025"
        assert "Later." not in page.text

    def test_what_is_not_stated_says_so(self, client, fixture_content):
        publish(altered(fixture_content, first_published_on=None, applies_to=[], notice="", under_review=False))
        page = get(client, G)
        assert page.facts["Published"] == NOT_STATED
        assert page.facts["Applies to"] == NOT_STATED
        assert "Under review" not in page.text

    def test_a_minor_update_has_its_day_beside_that_of_the_last_major_one(self, client, published, fixture_content):
        changed = altered(fixture_content, summary="Changed.")
        publish(changed, live_at=london(2025, 7, 1))
        publish(with_category(changed, ENTRY, aim="The opposite."), london(2025, 8, 1), update_type="minor")
        facts = get(client, G).facts
        assert (facts["Last updated"], facts["Last changed"]) == ("1 July 2025", "1 August 2025")
        assert "Last changed" not in get(client, f"{G}on/2025-07-31/").facts

    def test_shows_every_category_in_order_with_its_facts(self, client, published, fixture_content):
        page = get(client, G)
        assert list(page.articles) == SLUGS
        for slug, title, levels, cohorts, _, tests, availability in CATEGORIES:
            category = fixture_content.category_by_slug[slug]
            words = page.articles[slug]
            assert words.startswith(title)
            assert page.links[title] == f"{G}categories/{slug}/"
            facts = f"Levels {levels} Cohorts {cohorts} Availability {availability}"
            exception = " Approved by exception For development by exception only" if category.by_exception else ""
            said = f"Relationship to occupational standards {plain(category.relationship_text)}"
            aim = f"Core aim {plain(category.aim)}"
            assert f"{facts}{exception} {said} {aim}" in words
            assert words.endswith(" ".join(["Approval tests and powers", *tests]))

    def test_what_is_not_stated_is_seen_with_what_it_is_of(self, client, published):
        article = next(one for one in get(client, G).all("article") if one.get("id") == "level-3-t-level")
        seen = [words(term) for term in article.iter("dt") if term.get("class") is None]
        assert seen == ["Cohorts", "Availability"]

    def test_never_shows_the_shorthand_of_the_facts(self, client, published):
        text = get(client, G).main
        assert not [short for short in ("AAT", "ASCT", "SOT", "EDT", "X1", "X2", "Y+A") if short in text]

    def test_markdown_and_titles_are_escaped(self, client, fixture_content):
        bad = "<script>alert(1)</script>"
        publish(with_category(fixture_content, ENTRY, title=f"A {bad} title", aim=f"{bad} [x](javascript:alert)"))
        for address in (G, f"{G}?q=title", f"{G}categories/{ENTRY}/"):
            page = get(client, address)
            assert not page.scripts
            assert bad in page.main
            assert "javascript:" not in page.text.replace("(javascript:alert)", "")


class TestNavigation:
    @pytest.mark.parametrize(
        ("address", "current"),
        [
            ("", ("Categories", "page")),
            (f"categories/{HTQ}/", ("Categories", "true")),
            (f"categories/{HTQ}/updates/", ("Categories", "true")),
            ("approval-tests/", ("Approval tests and powers", "page")),
            ("approval-tests/a2d3-powers/", ("Approval tests and powers", "true")),
            ("updates/1/", ("Updates", "true")),
            ("find/?level=3", ("Find your category", "page")),
            ("on/", None),
        ],
    )
    def test_marks_where_a_page_belongs(self, client, published, address, current):
        page = get(client, f"{G}{address}")
        marked = [(words(link), link.get("aria-current")) for link in page.all("a") if link.get("aria-current")]
        assert marked == ([current] if current else [])

    def test_marks_where_a_dated_page_belongs(self, client, published):
        page = get(client, f"{G}on/{timezone.localdate()}/categories/{HTQ}/")
        assert [words(link) for link in page.all("a") if link.get("aria-current") == "true"] == ["Categories"]


class TestFilter:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("level=2", 4),
            ("level=3", 7),
            ("level=4", 1),
            ("level=5", 1),
            ("level=4&level=5", 1),
            ("cohort=16-to-19", 7),
            ("cohort=adults", 10),
            ("cohort=not-stated", 2),
            ("availability=in-scope", 6),
            ("availability=not-yet-available", 5),
            ("availability=not-stated", 1),
            ("level=2&cohort=adults", 4),
            ("level=3&cohort=adults&availability=in-scope", 3),
            ("level=4&cohort=adults", 0),
            *[(f"approval={slug}", count) for slug, (_, count) in TESTS.items()],
        ],
    )
    def test_counts(self, client, published, query, expected):
        page = get(client, f"{G}?{query}")
        assert len(page.articles) == expected
        assert f"Showing {expected} of 12 categories" in page.main
        assert page.title.startswith(f"{expected} of 12 categories - ")

    def test_every_option_has_the_count_it_gives(self, client, published):
        page = get(client, G)
        labels = {label.get("for"): label for label in page.all("label")}
        for box in page.all("input"):
            if box.get("type") == "checkbox":
                shown = "".join(labels[box.get("id")].itertext())
                found = get(client, f"{G}?{box.get('name')}={box.get('value')}")
                assert f"({len(found.articles)})" in shown
                assert "checked" not in box.attrib

    def test_the_address_reproduces_the_page(self, client, published):
        page = get(client, f"{G}?level=3&cohort=adults&q=standard")
        checked = {(box.get("name"), box.get("value")) for box in page.all("input") if "checked" in box.attrib}
        assert checked == {("level", "3"), ("cohort", "adults")}
        assert next(box for box in page.all("input") if box.get("name") == "q").get("value") == "standard"
        form = page.all("form")[0]
        assert form.get("method") == "get"
        assert form.get("action") == f"{G}#showing_results"
        assert "showing_results" in page.ids

    def test_selected_filters_can_be_removed_one_by_one_and_all_at_once(self, client, published):
        page = get(client, f"{G}?level=3&cohort=not-stated&q=level")
        anchor = "#showing_results"
        assert page.links["Remove filter: Level 3×"] == f"{G}?cohort=not-stated&q=level{anchor}"
        assert page.links["Remove filter: Cohort not stated×"] == f"{G}?level=3&q=level{anchor}"
        assert page.links["Remove filter: Search words “level”×"] == f"{G}?level=3&cohort=not-stated{anchor}"
        assert page.links["Clear filters"] == f"{G}{anchor}"
        assert "Clear filters" not in get(client, G).links

    def test_the_result_comes_before_the_categories_and_can_take_the_focus(self, client, published):
        heading = next(h for h in get(client, f"{G}?level=3").all("h2") if h.get("id") == "showing_results")
        assert heading.get("tabindex") == "-1"

    def test_nothing_found_is_explained(self, client, published):
        page = get(client, f"{G}?level=4&cohort=adults")
        assert "“Level 4 and 5 Higher Technical Qualifications” matches level 4" in page.main
        assert "does not state its cohort" in page.main

    def test_unknown_values_are_named_and_known_ones_still_match(self, client, published):
        page = get(client, f"{G}?level=2&level=9&approval=none-such")
        assert "“9” is not in this guidance" in page.main
        assert "“none-such”" in page.main
        assert "Choose from the filters." in page.main
        assert "a2d3-powers" not in page.main  # what programs write means nothing to people
        assert len(get(client, f"{G}?level=2&level=9").articles) == 4

    @pytest.mark.parametrize(
        "query",
        [
            "q=%00",
            "q=" + "a" * 10_000,
            "q=%FF%FE",
            "q=%3Cscript%3Ealert(1)%3C/script%3E",
            "q=%22%20onfocus=alert(1)%20",
            "level=",
            "level=%00",
            "level=" + "9" * 5_000,
            "levels=3",
            "utm_source=somewhere&fbclid=1",
            "q=🙂",
            "&".join(["level=3"] * 500),
            "[]=&;",
        ],
    )
    def test_odd_input_is_a_page(self, client, published, query):
        page = get(client, f"{G}?{query}")
        assert not page.scripts
        assert all(element.get("onfocus") is None for element in page.root.iter())

    def test_words_that_were_searched_for_are_marked(self, client, published):
        page = get(client, f"{G}?q=higher")
        assert {mark.text for mark in page.all("mark")} == {"Higher", "higher"}
        assert page.articles[HTQ].startswith("Level 4 and 5 Higher Technical Qualifications")

    @pytest.mark.parametrize(
        "query", ["tests", "HTQ", "first aid", "A2D3", "not covered", "adults", "level 3", "perform"]
    )
    def test_every_category_found_shows_where_each_word_was_found(self, client, published, query):
        page = get(client, f"{G}?{urlencode({'q': query})}")
        assert page.articles
        for article in page.all("article"):
            assert unmarked(article, query) == []

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_whatever_is_found_is_marked(self, client, published, data):
        content = published.content
        today = timezone.localdate()
        texts = " ".join(filters.search_text(content, category, today) for category in content.categories)
        # What a short form stands for finds it, but is not there to be marked
        written = set(texts.split()).difference(search.spelled_out(texts, content.short_forms).split())
        query = " ".join(data.draw(st.lists(st.sampled_from(sorted(written)), min_size=1, max_size=3)))
        for article in get(client, f"{G}?{urlencode({'q': query})}").all("article"):
            assert unmarked(article, query) == []

    def test_marking_does_not_unescape(self, client, fixture_content):
        publish(with_category(fixture_content, ENTRY, title="Quoth & <b>bold</b> 'amp'"))
        page = get(client, f"{G}?q=amp+bold")
        assert "Quoth & <b>bold</b> 'amp'" in page.articles[ENTRY]
        assert not page.all("b")

    def test_a_new_level_is_a_filter_at_once(self, client, fixture_content):
        content = with_category(fixture_content, ENTRY, levels=[2, 6])
        levels = [*as_json(fixture_content)["levels"], {"id": str(UUID(int=6)), "number": 6}]
        publish(altered(content, levels=levels))
        assert list(get(client, f"{G}?level=6").articles) == [ENTRY]
        assert "Level 6 (1)" in get(client, G).main

    def test_a_month_to_come_is_in_scope_later(self, client, fixture_content, time_machine):
        publish(with_category(fixture_content, ENTRY, availability=[{"state": "in-scope", "from": "2027-03"}]))
        time_machine.move_to(london(2027, 2, 28, 23, 59), tick=False)
        assert "In scope from March 2027 (not yet)" in get(client, G).articles[ENTRY]
        assert list(get(client, f"{G}?availability=in-scope-later").articles) == [ENTRY]
        time_machine.move_to(london(2027, 3, 1), tick=False)
        page = get(client, G)
        assert "In scope from March 2027" in page.articles[ENTRY]
        assert "(not yet)" not in page.text
        assert len(get(client, f"{G}?availability=in-scope").articles) == 6


class TestCategoryPage:
    def test_nothing_of_its_title_is_torn(self, client, published):
        together = get(client, f"{G}categories/{ENTRY}/").all("h1")[0].findall("span")
        assert [one.text for one in together] == ["qualifications -", "16 to 19"]
        assert {one.get("class") for one in together} == {"app-together"}

    def test_names_what_else_it_is_called(self, client, published):
        assert get(client, f"{G}categories/level-3-t-level/").facts["Other names"] == "T Levels"
        assert "Other names" not in get(client, f"{G}categories/{ENTRY}/").facts

    @pytest.mark.parametrize("row", CATEGORIES, ids=SLUGS)
    def test_says_everything(self, client, published, fixture_content, row):
        slug, title, levels, cohorts, relationship, tests, availability = row
        page = get(client, f"{G}categories/{slug}/")
        assert page.h1 == title
        assert page.title == f"{title} - {TITLE} - Technical qualification guidance"
        assert {"aim", "relationship", "approval", "availability"} <= set(page.ids)
        assert page.facts["Levels"] == levels
        assert page.facts["Cohorts"] == cohorts
        assert page.facts["Availability"] == availability
        assert page.facts["Relationship to occupational standards"] == relationship
        assert page.facts.get("T Levels") == T_LEVELS.get(slug)
        assert page.facts["Last changed"] == "2 June 2025"
        for test in tests:
            assert page.links[test] == next(f"{G}approval-tests/{s}/" for s, (name, _) in TESTS.items() if name == test)

    def test_previous_and_next_follow_the_order_of_the_page(self, client, published):
        for place, slug in enumerate(SLUGS):
            links = {link.get("rel"): link.get("href") for link in get(client, f"{G}categories/{slug}/").all("a")}
            assert links.get("prev") == (f"{G}categories/{SLUGS[place - 1]}/" if place else None)
            assert links.get("next") == (f"{G}categories/{SLUGS[place + 1]}/" if place < 11 else None)

    def test_examples_list_has_a_link_only_with_an_address(self, client, published, fixture_content):
        name = "Skills England's list of approved qualifications: approved Higher Technical Qualifications (HTQs)"
        page = get(client, f"{G}categories/{HTQ}/")
        assert name in page.main
        assert name not in page.links
        lists = [examples.model_dump() | {"url": "https://example.org/"} for examples in fixture_content.examples_lists]
        publish(altered(fixture_content, examples_lists=lists), live_at=london(2025, 7, 1))
        assert get(client, f"{G}categories/{HTQ}/").links[name] == "https://example.org/"

    def test_by_exception_is_said(self, client, published):
        note = "approved for development by exception only"
        assert note in get(client, f"{G}categories/level-2-employer-proposed-adults-only/").main
        assert note not in get(client, f"{G}categories/{ENTRY}/").main

    def test_last_changed_follows_the_record(self, client, published, fixture_content):
        publish(with_category(fixture_content, HTQ, aim="Changed."), live_at=london(2025, 7, 1))
        assert get(client, f"{G}categories/{HTQ}/").facts["Last changed"] == "1 July 2025"
        assert get(client, f"{G}categories/{ENTRY}/").facts["Last changed"] == "2 June 2025"

    def test_moving_is_not_an_update(self, client, published, fixture_content):
        publish(altered(fixture_content, categories=fixture_content.categories[::-1]), live_at=london(2025, 7, 1))
        dates = {get(client, f"{G}categories/{slug}/").facts["Last changed"] for slug in SLUGS}
        assert dates == {"2 June 2025"}

    def test_a_move_does_not_hide_the_change_before_it(self, client, published, fixture_content):
        changed = with_category(fixture_content, ENTRY, aim="Changed.")
        publish(changed, live_at=london(2025, 7, 1))
        publish(altered(changed, categories=(*changed.categories[1:], changed.categories[0])), london(2025, 8, 1))
        for base in (G, f"{G}on/2025-08-02/"):
            assert get(client, f"{base}categories/{ENTRY}/").facts["Last changed"] == "1 July 2025"

    def test_a_withdrawn_category_keeps_its_page_and_leaves_the_lists(self, client, published, fixture_content):
        gone = with_category(fixture_content, ENTRY, withdrawn="Replaced by *something*.")
        publish(gone, live_at=london(2025, 7, 1))
        publish(with_category(gone, ENTRY, withdrawn="Replaced."), live_at=london(2025, 8, 1))
        page = get(client, f"{G}categories/{ENTRY}/")
        assert "This category was withdrawn on 1 July 2025" in page.main
        assert "Replaced." in page.main
        assert page.facts["Levels"] == "Level 2"
        assert not page.all("nav", "govuk-pagination")
        listing = get(client, G)
        assert ENTRY not in listing.articles
        assert "Showing 11 of 11 categories" in listing.main
        assert "Level 2 (3)" in listing.main
        assert "Applied to 3 of 11 categories" in get(client, f"{G}approval-tests/alternative-approval-test/").main
        second = get(client, f"{G}categories/{SLUGS[1]}/")
        assert not [link for link in second.all("a") if link.get("rel") == "prev"]
        assert "withdrawn" not in get(client, f"{G}on/2025-06-30/categories/{ENTRY}/").text

    def test_a_second_withdrawal_has_a_day_of_its_own(self, client, published, fixture_content):
        gone = with_category(fixture_content, ENTRY, withdrawn="Replaced.")
        for month, content in enumerate((gone, fixture_content, gone), start=7):
            publish(content, live_at=london(2025, month, 1))
        publish(with_category(gone, ENTRY, withdrawn="Replaced again."), live_at=london(2025, 10, 1))
        page = get(client, f"{G}categories/{ENTRY}/")
        assert "This category was withdrawn on 1 September 2025" in page.main
        assert page.facts["Last changed"] == "1 October 2025"


class TestApprovalTests:
    def test_list_names_each_and_how_often_it_is_applied(self, client, published):
        page = get(client, f"{G}approval-tests/")
        assert list(page.articles) == list(TESTS)
        for slug, (name, count) in TESTS.items():
            words = page.articles[slug]
            assert words.startswith(name)
            assert words.endswith(f"Applied to {count} categor{'y' if count == 1 else 'ies'}")
            assert page.links[name] == f"{G}approval-tests/{slug}/"
            assert "This meaning is not in the published guidance." in words
        assert "A power, not a test" in page.articles["a2d3-powers"]
        assert "A power, not a test" not in page.articles["employer-demand-test"]

    @pytest.mark.parametrize("slug", TESTS)
    def test_page_lists_the_categories(self, client, published, slug):
        name, count = TESTS[slug]
        page = get(client, f"{G}approval-tests/{slug}/")
        assert page.h1 == name
        assert f"Applied to {count} of 12 categor" in page.main
        assert "Apprenticeships, Skills, Children and Learning Act 2009" in page.main
        expected = [row[1] for row in CATEGORIES if name in row[5]]
        assert [title for title in page.links if title.startswith("Level")] == expected

    def test_a_withdrawn_test_keeps_its_page(self, client, published, fixture_content):
        content = with_category(fixture_content, "level-3-t-level", approval_tests=["employer-demand-test"])
        content = with_test(content, "a2d3-powers", withdrawn="Not in use.")
        publish(content, live_at=london(2025, 7, 1))
        page = get(client, f"{G}approval-tests/a2d3-powers/")
        assert "This power was withdrawn on 1 July 2025" in page.main
        assert "It is applied to no category." in page.main
        assert "a2d3-powers" not in get(client, f"{G}approval-tests/").articles
        assert "a2d3-powers" not in get(client, G).text

    def test_no_tests_at_all(self, client, fixture_content):
        categories = [category.model_dump() | {"approval_tests": []} for category in fixture_content.categories]
        publish(altered(fixture_content, categories=categories, approval_tests=[]))
        assert "names no approval test" in get(client, f"{G}approval-tests/").main
        assert NOT_STATED in get(client, f"{G}categories/{ENTRY}/").main


class TestFormerAddresses:
    def test_a_category_is_reached_by_every_slug_it_ever_had(self, client, published, fixture_content):
        once = with_category(fixture_content, ENTRY, slug="renamed-once")
        publish(once, live_at=london(2025, 7, 1))
        publish(with_category(once, "renamed-once", slug="renamed-twice"), live_at=london(2025, 8, 1))
        for former in (ENTRY, "renamed-once"):
            response = client.get(f"{G}categories/{former}/?from=elsewhere&x=%20y")
            assert (response.status_code, response["Location"]) == (
                301,
                f"{G}categories/renamed-twice/?from=elsewhere&x=%20y",
            )
        assert not response.cookies

    def test_another_guidance_may_have_had_the_same(self, client, fixture_content):
        ids = {category.id: UUID(int=place) for place, category in enumerate(fixture_content.categories, start=2)}
        theirs = [category.model_dump() | {"id": ids[category.id]} for category in fixture_content.categories]
        publish(altered(fixture_content, id=UUID(int=1), slug="another", categories=theirs))
        publish(fixture_content)
        publish(with_category(fixture_content, ENTRY, slug="renamed"), live_at=london(2025, 7, 1))
        assert client.get(f"{G}categories/{ENTRY}/")["Location"] == f"{G}categories/renamed/"
        assert get(client, f"/guidance/another/categories/{ENTRY}/").h1.startswith("Level 2")

    def test_a_dated_page_leads_to_the_slug_of_its_day(self, client, published, fixture_content):
        publish(with_category(fixture_content, ENTRY, slug="renamed"), live_at=london(2025, 7, 1))
        response = client.get(f"{G}on/2025-06-10/categories/renamed/")
        assert (response.status_code, response["Location"]) == (301, f"{G}on/2025-06-10/categories/{ENTRY}/")
        assert get(client, f"{G}on/2025-06-10/categories/{ENTRY}/").h1.startswith("Level 2")

    def test_a_slug_of_an_edition_to_come_is_not_known(self, client, published, fixture_content):
        publish(with_category(fixture_content, ENTRY, slug="secret"), live_at=timezone.now() + timedelta(days=1))
        page = get(client, f"{G}categories/secret/", 404)
        assert page.main.count("secret") == 0

    def test_an_approval_test(self, client, published, fixture_content):
        content = with_test(fixture_content, "a2d3-powers", slug="section-a2d3")
        categories = [
            category.model_dump()
            | {"approval_tests": [slug.replace("a2d3-powers", "section-a2d3") for slug in category.approval_tests]}
            for category in content.categories
        ]
        publish(altered(content, categories=categories), live_at=london(2025, 7, 1))
        response = client.get(f"{G}approval-tests/a2d3-powers/")
        assert (response.status_code, response["Location"]) == (301, f"{G}approval-tests/section-a2d3/")

    def test_the_guidance_itself_with_all_its_pages(self, client, published, fixture_content):
        publish(altered(fixture_content, slug="categories"), live_at=london(2025, 7, 1))
        response = client.get(f"{G}categories/{ENTRY}/?q=x")
        assert (response.status_code, response["Location"]) == (301, f"/guidance/categories/categories/{ENTRY}/?q=x")
        response = client.get("/guidance/categories/on/2025-06-10/approval-tests/")
        assert (response.status_code, response["Location"]) == (301, f"{G}on/2025-06-10/approval-tests/")
        assert get(client, f"{G}on/2025-06-10/").h1 == TITLE

    def test_a_record_that_came_later_is_not_on_a_dated_page(self, client, published, fixture_content):
        new = fixture_content.categories[0].model_dump() | {
            "id": "00000000-0000-0000-0000-00000000000a",
            "slug": "quite-new",
        }
        publish(altered(fixture_content, categories=[*fixture_content.categories, new]), live_at=london(2025, 7, 1))
        page = get(client, f"{G}on/2025-06-10/categories/quite-new/", 404)
        assert "was not part of the guidance on 10 June 2025" in page.main


class TestNotFound:
    def test_names_the_nearest_category(self, client, published):
        page = get(client, f"{G}categories/level-3-tlevel/", 404)
        assert "There is no category at this address." in page.main
        assert page.links["Level 3 T Level technical qualifications"] == f"{G}categories/level-3-t-level/"
        assert page.links[TITLE] == G

    def test_nothing_like_it(self, client, published):
        page = get(client, f"{G}categories/zzz/", 404)
        assert page.links[TITLE] == G

    def test_another_kind_of_record_is_not_found(self, client, published):
        get(client, f"{G}categories/a2d3-powers/", 404)
        get(client, f"{G}approval-tests/{ENTRY}/", 404)

    @pytest.mark.parametrize("address", ["/guidance/nothing/", "/guidance/nothing/on/2025-09-01/", "/none/", f"{G}x/"])
    def test_has_a_way_on(self, client, published, address):
        page = get(client, address, 404)
        assert page.h1 == "Page not found"
        assert page.links["Go to the start of this site"] == "/"
        assert page.meta("robots") == "noindex"

    def test_works_with_nothing_published(self, client):
        get(client, G, 404)

    @pytest.mark.parametrize(
        ("day", "sentence", "nearest"),
        [
            ("2026-02-30", "2026-02-30 is not a day in the calendar.", "2026-02-28"),
            ("2025-13-45", "2025-13-45 is not a day in the calendar.", "2025-12-31"),
            ("0000-00-00", "0000-00-00 is not a day in the calendar.", "2025-06-02"),
            ("2025-06-01", "was not published yet on 1 June 2025", "2025-06-02"),
            ("2026-11-26", "26 November 2026 has not come yet", "2026-11-25"),
            ("9999-12-31", "31 December 9999 has not come yet", "2026-11-25"),
        ],
    )
    def test_a_day_that_does_not_work_names_the_nearest_that_does(
        self, client, published, time_machine, day, sentence, nearest
    ):
        time_machine.move_to(london(2026, 11, 25, 12), tick=False)
        page = get(client, f"{G}on/{day}/", 404)
        assert sentence in page.main
        address = f"{G}on/{nearest}/"
        assert address in page.links.values()
        get(client, address)

    def test_nearest_day_stays_between_the_first_and_the_last(self):
        assert nearest_day("2024-02-31", date(2020, 1, 1), date(2030, 1, 1)) == date(2024, 2, 29)


class TestDatedPages:
    def test_show_the_guidance_as_it_stood(self, client, published, fixture_content):
        publish(with_category(fixture_content, ENTRY, title="Retitled"), live_at=london(2025, 9, 1, 12))
        before, after = get(client, f"{G}on/2025-08-31/"), get(client, f"{G}on/2025-09-01/")
        assert CATEGORIES[0][1] in before.links
        assert after.links["Retitled"] == f"{G}on/2025-09-01/categories/{ENTRY}/"
        assert "as it stood on 31 August 2025" in before.title
        assert "as it stood on 31 August 2025" in before.text
        assert before.links["As it stands now"] == G

    def test_are_kept_out_of_search_engines(self, client, published):
        dated, current = get(client, f"{G}on/2025-09-01/"), get(client, f"{G}?level=3")
        assert dated.meta("robots") == "noindex"
        assert dated.link_to("canonical") == f"http://testserver{G}"
        assert current.meta("robots") == "noindex,follow"  # a part of the page that is to be found
        assert current.link_to("canonical") == f"http://testserver{G}"
        assert f"The web address of this page is http://testserver{G}?level=3" in current.text

    def test_every_page_leads_to_pages_of_the_same_day(self, client, published):
        base = f"{G}on/2025-09-01/"
        for address in (
            base,
            f"{base}categories/{ENTRY}/",
            f"{base}approval-tests/",
            f"{base}approval-tests/a2d3-powers/",
        ):
            links = [link for link in get(client, address).links.values() if link.startswith("/guidance/")]
            elsewhere = {link for link in links if not link.startswith(base)}
            record = rest if (rest := address.removeprefix(base)).startswith("categories/") else ""
            since = f"{G}{record}updates/since/2025-09-02/"
            assert elsewhere == {address.replace(base, G), since, f"{G}on/"}  # now, since then, and another day


class TestResponses:
    ADDRESSES = (
        G,
        f"{G}?level=3&q=standard",
        f"{G}categories/{ENTRY}/",
        f"{G}approval-tests/",
        f"{G}approval-tests/a2d3-powers/",
        f"{G}on/2025-09-01/",
        f"{G}on/2025-09-01/categories/{ENTRY}/",
    )

    @pytest.mark.parametrize("number", [12, 1200])
    def test_take_at_most_three_queries(self, client, fixture_content, number, django_assert_max_num_queries):
        content = many_categories(fixture_content, number)
        publish(content)
        slug = content.categories[5].slug
        addresses = [*(address.replace(ENTRY, slug) for address in self.ADDRESSES), f"{G}categories/nothing-here/"]
        for address in addresses:
            with django_assert_max_num_queries(4 if "nothing" in address else 3):  # a 404 looks for former addresses
                client.get(address)

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_are_checked_again_every_time(self, reader, published, address):
        response = reader.get(address)
        assert response["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert "Expires" not in response
        again = reader.get(address, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        assert again["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert not again.cookies

    def test_say_nothing_of_an_edition_to_come(self, client, published, fixture_content):
        before = {address: client.get(address) for address in self.ADDRESSES}
        publish(
            altered(with_category(fixture_content, ENTRY, aim="To come."), slug="to-come"),
            live_at=timezone.now() + timedelta(hours=1),
        )
        for address, response in before.items():
            now = client.get(address)
            assert (now.headers, now.content) == (response.headers, response.content)
        assert client.get("/guidance/to-come/").status_code == 404

    def test_a_new_edition_shows_at_its_moment(self, reader, published, fixture_content, time_machine):
        publish(altered(fixture_content, summary="New."), live_at=london(2027, 1, 4, 9))
        time_machine.move_to(london(2027, 1, 4, 8, 59, 59), tick=False)
        etag = reader.get(G)["ETag"]
        time_machine.move_to(london(2027, 1, 4, 9), tick=False)
        response = reader.get(G, headers={"If-None-Match": etag})
        assert response.status_code == 200
        assert b"New." in response.content

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_only_reading_is_allowed(self, client, published, address):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200

    def test_have_what_search_engines_and_shares_need(self, client, published):
        page = get(client, f"{G}categories/{HTQ}/")
        assert page.meta("description").startswith("The aim is for learners to enter their chosen profession")
        assert page.meta("og:title") == "Level 4 and 5 Higher Technical Qualifications"
        assert page.meta("og:url") == f"http://testserver{G}categories/{HTQ}/" == page.link_to("canonical")

    def test_owe_the_licence_and_wear_no_crown(self, client, published):
        page = get(client, G)
        assert "Contains public sector information licensed under the Open Government Licence v3.0." in " ".join(
            "".join(page.all("footer")[0].itertext()).split()
        )
        assert "crown" not in page.text.lower()
        assert not page.all("img")

    def test_need_no_script_and_at_most_three_requests(self, client, published):
        page = get(client, G)
        assert not page.scripts
        assert len([link for link in page.all("link") if link.get("rel") in ("stylesheet", "icon")]) == 2
