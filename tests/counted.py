"""Counts categories in the JSON of a guidance. It imports nothing of the site's, so that it can contradict it."""

from typing import Any

NOT_STATED = "not-stated"


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
    steps = category["availability"]
    if not steps:
        return {NOT_STATED}
    come = [step["state"] for step in steps if step["from"] is None or step["from"] <= month]
    return {come[-1] if come else f"{steps[0]['state']}-later"}


def values(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Every parameter with every value that it can have."""
    found = [("level", str(one["number"])) for one in content["levels"]]
    found += [("cohort", one["slug"]) for one in content["cohorts"]] + [("cohort", NOT_STATED)]
    for one in content["availabilities"]:
        found += [("availability", one["slug"])] + ([("availability", f"{one['slug']}-later")] if one["dated"] else [])
    found.append(("availability", NOT_STATED))
    return found + [("approval", one["slug"]) for one in content["approval_tests"] if one["withdrawn"] is None]
