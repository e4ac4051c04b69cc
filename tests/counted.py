"""Counts categories in the JSON of a guidance. It imports nothing of the site's, so that it can contradict it."""

import re
from typing import Any

NOT_STATED = "not-stated"
# Of which the guidance has no other endings, nor in the names of tests and relationships
WORDS = ["career", "enter", "variety", '"higher education"', '"education higher"']
TEXTS = ["title", "aim", "example", "relationship_text", "approval_text", "availability_text"]


def matching(content: dict[str, Any], asked: list[tuple[str, str]], month: str) -> list[str]:
    """The slugs of the categories that match: any value within a parameter, and all parameters, in a month."""
    wanted: dict[str, set[str]] = {}
    for name, value in asked:
        wanted.setdefault(name, set()).add(value)
    return [
        category["slug"]
        for category in content["categories"]
        if category["withdrawn"] is None and all(has(category, name, month) & wanted[name] for name in wanted)
    ]


def has(category: dict[str, Any], name: str, month: str) -> set[str]:
    """The values that a category has of a parameter."""
    if name == "level":
        return {str(level) for level in category["levels"]}
    if name == "cohort":
        return set(category["cohorts"]) or {NOT_STATED}
    if name == "approval":
        return set(category["approval_tests"])
    if name == "q":
        texts = "\n".join([*(category[text] or "" for text in TEXTS), *category["synonyms"]]).lower()
        return {written for written in WORDS if has_words(texts, written.strip('"'))}
    steps = category["availability"]
    if not steps:
        return {NOT_STATED}
    come = [step["state"] for step in steps if step["from"] is None or step["from"] <= month]
    return {come[-1] if come else f"{steps[0]['state']}-later"}


def has_words(texts: str, words: str) -> bool:
    return re.search(rf"\b{words}\b", texts) is not None


def values(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Every parameter with every value that it can have."""
    found = [("level", str(one["number"])) for one in content["levels"]]
    found += [("cohort", one["slug"]) for one in content["cohorts"]] + [("cohort", NOT_STATED)]
    for one in content["availabilities"]:
        found += [("availability", one["slug"])] + ([("availability", f"{one['slug']}-later")] if one["dated"] else [])
    found.append(("availability", NOT_STATED))
    return found + [("approval", one["slug"]) for one in content["approval_tests"] if one["withdrawn"] is None]


def searches() -> list[tuple[str, str]]:
    """Words and phrases to search for, as a parameter that has one value alone."""
    return [("q", written) for written in WORDS]


def touched(before: dict[str, Any] | None, after: dict[str, Any]) -> set[str]:
    """The ids of the categories that one content says otherwise than the one before it."""
    was = {one["id"]: one for one in before["categories"]} if before else {}
    now = {one["id"]: one for one in after["categories"]}
    return {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}


def told(editions: list[tuple[str, dict[str, Any]]], asked: list[tuple[str, str]], now: str) -> list[str]:
    """What a feed for a filter tells, newest first, of editions by the month in which each went live, and its months.

    An update is told if it touches a category that matched before it or after it; a month, if it comes for one.
    """
    found = []
    for number, (month, content) in enumerate(editions, start=1):
        before = editions[number - 2][1] if number > 1 else None
        if touched(before, content) & (ids(content, asked, month) | (ids(before, asked, month) if before else set())):
            found.append(f"Edition {number}")
        until = editions[number][0] if number < len(editions) else now
        steps = {step["from"] for one in content["categories"] for step in one["availability"] if step["from"]}
        for coming in sorted(step for step in steps if month < step <= until):
            whose = {
                one["id"]
                for one in content["categories"]
                if one["withdrawn"] is None and any(step["from"] == coming for step in one["availability"])
            }
            if whose & (ids(content, asked, coming) | ids(content, asked, month_before(coming))):
                found.append(coming)
    return found[::-1]


def ids(content: dict[str, Any], asked: list[tuple[str, str]], month: str) -> set[str]:
    slugs = matching(content, asked, month)
    return {one["id"] for one in content["categories"] if one["slug"] in slugs}


def month_before(month: str) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 2, 12)
    return f"{year}-{number + 1:02}"
