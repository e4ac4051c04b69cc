"""Addresses as people mean them: in small letters, with their slash, without what was pasted behind. Pure."""

import re

LONGEST = 500  # characters of an address that a person could have meant
PASTED = re.compile(r"(?:[\s.,;:!?'\"’”»)\]}>*|\\]|%20)+$")  # what stands behind an address in a text
FILE = re.compile(r"(\.(?:csv|atom|txt|xml))/*$")
MOMENT = re.compile(r"(?<=/at/)[0-9-]+t[0-9:.]+z(?=/)")  # the one part of an address that has capitals


def tidy(asked: str) -> str:
    """Return an address in small letters, with its slash, and without what was pasted behind it.

    >>> tidy("/Guidance/X)."), tidy("/guidance/x/&utm_source=mail"), tidy("/guidance/x/categories.CSV")
    ('/guidance/x/', '/guidance/x/', '/guidance/x/categories.csv')
    >>> tidy("/guidance/x/AT/2026-09-01t08:30:00z")
    '/guidance/x/at/2026-09-01T08:30:00Z/'
    """
    path = PASTED.sub("", asked.partition("&")[0]).lower()
    path = re.sub("/{2,}", "/", FILE.sub(r"\1", path) if FILE.search(path) else f"{path}/")
    return MOMENT.sub(lambda moment: moment[0].upper(), path)


def heading(title: str) -> str:
    """Return the fragment that a heading has on GOV.UK, where the links of others lead to.

    >>> heading("Level 2 occupational entry (16 to 19) - 'full'")
    'level-2-occupational-entry-16-to-19---full'
    """
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
