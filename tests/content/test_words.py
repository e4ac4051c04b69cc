"""Text for people: as it is kept, whether it shows anything, and how lists read in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import markdown, words


@given(st.text())
def test_normal_text_stays_as_it_is(text: str) -> None:
    kept = words.normal(text)
    assert words.normal(kept) == kept
    assert "\r" not in kept
    assert kept == kept.strip()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a\u00a0\n", "a"),
        ("one\r\ntwo\rthree\n\nfour", "one\ntwo\nthree\n\nfour"),
        ("e\u0301", "\u00e9"),
        ("\u212b", "\u00c5"),  # the sign for ångström is a letter
        ("ﬁ ²", "ﬁ ²"),  # what only looks alike is left alone
        ("a  b", "a  b"),
        (" \n", ""),
    ],
)
def test_text_is_kept_in_one_way_of_writing(text: str, kept: str) -> None:
    assert words.normal(text) == kept


@pytest.mark.parametrize("text", ["a", "0", "…", "’", " é ", "😀", "\u200bx", "שלום", "-"])
def test_what_a_reader_can_see(text: str) -> None:
    assert words.shows_something(text)


@pytest.mark.parametrize(
    "text",
    ["", " \t\n", "\u00a0", "\u200b\u200d\ufeff", "\u2060", "\u00ad", "\u0301", "\u3164\u2800", "\ufe0f", "\u202e"],
)
def test_what_nobody_can_see(text: str) -> None:
    assert not words.shows_something(text)


@pytest.mark.parametrize("text", ["[](https://a.uk/)", "&nbsp;", "- ", "&#8203;", "[\u200b](/a)"])
def test_marks_without_words_show_nothing(text: str) -> None:
    assert not markdown.shows_something(text)


@pytest.mark.parametrize(
    ("members", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_join_as_a_sentence_does(members: list[str], sentence: str) -> None:
    assert words.joined(members) == sentence
