"""Text for people: how values, names and months are written inside sentences. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from .vocabulary import NOT_STATED_WORDS

LONGEST_VALUE = 100  # characters: as long as a slug may be
MOST_NAMED = 3
# Controls, half characters, what XML cannot carry, and marks that make text read in another order than it has
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Letters by their kind that are drawn as nothing: fillers of Hangul, and Braille without a dot
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})  # Unicode's general categories


def normal(text: str) -> str:
    """Return text as it is kept: composed characters (NFC), plain line ends, no space at either end.

    >>> normal(" Cafe\u0301 \\r\\nopen ")
    'Café \\nopen'
    """
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def shows_something(text: str) -> bool:
    """Say whether a reader can see anything of a text: zero-width characters and spaces alone are nothing to see.

    >>> shows_something("T"), shows_something("\\u200b\\u00a0 ")
    (True, False)
    """
    return any(letter not in BLANKS and unicodedata.category(letter) not in UNSEEN for letter in text)


def month_words(month: str) -> str:
    """Name a stored month: '2023-11' is 'November 2023'."""
    return f"{date.fromisoformat(month + '-01'):%B %Y}"


def joined(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does: 'a, b and c'."""
    *first, final = list(words) or [""]
    return f"{', '.join(first)} {last} {final}" if first else final


def told_apart(values: Iterable[str]) -> str:
    """Join words as a sentence does, those that could be taken for several in quotation marks.

    >>> told_apart(["England and Wales", "Scotland"]), told_apart(["England", "Wales", "Scotland"])
    ('“England and Wales” and Scotland', 'England, Wales and Scotland')
    """
    return joined(f"“{value}”" if re.search(r",|\band\b", value) else value for value in values)


def cohort_words(names: list[str]) -> str:
    """'16 to 19 and adults', 'Adults only', or that none is stated."""
    if not names:
        return NOT_STATED_WORDS
    if len(names) == 1:
        return f"{names[0]} only"
    first, *others = names
    return joined([first, *(name[:1].lower() + name[1:] for name in others)])


def shown(text: str) -> str:
    """Return a value from outside as it can be shown: no control characters, no longer than a slug may be."""
    text = CONTROL_CHARACTERS.sub("\ufffd", text.strip())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def quoted(values: Sequence[str]) -> str:
    """Name values inside a sentence, the first few of many: '“a”, “b” and “c”'."""
    named = [f"“{value}”" for value in values[:MOST_NAMED]]
    return joined([*named, f"{len(values) - MOST_NAMED} more"] if len(values) > MOST_NAMED else named)


def inside(label: str) -> str:
    """Write a label inside a sentence: 'Adults' as 'adults', but 'A2D3 powers' as it is."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
