"""Sentences of our own in the shapes of a published document, for all twelve categories of the fixture.

Each category says how it relates, its aim, how it is approved, since when it is available, and where examples are.
"""

from typing import Any

Data = dict[str, Any]

ALIGNS = "Qualifications in this category will align to an occupational standard or standards{}."
BUILDS = "Qualifications in this category will build on an occupational standard or standards."
ACROSS = "Qualifications in this category will draw KSBs from more than one occupational standard."
ENTRY = "The core aim is for learners to enter the occupation, though they may still have to learn at work."
SPECIALIST = "The core aim is for learners to specialise in a job role, building on the core KSBs that they have."
FUNCTION = "The core aim is for learners to perform a function at work, in more than one occupation."
OWN = "Qualifications in this category will relate to no occupational standard, and will be rare."
BY_TESTS = "These are approved using the *{}* and the *employer demand test*."
BY_POWERS = "These are approved using A2D3 powers, so there is no employer demand test."
OPEN = "This category has been in scope since {}."
TO_COME = "This category is not available yet, and its dates will be announced."
EXAMPLES = "Find examples of approved {} on Skills England’s list of approved qualifications."

# How each relates, its aim, how it is approved and its availability, in the order of the fixture
SENTENCES = [
    (ALIGNS.format(""), ENTRY, BY_TESTS.format("alternative approval test"), OPEN.format("November 2023")),
    (ALIGNS.format(" not covered by T Levels"), ENTRY, BY_TESTS.format("alternative approval test"),
     OPEN.format("July 2023")),
    (ALIGNS.format(", which a T Level may cover"), ENTRY, BY_TESTS.format("alternative approval test"),
     OPEN.format("July 2023")),
    (ALIGNS.format(" at the levels of HTQs"), "The core aim is for learners to enter a profession, or go on to study.",
     BY_TESTS.format("alternative approval test"), OPEN.format("September 2020")),
    ("These qualifications align to T Level outline content, which panels of employers wrote.", ENTRY, BY_POWERS,
     "These qualifications are commissioned, so no date is given."),
    (BUILDS, SPECIALIST, BY_TESTS.format("additional specialist competence test"), OPEN.format("November 2023")),
    (BUILDS, SPECIALIST, BY_TESTS.format("additional specialist competence test"), OPEN.format("July 2023")),
    (ACROSS, FUNCTION, BY_TESTS.format("significant outcomes test"), TO_COME),
    (ACROSS, FUNCTION, BY_TESTS.format("significant outcomes test"), TO_COME),
    ("Qualifications in this category will cover some of the KSBs of a standard, for not all can be taught in class.",
     "The core aim is for learners to progress in their occupation.", BY_TESTS.format("significant outcomes test"),
     TO_COME),
    (OWN, "The core aim is for learners to enter an occupation that has no standard.",
     BY_TESTS.format("significant outcomes test"), TO_COME),
    (OWN, "The core aim is for learners to enter an occupation that has no standard yet.",
     BY_TESTS.format("significant outcomes test"), TO_COME),
]  # fmt: skip
LISTS = {
    "occupational-entry": EXAMPLES.format("level 2 and level 3 technical qualifications for entry"),
    "higher-technical-qualifications": EXAMPLES.format("Higher Technical Qualifications"),
    "additional-specialist": EXAMPLES.format("level 2 and level 3 specialist qualifications"),
}


def with_sentences(data: Data) -> Data:
    """Return the fixture with the sentences in place of its own."""
    names = ("relationship_text", "aim", "approval_text", "availability_text")
    categories = [
        category | dict(zip(names, sentences, strict=True))
        for category, sentences in zip(data["categories"], SENTENCES, strict=True)
    ]
    lists = [one | {"text": LISTS[one["slug"]]} for one in data["examples_lists"]]
    introduction = "This guidance is for awarding organisations.\n\nIt says what each category is *for*."
    return data | {"categories": categories, "examples_lists": lists, "introduction": introduction}
