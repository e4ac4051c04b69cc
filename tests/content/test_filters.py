from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from categories.content import filters
from categories.content.canonical import as_json
from categories.content.filters import Query
from categories.content.schema import Content
from tests.contents import revised

TODAY = date(2025, 11, 25)
NEW = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"


def asked(query_string: str, content: Content) -> Query:
    query, problems = filters.parse(QueryDict(query_string), content)
    assert problems == []
    return query


def numbers(content: Content, query: Query, on: date = TODAY) -> list[int]:
    """The matching categories as FACTS numbers them."""
    return [content.categories.index(category) + 1 for category in filters.matching(content, query, on)]


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        ("", list(range(1, 13))),
        ("level=&cohort=&availability=&approval=&q=", list(range(1, 13))),
        ("level=2", [1, 6, 8, 11]),
        ("level=3", [2, 3, 5, 7, 9, 10, 12]),
        ("level=4", [4]),
        ("level=5", [4]),
        ("level=4&level=5", [4]),
        ("cohort=16-to-19", [1, 2, 6, 7, 8, 9, 10]),
        ("cohort=adults", [1, 2, 3, 6, 7, 8, 9, 10, 11, 12]),
        ("cohort=not-stated", [4, 5]),
        ("availability=in-scope", [1, 2, 3, 4, 6, 7]),
        ("availability=not-yet-available", [8, 9, 10, 11, 12]),
        ("availability=not-stated", [5]),
        ("level=2&cohort=adults", [1, 6, 8, 11]),
        ("level=3&cohort=adults&availability=in-scope", [2, 3, 7]),
        ("level=4&cohort=adults", []),
        ("approval=alternative-approval-test", [1, 2, 3, 4]),
        ("approval=additional-specialist-competence-test", [6, 7]),
        ("approval=significant-outcomes-test", [8, 9, 10, 11, 12]),
        ("approval=employer-demand-test", [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]),
        ("approval=a2d3-powers", [5]),
        ("cohort=not-stated&availability=not-stated", [5]),
    ],
)
def test_the_counts_of_the_facts(fixture_content: Content, query_string: str, expected: list[int]) -> None:
    assert numbers(fixture_content, asked(query_string, fixture_content)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("first aid", [8]),
        ("AID First", [8]),
        ("fïrst áid", [8]),
        ("fi\u0308rst", [8]),
        ("HTQ", [4]),  # a synonym
        ("higher education", [4]),  # the aim
        ("T Level", [2, 3, 5]),  # the letter T alone, not everything that is technical
        ("developed from", [5]),  # the relationship
        ("different", [8, 9]),
        ("specialist competence test", [6, 7]),  # the name of a test
        ("standards not covered", [2, 10]),
        ("management", [9]),  # the example
        ("16-to-19 level 2", [1, 6, 8]),
        ("exceptions", [11, 12]),
        ("standards", list(range(1, 13))),  # and “standard”
        ("standard’s", list(range(1, 13))),
        ("mentioned", []),  # a list does not say that T Levels are not
        ("aid " * 49 + "aids", [8]),  # as long as words may be
        ("link", []),
        ("inks", []),  # the middle of no word
        ("zebra", []),
        ("   ", list(range(1, 13))),
    ],
)
def test_words(fixture_content: Content, words: str, expected: list[int]) -> None:
    query, problems = filters.parse(QueryDict(urlencode({"q": words})), fixture_content)
    assert (numbers(fixture_content, query), problems) == (expected, [])


@pytest.mark.parametrize(("words", "count"), [("arts", 12), ("art", 12), ("gas", 0), ("ga", 12)])
def test_a_plural_has_four_letters_at_least(fixture_content: Content, words: str, count: int) -> None:
    content = revised(fixture_content, lambda one: {"synonyms": ["Art of the garden"]})
    assert len(numbers(content, asked(f"q={words}", content))) == count


def test_accents_in_the_text_do_not_matter(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"synonyms": ["Café *work*"] if one["levels"] == [4, 5] else []})
    assert numbers(content, asked("q=cafe+work", content)) == [4]


def test_addresses_of_links_are_not_words(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"example": "[a list](https://zebra.example/)"})
    assert numbers(content, asked("q=zebra", content)) == []
    assert len(numbers(content, asked("q=list", content))) == 12


def test_an_unknown_value_matches_nothing_and_known_ones_beside_it_still_match(fixture_content: Content) -> None:
    query, problems = filters.parse(QueryDict("level=9&level=2"), fixture_content)
    assert numbers(fixture_content, query) == [1, 6, 8, 11]
    assert [(problem.parameter, problem.message) for problem in problems] == [
        ("level", "Level “9” is not in this guidance, so it matches nothing. Use 2, 3, 4 or 5.")
    ]
    query, problems = filters.parse(QueryDict("level=9&cohort=children&cohort=pets"), fixture_content)
    assert numbers(fixture_content, query) == []
    assert [problem.parameter for problem in problems] == ["level", "cohort"]
    assert problems[1].message == (
        "Cohort “children” and “pets” are not in this guidance, so they match nothing. "
        "Use 16-to-19, adults or not-stated."
    )


def test_many_long_unknown_values_make_a_short_message(fixture_content: Content) -> None:
    query_string = "&".join(f"approval={number}{'x' * 500}" for number in range(50))
    _, [problem] = filters.parse(QueryDict(query_string), fixture_content)
    assert "and 47 more" in problem.message
    assert len(problem.message) < 700
    _, [problem] = filters.parse(QueryDict("approval=x&approval=y&approval=z"), fixture_content)
    assert "“x”, “y” and “z” are not in this guidance" in problem.message


def test_a_value_may_be_as_long_as_a_slug(fixture_content: Content) -> None:
    cohorts = [{"id": NEW, "slug": "a" * 100, "name": "Anyone"}]
    content = revised(fixture_content, lambda one: {"cohorts": ["a" * 100]}, cohorts=cohorts)
    assert len(numbers(content, asked(f"cohort={'a' * 100}", content))) == 12
    query, [problem] = filters.parse(QueryDict(f"cohort={'a' * 101}"), content)
    assert query.cohort == ("a" * 99 + "…",)
    assert f"“{'a' * 99}…” is not" in problem.message


@pytest.mark.parametrize(
    ("words", "kept", "message"),
    [
        ("first\x00aid", "first aid", "U+0000"),
        ("aid\u202e", "aid", "U+202E"),
        ("…?!", "…?!", "no word in “…?!”"),
        ("aid " * 100, ("aid " * 50).strip(), "at most 200 characters"),
    ],
)
def test_words_that_cannot_be_taken_as_given(fixture_content: Content, words: str, kept: str, message: str) -> None:
    query, [problem] = filters.parse(QueryDict(urlencode({"q": words})), fixture_content)
    assert query.q == kept
    assert problem.parameter == "q"
    assert message in problem.message
    assert numbers(fixture_content, query)


def test_other_parameters_are_left_alone_unless_they_look_misspelt(fixture_content: Content) -> None:
    query, problems = filters.parse(QueryDict("utm_source=x&page=2&Level=3&cohorts=adults"), fixture_content)
    assert query.is_empty
    assert [problem.parameter for problem in problems] == ["Level", "cohorts"]
    assert "Did you mean “cohort”?" in problems[1].message


def test_withdrawn_categories_are_in_no_list(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"withdrawn": "It ended." if one["levels"] == [2] else None})
    assert numbers(content, Query()) == [2, 3, 4, 5, 7, 9, 10, 12]
    level, *_ = filters.facets(content, Query(), TODAY)
    assert [(option.value, option.count) for option in level.options] == [("2", 0), ("3", 7), ("4", 1), ("5", 1)]


def test_withdrawn_tests_are_in_no_list(fixture_content: Content) -> None:
    gone = fixture_content.approval_tests[0]
    tests = [
        one | {"withdrawn": "It ended."} if one["slug"] == gone.slug else one
        for one in as_json(fixture_content)["approval_tests"]
    ]
    content = revised(fixture_content, lambda one: {"approval_tests": ["employer-demand-test"]}, approval_tests=tests)
    *_, approval = filters.facets(content, Query(), TODAY)
    assert gone.slug not in [option.value for option in approval.options]
    _, [problem] = filters.parse(QueryDict(f"approval={gone.slug}"), content)
    assert "is not in this guidance" in problem.message


def test_a_month_to_come_is_in_scope_later_until_its_first_day(fixture_content: Content) -> None:
    soon = [{"state": "in-scope", "from": "2027-03"}]
    content = revised(fixture_content, lambda one: {"availability": soon} if one["levels"] == [4, 5] else {})
    later, now = asked("availability=in-scope-later", content), asked("availability=in-scope", content)
    for day, expected in ((date(2027, 2, 28), [4]), (date(2027, 3, 1), [])):
        assert numbers(content, later, day) == expected
        assert (4 in numbers(content, now, day)) == (not expected)
    assert "in-scope-later" in offered(content, Query(), date(2027, 2, 28))
    assert "in-scope-later" not in offered(content, Query(), date(2027, 3, 1))
    assert "in-scope-later" in offered(content, later, date(2027, 3, 1))


def offered(content: Content, query: Query, day: date) -> dict[str, tuple[str, int]]:
    """The availabilities that the filter offers on a day, each with its label and count."""
    facet = filters.facets(content, query, day)[2]
    return {option.value: (option.label, option.count) for option in facet.options}


def with_states(content: Content, *steps: tuple[str, str | None]) -> Content:
    """The content with another state, and with these steps for the Higher Technical Qualifications."""
    ended = {"id": NEW, "slug": "ended", "name": "No longer in scope", "dated": True}
    return revised(
        content,
        lambda one: (
            {"availability": [{"state": state, "from": month} for state, month in steps]}
            if one["levels"] == [4, 5]
            else {}
        ),
        availabilities=[*as_json(content)["availabilities"], ended],
    )


def test_two_steps_count_one_after_the_other(fixture_content: Content) -> None:
    content = with_states(fixture_content, ("in-scope", "2026-03"), ("ended", "2027-08"))
    for day, value in (
        (date(2026, 2, 28), "in-scope-later"),
        (date(2026, 3, 1), "in-scope"),
        (date(2027, 7, 31), "in-scope"),
        (date(2027, 8, 1), "ended"),
    ):
        others = {"in-scope", "in-scope-later", "ended"} - {value}
        assert 4 in numbers(content, asked(f"availability={value}", content), day)
        for other in others:
            assert 4 not in numbers(content, asked(f"availability={other}", content), day)


def test_later_is_offered_only_where_a_category_has_it(fixture_content: Content) -> None:
    content = with_states(fixture_content, ("ended", "2027-08"))
    assert offered(content, Query(), date(2027, 7, 31)) == {
        "in-scope": ("In scope", 5),
        "not-yet-available": ("Not yet available", 5),
        "ended": ("No longer in scope", 0),
        "ended-later": ("No longer in scope later", 1),
        "not-stated": ("Not stated", 1),
    }
    assert "ended-later" not in offered(content, Query(), date(2027, 8, 1))
    # The second step is told with the first, and counts once it has come
    content = with_states(fixture_content, ("in-scope", "2020-09"), ("ended", "2027-08"))
    assert "ended-later" not in offered(content, Query(), date(2027, 7, 31))


def test_an_undated_state_comes_before_a_dated_one(fixture_content: Content) -> None:
    content = with_states(fixture_content, ("not-yet-available", None), ("in-scope", "2027-08"))
    assert 4 in numbers(content, asked("availability=not-yet-available", content), date(2027, 7, 31))
    assert "in-scope-later" not in offered(content, Query(), date(2027, 7, 31))
    assert 4 in numbers(content, asked("availability=in-scope", content), date(2027, 8, 1))


def test_a_renamed_availability_is_offered_by_its_new_name(fixture_content: Content) -> None:
    states = [
        one | ({"name": "Open"} if one["slug"] == "in-scope" else {})
        for one in as_json(fixture_content)["availabilities"]
    ]
    content = revised(fixture_content, availabilities=states)
    assert offered(content, Query(), TODAY)["in-scope"] == ("Open", 6)
    assert filters.in_words(content, asked("availability=in-scope", content)) == "open"


def test_a_test_may_end_as_a_state_to_come_does(fixture_content: Content) -> None:
    tests = as_json(fixture_content)["approval_tests"]
    content = revised(fixture_content, approval_tests=[*tests, tests[0] | {"id": NEW, "slug": "a-test-later"}])
    assert "a-test-later" in [option.value for option in filters.facets(content, Query(), TODAY)[3].options]


@pytest.mark.parametrize("field", ["approval_text", "availability_text"])
def test_words_are_looked_for_in_what_is_said_in_full(fixture_content: Content, field: str) -> None:
    content = revised(fixture_content, lambda one: {field: "Until *zebras* come."} if one["levels"] == [4, 5] else {})
    query = asked("q=zebra", content)
    assert numbers(content, query) == [4]
    assert filters.more_to_show(content, content.categories[3], query) == [field]


@pytest.mark.parametrize(
    ("words", "expected", "field"),
    [
        ("Covers some of the KSBs", [10], "relationship"),
        ("may be covered by a T Level", [3], "t_level"),
        ("this is the T Level category", [5], "t_level"),
    ],
)
def test_words_are_looked_for_in_names_of_the_vocabulary(
    fixture_content: Content, words: str, expected: list[int], field: str
) -> None:
    content = revised(fixture_content, lambda one: {"relationship_text": "It does.", "aim": "To do."})
    query = asked(urlencode({"q": words}), content)
    assert numbers(content, query) == expected
    assert filters.more_to_show(content, content.categories[expected[0] - 1], query) == [field]


def test_facets_in_the_words_and_order_of_the_content(fixture_content: Content) -> None:
    facets = filters.facets(fixture_content, asked("level=4&level=3", fixture_content), TODAY)
    assert [(facet.parameter, facet.legend) for facet in facets] == list(filters.LEGENDS.items())
    shown = [[(option.label, option.count) for option in facet.options] for facet in facets]
    assert shown == [
        [("Level 2", 4), ("Level 3", 7), ("Level 4", 1), ("Level 5", 1)],
        [("16 to 19", 4), ("Adults", 6), ("Not stated", 2)],
        [("In scope", 4), ("Not yet available", 3), ("Not stated", 1)],
        [
            ("Alternative approval test", 3),
            ("Additional specialist competence test", 1),
            ("Significant outcomes test", 3),
            ("Employer demand test", 7),
            ("A2D3 powers", 1),
        ],
    ]
    assert [option.value for option in facets[0].options if option.selected] == ["3", "4"]


def test_a_new_level_is_a_filter_at_once(fixture_content: Content) -> None:
    content = revised(fixture_content, levels=[*as_json(fixture_content)["levels"], {"id": NEW, "number": 6}])
    assert filters.facets(content, Query(), TODAY)[0].options[-1] == filters.Option("6", "Level 6", 0, False)
    assert numbers(content, asked("level=6", content)) == []


def test_selected_filters_can_be_taken_away_one_by_one(fixture_content: Content) -> None:
    query, _ = filters.parse(QueryDict("q=first+aid&cohort=not-stated&level=9&level=3&level=2"), fixture_content)
    tags = [(tag.legend, tag.label, tag.query_string) for tag in filters.selected(fixture_content, query)]
    assert tags == [
        ("Level", "Level 2", "level=3&level=9&cohort=not-stated&q=first+aid"),
        ("Level", "Level 3", "level=2&level=9&cohort=not-stated&q=first+aid"),
        ("Level", "“9”", "level=2&level=3&cohort=not-stated&q=first+aid"),
        ("Cohort", "Not stated", "level=2&level=3&level=9&q=first+aid"),
        ("Search words", "“first aid”", "level=2&level=3&level=9&cohort=not-stated"),
    ]


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        ("level=2", []),
        (
            "level=4&cohort=adults",
            [
                "No category matches level 4 and adults.",
                "“Level 4 and 5 Higher Technical Qualifications” matches level 4, "
                "but this guidance does not state its cohort.",
                "Without level 4, 10 categories match.",
                "Without adults, 1 category matches.",
            ],
        ),
        (
            "approval=a2d3-powers&cohort=adults&availability=in-scope",
            [
                "No category matches adults, in scope and A2D3 powers.",
                "“Level 3 T Level technical qualifications” matches A2D3 powers, "
                "but this guidance does not state its cohort or availability.",
                "Without A2D3 powers, 5 categories match.",
            ],
        ),
        ("level=9", ["No category matches level “9”."]),
        ("q=zebra", ["No category matches the words “zebra”."]),
        (
            "level=2&approval=a2d3-powers&q=zebra",
            [
                "No category matches level 2, A2D3 powers and the words “zebra”.",
                "Taking away one filter is not enough. Take away more, or clear them all.",
            ],
        ),
        (
            "level=2&level=5&availability=not-stated",
            [
                "No category matches level 2 or level 5 and availability not stated.",
                "Without level 2 or level 5, 1 category matches.",
                "Without availability not stated, 5 categories match.",
            ],
        ),
    ],
)
def test_why_nothing_matches(fixture_content: Content, query_string: str, expected: list[str]) -> None:
    query, _ = filters.parse(QueryDict(query_string), fixture_content)
    assert filters.explanation(fixture_content, query, TODAY) == expected


def test_why_nothing_matches_where_no_category_states_a_cohort(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"cohorts": []})
    _, sentence = filters.explanation(content, asked("cohort=adults", content), TODAY)
    assert sentence.startswith("This guidance does not state the cohort of “Level 2 occupational entry")
    assert sentence.endswith("and 9 more.")
    empty = revised(fixture_content, categories=[])
    assert filters.explanation(empty, Query(), TODAY) == ["This guidance has no categories."]


def test_why_several_that_state_no_cohort_do_not_match(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"cohorts": []} if one["levels"] == [2] else {})
    _, sentence, *_ = filters.explanation(content, asked("level=2&cohort=adults", content), TODAY)
    assert sentence.endswith("and 1 more match level 2, but this guidance does not state their cohort.")


def test_highlight(fixture_content: Content) -> None:
    query = asked("q=cafe+T+standard", fixture_content)
    assert filters.highlight("A Cafe\u0301, T-shirt: the standard's text", query) == [
        ("A ", False),
        ("Cafe\u0301", True),
        (", ", False),
        ("T", True),
        ("-shirt: the ", False),
        ("standard's", True),
        (" text", False),
    ]
    assert filters.highlight("<b>", Query()) == [("<b>", False)]
    assert filters.highlight("", query) == []


def test_more_is_shown_where_words_are_found_in_nothing_else(fixture_content: Content) -> None:
    def more(place: int, words: str) -> list[str]:
        query = asked(urlencode({"q": words}), fixture_content)
        return filters.more_to_show(fixture_content, fixture_content.categories[place - 1], query)

    assert more(4, "HTQ") == ["synonyms"]
    assert more(8, "emergency first aid") == ["example"]
    assert more(8, "emergency perform") == ["example"]  # the list shows how each relates in its own words
    assert more(2, "covered emergency") == []
    assert more(1, "") == []


VALUES = {
    "level": ["2", "3", "4", "5", "9", "two", ""],
    "cohort": ["16-to-19", "adults", "not-stated", "Adults", "\x00"],
    "availability": ["in-scope", "in-scope-later", "not-yet-available", "not-stated", "soon"],
    "approval": ["employer-demand-test", "significant-outcomes-test", "a2d3-powers", "x" * 300],
}
WORDS = st.one_of(
    st.just(""), st.sampled_from(["first aid", "T Level", "standard's", "ÀID", "…"]), st.text(max_size=300)
)


@st.composite
def query_dicts(draw: st.DrawFn) -> QueryDict:
    params = QueryDict(mutable=True)
    for name, values in VALUES.items():
        params.setlist(name, draw(st.lists(st.sampled_from(values), max_size=3)))
    params.setlist("q", [draw(WORDS)])
    return params


@given(params=query_dicts())
def test_a_query_string_reproduces_its_query(fixture_content: Content, params: QueryDict) -> None:
    query, _ = filters.parse(params, fixture_content)
    again, _ = filters.parse(QueryDict(query.query_string()), fixture_content)
    assert again == query
    assert again.query_string() == query.query_string()


@given(params=query_dicts())
def test_the_count_of_an_option_is_what_choosing_it_alone_gives(fixture_content: Content, params: QueryDict) -> None:
    query, _ = filters.parse(params, fixture_content)
    for facet in filters.facets(fixture_content, query, TODAY):
        others = query.without(facet.parameter).query_string()
        for option in facet.options:
            alone, _ = filters.parse(QueryDict(f"{others}&{facet.parameter}={option.value}"), fixture_content)
            assert option.count == len(filters.matching(fixture_content, alone, TODAY))
            assert option.selected == (option.value in query.values(facet.parameter))


@given(params=query_dicts())
def test_nothing_is_unexplained(fixture_content: Content, params: QueryDict) -> None:
    query, _ = filters.parse(params, fixture_content)
    matches = filters.matching(fixture_content, query, TODAY)
    assert bool(matches) != bool(filters.explanation(fixture_content, query, TODAY))


@given(text=st.text(), words=WORDS)
def test_highlighting_loses_no_text_and_marks_every_word_asked_for(
    fixture_content: Content, text: str, words: str
) -> None:
    query, _ = filters.parse(QueryDict(urlencode({"q": words})), fixture_content)
    runs = filters.highlight(text, query)
    assert "".join(run for run, _ in runs) == text
    for run, is_match in runs:
        if is_match:
            assert any(filters.fold(run).startswith(word) for word in query.words)
        assert filters.highlight(run, query) == [(run, is_match)]
