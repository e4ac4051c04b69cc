"""Two short public records that tests expect things of by hand: renames, withdrawals, corrections, one to come."""

from dataclasses import dataclass

from categories.content.schema import Content
from categories.models import Edition
from tests import factories
from tests.factories import london

T_LEVEL, FORMER_T_LEVEL = "t-level", "level-3-t-level"
ENTRY = "level-2-occupational-entry-16-to-19-and-adults"
WITHDRAWN = "level-3-employer-proposed-adults-only"
SLUG, FORMER_SLUG = "technical-qualifications", "technical-qualification-categories"
NOW = london(2027, 6, 1, 12)
TONIGHT = london(2027, 6, 1, 20)
SECRET = "Nobody may read this before tonight"


@dataclass(frozen=True)
class History:
    editions: list[Edition]  # the three that are live at NOW

    @property
    def newest(self) -> Edition:
        return self.editions[-1]


def publish_history(content: Content) -> History:
    """Publish edition 1; 2 renames the T Level category and words an aim anew; 3 is minor and renames the guidance.

    Edition 3 also corrects edition 2 and withdraws a category. Edition 4 is scheduled for the evening of NOW.
    """
    second = factories.with_category(content, FORMER_T_LEVEL, slug=T_LEVEL, title="T Level <technical> qualifications")
    second = factories.with_category(second, ENTRY, aim="The aim is for learners to begin an occupation & <stay>.")
    third = factories.altered(second, slug=SLUG)
    third = factories.with_category(third, WITHDRAWN, withdrawn="It was never used.", levels=(2, 3))
    editions = [
        factories.publish(content),
        factories.publish(second, london(2026, 9, 1, 9, 30), change_note="T Levels have a name <of> their own."),
    ]
    editions.append(
        factories.publish(
            third, london(2027, 3, 3, 12), change_note="One ended.\n\nThe rest stays.",
            update_type="minor", corrects=editions[1],
        )
    )  # fmt: skip
    fourth = factories.with_category(third, ENTRY, title=SECRET, slug="secret-slug")
    factories.publish(fourth, TONIGHT, made_at=london(2027, 6, 1, 9), change_note=SECRET)
    return History(editions)


HTQ = "level-4-and-5-higher-technical-qualifications"
SPECIALIST = "additional-specialist-competence-test"


def publish_four(one: Content) -> list[Edition]:
    """Publish the import, then an edition that edits, one that withdraws, and one that corrects a change note.

    Edition 2 renames two slugs and changes levels, a test and two words of an aim. Edition 3 withdraws a category and a
    test. Edition 4 is minor and changes no wording.
    """
    aim = one.category_by_slug[ENTRY].aim
    two = factories.with_category(one, "level-3-t-level", slug="t-levels")
    two = factories.with_category(
        two, "level-2-employer-proposed-adults-only", slug="employer-proposed", title="Employer-proposed"
    )
    two = factories.with_category(two, HTQ, levels=(4,))
    two = factories.with_category(two, ENTRY, aim=aim.replace("learners to enter", "people to join"))
    meaning = one.approval_test_by_slug["employer-demand-test"].description
    two = factories.with_test(two, "employer-demand-test", description=f"{meaning} Ask them.")
    three = factories.with_category(two, "employer-proposed", withdrawn="Nobody proposed any.")
    for slug in (
        "level-2-additional-specialist-16-to-19-and-adults",
        "level-3-additional-specialist-16-to-19-and-adults",
    ):
        three = factories.with_category(three, slug, approval_tests=("employer-demand-test",))
    three = factories.with_test(three, SPECIALIST, withdrawn="It is *not* used.")
    first = factories.publish(one, change_note="Loaded <from> a file.", made_at=london(2026, 1, 5, 10))
    second = factories.publish(two, london(2026, 9, 1, 9, 30), change_note="Shorter\naddresses.")
    third = factories.publish(three, london(2027, 3, 3, 12), change_note="Withdrew 2 categories.")
    fourth = factories.publish(
        three, london(2027, 3, 4, 17), change_note="It was 1 category.", update_type="minor", corrects=third
    )
    return [first, second, third, fourth]
