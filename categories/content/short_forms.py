"""The short forms that a text uses, so that its page can explain them beside it. No text is altered. Pure."""

import re
from collections.abc import Iterable
from html import unescape

from .schema import ShortForm

INLINE = re.compile(r"</?(?:a|abbr|em|mark|span|strong)\b[^>]*>")  # what stands inside words
TAG = re.compile(r"<[^>]*>")


def uses(text: str, term: str) -> bool:
    """Say whether a text uses a term, as a word of its own.

    >>> uses("Covers some of the KSBs", "KSBs"), uses("KSBsome", "KSBs")
    (True, False)
    """
    words = r"\s+".join(map(re.escape, term.split()))
    return re.search(rf"(?<!\w){words}(?!\w)", text) is not None


def used_on(html: str, short_forms: Iterable[ShortForm]) -> list[ShortForm]:
    """Return the short forms that the main part of a page uses, in their order.

    >>> form = ShortForm.model_construct(term="KSBs")
    >>> [one.term for one in used_on("<main><p title='HTQs'>Some <b>KSBs</b></p></main>", [form])]
    ['KSBs']
    >>> [one.term for one in used_on("<main>K<mark>SBs</mark></main>", [form])]
    ['KSBs']
    >>> used_on("<title>KSBs</title><main></main>", [form])
    []
    """
    start, end = html.find("<main"), html.find("</main>")
    text = unescape(TAG.sub(" ", INLINE.sub("", html[start:end]))) if start >= 0 else ""
    return [form for form in short_forms if uses(text, form.term)]
