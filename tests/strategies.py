"""Random guidance for hypothesis, from small pools of ids and slugs, so that two draws share records."""

import copy
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from categories.content import markdown, rules
from categories.content.canonical import as_json
from categories.content.entries import GUIDANCE_FIELDS
from categories.content.schema import Content
from categories.content.vocabulary import Coverage, TestKind
from categories.content.words import shows_something

GUIDANCE = UUID("6a1c1f0e-52a5-4f57-9b6f-4d2a1d0b7c11")
CATEGORIES = [uuid5(GUIDANCE, f"a category {number}") for number in range(5)]
TESTS = [uuid5(GUIDANCE, f"a test {number}") for number in range(4)]
SLUGS = ["entry", "entry-2", "specialist", "level-3", "x", "0"]
COHORTS = ["16-to-19", "adults", "anyone"]
EXAMPLES = ["approved", "htqs"]
STATES = ["in-scope", "not-yet-available", "no-longer-in-scope", "paused"]
RELATIONSHIPS = ["aligns", "builds-on", "none"]
T_LEVELS = ["is-t-level", "not-covered"]
TERMS = ["KSBs", "HTQs"]

characters = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
PIECES = [
    "word ",
    "word",
    "— ",
    " ",
    "\n",
    "\n\n",
    "- ",
    "*",
    "**",
    "[",
    "](/a)",
    "<b>",
    "&amp;",
    "<script>",
    "’",
    "é",
    "😀",
    "\\",
]


def is_line(text: str) -> bool:
    return shows_something(text) and text == text.strip()


lines = st.sampled_from(["Level 3", "Adults only", "<i>T</i> & “T”"]) | st.text(characters, max_size=20).filter(is_line)
rough_texts = st.lists(st.sampled_from(PIECES) | characters, max_size=12).map("".join)
texts = st.sampled_from(["", "It aligns.", "It aligns to a standard.\n\n- One\n- Two"]) | rough_texts.filter(
    lambda text: not markdown.faults(text)
)
full_texts = texts.filter(markdown.shows_something)
reasons = st.none() | full_texts
urls = st.sampled_from([None, "https://a.uk/"])
months = st.builds("{}-{:02}".format, st.integers(1900, 2999), st.integers(1, 12))


def id_of(kind: str, key: object) -> str:
    return str(uuid5(GUIDANCE, f"{kind}:{key}"))


@st.composite
def steps(draw: st.DrawFn, states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of an availability: undated first or alone, then rising months."""
    dated = [state["slug"] for state in states if state["dated"]]
    undated = [state["slug"] for state in states if not state["dated"]]
    found = [{"state": slug, "from": None} for slug in draw(subsets(undated))[:1]]
    if dated:
        rising = sorted(draw(st.lists(months, unique=True, max_size=3)))
        found += [{"state": draw(st.sampled_from(dated)), "from": month} for month in rising]
    return found


def subsets(items: list[Any], min_size: int = 0) -> st.SearchStrategy[list[Any]]:
    """Some of the items, in an order of their own."""
    return st.lists(st.sampled_from(items), unique=True, min_size=min_size) if items else st.just([])


@st.composite
def records(draw: st.DrawFn, ids: list[UUID], fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Some of the records, in any order, each at a slug of its own."""
    chosen = draw(subsets(ids))
    slugs = draw(st.permutations(SLUGS))
    return [
        {"id": str(identity), "slug": slug, **{name: draw(field) for name, field in fields.items()}}
        for identity, slug in zip(chosen, slugs, strict=False)
    ]


@st.composite
def terms(draw: st.DrawFn, kind: str, slugs: list[str], least: int = 0, **fields: Any) -> list[dict[str, Any]]:
    """Some of the words of the guidance's own vocabulary, in any order; each slug is always the same record's."""
    return [
        {"id": id_of(kind, slug), "slug": slug, "name": draw(lines), **{name: draw(of) for name, of in fields.items()}}
        for slug in draw(subsets(slugs, least))
    ]


@st.composite
def content_data(draw: st.DrawFn) -> dict[str, Any]:
    """Content data without a fault, written the way that the working copy writes it."""
    levels = sorted(draw(subsets([1, 2, 3, 4, 8], min_size=1)))
    cohorts = draw(terms("cohort", COHORTS))
    relationships = draw(terms("relationship", RELATIONSHIPS, 1, definition=texts, to_standard=st.booleans()))
    t_levels = draw(terms("t-level", T_LEVELS, covered=st.sampled_from(Coverage.values)))
    states = draw(terms("availability", STATES, dated=st.booleans()))
    examples = draw(terms("examples-list", EXAMPLES, covers=texts, text=texts, url=urls))
    kinds = st.sampled_from(TestKind.values)
    tests = draw(records(TESTS, {"name": lines, "kind": kinds, "description": full_texts, "withdrawn": reasons}))
    categories = draw(
        records(
            CATEGORIES,
            {
                "title": lines,
                "relationship": st.sampled_from([one["slug"] for one in relationships]),
                "relationship_text": full_texts,
                "aim": full_texts,
                "example": texts,
                "by_exception": st.booleans(),
                "t_level": st.sampled_from([None, *[one["slug"] for one in t_levels]]),
                "approval_text": texts,
                "availability": steps(states),
                "availability_text": texts,
                "synonyms": st.lists(lines, max_size=2),
                "withdrawn": reasons,
                "examples_list": st.sampled_from([None, *[item["slug"] for item in examples]]),
            },
        )
    )
    in_use = [test["slug"] for test in tests if test["withdrawn"] is None]
    every = [test["slug"] for test in tests]
    for category in categories:
        if not in_use and category["withdrawn"] is None:
            category["withdrawn"] = "No test is left."
        current = category["withdrawn"] is None
        named = draw(subsets(in_use if current else every, min_size=int(current)))
        category["approval_tests"] = sorted(named, key=every.index)
        category["levels"] = sorted(draw(subsets(levels, min_size=int(current))))
        places = [cohort["slug"] for cohort in cohorts]
        category["cohorts"] = sorted(draw(subsets(places)), key=places.index)
    return {
        "schema": 2,
        "id": str(GUIDANCE),
        "slug": draw(st.sampled_from(SLUGS)),
        "title": draw(lines),
        "summary": draw(texts),
        "publisher": draw(lines),
        "first_published_on": draw(st.none() | st.dates().map(str)),
        "applies_to": draw(st.lists(lines, max_size=2)),
        "notice": draw(texts),
        "under_review": draw(st.booleans()),
        "caution": draw(texts),
        "introduction": draw(texts),
        "contact": draw(st.none() | st.just({"name": "The team", "email": "team@example.org", "url": None})),
        "links": draw(st.lists(st.builds(lambda title: {"title": title, "url": "https://a.uk/"}, lines), max_size=2)),
        "short_forms": [
            {"id": id_of("short-form", term), "term": term, "meaning": draw(lines)} for term in draw(subsets(TERMS))
        ],
        "levels": [{"id": id_of("level", number), "number": number} for number in levels],
        "cohorts": cohorts,
        "relationships": relationships,
        "t_levels": t_levels,
        "availabilities": states,
        "categories": categories,
        "approval_tests": tests,
        "examples_lists": examples,
    }


def read(data: dict[str, Any]) -> Content:
    found, faults = rules.read(data)
    assert found, [str(fault) for fault in faults]
    return found


contents = content_data().map(read)


def restoring(category: dict[str, Any], data: dict[str, Any]) -> st.SearchStrategy[str | None]:
    """Another reason, or none where nothing stands in the way of taking the category back."""
    withdrawn = {test["slug"] for test in data["approval_tests"] if test["withdrawn"] is not None}
    ready = category["levels"] and category["approval_tests"] and not withdrawn.intersection(category["approval_tests"])
    return st.none() | full_texts if ready else full_texts


@st.composite
def edited(draw: st.DrawFn, before: Content) -> Content:
    """The content after a few edits, most of it left alone."""
    data = as_json(before)
    after = as_json(draw(contents))
    swapped = [name for name in GUIDANCE_FIELDS if draw(st.integers(0, 5)) == 0]
    data |= {name: after[name] for name in swapped}
    for category in data["categories"]:
        for name, values in (("title", lines), ("aim", full_texts), ("availability", steps(data["availabilities"]))):
            if draw(st.integers(0, 3)) == 0:
                category[name] = draw(values)
        if draw(st.integers(0, 3)) == 0:
            category["withdrawn"] = draw(full_texts if category["withdrawn"] is None else restoring(category, data))
    for name in ("categories", "cohorts", "examples_lists"):
        if draw(st.booleans()):
            data[name] = draw(st.permutations(data[name]))
    places = [cohort["slug"] for cohort in data["cohorts"]]
    for category in data["categories"]:
        category["cohorts"].sort(key=places.index)
    return read(data)


pairs = st.one_of(
    st.tuples(contents, contents),
    contents.flatmap(lambda before: edited(before).map(lambda after: (before, after))),
)


def at_own_slugs(content_: Content, number: int) -> Content:
    """The content with slugs that no other record ever has, as publishing demands; they change from time to time."""
    data = as_json(content_)
    for name in ("categories", "approval_tests"):
        for record in data[name]:
            record["slug"] = f"r{record['id'][:8]}-{(number + UUID(record['id']).int) % 3 // 2}"
    tests = {old.slug: new["slug"] for old, new in zip(content_.approval_tests, data["approval_tests"], strict=True)}
    for category in data["categories"]:
        category["approval_tests"] = [tests[slug] for slug in category["approval_tests"]]
    return read(data | {"slug": f"guidance-{number % 2}"})


def without(content_: Content, categories: set[UUID]) -> Content:
    return content_.model_copy(
        update={"categories": tuple(one for one in content_.categories if one.id not in categories)}
    )


@st.composite
def _histories(draw: st.DrawFn) -> list[Content]:
    history = [draw(contents)]
    for _ in range(draw(st.integers(0, 3))):
        history.append(draw(edited(history[-1])))
    begins = {category.id: draw(st.integers(0, len(history) - 1)) for category in history[0].categories}
    found = [
        without(one, {id_ for id_, begin in begins.items() if begin > number}) for number, one in enumerate(history)
    ]
    return [at_own_slugs(one, number) for number, one in enumerate(found)]


# What a guidance said in each of its first few editions: records come, change in every way, move and are withdrawn
histories = _histories()


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\x00", "0000-01", "https://[", "-", "adults", "[a](javascript:b)"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spoilt(draw: st.DrawFn, data: Any) -> Any:
    """The data with anything at all in one or two places."""
    found = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 2))):
        place: Any = found
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(junk)
            break
    return found
