"""Short forms that readers may not know, spelled out where a page first uses them. Pure."""

import re

TERMS = {
    "KSBs": "knowledge, skills and behaviours",
    "HTQs": "Higher Technical Qualifications",
    "IfATE": "the Institute for Apprenticeships and Technical Education",
}
PIECES = re.compile(r"(<[^>]*>)")  # tags, apart from the text between them
WORDS = re.compile(rf"\b({'|'.join(TERMS)})\b(?!\))")
# Titles and labels are exact, and what an update quotes is quoted exactly
LEFT_ALONE = {"a", "button", "del", "h1", "h2", "h3", "ins", "label", "legend", "option", "textarea", "title"}


def explain(html: str) -> str:
    """Spell out each term where the main part of a page first uses it: 'KSBs' becomes '… (KSBs)'.

    A page that spells a term out itself before it uses it, as in 'behaviours (KSBs)', is left as it is.
    """
    start = html.find("<main")
    if start < 0:
        return html
    pieces = PIECES.split(html[start:])
    explained: set[str] = set()
    inside: list[str] = []
    for place, piece in enumerate(pieces):
        if place % 2:
            _follow(piece, inside)
        elif not inside and len(explained) < len(TERMS):
            pieces[place] = _explained(piece, explained)
    return html[:start] + "".join(pieces)


def _follow(tag: str, inside: list[str]) -> None:
    """Keep track of the elements, among those left alone, that the next text stands in."""
    name = tag.strip("</> ").split(maxsplit=1)[0].lower() if tag.strip("</> ") else ""
    if name in LEFT_ALONE:
        if not tag.startswith("</"):
            inside.append(name)
        elif inside and inside[-1] == name:
            inside.pop()


def _explained(text: str, explained: set[str]) -> str:
    explained |= {term for term in TERMS if f"({term})" in text}

    def spelled_out(found: re.Match[str]) -> str:
        term = found[0]
        if term in explained:
            return term
        explained.add(term)
        return f"{TERMS[term]} ({term})"

    return WORDS.sub(spelled_out, text)
