"""Random guidance in schema 1, the format before the present one: what editions of then hold for ever."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies import (
    CATEGORIES,
    COHORTS,
    EXAMPLES,
    GUIDANCE,
    SLUGS,
    TESTS,
    characters,
    full_texts,
    months,
    reasons,
    records,
    subsets,
    texts,
    urls,
)

RELATIONSHIPS = {
    "aligns": "Aligns to an occupational standard",
    "aligns-t-level-outline": "Aligns to T Level outline content",
    "builds-on": "Builds on an occupational standard",
    "across-standards": "Takes KSBs from different occupational standards",
    "some-ksbs": "Covers some KSBs of an occupational standard or standards",
    "none": "No relationship to an occupational standard",
}
T_LEVELS = {
    "not-mentioned": None,
    "not-covered": "The occupational standard is not covered by T Levels",
    "may-be-covered": "The occupational standard may be covered by a T Level",
    "is-t-level": "This is the T Level category",
}

# A line could be made of characters that nobody can see
lines = st.sampled_from(["Level 3", "Adults only", "\u200b"]) | st.text(characters, min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
availabilities = st.sampled_from(["not-stated", "not-yet-available"]).map(
    lambda status: {"status": status, "from": None}
) | months.map(lambda month: {"status": "in-scope", "from": month})
addresses = urls | st.just("https://me:secret@a.uk/")


@st.composite
def content_data(draw: st.DrawFn) -> dict[str, Any]:
    """Content data without a fault, as it was in schema 1."""
    levels = sorted(draw(subsets([1, 2, 3, 4, 8], min_size=1)))
    cohorts = [{"slug": slug, "name": draw(lines)} for slug in draw(subsets([*COHORTS, "some-later"]))]
    examples = [
        {"slug": slug, "name": draw(lines), "covers": draw(texts), "url": draw(addresses)}
        for slug in draw(subsets(EXAMPLES))
    ]
    kinds = st.sampled_from(["test", "power"])
    tests = draw(records(TESTS, {"name": lines, "kind": kinds, "description": full_texts, "withdrawn": reasons}))
    categories = draw(records(CATEGORIES, _of_category(examples)))
    places = [cohort["slug"] for cohort in cohorts]
    for category in categories:
        in_use = [one["slug"] for one in tests if category["withdrawn"] is not None or one["withdrawn"] is None]
        if not in_use and category["withdrawn"] is None:
            category["withdrawn"] = "No test is left."
        current = int(category["withdrawn"] is None)
        category["approval_tests"] = sorted(draw(subsets(in_use, current)), key=in_use.index)
        category["levels"] = sorted(draw(subsets(levels, current)))
        category["cohorts"] = sorted(draw(subsets(places)), key=places.index)
    return {
        "schema": 1,
        "id": str(GUIDANCE),
        "slug": draw(st.sampled_from(SLUGS)),
        "title": draw(lines),
        "summary": draw(texts),
        "publisher": draw(lines),
        "first_published_on": draw(st.none() | st.dates().map(str)),
        "applies_to": draw(st.lists(lines, max_size=2)),
        "notice": draw(texts),
        "under_review": draw(st.booleans()),
        "levels": levels,
        "cohorts": cohorts,
        "categories": categories,
        "approval_tests": tests,
        "examples_lists": examples,
    }


def _of_category(examples: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": lines,
        "relationship": st.sampled_from([*RELATIONSHIPS]),
        "relationship_text": full_texts,
        "aim": full_texts,
        "example": texts,
        "by_exception": st.booleans(),
        "t_level": st.sampled_from([*T_LEVELS]),
        "availability": availabilities,
        "synonyms": st.lists(lines, max_size=2),
        "withdrawn": reasons,
        "examples_list": st.sampled_from([None, *[item["slug"] for item in examples]]),
    }


def written(data: dict[str, Any]) -> dict[str, Any]:
    """Write content data of schema 2 as schema 1 had it, without what that could not say."""
    vocabulary = ("short_forms", "relationships", "t_levels", "availabilities")
    of_guidance = ("caution", "introduction", "contact", "links")
    return {
        **{name: value for name, value in data.items() if name not in (*vocabulary, *of_guidance)},
        "schema": 1,
        "levels": [level["number"] for level in data["levels"]],
        "cohorts": [_without(cohort, "id") for cohort in data["cohorts"]],
        "examples_lists": [_without(examples, "id", "text") for examples in data["examples_lists"]],
        "categories": [_category(category) for category in data["categories"]],
    }


def _category(category: dict[str, Any]) -> dict[str, Any]:
    [step] = category["availability"] or [{"state": "not-stated", "from": None}]
    return _without(category, "approval_text", "availability_text") | {
        "t_level": category["t_level"] or "not-mentioned",
        "availability": {"status": step["state"], "from": step["from"]},
    }


def _without(record: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in fields}
