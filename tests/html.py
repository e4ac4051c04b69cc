"""Reads pages as a strict reader would: every fetched page has to be valid HTML with a title, one h1 and landmarks."""

from collections import Counter
from functools import cached_property
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
from django.http import HttpResponse

LANDMARKS = ("header", "main", "footer")


class Page:
    """A checked page, with what tests ask of it."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self.text = response.content.decode()
        self.root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(self.text)
        for problem in self.problems():
            raise AssertionError(problem)

    def problems(self) -> list[str]:
        """Say what every page has to have and this one lacks."""
        found = [f"id “{name}” is there {count} times" for name, count in Counter(self.ids).items() if count > 1]
        found += [f"there is no <{name}>" for name in LANDMARKS if len(self.all(name)) != 1]
        if len(self.all("h1")) != 1:
            found.append(f"there are {len(self.all('h1'))} <h1>")
        if not self.title or self.title.startswith(("-", " ")):
            found.append(f"the title is “{self.title}”")
        if self.root.get("lang") != "en-GB":
            found.append("the language is not named")
        controls = [*self.all("input"), *self.all("select"), *self.all("textarea")]
        labelled = {label.get("for") for label in self.all("label")}
        found += [
            f"nothing labels {control.get('name')}" for control in controls if not _is_labelled(control, labelled)
        ]
        fragments = {link.get("href")[1:] for link in self.all("a") if (link.get("href") or "").startswith("#")}
        found += [f"#{name} leads nowhere" for name in fragments - set(self.ids)]
        levels = [int(heading.tag[1]) for heading in self.root.iter() if heading.tag in {"h1", "h2", "h3", "h4"}]
        if any(after > before + 1 for before, after in pairwise(levels)):
            found.append(f"headings skip a level: {levels}")
        return found

    def all(self, tag: str, class_: str | None = None) -> list[Element]:
        """Return the elements of a kind, in the order of the page."""
        return [
            element
            for element in self.root.iter(tag)
            if class_ is None or class_ in (element.get("class") or "").split()
        ]

    @property
    def scripts(self) -> list[Element]:
        """The scripts that a browser runs: not the data that search engines read."""
        return [script for script in self.all("script") if script.get("type") != "application/ld+json"]

    @cached_property
    def ids(self) -> list[str]:
        return [element.get("id") for element in self.root.iter() if element.get("id")]

    @property
    def title(self) -> str:
        return words(self.all("title")[0]) if self.all("title") else ""

    @property
    def h1(self) -> str:
        return words(self.all("h1")[0])

    @property
    def main(self) -> str:
        """The words of the main part."""
        return words(self.all("main")[0])

    @property
    def articles(self) -> dict[str, str]:
        """The words of each article by its id."""
        return {element.get("id"): words(element) for element in self.all("article")}

    @property
    def facts(self) -> dict[str, str]:
        """Every term of the page's description lists with what it says; the first one where a term comes again."""
        found: dict[str, str] = {}
        for term, description in zip(self.all("dt"), self.all("dd"), strict=True):
            found.setdefault(words(term), words(description))
        return found

    @property
    def links(self) -> dict[str, str]:
        """The address of every link by its words."""
        return {words(link): link.get("href") for link in self.all("a")}

    def meta(self, name: str) -> str | None:
        for element in self.all("meta"):
            if name in (element.get("name"), element.get("property")):
                return element.get("content")
        return None

    def link_to(self, relation: str) -> str | None:
        return next((link.get("href") for link in self.all("link") if link.get("rel") == relation), None)


def _is_labelled(control: Element, labelled: set[str | None]) -> bool:
    return control.get("type") == "hidden" or control.get("id") in labelled or bool(control.get("aria-label"))


def words(element: Element) -> str:
    """Return the text of an element on one line."""
    return " ".join("".join(element.itertext()).split())
