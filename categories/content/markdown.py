"""Markdown as editors write it here: paragraphs, lists, links and emphasis. Raw HTML is shown as text."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from . import words

SCHEMES = {"http", "https", "mailto"}
CLASSES = {
    "paragraph_open": "govuk-body",
    "bullet_list_open": "govuk-list govuk-list--bullet",
    "ordered_list_open": "govuk-list govuk-list--number",
    "link_open": "govuk-link",
}

BLOCKS = {"paragraph_open", "list_item_open"}  # each read in the direction of its own language


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}).enable(["list", "link", "emphasis", "newline", "escape", "entity"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # faults() names the bad ones; render() drops them
    return parser


PARSER = _parser()
DEEPEST = 17  # levels of tokens in lists 8 deep; past lists 9 deep the parser drops what it reads


@lru_cache(maxsize=2048)
def render(text: str) -> SafeString:
    """Return Markdown as HTML. Links that `faults` would name lose their address and stay as words."""
    tokens = PARSER.parse(text)
    for token in tokens:
        for part in [token, *(token.children or ())]:
            if part.type == "link_open" and link_fault(str(part.attrs["href"])):
                part.attrs = {}
            elif part.type in CLASSES:
                part.attrSet("class", CLASSES[part.type])
            if part.type in BLOCKS:
                part.attrSet("dir", "auto")
    return SafeString(PARSER.renderer.render(tokens, PARSER.options, {}))  # the parser has escaped the text


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """Return the words of a Markdown text, without its marks, on one line."""
    runs = [
        child.content if child.type == "text" else " "
        for token in PARSER.parse(text)
        for child in [*(token.children or ()), token]
        if child.type in {"text", "softbreak", "hardbreak", "paragraph_close"}
    ]
    return re.sub(r"\s+", " ", "".join(runs)).strip()


def shows_something(text: str) -> bool:
    """Say whether a reader sees anything of a text: a link without words, for one, is nothing to see."""
    return words.shows_something(plain(text))


def faults(text: str) -> list[str]:
    """Say what is wrong with the links and lists of a text, one sentence for each."""
    tokens = PARSER.parse(text)
    found = [fault for address in _addresses(tokens) if (fault := link_fault(address))]
    if any(token.level > DEEPEST for token in tokens):
        found.append("a list is more than 8 lists deep, which cannot be shown")
    return found


def addresses(text: str) -> list[str]:
    """Return the addresses of the links of a text, in their order."""
    return _addresses(PARSER.parse(text)) if "](" in text else []  # which every link has, and few texts


def _addresses(tokens: list[Token]) -> list[str]:
    children = [child for token in tokens for child in token.children or ()]
    return [str(child.attrs["href"]) for child in children if child.type == "link_open"]


def link_fault(address: str) -> str | None:
    """Say why an address cannot be a link, or None. Addresses within the site begin with a slash or a hash."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"the link “{address}” is not a valid web address"
    if not parts.scheme and not parts.netloc and re.match(r"[/#](?![/\\])", address + " "):
        return None
    if parts.scheme not in SCHEMES:
        return f"the link “{address}” must begin with https://, http://, mailto:, / or #"
    if parts.scheme != "mailto" and not parts.hostname:
        return f"the link “{address}” has no site name"
    if parts.username is not None or parts.password is not None:
        return f"the link to “{parts.hostname}” carries a user name or a password; take it out"
    return None
