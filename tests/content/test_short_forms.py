"""The short forms that a page uses are listed beside its text, which stays as it is."""

import pytest

from categories.content.schema import Content
from categories.content.short_forms import used_on, uses


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("KSBs", True),
        ("all of a standard's KSBs.", True),
        ("(KSBs)", True),
        ("KSBs’", True),
        ("ksbs", False),
        ("KSB", False),
        ("KSBsome", False),
        ("aKSBs", False),
        ("", False),
    ],
)
def test_a_term_is_used_as_a_word_of_its_own(text: str, is_used: bool) -> None:
    assert uses(text, "KSBs") == is_used


def test_a_term_may_hold_signs() -> None:
    assert uses("An A* (or B+) is needed", "A*")
    assert not uses("An AAA is needed", "A*")


def used(content: Content, html: str) -> list[str]:
    return [form.term for form in used_on(html, content.short_forms)]


@pytest.mark.parametrize(
    ("html", "terms"),
    [
        ("<main><p>HTQs, then KSBs</p></main>", ["KSBs", "HTQs"]),  # in the order of the guidance
        ("<main><p>KSBs and KSBs</p></main>", ["KSBs"]),
        ("<main class='a'><b>KSBs</b></main>", ["KSBs"]),
        ("<main><a title='KSBs' href='/KSBs'>x</a></main>", []),
        ("<main>&lt;KSBs&gt;</main>", ["KSBs"]),
        ("<title>KSBs</title><main>x</main><footer>HTQs</footer>", []),
        ("<p>KSBs</p>", []),
        ("", []),
    ],
)
def test_the_main_part_of_a_page_is_read(fixture_content: Content, html: str, terms: list[str]) -> None:
    assert used(fixture_content, html) == terms
