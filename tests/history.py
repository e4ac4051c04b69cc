"""A short public record for the tests of what machines read: renames, a withdrawal, a correction, one to come."""

from dataclasses import dataclass

from categories.content import Content
from categories.models import Edition

from . import factories
from .factories import london

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
