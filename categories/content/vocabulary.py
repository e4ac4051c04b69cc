"""The closed lists of the content format. What a guidance says in words of its own is in its content."""

from django.db.models import TextChoices


class Coverage(TextChoices):
    """What a T Level position says: whether a T Level covers the occupational standard."""

    YES = "yes", "Yes"
    NO = "no", "No"
    MAY_BE = "may-be", "It may be"
    NOT_STATED = "not-stated", "Not stated"


class TestKind(TextChoices):
    """An approval test, or a statutory power."""

    __test__ = False  # its name makes pytest look for tests in it

    TEST = "test", "Test"
    POWER = "power", "Power"


class UpdateType(TextChoices):
    """GOV.UK's two kinds of update. Both are public; of a minor one only those are told who ask for it."""

    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"


class RecordKind(TextChoices):
    """The kinds of record that guidance is made of, in the order of the format."""

    GUIDANCE = "guidance", "Guidance"
    SHORT_FORM = "short-form", "Short form"
    LEVEL = "level", "Level"
    COHORT = "cohort", "Cohort"
    RELATIONSHIP = "relationship", "Relationship"
    T_LEVEL = "t-level", "T Level position"
    AVAILABILITY = "availability", "Availability"
    CATEGORY = "category", "Category"
    APPROVAL_TEST = "approval-test", "Approval test"
    EXAMPLES_LIST = "examples-list", "Examples list"


class Action(TextChoices):
    """What one edition did to a record."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REMOVED = "removed"


LATER = "-later"  # behind the first state of a category, while its month is still to come
NOT_STATED = "not-stated"
NOT_SURE = "not-sure"
NOT_STATED_WORDS = "Not stated in this guidance"


ADDRESSED = (RecordKind.GUIDANCE, RecordKind.CATEGORY, RecordKind.APPROVAL_TEST)  # what has an address of its own
UNSLUGGED = (RecordKind.SHORT_FORM, RecordKind.LEVEL)  # known by a term and by a number
